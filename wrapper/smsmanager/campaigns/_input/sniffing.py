"""Detect the encoding of a text file and the delimiter of its cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

from smsmanager.campaigns._input.templates import plain_name
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FALLBACK = "cp1250"
"""The encoding of Central European spreadsheet programs that do not write UTF-8."""
DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 64 * 1024
_CHUNK_BYTES = 1024 * 1024
_SAMPLE_RECORDS = 20
_FOREIGN = tuple(
    (re.compile(start), text)
    for start, text in (
        (rb"begin:vcard", "is a vCard file. Export the contacts as CSV."),
        (rb"\[\s*[{\[\"0-9]", "is one JSON array. Save it as JSON Lines, one object in each line."),
        (rb"<(!doctype|html|table|\?xml|meta)", "is a web page or XML. Save it as .xlsx or CSV."),
        (rb"%pdf-", "is a PDF file. Save the list as .xlsx or CSV."),
        (rb"\{\\rtf", "is a text document (RTF). Save the list as .xlsx or CSV."),
    )
)
"""The first bytes of files that people mistake for tables, and what to do with them."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def sample_of(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_SAMPLE_BYTES)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror})."
        raise InputError(msg) from None


def encoding_of(path: Path, wanted: str | None) -> str:
    """Return the encoding of a file.

    Args:
        path: The file.
        wanted: The encoding that the user names; None detects it: a byte order mark, else UTF-8 if the whole
            file is valid UTF-8, else Windows-1250.

    Raises:
        InputError: If there is no such encoding, or the file is not text.
    """
    sample = sample_of(path)
    marked = next((name for mark, name in _MARKS.items() if sample.startswith(mark)), None)
    if wanted is not None:
        try:
            name = codecs.lookup(wanted).name
            # Python also has bytes-to-bytes encodings, and encodings that cannot decode in pieces.
            io.TextIOWrapper(io.BytesIO(), encoding=name)
            codecs.getincrementaldecoder(name)("replace").decode(sample)
        except (LookupError, ValueError):
            msg = f"There is no encoding {wanted}. Usual ones: utf-8, cp1250, utf-16."
            raise InputError(msg) from None
        # Otherwise the byte order mark would become part of the first column's name.
        return "utf-8-sig" if name == "utf-8" else name
    if marked is not None:
        return marked
    if b"\0" in sample:
        msg = (
            f"{path.name} is not text in UTF-8 or Windows-1250. If it is UTF-16, name the encoding "
            "utf-16-le; otherwise save it as CSV in UTF-8."
        )
        raise InputError(msg)
    return "utf-8" if _is_utf_8(path) else FALLBACK


def _is_utf_8(path: Path) -> bool:
    # The whole file: the first accented letter may be in the last row.
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def refuse_foreign(sample: bytes, name: str) -> None:
    """Refuse a file that is not a table, such as a PDF, and name its kind.

    Raises:
        InputError: If it is such a file.
    """
    begin = sample[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    found = next((text for start, text in _FOREIGN if start.match(begin)), None)
    if found is not None:
        raise InputError(f"{name} {found}")


def delimiter_of(sample: bytes, encoding: str, known: Collection[str] = ()) -> str:
    """Return the delimiter of a CSV file.

    The best delimiter splits the header into several names, with a known one among them if possible, and most
    of the next rows into as many cells. If none does, it is a comma.

    Args:
        sample: The first bytes.
        encoding: Their encoding.
        known: Names of columns, in the form of `plain_name`.
    """
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    lines = text.splitlines(keepends=True)
    if (
        lines
        and lines[0].lower().startswith("sep=")
        and len(lines[0].rstrip("\r\n")) == len("sep=;")
    ):
        return lines[0][len("sep=")]
    if len(lines) > _SAMPLE_RECORDS:
        lines = lines[:_SAMPLE_RECORDS]
    elif len(sample) == _SAMPLE_BYTES and len(lines) > 1:
        lines = lines[:-1]
    scores = {delimiter: _score(lines, delimiter, known) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=scores.__getitem__)


def _score(lines: list[str], delimiter: str, known: Collection[str]) -> tuple[bool, int, int]:
    """Return whether the header has a known name, how many records are as wide as it, and how wide it is."""
    records: list[list[str]] = []
    try:
        records.extend(cells for cells in csv.reader(lines, delimiter=delimiter) if cells)
    except csv.Error:
        records = records[:1]
    if not records or len(records[0]) < 2:  # noqa: PLR2004 - one cell is not a split
        return False, 0, 0
    header = records[0]
    is_known = any(plain_name(name) in known for name in header)
    return is_known, sum(len(cells) == len(header) for cells in records), len(header)
