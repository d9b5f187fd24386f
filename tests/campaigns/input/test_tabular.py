"""Real-world files: any delimiter, encoding and format, and clear errors for the rest."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import InputError
from smsmanager.campaigns._input.tabular import BadRow, Table, open_table


def written(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(table: Table) -> list[tuple[int, Any]]:
    return [
        (row, cells if isinstance(cells, BadRow) else list(cells)) for row, cells in table.rows()
    ]


PEOPLE = "Jméno;Telefon\nŘehoř;420777123456\nJana;420777123457\n"


LATE = b"\xd8eho\xf8,2\n"
MANY = b"Jana,420777123456\n" * 9000


@pytest.mark.parametrize(
    ("content", "options", "problem"),
    [
        (b"", {}, "is empty"),
        ("\ufeff\n\n,\n".encode(), {}, "has no rows"),
        (PEOPLE.encode("utf-16-le"), {}, "utf-16-le"),
        (
            b"name,phone\n" + MANY + LATE,
            {"encoding": "utf-8"},
            r"bytes after row [1-9]\d+ .* utf-8",
        ),
        (b"\xd8\n", {"encoding": "utf-8"}, r"bytes after row 0 .* utf-8"),
        (b"a,b\n1,2\n", {"encoding": "latin-99"}, "no encoding latin-99"),
        (b'a,b\n1,2\n"x,3\n4,5\n', {}, r"as CSV after row 2: .* quotation mark"),
        (b'a,b\n1,2\n"x"y,3\n', {}, r"as CSV after row 2: .* quotation mark"),
        (b"{}\n", {}, "no JSON object with names"),
        (b"1\n2\n", {"kind": "jsonl"}, "no JSON object with names"),
        (b'{"a": "x"}\n' * 2000 + b'{"a": "\xd8"}\n', {"encoding": "utf-8"}, "not valid utf-8"),
        (b"PK\x03\x04 broken", {}, "not a readable spreadsheet"),
        (None, {}, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(
    tmp_path: Path, content: bytes | None, options: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read(open_table(path, **options))


def test_an_accent_in_the_last_row_decides(tmp_path: Path) -> None:
    plain = "name,phone\n" + "Jana,420777123456\n" * 6000
    table = open_table(written(tmp_path, plain.encode() + "Řehoř,420777123457\n".encode("cp1250")))
    assert table.encoding == "cp1250"
    assert read(table)[-1] == (6002, ["Řehoř", "420777123457"])


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE.encode("iso8859-2"))
    assert read(open_table(path, encoding="iso8859-2"))[0][1][0] == "Řehoř"
    marked = written(tmp_path, PEOPLE.encode("utf-8-sig"))
    assert open_table(marked, encoding="UTF-8").header[0] == "Jméno"
    bare = written(tmp_path, PEOPLE.encode("utf-16-le"))
    assert open_table(bare, encoding="utf-16-le").header == ("Jméno", "Telefon")
    big_endian = written(tmp_path, b"\xfe\xff" + PEOPLE.encode("utf-16-be"))
    assert open_table(big_endian).header == ("Jméno", "Telefon")


def test_a_comma_in_prices_is_not_the_delimiter_and_any_can_be_named(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "phone;price\n420777123456;1,50\n420777123457;2,50\n"))
    assert table.delimiter == ";"
    assert read(open_table(written(tmp_path, "a:b\n1:2\n"), delimiter=":")) == [(2, ["1", "2"])]


def test_the_hint_of_spreadsheet_programs(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "sep=|\r\nname|phone\r\nJana|1\r\n"))
    assert (table.delimiter, table.header) == ("|", ("name", "phone"))
    assert read(table) == [(3, ["Jana", "1"])]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    content = 'name,phone\n"a\nb",1\n\n,\nc,2\n'
    assert read(open_table(written(tmp_path, content))) == [(2, ["a\nb", "1"]), (5, ["c", "2"])]


def test_rows_that_do_not_fit_the_header(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "a,b\n1\n1,2,3\n1,2,,\n"))
    bad = BadRow("has 3 cells, but the header has 2")
    assert read(table) == [(2, ["1", ""]), (3, bad), (4, ["1", "2"])]


@pytest.mark.parametrize("first", ["420777123456", "+420 777 123 456", "00420777123456"])
def test_a_bare_list_of_numbers_needs_no_header(tmp_path: Path, first: str) -> None:
    table = open_table(written(tmp_path, f"{first}\n420777123457\n"))
    assert (table.header, table.has_header) == (("phone_number",), False)
    assert read(table) == [(1, [first]), (2, ["420777123457"])]


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        '{"phone": 420777123456, "name": "Jana", "payload": {"a": 1}}',
        "",
        '{"phone": 4.20777E+11, "name": null, "more": 12.50}',
        "{broken",
        "[1]",
        '{"name": "Ota"}',
    ]
    table = open_table(written(tmp_path, "\ufeff" + "\n".join(lines), "people.jsonl"))
    assert (table.kind, table.header) == ("jsonl", ("phone", "name", "payload", "more"))
    assert read(table) == [
        (1, [420777123456, "Jana", {"a": 1}, None]),
        (3, ["4.20777E+11", None, None, "12.50"]),
        (4, BadRow("is not valid JSON")),
        (5, BadRow("must be a JSON object")),
        (6, [None, "Ota", None, None]),
    ]


openpyxl: Any = pytest.importorskip("openpyxl")


def workbook(path: Path, rows: list[list[Any]], *, start: tuple[int, int] = (1, 1)) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "People"
    for down, cells in enumerate(rows):
        for right, cell in enumerate(cells):
            sheet.cell(start[0] + down, start[1] + right).value = cell
    hidden: Any = book.create_sheet("Hidden", 0)
    hidden.sheet_state = "hidden"
    book.create_sheet("Empty")
    book.active = 1
    book.save(path)
    return path


def test_a_spreadsheet(tmp_path: Path) -> None:
    day = dt.date(2026, 1, 2)
    rows: list[list[Any]] = [["Name", "Phone", "Day"], ["Jana", 420777123456, day], []]
    rows.append(["Ota", "4.2E+11", None])
    path = workbook(tmp_path / "people.xlsx", rows, start=(3, 2))
    table = open_table(path)
    assert (table.kind, table.sheet, table.header) == (
        "spreadsheet",
        "People",
        ("Name", "Phone", "Day"),
    )
    assert table.other_sheets == ("Hidden", "Empty")
    assert read(table) == [(4, ["Jana", 420777123456.0, day]), (6, ["Ota", "4.2E+11", ""])]


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = workbook(tmp_path / "people.xlsx", [["Phone"], [420777123456]])
    assert read(open_table(path.rename(tmp_path / "people.csv"))) == [(2, [420777123456.0])]


def test_numbers_only_in_a_spreadsheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "people.xlsx", [[420777123456], [420777123457]])
    table = open_table(path)
    assert table.header == ("phone_number",)
    assert [row for row, _ in read(table)] == [1, 2]


def test_sheets_that_are_not_there_or_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path / "people.xlsx", [["Phone"], [1]])
    with pytest.raises(InputError, match=r"no sheet Other\. Its sheets are: Hidden, People, Empty"):
        open_table(path, sheet="Other")
    with pytest.raises(InputError, match=r"sheet Empty of people\.xlsx is empty"):
        open_table(path, sheet="Empty")


def test_spreadsheets_need_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputError, match=r"smsmanager\[campaigns\]"):
        open_table(written(tmp_path, b"PK\x03\x04"))


# Without carriage returns and other Unicode line ends: in quotes the csv module returns them, but it has its
# own rules for which of them end a row.
cell_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"), max_size=8)


@given(
    st.lists(st.lists(cell_texts, min_size=2, max_size=2), min_size=1, max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(deadline=None, database=None)
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["name", "phone"], *rows])
    path = tmp_path_factory.getbasetemp() / "drawn.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    table = open_table(path, delimiter=delimiter)
    expected = [(row, cells) for row, cells in enumerate(rows, start=2) if any(cells)]
    assert read(table) == expected


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), cell_texts, min_size=1), min_size=1, max_size=5
    )
)
@settings(deadline=None, database=None)
def test_what_the_json_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "drawn.jsonl"
    path.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8"
    )
    table = open_table(path, kind="jsonl")
    for (_, cells), row in zip(read(table), rows, strict=True):
        found = {n: c for n, c in zip(table.header, cells, strict=True) if c is not None}
        assert found == row
