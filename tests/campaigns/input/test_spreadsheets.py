"""Sheets of .xlsx, .xls and .ods: values, hidden rows and sheets, and that damage is reported."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import InputError
from smsmanager.campaigns._input import spreadsheets
from smsmanager.campaigns._input.spreadsheets import rows_of, sheets_of
from smsmanager.campaigns._input.tabular import open_table

openpyxl: Any = pytest.importorskip("openpyxl")
xlrd: Any = pytest.importorskip("xlrd")
xlwt: Any = pytest.importorskip("xlwt")
DAY = dt.date(2026, 1, 2)
MOMENT = dt.datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001 - cells have no zone
ROWS: list[list[Any]] = [
    ["Phone", "Name", "Day", "Paid"],
    [420777123456, "Řehoř", DAY, True],
    [777123457.5, "Jana", MOMENT, False],
    ["4.2E+11", "Eva", dt.time(3, 4), True],
]
FORMATS = {dt.date: "D.M.YYYY", dt.datetime: "D.M.YYYY H:MM", dt.time: "HH:MM"}


def xls(path: Path) -> Path:
    """Write ROWS as .xls; the third row and the second sheet are hidden."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    for row, cells in enumerate(ROWS):
        for column, cell in enumerate(cells):
            style = xlwt.easyxf(num_format_str=FORMATS.get(type(cell), "General"))
            sheet.write(row, column, cell, style)
    sheet.row(2).hidden = True
    sheet.row(9).hidden = True
    sheet.write(9, 300 % 256, None)
    book.add_sheet("Archive").visibility = 1
    book.save(str(path))
    return path


def xlsx(path: Path) -> Path:
    """Write the same as .xlsx."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "People"
    for cells in ROWS:
        sheet.append(cells)
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[10].hidden = True
    book.create_sheet("Archive").sheet_state = "hidden"
    book.save(path)
    return path


@pytest.mark.parametrize("write", [xls, xlsx])
def test_values_hidden_rows_and_sheets(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / "people")
    people, archive = sheets_of(path)
    assert (people.name, people.is_visible, people.hidden_rows) == ("People", True, frozenset({3}))
    assert (archive.name, archive.is_visible, archive.hidden_rows) == (
        "Archive",
        False,
        frozenset(),
    )
    assert [row[:4] for row in rows_of(path, "People")][: len(ROWS)] == ROWS
    table = open_table(path)
    assert (table.sheet, table.other_sheets, table.hidden_sheets) == (
        "People",
        ("Archive",),
        ("Archive",),
    )
    assert table.hidden_rows == {3}
    assert [row for row, _ in table.rows()] == [2, 3, 4]


def test_error_values_of_xls_stay_visible(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, "phone")
    sheet.row(1).set_cell_error(0, "#REF!")
    book.save(str(tmp_path / "a.xls"))
    assert list(open_table(tmp_path / "a.xls").rows()) == [(2, ["#REF!"])]


def test_a_stray_cell_of_xls_takes_no_memory(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, "phone")
    sheet.write(65_535, 255, "x")
    book.save(str(tmp_path / "a.xls"))
    assert sum(map(len, rows_of(tmp_path / "a.xls", "S"))) == 257


def test_rows_that_a_filter_hides_in_ods(tmp_path: Path) -> None:
    from tests.campaigns.input.test_workbook_bounds import ods

    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = [
        f"<table:table-row {how}>{cell.format(n)}</table:table-row>"
        for n, how in enumerate(
            [
                "",
                'table:visibility="filter"',
                'table:visibility="collapse" table:number-rows-repeated="2"',
                "",
            ]
        )
    ]
    path = ods(tmp_path / "people.ods", "".join(rows))
    assert sheets_of(path)[0].hidden_rows == {2, 3, 4}
    assert list(rows_of(path, "List")) == [["0"], ["1"], ["2"], ["2"], ["3"]]


def test_an_xls_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_OLE_BYTES", 1000)
    with pytest.raises(InputError, match=r"larger than 0 MB\. Save it as CSV"):
        sheets_of(xls(tmp_path / "a.xls"))


@pytest.mark.parametrize("name", ["EncryptedPackage", None])
def test_what_is_protected_by_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    path = tmp_path / "a.xls"
    xls(path)
    if name is not None:
        path.write_bytes(path.read_bytes() + name.encode("utf-16-le"))
    else:

        def fail(**_: Any) -> None:
            raise xlrd.XLRDError("Workbook is encrypted")

        monkeypatch.setattr(xlrd, "open_workbook", fail)
    with pytest.raises(InputError, match="protected by a password"):
        sheets_of(path)


class PanicException(BaseException):
    """How an error inside the parser written in Rust arrives."""


@pytest.mark.parametrize("error", [PanicException("x"), MemoryError(), ValueError("420777123456")])
def test_whatever_a_parser_raises_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    import python_calamine

    def fail(_path: Path) -> None:
        raise error

    monkeypatch.setattr(python_calamine.CalamineWorkbook, "from_path", fail, raising=False)
    with pytest.raises(InputError, match="Nothing was sent") as caught:
        sheets_of(xlsx(tmp_path / "a.xlsx"))
    assert "777" not in str(caught.value)


def test_ctrl_c_stays_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(spreadsheets, "_zipped", fail)
    with pytest.raises(KeyboardInterrupt):
        sheets_of(xlsx(tmp_path / "a.xlsx"))


@given(st.data())
@settings(deadline=None, database=None, max_examples=60)
def test_any_damage_to_xls_is_an_input_error_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    if not (good := folder / "good.xls").exists():
        xls(good)
    content = bytearray(good.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[at] = data.draw(st.integers(0, 255))
    path = folder / "damaged.xls"
    path.write_bytes(content[: data.draw(st.integers(4, len(content)))])
    try:
        for sheet in sheets_of(path):
            list(rows_of(path, sheet.name))
    except InputError as error:
        assert str(error).endswith("Nothing was sent.")  # noqa: PT017 - either may happen
