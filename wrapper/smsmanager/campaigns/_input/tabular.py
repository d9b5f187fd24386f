"""Files with a header and rows: CSV, JSON Lines and spreadsheets."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from smsmanager.campaigns._input.number_repair import cell_text
from smsmanager.campaigns._input.sniffing import delimiter_of, encoding_of, sample_of
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Kind: TypeAlias = Literal["csv", "jsonl", "spreadsheet"]
HEADERLESS = "phone_number"
"""Name of the only column of a bare list of numbers."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_JSON_LINES_READ_AHEAD = 100
_LIKE_A_NUMBER = re.compile(r"['+]*[0-9][0-9 ()./\xa0-]{5,20}")


@attrs.frozen
class BadRow:
    """Takes the place of the cells of a row that does not fit the table."""

    reason: str


Cells: TypeAlias = "Sequence[Any] | BadRow"


@attrs.frozen
class Table:
    """A file that was examined: its header, and how to read it, as often as wanted.

    Attributes:
        path: The file.
        kind: What it is.
        header: The names of the columns, as written in the file.
        encoding: Of the text; None for a spreadsheet.
        delimiter: Separates the cells of CSV.
        sheet: The sheet of a spreadsheet that is read.
        other_sheets: Further sheets, which are not read.
        has_header: Whether the first row is a header; a bare list of numbers has none.
    """

    path: Path
    kind: Kind
    header: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    has_header: bool = True

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield the number and the cells of each row, as many as the header has; empty rows are skipped.

        Rows are numbered as in a spreadsheet: the header is row 1. In JSON Lines it is the line.

        Raises:
            InputError: If the file cannot be read further; the error names the row.
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
) -> Table:
    """Examine a file.

    Args:
        path: The file.
        kind: What it is; None detects it from the first bytes.
        encoding: Of the text; None detects it: a byte order mark, else UTF-8 if all of it is valid, else
            Windows-1250.
        delimiter: Separates the cells of CSV; None detects it from the first lines.
        sheet: Sheet of a spreadsheet; None for the first visible one.

    Raises:
        InputError: If it cannot be read, has no rows, or an extra is missing; nothing was sent.
    """
    sample = sample_of(path)
    kind = kind or _kind_of(sample)
    if kind == "spreadsheet":
        return _open_sheet(path, sheet)
    if not sample.strip():
        raise InputError(f"{path.name} is empty.")
    encoding = encoding_of(path, encoding)
    if kind == "jsonl":
        return Table(path, kind, _json_header(path, encoding), encoding)
    delimiter = delimiter or delimiter_of(sample, encoding)
    table = Table(path, kind, (), encoding, delimiter)
    return _with_header(table, _csv_records(table), f"{path.name} has no rows.")


def _kind_of(sample: bytes) -> Kind:
    if sample.startswith((_ZIP, _OLE)):
        return "spreadsheet"
    return "jsonl" if sample.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def _with_header(table: Table, records: Iterator[tuple[int, list[Any]]], empty: str) -> Table:
    first = next(records, None)
    if first is None:
        raise InputError(empty)
    names = tuple(cell_text(cell).strip() for cell in first[1])
    if len(names) == 1 and _LIKE_A_NUMBER.fullmatch(names[0]):
        return attrs.evolve(table, header=(HEADERLESS,), has_header=False)
    return attrs.evolve(table, header=names)


def _fitted(cells: list[Any], width: int) -> Cells:
    """Return the cells of a row, as many as the header has."""
    if any(cells[width:]):
        return BadRow(f"has {len(cells)} cells, the header has {width}")
    return (cells + [""] * width)[:width]


def _csv_records(table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield every record that is not empty, with its number."""
    number = 0
    try:
        with table.path.open(encoding=table.encoding, newline="") as file:
            # Some spreadsheet programs write this hint, and count it as a row.
            hinted = file.readline(8).rstrip("\r\n").lower().startswith("sep=")
            file.seek(0)
            records = csv.reader(file, delimiter=table.delimiter or ",", strict=True)
            for number, cells in enumerate(records, start=1):
                if any(cells) and not (hinted and number == 1):
                    yield number, cells
    except csv.Error as error:
        msg = (
            f"{table.path.name} cannot be read as CSV after row {number}: {error}. Is a quotation mark "
            "missing or left over there?"
        )
        raise InputError(msg) from None
    except UnicodeDecodeError:
        raise _wrong_encoding(table, number) from None


def _wrong_encoding(table: Table, number: int) -> InputError:
    encoding = (table.encoding or "").removesuffix("-sig")
    return InputError(
        f"{table.path.name} has bytes after row {number} that are not valid {encoding}. Name "
        "its encoding, such as utf-8, cp1250 or utf-16."
    )


def _json_objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    # Numbers with a fraction or an exponent stay as written, so that lost digits can be seen.
    decode = json.JSONDecoder(parse_float=str, parse_constant=str).decode
    number = 0
    try:
        with path.open(encoding=encoding) as file:
            for number, line in enumerate(file, start=1):
                if not (line := line.strip()):
                    continue
                try:
                    found = decode(line)
                except (ValueError, RecursionError):
                    yield number, BadRow("is not valid JSON")
                    continue
                fits = isinstance(found, dict)
                yield number, found if fits else BadRow("must be a JSON object")
    except UnicodeDecodeError:
        raise _wrong_encoding(Table(path, "jsonl", (), encoding), number) from None


def _json_header(path: Path, encoding: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for _, (_, found) in zip(
        range(_JSON_LINES_READ_AHEAD), _json_objects(path, encoding), strict=False
    ):
        if isinstance(found, dict):
            names.update(dict.fromkeys(found))
    if not names:
        msg = f"{path.name} has no JSON object with names; each line must hold one."
        raise InputError(msg)
    return tuple(names)


def _workbook(path: Path) -> Any:
    try:
        import python_calamine  # noqa: PLC0415 - an extra, imported only when it is needed
    except ImportError as error:
        msg = "Reading spreadsheets needs pip install 'smsmanager[campaigns]'."
        raise InputError(msg) from error
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        msg = f"{path.name} is protected by a password; save a copy without one."
        raise InputError(msg) from None
    except (python_calamine.CalamineError, OSError):
        msg = f"{path.name} is not a readable spreadsheet (.xlsx, .xls, .ods)."
        raise InputError(msg) from None


def _open_sheet(path: Path, sheet: str | None) -> Table:
    workbook = _workbook(path)
    names: list[str] = workbook.sheet_names
    if sheet is None:
        visible = [s.name for s in workbook.sheets_metadata if str(s.visible).endswith(".Visible")]
        sheet = str((visible or names)[0])
    elif sheet not in names:
        msg = f"{path.name} has no sheet {sheet}. Its sheets are: {', '.join(names)}."
        raise InputError(msg)
    others = tuple(name for name in names if name != sheet)
    table = Table(path, "spreadsheet", (), sheet=sheet, other_sheets=others)
    return _with_header(table, _sheet_records(table), f"The sheet {sheet} of {path.name} is empty.")


def _sheet_records(table: Table) -> Iterator[tuple[int, list[Any]]]:
    rows = _workbook(table.path).get_sheet_by_name(table.sheet).iter_rows()
    for number, cells in enumerate(rows, start=1):
        if any(cell not in {"", None} for cell in cells):
            yield number, cells
