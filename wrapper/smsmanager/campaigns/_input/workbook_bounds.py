"""The unpacked size of a zipped spreadsheet (.xlsx, .ods), measured within bounds before it is parsed.

A kilobyte can unpack to gigabytes, and one distant cell makes a parser reserve the whole area up to it. So
every part is first unpacked here, piece by piece, and its cells are counted by a parser that stores nothing.
This also finds hidden rows, which the parser that reads the values does not report.
"""

from __future__ import annotations

import copy
import posixpath
import zipfile
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Attributes = Mapping[str, str]

MOST_BYTES: Final = 128 * 1024 * 1024
"""Maximum bytes that all parts of a spreadsheet may unpack to."""
MOST_CELLS: Final = 1_000_000
"""Maximum cells of all sheets, each counted up to its last non-empty row and column."""
MOST_ELEMENTS: Final = 6_000_000
"""Maximum XML elements in all parts together; a cell has two to four."""
_MOST_PARTS = 5_000
_MOST_DEPTH = 200
_PIECE_BYTES = 64 * 1024
_MOST_PIECES_IN_AN_ELEMENT = 16
_ADVICE = "Save the sheet as CSV, which is read row by row."
_MOST_LETTERS = 3
_YES = ("1", "true")


def hidden_rows(path: Path) -> Mapping[str, frozenset[int]]:
    """Return the hidden rows that are not empty, by the name of their sheet.

    Raises:
        InputError: If parsing the file would take too much time or memory, or if it is damaged.
    """
    state = path.stat()
    return _examined(path, state.st_size, state.st_mtime_ns)


# A file is opened several times: for its header, for the preview, and to send.
@lru_cache(maxsize=4)
def _examined(path: Path, _size: int, _changed_at_ns: int) -> Mapping[str, frozenset[int]]:
    examination = _Examination(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            examination.examine(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        msg = f"{path.name} is not a readable spreadsheet (.xlsx, .xls, .ods)."
        raise InputError(msg) from None
    except (expat.ExpatError, ValueError, LookupError):
        raise InputError(f"{path.name} is a damaged spreadsheet; save it again.") from None
    return examination.hidden_by_sheet()


class _Examination:
    """The sums over all parts of a file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bytes = self._cells = self._elements = 0
        self._hidden: dict[str, set[int]] = {}
        self.ids: dict[str, str] = {}
        """In .xlsx, the id of the part with a sheet, by the name of the sheet."""
        self.targets: dict[str, str] = {}
        """The path of a part, by its id."""

    def hidden_by_sheet(self) -> Mapping[str, frozenset[int]]:
        found = {at: frozenset(rows) for at, rows in self._hidden.items()}
        for sheet, part_id in self.ids.items():
            part = posixpath.normpath(posixpath.join("/xl", self.targets.get(part_id, "")))
            found[sheet] = found.get(part.lstrip("/"), frozenset())
        return found

    def examine(self, archive: zipfile.ZipFile) -> None:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS:
            raise InputError(f"{self._name} has {len(parts):,} parts, too many to read. {_ADVICE}")
        for part in parts:
            if part.filename.endswith("workbook.bin"):
                raise InputError(f"{self._name} is a binary workbook (.xlsb). Save it as .xlsx.")
            pieces = self._unpacked(archive, part)
            first = next(pieces, b"")
            # For a part that is not XML, such as a picture, only the bytes count.
            if b"<" in first[:4]:
                self._count(part.filename, first, pieces)
            for _ in pieces:
                pass

    def _unpacked(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
        # The directory may understate the unpacked size of a part, and a parser would ignore it.
        part = copy.copy(part)
        part.file_size = MOST_BYTES + 1
        with archive.open(part) as opened:
            while piece := opened.read(_PIECE_BYTES):
                self._bytes += len(piece)
                if self._bytes > MOST_BYTES:
                    most = f"{MOST_BYTES // 1024**2} MB"
                    raise InputError(f"{self._name} unpacks to more than {most}. {_ADVICE}")
                yield piece

    def _count(self, part: str, piece: bytes, pieces: Iterator[bytes]) -> None:
        counter = _Counter(self, part)
        silent = 0
        while piece:
            before = counter.starts
            silent = 0 if counter.read(piece) else silent + 1
            self._elements += counter.starts - before
            if self._elements > MOST_ELEMENTS:
                raise InputError(f"{self._name} has too many XML elements. {_ADVICE}")
            if silent > _MOST_PIECES_IN_AN_ELEMENT:
                raise InputError(f"{self._name} has a cell of more than a million characters.")
            piece = next(pieces, b"")
        counter.read(b"")

    def grow(self, cells: int) -> None:
        """Add to the number of cells that the sheets span."""
        self._cells += cells
        if self._cells > MOST_CELLS:
            raise InputError(
                f"{self._name} spans more than {MOST_CELLS:,} cells. There may be a stray cell far below or "
                f"beside the list: delete it. {_ADVICE}"
            )

    def hide(self, sheet: str, rows: range) -> None:
        """Note hidden rows."""
        self._hidden.setdefault(sheet, set()).update(rows)


class _Counter:
    """Counts the cells of one part. Like the parser of values, it ignores prefixes of names."""

    def __init__(self, examination: _Examination, part: str) -> None:
        self.starts = self._ends = 0
        self._examination, self._sheet = examination, part
        self._cell: Attributes | None = None
        self._reference: str | None = None
        self._width = self._height = 0
        self._row, self._rows, self._column, self._columns = 0, 1, 0, 1
        self._is_hidden = False
        self._ended: list[str] = []
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        # Called a million times, so it is not a Python function.
        parser.EndElementHandler = self._ended.append
        parser.StartDoctypeDeclHandler = self._doctype
        self._handlers: dict[str, Callable[[Attributes], None]] = {
            "sheet": self._named_sheet,
            "Relationship": self._relationship,
            "row": self._xlsx_row,
            "c": self._xlsx_cell,
            "table": self._ods_table,
            "table-row": self._ods_row,
            "table-cell": self._ods_cell,
            "covered-table-cell": self._ods_cell,
            **dict.fromkeys(("v", "is", "p"), self._value),
        }

    def read(self, piece: bytes) -> bool:
        """Read the next bytes, none at the end; return whether an element began or ended in them."""
        before = self.starts
        self._parser.Parse(piece, not piece)
        ended = len(self._ended)
        self._ended.clear()
        self._ends += ended
        if self.starts - self._ends > _MOST_DEPTH:
            raise ValueError
        return bool(ended) or self.starts > before

    def _start(self, name: str, attributes: Attributes) -> None:
        self.starts += 1
        handle = self._handlers.get(name)
        if handle is None:
            handle = self._handlers[name] = self._handlers.get(name.rpartition(":")[2], _ignore)
        handle(attributes)

    def _doctype(self, name: str, *_: object) -> None:
        # No spreadsheet program writes one; attackers use it for entities that expand.
        raise ValueError(name)

    def _named_sheet(self, attributes: Attributes) -> None:
        ids = (value for key, value in attributes.items() if key.endswith(":id"))
        self._examination.ids[attributes.get("name", "")] = next(ids, "")

    def _relationship(self, attributes: Attributes) -> None:
        if self._sheet.endswith("workbook.xml.rels"):
            self._examination.targets[attributes["Id"]] = attributes["Target"]

    def _xlsx_row(self, attributes: Attributes) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column, self._reference = 0, None
        self._is_hidden = attributes.get("hidden") in _YES or attributes.get("ht") == "0"

    def _xlsx_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        before, self._reference = self._reference, attributes.get("r")
        if self._reference is None:
            # Without a reference, the cell follows the previous one.
            self._refer(before)
            self._column += 1

    def _ods_table(self, attributes: Attributes) -> None:
        self._sheet = attributes.get("table:name", "")
        self._width = self._height = self._row = 0
        self._rows = 1

    def _ods_row(self, attributes: Attributes) -> None:
        self._row += self._rows
        self._rows = max(int(attributes.get("table:number-rows-repeated", 1)), 1)
        self._column, self._columns = 0, 1
        self._is_hidden = attributes.get("table:visibility") in {"collapse", "filter"}

    def _ods_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._column += self._columns
        self._columns = max(int(attributes.get("table:number-columns-repeated", 1)), 1)
        if "office:value-type" in attributes:
            self._value(attributes)

    def _value(self, _attributes: Attributes) -> None:
        """Extend the sheet to the cell; a cell with only a format does not count."""
        if self._cell is None:
            return
        self._refer(self._reference)
        self._cell = None
        width, height = self._column + self._columns - 1, self._row + self._rows - 1
        if width > self._width or height > self._height:
            before = self._width * self._height
            self._width, self._height = max(width, self._width), max(height, self._height)
            self._examination.grow(self._width * self._height - before)
        if self._is_hidden:
            self._examination.hide(self._sheet, range(self._row, self._row + self._rows))

    def _refer(self, reference: str | None) -> None:
        """Go to a cell by its name, such as B7."""
        if reference is not None:
            letters = reference.rstrip("0123456789")
            self._column, self._row = _column(letters), int(reference[len(letters) :])


def _ignore(_attributes: Attributes) -> None: ...


@cache
def _column(letters: str) -> int:
    if len(letters) > _MOST_LETTERS:
        raise ValueError(letters)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
