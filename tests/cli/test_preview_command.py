"""`smsmanager preview`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

TEXT = "Dobrý den {name}, dlužíte {due} Kč."


def test_a_preview(shell: Shell, people: Path) -> None:
    done = shell("preview", people, "--text", TEXT)
    assert (done.code, done.err) == (1, "")
    assert done.lines == [
        "people.csv (CSV, UTF-8, cells separated by semicolons)",
        "Columns: number in “Telefon”",
        "",
        "Rows",
        "5  read",
        "2  to send",
        "1  refused  number missing, damaged or not a phone number",
        "1  refused  no value for a variable of the text",
        "1  refused  same number as an earlier row",
        "",
        "Refused",
        "row 3  Telefon was shortened by a spreadsheet to 6 digits and E+11, and the",
        "       others are lost: format the column as text and enter the numbers again",
        "row 5  Due is empty, and the text needs it",
        "row 6  Telefon is in an earlier row too",
        "",
        "To",
        "calling code  country  recipients  parts",
        "+420          CZ                2      2",
        "",
        "Length",
        "parts  recipients",
        "    1           2  ██████████████████████████████ 100%",
        "2 parts in all, 1.00 per message; 2 in UCS-2.",
        "",
        "First 2 messages",
        "row 2, to 420777123456",
        "  Dobrý den Jana, dlužíte 1 250 Kč.",
        "row 4, to 420605123457",
        "  Dobrý den Eva, dlužíte 10 Kč.",
    ]


def test_a_preview_as_json(shell: Shell, people: Path) -> None:
    done = shell("preview", people, "--text", TEXT, "--json")
    assert done.code == 1
    document = done.document
    assert document["source"] == {
        "name": "people.csv",
        "format": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "sheet": None,
        "columns": {"number": "Telefon"},
    }
    assert (document["rows"], document["recipients"], document["parts"]) == (5, 2, 2)


def test_long_texts_prices_and_many_countries(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    codes = ["420", "421", "48", "49", "43", "36", "40", "39", "33", "34"]
    lines = [f"+{code}77712345{n},{'ž' * (50 * n + 1)}" for n, code in enumerate(codes)]
    path.write_text("phone,x\n" + "\n".join(lines), encoding="utf-8")
    prices = tmp_path / "prices.csv"
    prices.write_text("prefix,price,currency\n4,0.5,CZK\n33,1,EUR\n", encoding="utf-8")
    done = shell("preview", path, "--text", "{x} !", "--prices", prices)
    out = done.out
    assert "2 others                              2     14\n" in out
    assert "\nCost\n8.00 CZK, 7.00 EUR, by your price table.\n" in out
    assert "17 parts without a price." in out
    assert "\nLongest message\nrow 11: 7 parts, 453 characters, UCS-2\n" in out
    assert "UCS-2 because of: ž" in out
    assert "With type: sms (transliterated to GSM-7) about" in out
    assert all(len(line) <= 80 for line in done.lines)


def test_from_standard_input_in_each_format(shell: Shell, people: Path) -> None:
    done = shell("preview", "-", "--text", TEXT, stdin=people.read_bytes())
    assert done.lines[0] == "standard input (CSV, UTF-8, cells separated by semicolons)"
    assert done.code == 1
    line = json.dumps({"to": "+420777123456", "name": "Jana", "due": 1})
    done = shell("preview", "-", "--text", TEXT, stdin=line)
    assert (done.code, done.lines[0]) == (0, "standard input (JSON Lines, UTF-8)")


def test_all_options_of_reading(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_bytes("číslo*jméno*kdo\n777123456*Řehoř*Shop\n777123457*Eva*\n".encode("cp1250"))
    text = tmp_path / "text.txt"
    text.write_text("Dobrý den {jméno}\n", encoding="utf-8-sig")
    stop = tmp_path / "stop.txt"
    stop.write_text("+420777123457\n")
    done = shell(
        *("preview", path, "--text-file", text, "--encoding", "cp1250", "--delimiter", "*"),
        *(
            "--format",
            "csv",
            "--column",
            "sender=kdo",
            "--region",
            "cz",
            "--opt-out",
            stop,
            "--json",
        ),
    )
    assert done.code == 1
    document = done.document
    assert document["source"]["columns"] == {"number": "číslo", "sender": "kdo"}
    assert document["refused"]["by_reason"] == {"opted_out": 1}
    assert document["samples"][0]["body"] == "Dobrý den Řehoř"
    done = shell("preview", path, "--text-file", text, "--region", "CZ", "--delimiter", "*")
    assert done.lines[0] == "people.txt (CSV, cp1250, cells separated by *s)"


def test_texts_by_language(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("phone,language\n420777123456,cs\n420777123457,en\n420777123458,de\n")
    german = tmp_path / "de.txt"
    german.write_text("Hallo")
    done = shell(
        *("preview", path, "--text", "Hello", "--language-text", "cs", "Ahoj"),
        *("--language-file", "de", german, "--json"),
    )
    assert [sample["body"] for sample in done.document["samples"]] == ["Ahoj", "Hello", "Hallo"]


def test_the_refused_rows_in_a_file(shell: Shell, people: Path, tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    done = shell("preview", people, "--text", TEXT, "--refused", path)
    assert done.err == f"\nRefused rows, each with its reason: {path}\n"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row[:3] for row in rows] == [
        ["row", "number", "code"],
        ["3", "'4.20777E+11", "number"],
        ["5", "'420777123458", "variable"],
        ["6", "'+420777123456", "duplicate"],
    ]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 2, "There is no text: give --text or --text-file."),
        (["--text", "{first}"], 3, "There is no column for {first}"),
        (["--text", "{"], 3, "single { at character 1"),
        (["--text", "x", "--text-file", "people.csv"], 2, "not both"),
        (["--text", "x", "--column", "numbers=x"], 2, "--column takes ROLE=NAME"),
        (["--text", "x", "--column", "number"], 2, "--column takes ROLE=NAME"),
        (["--text", "x", "--column", "number=x"], 3, "There is no column x"),
        (["--text", "x", "--delimiter", "::"], 2, "takes one character"),
        (
            ["--text", "x", "--region", "Czech"],
            2,
            "Czech is not a two-letter country code (ISO 3166)",
        ),
        (["--text", "x", "--encoding", "nonsense"], 3, "no encoding nonsense"),
        (["--text", "x", "--opt-out", "people.csv"], 3, "The opt-out list people.csv"),
        (["--text", "x", "--prices", "people.csv"], 3, "The price table people.csv needs"),
    ],
)
def test_what_cannot_be_looked_at(
    shell: Shell,
    people: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(people.parent)
    done = shell("preview", "people.csv", *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    if code == 3:
        assert done.err.count("\n") == 1
        assert done.err.startswith("Error: ")
    json_too: Any = shell("preview", "people.csv", *options, "--json")
    assert json_too.code == code
    if code == 3:
        assert json_too.document["error"]["sent"] == "nothing"


def test_no_row_can_be_sent(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("phone\n12\n")
    done = shell("preview", path, "--text", "x")
    assert done.code == 3
    assert "0  to send" in done.out


def test_a_file_that_is_not_there(shell: Shell) -> None:
    done = shell("preview", "none.csv", "--text", "x")
    assert done.code == 2
    assert "There is no file none.csv" in done.err


def test_a_text_file_that_is_not_utf_8(shell: Shell, people: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes(b"\xd8")
    done = shell("preview", people, "--text-file", text)
    assert done.code == 3
    assert "text.txt is not UTF-8 text. Nothing was sent." in done.err


def test_a_folder_is_called_that(shell: Shell, tmp_path: Path) -> None:
    done = shell("preview", tmp_path, "--text", "x")
    assert (done.code, done.out) == (2, "")
    assert f"{tmp_path} is a folder." in " ".join(done.err.split())


def test_national_numbers_beside_those_with_a_country(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("phone\n777123456\n+420777123456\n+421905123456\n905123456\n420777123499\n")
    done = shell("preview", path, "--text", "x")
    assert "2  doubtful  may be duplicates, with and without the country code; give" in done.out
    done = shell("preview", path, "--text", "x", "--json")
    assert (done.document["recipients"], done.document["possible_duplicates"]) == (5, 2)
    done = shell("preview", path, "--text", "x", "--region", "CZ", "--json")
    assert done.document["possible_duplicates"] == 0
    assert done.document["refused"]["by_reason"] == {"duplicate": 1}


def test_hidden_rows_are_counted_and_left_out_unless_asked_for(
    shell: Shell, tmp_path: Path
) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    sheet: Any = book.active
    for cells in (["Telefon"], ["420777123456"], ["420777123457"], ["420777123458"]):
        sheet.append(cells)
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("Old").sheet_state = "hidden"
    path = tmp_path / "people.xlsx"
    book.save(path)
    done = shell("preview", path, "--text", "x")
    assert done.code == 1
    assert "1  refused  hidden in the spreadsheet; --hidden-rows sends to them too" in done.out
    assert "row 3  row is hidden in the spreadsheet" in done.out
    assert "Not read: sheet Old (hidden)" in done.out
    done = shell("preview", path, "--text", "x", "--hidden-rows", "--json")
    assert (done.code, done.document["recipients"]) == (0, 3)


def test_several_columns_of_numbers(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(
        "Name,Phone 1 - Value,Phone 2 - Value\nJana,,+420777123456\nOta,+420777123457,+420777123458\nEva,,\n"
    )
    done = shell(
        *("preview", path, "--text", "x", "--column", "number=Phone 2 - Value"),
        *("--column", "number=Phone 1 - Value"),
    )
    assert "Columns: number in “Phone 2 - Value, else Phone 1 - Value”" in done.out
    assert "2  to send" in done.out
    assert "row 4  Phone 2 - Value is missing" in done.out
    assert "420777123457" not in done.out
