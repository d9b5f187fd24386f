"""A spreadsheet that would be too large unpacked is refused before parsing, with little time and memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import InputError
from smsmanager.campaigns._input import workbook_bounds
from smsmanager.campaigns._input.tabular import open_table
from tests.marks import thorough

openpyxl: Any = pytest.importorskip("openpyxl")
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODS = f"""<?xml version="1.0"?><office:document-content xmlns:office="{OASIS}:office:1.0"
 xmlns:table="{OASIS}:table:1.0" xmlns:text="{OASIS}:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="List">@</table:table>
 </office:spreadsheet></office:body></office:document-content>"""


def xlsx(path: Path, sheet: str | bytes | None = None) -> Path:
    """Write a workbook of two rows, with another content of its sheet if one is given."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "List"
    page.append(["phone", "name"])
    page.append(["420777123456", "Jana"])
    book.save(path)
    return path if sheet is None else replaced(path, {SHEET: sheet})


def replaced(path: Path, parts: dict[str, str | bytes]) -> Path:
    """Replace or add parts of a zip file."""
    with zipfile.ZipFile(path) as archive:
        kept = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**kept, **parts}.items():
            archive.writestr(name, content)
    return path


def sheet_of(cells: str) -> str:
    return f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>"


def inline(reference: str, text: str = "x") -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def ods(path: Path, rows: str) -> Path:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace("@", rows))
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def understated(path: Path) -> Path:
    """A part of 200 MB that has 9 bytes according to the directory and the header."""
    xlsx(path, b" " * 200_000_000)
    size = (200_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (9).to_bytes(4, "little")))
    return path


def repeated(rows: int, columns: int) -> str:
    cell = (
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


HARMFUL: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a stray cell in the last corner": (
        lambda path: xlsx(path, sheet_of(f'<row r="1">{inline("A1")}{inline("XFD1048576")}</row>')),
        "spans more than 1,000,000 cells. There may be a stray cell",
    ),
    "a stray cell after which another has no name": (
        lambda path: xlsx(
            path, sheet_of(f'<row r="99999">{inline("K99999")}<c><v>1</v></c></row>')
        ),
        "spans more than",
    ),
    "prefixes on all names": (
        lambda path: xlsx(
            path,
            f'<x:worksheet {MAIN.replace("xmlns", "xmlns:x")}><x:sheetData><x:row r="1"><x:c r="A1"/>'
            '<x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        ),
        "spans more than",
    ),
    "another sheet than the first": (
        lambda path: replaced(
            xlsx(path), {"xl/media/image1.png": sheet_of(f"<row>{inline('XFD1048576')}</row>")}
        ),
        "spans more than",
    ),
    "a million repeated rows of .ods": (
        lambda path: ods(path, repeated(1_048_576, 16_384)),
        "spans more than",
    ),
    "a cell after a million empty ones in .ods": (
        lambda path: ods(
            path,
            '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
            + repeated(1, 16_384),
        ),
        "spans more than",
    ),
    "a cell of 64 MB": (
        lambda path: xlsx(path, sheet_of(f'<row r="1">{inline("A1", "x" * 64_000_000)}</row>')),
        "a cell of more than a million characters",
    ),
    "a comment of 64 MB": (
        lambda path: xlsx(path, sheet_of(f"<!--{'x' * 64_000_000}-->")),
        "more than a million characters",
    ),
    "a part of 200 MB": (
        lambda path: replaced(xlsx(path), {"xl/media/image1.png": b"\0" * 200_000_000}),
        "unpacks to more than 128 MB",
    ),
    "a part whose size is understated": (understated, "unpacks to more than 128 MB"),
    "many small elements": (
        lambda path: xlsx(path, sheet_of("<a/>" * 6_500_000)),
        "has too many XML elements",
    ),
    "nested elements": (
        lambda path: xlsx(path, "<a>" * 5_000_000),
        "is a damaged spreadsheet",
    ),
    "entities that grow": (
        lambda path: xlsx(
            path,
            f'<!DOCTYPE w [<!ENTITY a "{"x" * 1000}">]>' + sheet_of("<row><c><v>&a;</v></c></row>"),
        ),
        "is a damaged spreadsheet",
    ),
    "a million parts": (
        lambda path: replaced(xlsx(path), {f"p{number}": b"" for number in range(6_000)}),
        "too many to read",
    ),
}
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
from pathlib import Path
from smsmanager.campaigns import InputError
from smsmanager.campaigns._input.tabular import open_table
from tests.marks import thorough
try:
    print(sum(1 for _ in open_table(Path(sys.argv[1])).rows()))
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("what", [*[*HARMFUL][:2], *thorough([*HARMFUL][2:])])
def test_what_would_unpack_to_too_much_is_refused(tmp_path: Path, what: str) -> None:
    make, problem = HARMFUL[what]
    path = make(tmp_path / "people.xlsx")
    # In a separate process, with little memory: the parser would crash the whole interpreter.
    done = subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert problem in done.stdout
    assert "Nothing was sent." in done.stdout


BROKEN: dict[str, str | bytes] = {
    "a sheet that ends early": f"<worksheet {MAIN}><sheetData><row r='1'><c r='A1'><v>1</v>",
    "tags that cross": sheet_of("<row><c></row></c>"),
    "an unknown entity": sheet_of("<row><c><v>&nope;</v></c></row>"),
    "a row that is not a number": sheet_of('<row r="x"><c r="A1"><v>1</v></c></row>'),
    "a cell that is not a place": sheet_of('<row r="1"><c r="1A"><v>1</v></c></row>'),
    "a cell of 26 letters": sheet_of('<row r="1"><c r="ABCDEFGH1"><v>1</v></c></row>'),
    "half a character": sheet_of("<row><c><v>\xff</v></c></row>").encode("latin-1"),
    "no content": "",
    "no XML": "\0\1\2",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_part_is_an_input_error(tmp_path: Path, what: str) -> None:
    path = xlsx(tmp_path / "people.xlsx", BROKEN[what])
    with pytest.raises(InputError, match=r"people\.xlsx .* Nothing was sent"):
        list(open_table(path).rows())


@given(st.data())
@settings(deadline=None, database=None, max_examples=60)
def test_any_damage_is_an_input_error_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes of a valid workbook are changed, both in the archive and in its parts."""
    folder = tmp_path_factory.getbasetemp()
    path = folder / "damaged.xlsx"
    if not (good := folder / "good.xlsx").exists():
        xlsx(good)
    content = bytearray(good.read_bytes())
    if data.draw(st.booleans()):
        with zipfile.ZipFile(good) as archive:
            name = data.draw(st.sampled_from(archive.namelist()))
            part = bytearray(archive.read(name))
        damage(data, part)
        path.write_bytes(content)
        replaced(path, {name: bytes(part)})
    else:
        damage(data, content)
        path.write_bytes(content)
    try:
        rows = list(open_table(path).rows())
    except InputError as error:
        assert str(error).endswith("Nothing was sent.")  # noqa: PT017 - either may happen
    else:
        assert len(rows) <= 3


def damage(data: st.DataObject, content: bytearray) -> None:
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[at] = data.draw(st.integers(0, 255))


def test_cells_without_content_and_pictures_do_not_count(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{row}"><c r="XFD{row}" s="1"/></row>' for row in range(2, 200))
    path = xlsx(
        tmp_path / "people.xlsx",
        sheet_of(
            f'<row r="1">{inline("A1", "phone")}</row>{empty}<row r="200">{inline("A200")}</row>'
        ),
    )
    replaced(path, {"xl/media/image1.png": b"\x89PNG" + b"\0" * 1_000_000})
    assert [row for row, _ in open_table(path).rows()] == [200]


def test_a_list_up_to_the_bounds_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_bounds, "MOST_CELLS", 4)
    assert len(list(open_table(xlsx(tmp_path / "four.xlsx")).rows())) == 1
    monkeypatch.setattr(workbook_bounds, "MOST_CELLS", 3)
    with pytest.raises(InputError, match="spans more than 3 cells"):
        open_table(xlsx(tmp_path / "five.xlsx"))


def test_a_binary_workbook_is_called_that(tmp_path: Path) -> None:
    path = replaced(xlsx(tmp_path / "people.xlsx"), {"xl/workbook.bin": b"\x83\1"})
    with pytest.raises(InputError, match=r"binary workbook \(\.xlsb\)"):
        open_table(path)
