"""Spreadsheets: their sheets, and the rows of one of them.

python-calamine reads .xlsx and .ods, after their size was checked; xlrd reads .xls, and uses memory only for
cells that exist.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from typing import TYPE_CHECKING, Any, Final

import attrs

from smsmanager.campaigns._input import workbook_bounds
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"
"""The first bytes of the two families of files."""
MOST_OLE_BYTES = 24 * 1024 * 1024
"""Maximum bytes of an .xls file, which is not compressed."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@attrs.frozen
class Sheet:
    """One sheet of a spreadsheet.

    Attributes:
        name: Its name.
        is_visible: Whether it is visible.
        hidden_rows: Row numbers of hidden rows that are not empty.
    """

    name: str
    is_visible: bool
    hidden_rows: frozenset[int] = frozenset()


def sheets_of(path: Path) -> list[Sheet]:
    """Return the sheets of a spreadsheet, in its order.

    Raises:
        InputError: If it cannot be read, would take too much time or memory, or an extra is missing.
    """
    with _reading(path):
        if _is_ole(path):
            return [_xls_sheet(sheet) for sheet in _xls(path).sheets()]
        workbook = _zipped(path)
        hidden = workbook_bounds.hidden_rows(path)
        return [
            Sheet(
                sheet.name,
                is_visible=str(sheet.visible).endswith(".Visible"),
                hidden_rows=hidden.get(sheet.name, frozenset()),
            )
            for sheet in workbook.sheets_metadata
            if str(sheet.typ).endswith(".WorkSheet")
        ]


def rows_of(path: Path, sheet: str) -> Iterator[list[Any]]:
    """Yield the cells of each row of a sheet, from its first row on.

    Raises:
        InputError: As for `sheets_of`.
    """
    with _reading(path):
        if _is_ole(path):
            yield from _xls_rows(_xls(path), sheet)
        else:
            yield from _zipped(path).get_sheet_by_name(sheet).iter_rows()


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn any failure of a parser on a damaged file into an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except ModuleNotFoundError as error:
        raise InputError(
            "Reading spreadsheets needs pip install 'smsmanager[campaigns]'."
        ) from error
    except MemoryError:
        raise InputError(f"{path.name} does not fit into memory. Save it as CSV.") from None
    except BaseException as error:
        # A panic in Rust is not an Exception; on damaged bytes, xlrd can raise anything.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if type(error).__name__ == "PasswordError" or "encrypted" in str(error).lower():
            msg = f"{path.name} is protected by a password. Save a copy without one."
            raise InputError(msg) from None
        msg = f"{path.name} is not a readable spreadsheet (.xlsx, .xls, .ods), or is damaged."
        raise InputError(msg) from None


def _is_ole(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(OLE)) == OLE


def _zipped(path: Path) -> Any:
    import python_calamine  # noqa: PLC0415 - an extra, imported only when it is needed

    workbook_bounds.hidden_rows(path)
    return python_calamine.CalamineWorkbook.from_path(path)


def _xls(path: Path) -> Any:
    import xlrd  # noqa: PLC0415 - an extra, imported only when it is needed

    if path.stat().st_size > MOST_OLE_BYTES:
        msg = f"{path.name} is larger than {MOST_OLE_BYTES // 1024**2} MB. Save it as CSV."
        raise InputError(msg)
    content = path.read_bytes()
    if _ENCRYPTED in content:
        raise InputError(f"{path.name} is protected by a password. Save a copy without one.")
    # Formats say which rows are hidden; ragged rows use no memory for missing cells.
    return xlrd.open_workbook(
        file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
    )


def _xls_sheet(sheet: Any) -> Sheet:
    hidden = (row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    return Sheet(
        sheet.name,
        is_visible=sheet.visibility == 0,
        hidden_rows=frozenset(row for row in hidden if _holds_something(sheet, row - 1)),
    )


def _holds_something(sheet: Any, row: int) -> bool:
    return row < sheet.nrows and any(value != "" for value in sheet.row_values(row))


def _xls_rows(workbook: Any, sheet: str) -> Iterator[list[Any]]:
    found = workbook.sheet_by_name(sheet)
    for row in range(found.nrows):
        yield [_xls_value(cell, workbook.datemode) for cell in found.row(row)]


def _xls_value(cell: Any, datemode: Any) -> Any:
    import xlrd  # noqa: PLC0415 - an extra, imported only when it is needed

    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    if cell.ctype != xlrd.XL_CELL_DATE:
        return cell.value
    moment: dt.datetime = xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.value < 1:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment
