"""The role of each column: known names, address books, files without a header, other kinds of files."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import InputError, open_recipients
from smsmanager.campaigns._input.recipients import ROLE_NAMES

steady = settings(deadline=None, database=None)


def opened(folder: Path, content: str | bytes, **options: Any) -> Any:
    path = folder / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_recipients(path, **options)


@pytest.mark.parametrize(
    "header",
    [
        "First Name,Last Name,Phone 1 - Label,Phone 1 - Value",
        "Given Name,Family Name,Phone 1 - Type,Phone 1 - Value",
        "First Name,Home Phone,Mobile Phone,Business Phone,E-mail Address",
        "Jméno,Telefon (domů),Mobilní telefon,Telefon (zaměstnání)",
        "Name,Phone (mobile),Email",
        "id;billing_first_name;billing_phone",
        "Objednávka;Zákazník;Telefon zákazníka",
        "Vorname;Nachname;Mobiltelefon",
    ],
)
def test_the_usual_headers(tmp_path: Path, header: str) -> None:
    delimiter = ";" if ";" in header else ","
    names = header.split(delimiter)
    recipients = opened(tmp_path, f"{header}\n{delimiter.join('1' for _ in names)}\n")
    at = recipients.columns.number
    assert any(word in names[at].lower() for word in ("phone", "mobil", "telefon"))


def test_several_numbers_for_each_person(tmp_path: Path) -> None:
    content = "Name,Mobile Phone,Phone 2\nJana,,420777123456\n"
    recipients = opened(tmp_path, content, columns={"number": ["Mobile Phone", "Phone 2"]})
    assert recipients.columns.number_in(["Jana", " ", "420777123456"]) == 2
    assert recipients.columns.number_in(["Jana", "420777123457", "420777123456"]) == 1
    assert recipients.columns.number_in(["Jana", "", None]) == 1
    assert recipients.columns.named(recipients.table.header) == {
        "number": "Mobile Phone, else Phone 2"
    }
    with pytest.raises(InputError, match=r"phone, mobile\. .* in the order in which to try them"):
        opened(tmp_path, "phone,mobile\n1,2\n")


@pytest.mark.parametrize(
    "first",
    [
        "420777123456;Jana",
        "Jana Nováková;+420 777 123 456;x",
        "Jana;777 123 456",
        "Jana;'777123456",
        '"=""420777123456""";Jana',
        "Jana;4.20777E+11",
        "Jana;420777123456.0;",
        "Jana;jana@example.com;777123456",
    ],
)
def test_without_a_header_columns_are_known_by_their_position(tmp_path: Path, first: str) -> None:
    recipients = opened(tmp_path, f"{first}\nOta;420777123457\n")
    width = len(recipients.table.header)
    assert recipients.table.header == tuple(f"column_{n}" for n in range(1, width + 1))
    assert not recipients.table.has_header
    assert next(row for row, _ in recipients.table.rows()) == 1
    assert "777" in first.split(";")[recipients.columns.number]
    assert (
        recipients.columns.number
        == opened(
            tmp_path, f"{first}\n", columns={"number": f"Column {recipients.columns.number + 1}"}
        ).columns.number
    )


@pytest.mark.parametrize(
    "first", ["420777123456;420777123457;Jana", "jana@example.com;Jana", "2024000123;777123456"]
)
def test_without_a_header_and_a_clear_column_nothing_personal_is_shown(
    tmp_path: Path, first: str
) -> None:
    with pytest.raises(
        InputError, match="has no header, so its columns are called column_1, "
    ) as caught:
        opened(tmp_path, f"{first}\n")
    assert not any(part in str(caught.value) for part in ("777", "Jana", "jana", "2024"))


@given(
    st.lists(
        st.text(string.ascii_letters + " áčřž()-:/._", min_size=1, max_size=12).filter(str.strip),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(ROLE_NAMES["number"]),
    st.sampled_from(",;\t|"),
    st.lists(st.sampled_from(["1,50", "a;b", "x", "", "2|3", "12 345,6"]), max_size=5),
    st.randoms(use_true_random=False),
)
@steady
def test_a_header_with_a_known_name_decides_the_delimiter(
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    number: str,
    delimiter: str,
    values: list[str],
    random: Any,
) -> None:
    header = [*names, number]
    random.shuffle(header)
    at = header.index(number)
    row = [(values + [""] * 6)[n].replace(delimiter, " ") for n in range(len(header))]
    row[at] = "420777123456"
    folder = tmp_path_factory.getbasetemp()
    text = "\n".join(delimiter.join(cells) for cells in (header, row, row))
    try:
        recipients = opened(folder, text)
    except InputError as error:
        # Another name for a number column was drawn too.
        assert "Several columns" in str(error)  # noqa: PT017
        return
    assert recipients.table.header == tuple(name.strip() for name in header)
    assert recipients.columns.number == at


def test_a_comma_in_a_header_and_in_amounts_does_not_split(tmp_path: Path) -> None:
    recipients = opened(tmp_path, "phone;amount, CZK\n777123456;1,50\n777123457;2,50\n")
    assert recipients.table.header == ("phone", "amount, CZK")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"phone": "420777123456"}]', "is one JSON array. Save it as JSON Lines"),
        ('\ufeff [\n  {"phone": "420777123456"}\n]', "JSON Lines, one object in each line"),
        ("BEGIN:VCARD\nTEL:+420777123456\nEND:VCARD\n", "is a vCard file. Export the contacts"),
        ("<html><table><tr><td>420777123456", "is a web page or XML. Save it as .xlsx or CSV"),
        ('<?xml version="1.0"?><Workbook>', "is a web page or XML"),
        ("%PDF-1.7", "is a PDF file"),
        ("{\\rtf1 x}", "is a text document"),
    ],
)
def test_files_that_people_mistake_for_tables(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        opened(tmp_path, content)


@pytest.mark.parametrize("encoding", ["hex", "zlib", "rot13", "undefined", "idna"])
def test_encodings_that_are_not_of_texts(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(InputError, match="encoding"):
        opened(tmp_path, "phone\n420777123456\n", encoding=encoding)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("fill", ["a,", "a", '"a\n",', "{"])
def test_an_endless_row_is_refused_in_bounded_memory(tmp_path: Path, kind: Any, fill: str) -> None:
    with pytest.raises(InputError, match=r"people\.csv .* Nothing was sent"):
        list(opened(tmp_path, "phone\n" + fill * 2_000_000, kind=kind).table.rows())
