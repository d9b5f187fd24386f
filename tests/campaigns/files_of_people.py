"""Three hundred files of recipients, as people's tools make them, each with the expected result."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.utils
import xlwt

JANA, REHOR, EVA = "420777123456", "420605123457", "421905123456"
KNOWN = frozenset((JANA, REHOR, EVA, "420777123458"))
TEXT = "Dobrý den {jmeno}."
SENT = ((JANA, "Dobrý den Jana."), (REHOR, "Dobrý den Řehoř."), (EVA, "Dobrý den Eva."))
MOMENT = dt.datetime(2026, 12, 1, 8, 30)  # noqa: DTZ001 - cells have no zone
SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class PeopleFile:
    """One file.

    Attributes:
        name: Its name.
        write: Writes it.
        sent: The numbers and texts that must be sent, in order.
        refused: The rows that must be refused, each with its code.
        problem: The expected text if the whole file is refused or a question is asked.
        damaged: Whether any result is allowed except a number that nobody wrote.
        count: How many rows must be sent, instead of `sent`.
        large: Whether it is near a limit.
        reading: Options of `open_recipients`.
        text: The text.
        region: The default region.
        hidden_rows: Whether to send to hidden rows too.
    """

    name: str
    write: Callable[[Path], object]
    sent: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    problem: str | None = None
    damaged: bool = False
    count: int | None = None
    large: bool = False
    reading: dict[str, Any] = field(default_factory=dict)
    text: str = TEXT
    region: str | None = None
    hidden_rows: bool = False


def files() -> list[PeopleFile]:
    """Return all files."""
    made = [
        *csv_files(),
        *address_books(),
        *shops(),
        *number_columns(),
        *workbooks(),
        *workbook_contents(),
        *old_workbooks(),
        *open_documents(),
        *json_lines(),
        *texts_and_values(),
        *other_kinds(),
        *damage(),
        *bombs(),
        *near_the_bounds(),
    ]
    assert len({one.name for one in made}) == len(made)
    return made


def put(content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], object]:
    """Return a function that writes a text or bytes."""
    data = content.encode(encoding) if isinstance(content, str) else content
    return lambda path: path.write_bytes(data)


def table(
    rows: list[list[str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n"
) -> str:
    """Return rows as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


# A comma, a line break and quotation marks in cells, as in notes.
NOTED = [
    ["jmeno", "telefon", "Poznámka; platí, či ne"],
    ["Jana", "+420 777 123 456", 'říká si "Janička", platí včas'],
    ["Řehoř", "420605123457", "dva\nřádky; 1,50"],
    ["", "420777123458", ""],
    ["Ota", "4.20777E+11", "x"],
    ["Jana", "00420777123456", "podruhé"],
    ["Eva", "+421 905 123 456", ""],
]
NOTED_REFUSED = ((4, "variable"), (5, "number"), (6, "duplicate"))


def csv_files() -> Iterator[PeopleFile]:
    encodings = ("utf-8", "utf-8-sig", "cp1250", "utf-16", "utf-16-be-bom")
    for encoding in encodings:
        for mark, delimiter in (("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|")):
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
                for named, end in (("crlf", "\r\n"), ("lf", "\n")):
                    text = table(NOTED, delimiter, quoting, end)
                    data = (
                        b"\xfe\xff" + text.encode("utf-16-be")
                        if encoding.endswith("bom")
                        else text.encode(encoding)
                    )
                    name = f"csv {encoding} {mark} {named} {'quoted' if quoting else 'plain'}.csv"
                    yield PeopleFile(name, put(data), SENT, NOTED_REFUSED)
    hint = "sep=;\r\n" + table(NOTED, ";")
    shifted = tuple((row + 1, code) for row, code in NOTED_REFUSED)
    yield PeopleFile("csv with the hint of Excel.csv", put(hint, "utf-8-sig"), SENT, shifted)
    latin = table(NOTED, ";").encode("iso8859-2")
    yield PeopleFile(
        "csv iso8859-2.csv", put(latin), SENT, NOTED_REFUSED, reading={"encoding": "iso8859-2"}
    )
    mac = table(NOTED, ";", end="\r")
    yield PeopleFile("csv of an old Mac.csv", put(mac), SENT, NOTED_REFUSED)
    other = table(NOTED, "^")
    yield PeopleFile(
        "csv with carets.csv", put(other), SENT, NOTED_REFUSED, reading={"delimiter": "^"}
    )


def address_books() -> Iterator[PeopleFile]:
    google = "First Name,Last Name,Labels,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value"
    old_google = google.replace("First Name,Last Name,Labels", "Name,Given Name,Group").replace(
        "Label,", "Type,"
    )
    rows = [
        "Jana,Nováková,* myContacts,Mobile,+420 777 123 456,,",
        "Řehoř,Malý,* myContacts,Work,,Mobile,+420605123457",
        "Ota,Bez čísla,,,,,",
        "Eva,Slovák,,Mobile,+421905123456 ::: +421905123457,,",
    ]
    order = {"number": ["Phone 1 - Value", "Phone 2 - Value"]}
    for name, header, who in (("new", google, "First Name"), ("old", old_google, "Name")):
        text = "\n".join((header, *rows))
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            greeting = f"Dobrý den {{{who}}}."
            yield PeopleFile(
                f"Google {name} {encoding}.csv",
                put(text, encoding),
                SENT[:2],
                ((4, "number"), (5, "number")),
                reading={"columns": order},
                text=greeting,
            )
            # The only column that certainly contains numbers.
            yield PeopleFile(
                f"Google {name} {encoding}, first number only.csv",
                put(text, encoding),
                SENT[:1],
                ((3, "number"), (4, "number"), (5, "number")),
                text=greeting,
            )
    outlook = {
        "English": ("First Name", "Mobile Phone", "Business Phone", "Home Phone"),
        "Czech": ("Jméno", "Mobilní telefon", "Telefon (zaměstnání)", "Telefon (domů)"),
        "German": ("Vorname", "Mobiltelefon", "Telefon geschäftlich", "Telefon privat"),
    }
    for language, (who, mobile, work, home) in outlook.items():
        rows_of = [
            ["Title", who, "E-mail", work, home, mobile],
            ["", "Jana", "jana@example.com", "+420 222 333 444", "", "+420 777 123 456"],
            ["Ing.", "Řehoř", "", "", "", "+420 605 123 457"],
            ["", "Firma", "", "+420 222 333 444", "", ""],
            ["", "Eva", "", "", "", "00421 905 123 456"],
        ]
        for encoding in ("utf-8-sig", "cp1250"):
            for delimiter in ",;":
                yield PeopleFile(
                    f"Outlook {language} {encoding} {'comma' if delimiter == ',' else 'semicolon'}.csv",
                    put(table(rows_of, delimiter, csv.QUOTE_ALL), encoding),
                    SENT,
                    ((4, "number"),),
                    text=f"Dobrý den {{{who}}}.",
                )
    iphone = (
        "Name,Phone (mobile)\nJana,+420\xa0777\xa0123\xa0456\nEva,\u202a+421 905 123 456\u202c\n"
    )
    yield PeopleFile("iPhone.csv", put(iphone), (SENT[0], SENT[2]), text="Dobrý den {Name}.")
    two = "Name,Mobile,Telephone\nJana,+420777123456,\n"
    yield PeopleFile(
        "two numbers.csv",
        put(two),
        problem="Several columns could be the number: Mobile, Telephone",
    )
    vcards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jana\r\nTEL;TYPE=CELL:+420777123456\r\nEND:VCARD\r\n"
    yield PeopleFile("contacts.vcf", put(vcards), problem="is a vCard file")


def shops() -> Iterator[PeopleFile]:
    exports = {
        "Shoptet": (";", "cp1250", ["code", "billFullName", "phone", "email", "totalPriceWithVat"]),
        "WooCommerce": (
            ",",
            "utf-8",
            ["Order Number", "Billing First Name", "Billing Phone", "Email", "Order Total"],
        ),
        "PrestaShop": (";", "utf-8-sig", ["ID", "Zákazník", "Telefon", "E-mail", "Celkem"]),
        "Upgates": (";", "utf-8", ["Číslo objednávky", "Jméno", "Mobil", "Email", "Cena, Kč"]),
        "Shopify": (",", "utf-8", ["Name", "Customer", "Phone", "Email", "Total"]),
        "accounting": ("\t", "utf-16", ["Doklad", "Odběratel", "Tel. číslo", "E-mail", "K úhradě"]),
    }
    for shop, (delimiter, encoding, header) in exports.items():
        who, amount = header[1], header[4]
        for kind, written in (
            ("international", ("+420777123456", "+420 605 123 457", "+421905123456")),
            ("digits", ("420777123456", "420605123457", "421905123456")),
            ("zeros", ("00420777123456", "00420 605 123457", "00421905123456")),
            ("Excel", ("'+420777123456", '="420605123457"', "421905123456,00")),
        ):
            names = ("Jana", "Řehoř", "Eva")
            amounts = ("1250,50", "1 250,50", "59.970000000000006")
            rows = [
                [f"2024000{n}", names[n], written[n], "x@example.com", amounts[n]] for n in range(3)
            ]
            rows.insert(0, header)
            shown = ("1 250,50", "1 250,50", "59,97")
            yield PeopleFile(
                f"{shop} {kind}.csv",
                put(
                    table(
                        rows, delimiter, csv.QUOTE_ALL if shop == "Shopify" else csv.QUOTE_MINIMAL
                    ),
                    encoding,
                ),
                tuple(
                    (number, f"{name}: {price} Kč")
                    for number, name, price in zip((JANA, REHOR, EVA), names, shown, strict=True)
                ),
                text=f"{{{who}}}: {{{amount}:# ##0,00}} Kč",
            )


def number_columns() -> Iterator[PeopleFile]:
    """One column with a number in each notation, and its result with and without a region."""
    good = SENT[0][0]
    taken = {
        "spaces": "+420 777 123 456",
        "no-break spaces": "+420\xa0777\xa0123\xa0456",
        "dots": "+420.777.123.456",
        "dashes": "+420-777-123-456",
        "brackets": "(+420) 777 123 456",
        "apostrophe": "'420777123456",
        "formula": '="420777123456"',
        "decimal": "420777123456.0",
        "decimal comma": "420777123456,00",
        "thousands": "420,777,123,456",
        "whole in scientific notation": "4,20777123456E+11",
        "address": "tel:+420777123456",
    }
    for name, written in taken.items():
        rows = table([["tel", "x"], [written, "y"]], ";")
        yield PeopleFile(f"number, {name}.csv", put(rows), ((good, "Hi"),), text="Hi")
    lost = {
        "shortened": "4,20777E+11",
        "error": "#N/A",
        "zero of another country": "0905 123 456",
        "two numbers": "777 123 456 / 777 123 457",
        "two numbers, comma": "777123456, 777123457",
        "two numbers, line break": "777 123 456\n777 123 457",
        "extension": "222 333 444 kl. 12",
        "extension, slash": "222333444/12",
        "extension, space": "222333444 12",
        "a digit too many": "7771234567",
        "of Kazakhstan by accident": "77712345678",
        "a word": "nemá",
        "short": "112",
    }
    for name, written in lost.items():
        rows = table([["tel", "x"], [written, "y"], ["777 123 456", "y"]], ";")
        yield PeopleFile(
            f"no number, {name}.csv",
            put(rows),
            ((good, "Hi"),),
            ((2, "number"),),
            text="Hi",
            region="CZ",
        )
    bare = "420777123456\n+421 905 123 456\n\n00420605123457\n"
    found = tuple((number, "Hi") for number in (JANA, EVA, REHOR))
    yield PeopleFile("bare list.txt", put(bare), found, text="Hi")
    headerless = "Jana;+420 777 123 456\nEva;421905123456\n"
    greeted = tuple((number, f"Hi {who}") for number, who in ((JANA, "Jana"), (EVA, "Eva")))
    yield PeopleFile("no header.csv", put(headerless), greeted, text="Hi {column_1}")
    unclear = "420777123456;421905123456\n"
    yield PeopleFile(
        "no header, two numbers.csv",
        put(unclear),
        problem="has no header, so its columns are called column_1",
    )


def book_of(
    rows: list[list[Any]], change: Callable[[Any, Any], object] = lambda _book, _sheet: None
) -> Any:
    """Return a function that writes an .xlsx of these rows."""

    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet: Any = book.active
        sheet.title = "Zákazníci"
        for cells in rows:
            sheet.append(cells)
        change(book, sheet)
        book.save(path)

    return write


def hide(*rows: int) -> Callable[[Any, Any], object]:
    """Return a function that hides rows of a sheet."""

    def change(_book: Any, sheet: Any) -> None:
        for row in rows:
            sheet.row_dimensions[row].hidden = True

    return change


PEOPLE: list[list[Any]] = [
    ["Jméno", "Telefon"],
    ["Jana", 420777123456],
    ["Řehoř", "+420 605 123 457"],
    ["Eva", 421905123456],
]


def workbooks() -> Iterator[PeopleFile]:
    def archive_first(book: Any, _sheet: Any) -> None:
        book.create_sheet("Archiv", 0).append(["Telefon"])
        book["Archiv"].append(["420111222333"])
        book["Archiv"].sheet_state = "hidden"
        book.active = 1

    def formats_far_down(_book: Any, sheet: Any) -> None:
        for row in range(5, 3000):
            sheet.cell(row, 16_000).number_format = "0.00"

    def filtered(_book: Any, sheet: Any) -> None:
        sheet.auto_filter.ref = "A1:B4"
        sheet.auto_filter.add_filter_column(0, ["Jana", "Eva"])
        sheet.row_dimensions[3].hidden = True

    def a_picture(_book: Any, sheet: Any) -> None:
        sheet.merge_cells("D1:F3")
        sheet.freeze_panes = "A2"
        sheet["D1"] = "Poznámka"

    def a_column_hidden(_book: Any, sheet: Any) -> None:
        sheet.column_dimensions["A"].hidden = True

    def second_sheet(book: Any, _sheet: Any) -> None:
        other = book.create_sheet("Jiní")
        other.append(["mobil", "jmeno"])
        other.append(["420777123456", "Jana"])

    yield PeopleFile("people.xlsx", book_of(PEOPLE), SENT)
    yield PeopleFile("people named as csv.csv", book_of(PEOPLE), SENT)
    yield PeopleFile("a hidden sheet first.xlsx", book_of(PEOPLE, archive_first), SENT)
    yield PeopleFile("formats far down.xlsx", book_of(PEOPLE, formats_far_down), SENT)
    yield PeopleFile("merged cells.xlsx", book_of(PEOPLE, a_picture), SENT)
    yield PeopleFile("a hidden column.xlsx", book_of(PEOPLE, a_column_hidden), SENT)
    visible = (SENT[0], SENT[2])
    yield PeopleFile("filtered.xlsx", book_of(PEOPLE, filtered), visible, ((3, "hidden"),))
    yield PeopleFile("filtered, all wanted.xlsx", book_of(PEOPLE, filtered), SENT, hidden_rows=True)
    for rows in ((2,), (4,), (2, 3), (2, 3, 4)):
        shown = tuple(one for row, one in enumerate(SENT, start=2) if row not in rows)
        refused = tuple((row, "hidden") for row in rows)
        yield PeopleFile(f"hidden {rows}.xlsx", book_of(PEOPLE, hide(*rows)), shown, refused)
    yield PeopleFile("hidden but empty.xlsx", book_of(PEOPLE, hide(9, 10)), SENT)
    yield PeopleFile(
        "the second sheet.xlsx", book_of(PEOPLE, second_sheet), SENT[:1], reading={"sheet": "Jiní"}
    )
    yield PeopleFile(
        "no such sheet.xlsx", book_of(PEOPLE), problem="has no sheet Nic", reading={"sheet": "Nic"}
    )


def workbook_contents() -> Iterator[PeopleFile]:
    yield PeopleFile("only a header.xlsx", book_of(PEOPLE[:1]))
    yield PeopleFile("empty.xlsx", book_of([]), problem="is empty")
    below = [[], [], [None, None, *PEOPLE[0]], *([None, None, *cells] for cells in PEOPLE[1:])]
    yield PeopleFile("a list further down.xlsx", book_of(below), SENT)
    gaps = [PEOPLE[0], [], PEOPLE[1], [None, None], PEOPLE[2], [], PEOPLE[3]]
    yield PeopleFile("empty rows between.xlsx", book_of(gaps), SENT)
    numbers = [[row[1]] for row in PEOPLE[1:]]
    yield PeopleFile(
        "numbers only.xlsx",
        book_of(numbers),
        tuple((number, "Hi") for number, _ in SENT),
        text="Hi",
    )
    columns = [list(reversed(cells)) for cells in PEOPLE[1:]]
    yield PeopleFile("no header.xlsx", book_of(columns), SENT, text="Dobrý den {column_2}.")
    yield PeopleFile(
        "national.xlsx",
        book_of(
            [
                ["Jméno", "Mobil"],
                ["Jana", 777123456],
                ["Řehoř", 605123457.0],
                ["Eva", "+421905123456"],
            ]
        ),
        SENT,
        region="CZ",
    )
    lost = [
        420777123456.5,
        4.20777e17,
        -480,
        True,
        dt.date(2026, 12, 1),
        MOMENT,
        "",
        "1E+11",
    ]
    yield PeopleFile(
        "damaged numbers.xlsx",
        book_of([["Jméno", "Telefon"], *(["x", one] for one in lost), PEOPLE[1]]),
        SENT[:1],
        tuple((row, "number") for row in range(2, 2 + len(lost))),
    )
    formula = [["Jméno", "Telefon"], ["Jana", "=A2"], PEOPLE[2]]
    yield PeopleFile(
        "a formula never calculated.xlsx", book_of(formula), SENT[1:2], ((2, "number"),)
    )
    other = [["Kontakt", "Poznámka"], ["420777123456", "x"]]
    yield PeopleFile("no known column.xlsx", book_of(other), problem="Name the right one")
    yield PeopleFile(
        "a column named.xlsx",
        book_of(other),
        ((JANA, "x"),),
        text="{Poznámka}",
        reading={"columns": {"number": "kontakt"}},
    )


def old_workbooks() -> Iterator[PeopleFile]:
    def xls(change: Callable[[Any], object] = lambda _sheet: None) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            book = xlwt.Workbook()
            sheet = book.add_sheet("Zákazníci")
            for row, cells in enumerate(PEOPLE):
                for column, cell in enumerate(cells):
                    sheet.write(row, column, cell)
            change(sheet)
            book.save(str(path))

        return write

    def hidden(sheet: Any) -> None:
        sheet.row(2).hidden = True

    def stray(sheet: Any) -> None:
        sheet.write(65_535, 255, "x")

    def wrong(sheet: Any) -> None:
        sheet.write(4, 0, "Ota")
        sheet.row(4).set_cell_error(1, "#REF!")

    yield PeopleFile("people.xls", xls(), SENT)
    yield PeopleFile("filtered.xls", xls(hidden), (SENT[0], SENT[2]), ((3, "hidden"),))
    yield PeopleFile("filtered, all wanted.xls", xls(hidden), SENT, hidden_rows=True)
    yield PeopleFile("a stray cell.xls", xls(stray), SENT, ((65_536, "cells"),))
    yield PeopleFile("an error value.xls", xls(wrong), SENT, ((5, "number"),))
    for cut in (4, 600, 2000, 4000):

        def write(path: Path, cut: int = cut) -> None:
            xls()(path)
            path.write_bytes(path.read_bytes()[:cut])

        yield PeopleFile(f"cut at {cut}.xls", write, damaged=True)


OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def ods_of(rows: str) -> Callable[[Path], None]:
    """Return a function that writes an .ods with these rows of XML."""
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{OASIS}:office:1.0" '
        f'xmlns:table="{OASIS}:table:1.0" xmlns:text="{OASIS}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="List1">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
            archive.writestr(
                "META-INF/manifest.xml",
                f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0"/>',
            )

    return write


def ods_row(cells: list[Any], attributes: str = "") -> str:
    def cell(value: Any) -> str:
        if isinstance(value, int):
            kind = f'office:value-type="float" office:value="{value}"'
        else:
            kind = 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    return f"<table:table-row {attributes}>{''.join(map(cell, cells))}</table:table-row>"


def open_documents() -> Iterator[PeopleFile]:
    plain = [ods_row(cells) for cells in PEOPLE]
    rest = (
        '<table:table-row table:number-rows-repeated="1048572">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    yield PeopleFile("people.ods", ods_of("".join(plain)), SENT)
    yield PeopleFile("people to the last row.ods", ods_of("".join(plain) + rest), SENT)
    for how in ("filter", "collapse"):
        hidden = [*plain[:2], ods_row(PEOPLE[2], f'table:visibility="{how}"'), plain[3]]
        yield PeopleFile(
            f"hidden by {how}.ods", ods_of("".join(hidden)), (SENT[0], SENT[2]), ((3, "hidden"),)
        )
    twice = [*plain[:1], ods_row(PEOPLE[1], 'table:number-rows-repeated="2"'), *plain[2:]]
    yield PeopleFile("a repeated row.ods", ods_of("".join(twice)), SENT, ((3, "duplicate"),))
    yield PeopleFile("broken.ods", ods_of("<table:table-row>"), problem="is a damaged spreadsheet")


def json_lines() -> Iterator[PeopleFile]:
    people: list[dict[str, Any]] = [
        {"jmeno": "Jana", "phone": "+420777123456"},
        {"jmeno": "Řehoř", "phone": 420605123457},
        {"phone": "00421 905 123 456", "jmeno": "Eva", "more": {"a": [1]}},
    ]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        for escaped in (True, False):
            text = "\n".join(json.dumps(one, ensure_ascii=escaped) for one in people)
            name = f"{encoding} {'escaped' if escaped else 'plain'}.jsonl"
            yield PeopleFile(name, put(text, encoding), SENT, reading={"kind": "jsonl"})
    good = [json.dumps(one) for one in people]
    broken = [
        "{",
        "[1]",
        "null",
        '{"phone": 4.20777E+11, "jmeno": "x"}',
        '{"jmeno": "x"}',
        "[" * 5000,
    ]
    yield PeopleFile(
        "broken lines.jsonl",
        put("\n".join((*good, *broken))),
        SENT,
        tuple((4 + n, "number" if n in {3, 4} else "cells") for n in range(6)),
    )
    long = ['{"phone": "+420777123456", "jmeno": 12345678901234567890}', good[1]]
    yield PeopleFile("a long number.jsonl", put("\n".join(long)), SENT[1:2], ((1, "variable"),))
    huge = '{"phone": ' + "9" * 5000 + ', "jmeno": "x"}'
    yield PeopleFile(
        "a huge number.jsonl", put("\n".join((good[0], huge))), SENT[:1], ((2, "cells"),)
    )
    yield PeopleFile(
        "array.json", put(json.dumps(people)), problem="is one JSON array. Save it as JSON Lines"
    )
    yield PeopleFile("indented array.json", put(json.dumps(people, indent=2)), problem="JSON Lines")
    yield PeopleFile(
        "one object.json",
        put(json.dumps({"people": people})),
        problem="no column with a known name",
    )
    yield PeopleFile(
        "indented object.json", put(json.dumps(people[0], indent=2)), problem="no JSON object"
    )


def texts_and_values() -> Iterator[PeopleFile]:
    """Values from people's spreadsheets, and texts with other programs' placeholders."""
    values: dict[str, tuple[Any, str, str | None]] = {
        "a float": (59.970000000000006, "{částka}", "59.97"),
        "a sum of floats": (0.1 + 0.2, "{částka}", "0.3"),
        "an amount": (1234.5, "{částka:# ##0,00}", "1 234,50"),
        "a date": (dt.date(2026, 12, 1), "{částka}", "2026-12-01"),
        "a date with a format": (dt.date(2026, 12, 1), "{částka:%-d. %-m. %Y}", "1. 12. 2026"),
        "a time": (dt.time(8, 30), "{částka:%-H:%M}", "8:30"),
        "a moment": (MOMENT, "{částka:%d.%m. %H:%M}", "01.12. 08:30"),
        "a text of a date": ("1. 12. 2026", "{částka:%Y-%m-%d}", "2026-12-01"),
        "a long number": (1.2345678901234567e17, "{částka}", None),
        "shortened": ("1,23457E+15", "{částka}", None),
        "an error": ("#REF!", "{částka}", None),
        "an error of Czech": ("#NENÍ_K_DISPOZICI", "{částka}", None),
        "nothing of a program": ("NaN", "{částka}", None),
        "not a date": ("brzy", "{částka:%d}", None),
        "a doubtful amount": ("1,234", "{částka:0,00}", None),
        "nothing": (None, "{částka}", None),
    }
    for name, (value, text, shown) in values.items():
        rows = [["tel", "částka"], [JANA, value], [REHOR, "1"]]
        rows[2][1] = value if shown is not None else 1
        whole = f"Zaplaťte {text}"
        if shown is None and ":" in text:
            rows[2][1] = dt.date(2026, 12, 5) if "%" in text else 1
        other = {"{částka:%d}": "05", "{částka:0,00}": "1,00"}.get(text, "1")
        last = (REHOR, f"Zaplaťte {other if shown is None else shown}")
        sent = (last,) if shown is None else ((JANA, f"Zaplaťte {shown}"), last)
        yield PeopleFile(
            f"value, {name}.xlsx",
            book_of(rows),
            sent,
            ((2, "variable"),) if shown is None else (),
            text=whole,
        )
    people = put("jmeno;tel\nJana;420777123456\n")
    for number, mark in enumerate(
        (
            "{{jmeno}}",
            "{{ jmeno }}",
            "${jmeno}",
            "%jmeno%",
            "((jmeno))",
            "[jméno]",
            "<Jméno>",
            "*|JMENO|*",
            "«jmeno»",
        )
    ):
        yield PeopleFile(
            f"placeholder {number}.csv",
            people,
            text=f"Milá {mark},",
            problem="is a column. For its value",
        )


def other_kinds() -> Iterator[PeopleFile]:
    for name, content, problem in (
        ("export.xls", "<html><table><tr><td>Telefon", "is a web page or XML"),
        ("spreadsheet.xml", '<?xml version="1.0"?><Workbook>', "is a web page or XML"),
        ("list.pdf", "%PDF-1.7\n", "is a PDF file"),
        ("list.rtf", "{\\rtf1 420777123456}", "is a text document"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text"),
        ("nothing.csv", "", "is empty"),
        ("mark.csv", "\ufeff", "has no rows"),
        ("line breaks.csv", "\n\n\r\n", "is empty"),
        ("commas.csv", ",,\n,,\n", "has no rows"),
        ("packed.csv.gz", b"\x1f\x8b\x08\x00" + b"\0" * 20, "is not text"),
        ("names.csv", "kdo;odkud\nJana;Brno\n", "has no column with a known name"),
        ("utf-16 without a mark.csv", "tel\n420777123456\n".encode("utf-16-le"), "utf-16-le"),
    ):
        yield PeopleFile(name, put(content), problem=problem)


def damage() -> Iterator[PeopleFile]:
    """Good files with changed or missing bytes; no message may go to a number that is not in them."""
    good = table(NOTED, ";", csv.QUOTE_ALL)
    yield PeopleFile(
        "a quotation mark missing.csv", put(good.replace('"Řehoř"', '"Řehoř')), damaged=True
    )
    yield PeopleFile(
        "a stray quotation mark.csv",
        put('tel;x\n420777123456;"a"b\n'),
        problem="quotation mark",
        text="Hi",
    )
    yield PeopleFile(
        "never closed.csv", put('tel;x\n420777123456;"a\n' * 3), problem="quotation mark", text="Hi"
    )
    half = good.encode()[:-40] + "ř".encode()[:1]
    yield PeopleFile("half a character.csv", put(half), damaged=True)
    mixed = good.encode() + "Řehoř;420605123457\n".encode("cp1250")
    yield PeopleFile(
        "two encodings.csv", put(mixed), problem="not valid utf-8", reading={"encoding": "utf-8"}
    )
    lone = table([["tel", "jmeno"], [JANA, "Jana", "navíc"], [REHOR], [EVA, "Eva"]], ";")
    yield PeopleFile("ragged.csv", put(lone), SENT[2:], ((2, "cells"), (3, "variable")))
    draw = random.Random(12)  # noqa: S311 - the same files every time
    for number in range(24):
        for kind in ("csv", "xlsx"):

            def write(path: Path, seed: int = draw.randrange(10**9), kind: str = kind) -> None:
                dice = random.Random(seed)  # noqa: S311 - as above
                if kind == "csv":
                    content = bytearray(good.encode("cp1250" if seed % 2 else "utf-8"))
                else:
                    book_of(PEOPLE)(path)
                    content = bytearray(path.read_bytes())
                for _ in range(dice.randint(1, 6)):
                    at = dice.randrange(len(content))
                    # With a digit missing or changed, it is still a number that someone may have meant.
                    if kind == "xlsx" or not chr(content[at]).isdecimal():
                        content[at] = dice.choice(b"\0\xff\"';,\n\r <>&A")
                if dice.random() < 0.3:
                    del content[dice.randrange(len(content)) :]
                path.write_bytes(content)

            yield PeopleFile(f"damaged {number}.{kind}", write, damaged=True)


def part_changed(sheet: Callable[[], str]) -> Callable[[Path], None]:
    """Return a function that writes a workbook with another sheet."""

    def write(path: Path) -> None:
        book_of(PEOPLE)(path)
        with zipfile.ZipFile(path) as archive:
            kept = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**kept, SHEET: sheet().encode()}.items():
                archive.writestr(name, content)

    return write


def sheet_xml(rows: str) -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'


def bombs() -> Iterator[PeopleFile]:
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    stray = f"<row>{cell.format('A1', 'tel')}{cell.format('XFD1048576', 'x')}</row>"
    repeated = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'office:value-type="string" table:number-columns-repeated="1024"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    )
    # Created only when they are written, because they are large.
    huge = {
        "a huge cell": lambda: sheet_xml(f"<row>{cell.format('A1', 'x' * 150_000_000)}</row>"),
        "deep": lambda: "<a>" * 3_000_000,
        "many rows": lambda: sheet_xml("<row> </row>" * 14_000_000),
    }
    problems = (
        "more than a million characters",
        "is a damaged spreadsheet",
        "too many XML elements",
    )
    for (name, content), problem in zip(huge.items(), problems, strict=True):
        yield PeopleFile(f"{name}.xlsx", part_changed(content), problem=problem, large=True)
    for name, broken, problem in (
        ("a stray cell", sheet_xml(stray), "spans more than"),
        ("broken", "<worksheet><sheetData>", "is a damaged spreadsheet"),
    ):
        yield PeopleFile(f"{name}.xlsx", part_changed(lambda xml=broken: xml), problem=problem)  # type: ignore[misc]
    yield PeopleFile("a repeated cell.ods", ods_of(repeated), problem="spans more than")


def many_lines(rows: int) -> Callable[[Path], None]:
    """Return a function that writes a CSV file with the given number of rows."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("tel;jmeno;x\n")
            file.writelines(
                f"+420{600_000_000 + n};Jméno {n};poznámka, 1,50\n" for n in range(rows)
            )

    return write


def many_cells(rows: int, columns: int, cell: str) -> Callable[[Path], None]:
    """Return a function that writes an .xlsx with the given number of cells."""
    letters = [openpyxl.utils.get_column_letter(n + 1) for n in range(columns)]
    names = ["tel", "jmeno", *(f"sloupec {n}" for n in range(columns))][:columns]

    def content() -> str:
        inline = '<c r="{}1" t="inlineStr"><is><t>{}</t></is></c>'
        head = "".join(inline.format(at, name) for at, name in zip(letters, names, strict=True))
        body = (
            "".join(cell.format(at, row, 420_600_000_000 + row) for at in letters)
            for row in range(2, rows + 1)
        )
        return sheet_xml("".join(f"<row>{cells}</row>" for cells in (head, *body)))

    return part_changed(content)


def many_old_cells(rows: int) -> Callable[[Path], None]:
    """Return a function that writes an .xls with twenty columns."""

    def write(path: Path) -> None:
        book = xlwt.Workbook()
        sheet = book.add_sheet("S")
        for column, name in enumerate(("tel", "jmeno", *(f"c{n}" for n in range(18)))):
            sheet.write(0, column, name)
        for row in range(1, rows):
            for column in range(20):
                sheet.write(row, column, 420_600_000_000 + row + column / 8 * (column > 0))
        book.save(str(path))

    return write


def near_the_bounds() -> Iterator[PeopleFile]:
    number = '<c r="{}{}"><v>{}</v></c>'
    text = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'
    yield PeopleFile("100,000 rows.csv", many_lines(100_000), large=True, count=100_000)
    yield PeopleFile("texts.xlsx", many_cells(50_000, 20, text), large=True, count=49_999)
    yield PeopleFile("numbers.xlsx", many_cells(100_000, 10, number), large=True, count=99_999)
    yield PeopleFile("two columns.xlsx", many_cells(200_000, 2, text), large=True, count=199_999)
    over = many_cells(100_001, 10, number)
    yield PeopleFile("too many.xlsx", over, large=True, problem="spans more than 1,000,000")
    yield PeopleFile("many cells.xls", many_old_cells(10_000), large=True, count=9_999)
    wide = ";".join(("tel", "jmeno", *(f"c{n}" for n in range(9_998))))
    yield PeopleFile("ten thousand columns.csv", put(f"{wide}\n{JANA};Jana\n"), SENT[:1])
    long = f"tel;jmeno\n{JANA};{'x' * 130_000}\n{REHOR};Řehoř\n"
    yield PeopleFile("a long cell.csv", put(long), SENT[1:2], ((2, "text"),))
    longer = long.replace("x" * 99_000, "x" * 199_000)
    yield PeopleFile("a longer cell.csv", put(longer), problem="quotation mark")
    endless = "a row of more than 1,000,000 characters"
    yield PeopleFile("one endless row.csv", put("tel;" * 3_000_000), problem=endless)
