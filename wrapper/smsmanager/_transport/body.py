"""The bytes of an answer: read up to a limit, and decoded up to the same."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from smsmanager._transport.streams import Watch

_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS


class Body:
    """The bytes of an answer, up to a limit.

    Attributes:
        complete: Whether the whole answer was read.
        read_elsewhere: Whether a transport for tests, or a hook of the caller's httpx client, has read it.
    """

    __slots__ = ("_headers", "_watch", "chunks", "complete", "limit", "read_elsewhere", "size")

    def __init__(self, response: httpx.Response, watch: Watch | None, limit: int) -> None:
        self._headers = response.headers
        self._watch = watch
        self.chunks: list[bytes] = []
        self.size = 0
        self.limit = limit
        self.complete = False
        self.read_elsewhere = response.is_stream_consumed

    def add(self, chunk: bytes) -> bool:
        """Keep a chunk; return whether to read on."""
        room = self.limit - self.size
        self.chunks.append(chunk[:room])
        self.size += len(chunk)
        if self.size > self.limit:
            return False
        if self._watch is not None and self._watch.more_than(self.size):
            # What stands behind the answer answers nothing. httpcore closes a connection whose answer was
            # not read to its end; this one it would keep, and read on from there.
            self.complete = self._headers.get("content-length") == str(self.size)
        return not self.complete

    def decoded(self, encoding: str) -> bytes:
        """Undo the content encoding, again up to the limit, because a small body can hold a huge one."""
        raw = b"".join(self.chunks)
        if encoding in {"", "identity"}:
            return raw
        if encoding not in {"gzip", "x-gzip", "deflate"}:
            self.complete = False
            return b""
        try:
            inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
            content = inflate.decompress(raw, self.limit)
        except zlib.error:
            self.complete = False
            return b""
        self.complete = self.complete and inflate.eof
        return content
