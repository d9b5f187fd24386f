"""Files with a header and rows: CSV, JSON Lines and spreadsheets."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from smsmanager.campaigns._input.cell_values import cell_text
from smsmanager.campaigns._input.sniffing import (
    delimiter_of,
    encoding_of,
    refuse_foreign,
    sample_of,
)
from smsmanager.campaigns._input.spreadsheets import OLE, ZIP, rows_of, sheets_of
from smsmanager.campaigns._input.templates import plain_name
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

Kind: TypeAlias = Literal["csv", "jsonl", "spreadsheet"]
HEADERLESS = "phone_number"
"""Name of the only column of a bare list of numbers."""
_JSON_LINES_READ_AHEAD = 100
_MOST_CHARACTERS = 1_000_000
"""Maximum characters in a row of text."""
_LIKE_A_NUMBER = re.compile(r"['+]*[0-9][0-9 ()./\xa0-]{5,20}")
# Nine digits or more, or such a number as a spreadsheet shortens it.
_LIKE_A_PHONE = re.compile(
    r"(?:tel:|['+(=\"])*(?:[0-9][ ()./\xa0\"-]*){9,}(?:[.,]0+)?|[0-9][.,]?[0-9]*[eE]\+[0-9]{2}",
    re.ASCII,
)
_LIKE_AN_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@attrs.frozen
class BadRow:
    """Stands for the cells of a row that does not fit the table."""

    reason: str


Cells: TypeAlias = "Sequence[Any] | BadRow"


@attrs.frozen
class Table:
    """An examined file: its header, and how to read its rows, any number of times.

    Attributes:
        path: The file.
        kind: The kind of file.
        header: The names of the columns, as written in the file.
        encoding: Encoding of the text; None for a spreadsheet.
        delimiter: Separates the cells of CSV.
        sheet: The sheet of a spreadsheet that is read.
        other_sheets: The other sheets, which are not read.
        hidden_sheets: The hidden sheets.
        hidden_rows: Rows of the sheet that are hidden, by a filter or by hand.
        has_header: Whether the first row is a header. Without one, the columns are called `column_1` and so
            on; a single column of numbers is called `phone_number`.
    """

    path: Path
    kind: Kind
    header: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    has_header: bool = True

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield the row number and the cells of each row, one per column; empty rows are skipped.

        Rows are numbered as in a spreadsheet: the header is row 1. In JSON Lines, the number is that of the
        line.

        Raises:
            InputError: If the rest of the file cannot be read; the error names the row.
        """
        if self.kind == "jsonl":
            for number, found in _json_objects(self.path, self.encoding or "utf-8"):
                if isinstance(found, BadRow):
                    yield number, found
                else:
                    yield number, [found.get(name) for name in self.header]
            return
        width = len(self.header)
        records = _csv_records(self) if self.kind == "csv" else _sheet_records(self)
        if self.has_header:
            next(records)
        for number, cells in records:
            yield number, cells if len(cells) == width else _fitted(cells, width)


def open_table(
    path: Path,
    *,
    kind: Kind | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    known: Collection[str] = (),
) -> Table:
    """Examine a file.

    Args:
        path: The file.
        kind: The kind of file; None detects it from the first bytes.
        encoding: Encoding of the text; None detects it: a byte order mark, else UTF-8 if the whole file is
            valid UTF-8, else Windows-1250.
        delimiter: Separates the cells of CSV; None detects it from the first lines.
        sheet: Sheet of a spreadsheet; None for the first visible one.
        known: Names of columns that only a header has, in the form of `plain_name`.

    Raises:
        InputError: If the file cannot be read or has no rows, or an extra is missing; nothing was sent.
    """
    sample = sample_of(path)
    kind = kind or _kind_of(sample)
    if kind == "spreadsheet":
        return _open_sheet(path, sheet, known)
    if not sample.strip():
        raise InputError(f"{path.name} is empty.")
    refuse_foreign(sample, path.name)
    encoding = encoding_of(path, encoding)
    if kind == "jsonl":
        return Table(path, kind, _json_header(path, encoding), encoding)
    delimiter = delimiter or delimiter_of(sample, encoding, known)
    table = Table(path, kind, (), encoding, delimiter)
    return _with_header(table, _csv_records(table), f"{path.name} has no rows.", known)


def _kind_of(sample: bytes) -> Kind:
    if sample.startswith((ZIP, OLE)):
        return "spreadsheet"
    return "jsonl" if sample.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def _with_header(
    table: Table, records: Iterator[tuple[int, list[Any]]], empty: str, known: Collection[str]
) -> Table:
    first = next(records, None)
    if first is None:
        raise InputError(empty)
    names = tuple(cell_text(cell).strip() for cell in first[1])
    if len(names) == 1 and _LIKE_A_NUMBER.fullmatch(names[0]):
        return attrs.evolve(table, header=(HEADERLESS,), has_header=False)
    if any(plain_name(name) in known for name in names) or not any(map(is_data, names)):
        return attrs.evolve(table, header=names)
    numbered = tuple(f"column_{number}" for number in range(1, len(names) + 1))
    return attrs.evolve(table, header=numbered, has_header=False)


def is_data(name: str) -> bool:
    """Return whether a cell of the first row cannot be the name of a column."""
    return is_number(name) or _LIKE_AN_ADDRESS.fullmatch(name) is not None


def is_number(text: str) -> bool:
    """Return whether a cell looks like a phone number, perhaps a damaged one."""
    return _LIKE_A_PHONE.fullmatch(text) is not None


def _fitted(cells: list[Any], width: int) -> Cells:
    """Return the cells of a row, as many as the header has."""
    if any(cells[width:]):
        return BadRow(f"has {len(cells)} cells, but the header has {width}")
    return (cells + [""] * width)[:width]


class _Lines:
    """The lines of a text file, with a limit on the length of a row.

    Attributes:
        taken: Characters of the row so far; the reader of a row sets it to 0.
    """

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        """Yield the lines.

        Raises:
            InputError: If a row is too long.
        """
        while line := self._file.readline(_MOST_CHARACTERS + 1):
            self.taken += len(line)
            if self.taken > _MOST_CHARACTERS:
                msg = f"{self._name} has a row of more than {_MOST_CHARACTERS:,} characters."
                raise InputError(msg)
            yield line


def _csv_records(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield every record that is not empty, with its number."""
    number = 0
    try:
        with table.path.open(encoding=table.encoding, newline="") as file:
            # Some spreadsheet programs write this hint and count it as a row.
            hinted = file.readline(8).rstrip("\r\n").lower().startswith("sep=")
            file.seek(0)
            lines = _Lines(file, table.path.name)
            records = csv.reader(lines, delimiter=table.delimiter or ",", strict=True)
            for number, cells in enumerate(records, start=1):
                lines.taken = 0
                if any(cells) and not (hinted and number == 1):
                    yield number, cells
    except csv.Error as error:
        msg = (
            f"{table.path.name} cannot be read as CSV after row {number}: {error}. Look for a missing or "
            "extra quotation mark there."
        )
        raise InputError(msg) from None
    except UnicodeError:
        raise _wrong_encoding(table, number) from None


def _wrong_encoding(table: Table, number: int) -> InputError:
    encoding = (table.encoding or "").removesuffix("-sig")
    return InputError(
        f"{table.path.name} has bytes after row {number} that are not valid {encoding}. Name "
        "its encoding, such as utf-8, cp1250 or utf-16."
    )


def _json_objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    # Numbers with a fraction or an exponent stay as written, so that lost digits can be detected.
    decode = json.JSONDecoder(parse_float=str, parse_constant=str).decode
    number = 0
    try:
        with path.open(encoding=encoding) as file:
            lines = _Lines(file, path.name)
            for number, line in enumerate(lines, start=1):
                lines.taken = 0
                if not (line := line.strip()):
                    continue
                try:
                    found = decode(line)
                except (ValueError, RecursionError):
                    yield number, BadRow("is not valid JSON")
                    continue
                fits = isinstance(found, dict)
                yield number, found if fits else BadRow("must be a JSON object")
    except UnicodeError:
        raise _wrong_encoding(Table(path, "jsonl", (), encoding), number) from None


def _json_header(path: Path, encoding: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for _, (_, found) in zip(
        range(_JSON_LINES_READ_AHEAD), _json_objects(path, encoding), strict=False
    ):
        if isinstance(found, dict):
            names.update(dict.fromkeys(found))
    if not names:
        msg = f"{path.name} has no JSON object with names; each line must contain one."
        raise InputError(msg)
    return tuple(names)


def _open_sheet(path: Path, name: str | None, known: Collection[str]) -> Table:
    sheets = sheets_of(path)
    names = [sheet.name for sheet in sheets]
    if not sheets or (name is not None and name not in names):
        msg = f"{path.name} has no sheet {name or ''}".rstrip()
        raise InputError(f"{msg}. Its sheets are: {', '.join(names)}." if names else f"{msg}.")
    visible = [sheet for sheet in sheets if sheet.is_visible]
    sheet = (visible or sheets)[0] if name is None else sheets[names.index(name)]
    table = Table(
        path,
        "spreadsheet",
        (),
        sheet=sheet.name,
        other_sheets=tuple(other for other in names if other != sheet.name),
        hidden_sheets=tuple(other.name for other in sheets if not other.is_visible),
        hidden_rows=sheet.hidden_rows,
    )
    empty = f"The sheet {sheet.name} of {path.name} is empty."
    return _with_header(table, _sheet_records(table), empty, known)


def _sheet_records(table: Table) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in enumerate(rows_of(table.path, table.sheet or ""), start=1):
        if any(cell not in {"", None} for cell in cells):
            yield number, cells
