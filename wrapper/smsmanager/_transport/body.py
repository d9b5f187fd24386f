"""The bytes of an answer: read up to a limit, and decoded up to the same."""

from __future__ import annotations

import zlib

_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS


class Body:
    """The bytes of an answer, up to a limit.

    Args:
        limit: Most bytes.

    Attributes:
        complete: Whether the whole answer was read.
    """

    __slots__ = ("_chunks", "_limit", "_size", "complete")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self.complete = False

    def add(self, chunk: bytes) -> bool:
        """Keep a chunk; return whether to read on."""
        self._chunks.append(chunk[: self._limit - self._size])
        self._size += len(chunk)
        return self._size <= self._limit

    def decoded(self, encoding: str) -> bytes:
        """Undo the content encoding, again up to the limit, because a small body can hold a huge one."""
        raw = b"".join(self._chunks)
        if encoding in {"", "identity"}:
            return raw
        if encoding not in {"gzip", "x-gzip", "deflate"}:
            self.complete = False
            return b""
        try:
            inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
            content = inflate.decompress(raw, self._limit)
        except zlib.error:
            self.complete = False
            return b""
        self.complete = self.complete and inflate.eof
        return content
