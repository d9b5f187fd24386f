"""From rows of a file to rows to send: nothing doubtful gets through, and every refusal has a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smsmanager.campaigns import (
    InputError,
    Refusal,
    RefusedInput,
    Row,
    Selection,
    Texts,
    open_recipients,
    read_opt_outs,
)

NUMBER = "420777123456"
HEAD = "phone;name;sender;tag;payload;language;reference\n"


def select(
    folder: Path,
    content: str,
    text: str | None = "Hello {name}.",
    *,
    languages: list[tuple[str, str]] | None = None,
    columns: Any = None,
    opted_out: str | None = None,
    region: str | None = None,
) -> list[Row | RefusedInput]:
    path = folder / "people.csv"
    path.write_text(content, encoding="utf-8")
    numbers = None
    if opted_out is not None:
        stop = folder / "stop.txt"
        stop.write_text(opted_out, encoding="utf-8")
        numbers = read_opt_outs(open_recipients(stop), region)
    selection = Selection(
        open_recipients(path, columns=columns),
        Texts.parse(text, languages or []),
        default_region=region,
        opted_out=numbers,
    )
    found: list[Any] = list(selection)
    assert list(selection) == found
    return found


def refusals(rows: list[Row | RefusedInput]) -> list[tuple[int, str, str]]:
    return [(r.row, r.code.value, r.field) for r in rows if isinstance(r, RefusedInput)]


def test_everything_a_row_can_have(tmp_path: Path) -> None:
    content = HEAD + '420777123456;Jana;Shop;sale;{"a": [1]};;order-1\n420777123457; Ota ;;;;;\n'
    assert select(tmp_path, content) == [
        Row(2, "420777123456", "Hello Jana.", "Shop", "sale", {"a": [1]}, "order-1"),
        Row(3, "420777123457", "Hello Ota."),
    ]


def test_every_reason(tmp_path: Path) -> None:
    rows = [
        "4.20777E+11;Jana",
        "420777123456;",
        "420777123456;Jana",
        "+420 777 123 456;Jana",
        "420777000111;Jana",
        f"420777123457;{'x' * 1000}",
        "420777123458;Jana;MuchTooLongASender",
        "420777123459;Jana;;;[1]",
        "420777123459;Jana;;;{broken",
        "420777123460;Jana;;;;;;more",
        ";Jana",
        "777123456;Jana",
    ]
    found = select(tmp_path, HEAD + "\n".join(rows), opted_out="phone\n+420777000111\n")
    assert refusals(found) == [
        (2, "number", "phone"),
        (3, "variable", "name"),
        (5, "duplicate", "phone"),
        (6, "opted_out", "phone"),
        (7, "text", "the text"),
        (8, "sender", "sender"),
        (9, "payload", "payload"),
        (10, "payload", "payload"),
        (11, "cells", "row"),
        (12, "number", "phone"),
        (13, "number", "phone"),
    ]
    assert [row.row for row in found if isinstance(row, Row)] == [4]
    for refused in found:
        if isinstance(refused, RefusedInput):
            assert "777" not in refused.reason
            assert "777" not in repr(refused)
            assert "Jana" not in refused.reason


def test_a_refused_row_does_not_take_the_number_from_a_good_one(tmp_path: Path) -> None:
    content = "phone;name\n420777123456;\n420777123456;Jana\n"
    [refused, sent] = select(tmp_path, content)
    assert isinstance(refused, RefusedInput)
    assert isinstance(sent, Row)
    assert (refused.row, refused.code, sent.row) == (2, Refusal.VARIABLE, 3)


def test_the_refused_number_is_kept_as_given(tmp_path: Path) -> None:
    [refused] = select(tmp_path, "phone;name\n4.20777E+11;Jana\n")
    assert isinstance(refused, RefusedInput)
    assert refused.given == "4.20777E+11"


def test_a_text_for_each_language(tmp_path: Path) -> None:
    content = (
        "phone;name;lang\n420777123456;Jana;cs\n420777123457;João;pt_BR\n420777123458;Eva;sk\n"
        "420777123459;Ota;\n420777123460;Jan;CS-cz\n"
    )
    languages = [("cs", "Ahoj {name}"), ("pt-br", "Oi {name}")]
    found = select(tmp_path, content, languages=languages)
    texts = [row.body for row in found if isinstance(row, Row)]
    assert texts == ["Ahoj Jana", "Oi João", "Hello Eva.", "Hello Ota.", "Ahoj Jan"]
    found = select(tmp_path, content, None, languages=languages)
    assert refusals(found) == [(4, "language", "lang"), (5, "language", "lang")]


def test_unknown_variables_are_named_before_any_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no column for \{first\}"):
        select(tmp_path, "phone;name\n420777123456;Jana\n", "Hello {first}")


@pytest.mark.parametrize(
    ("header", "columns", "problem"),
    [
        ("phone,mobile,name", {}, r"could be the number: phone, mobile. Name one \(--column"),
        ("kontakt,other,name", {}, "Its columns are: kontakt, other, name"),
        ("kontakt,other,name", {"number": "kontak"}, "There is no column kontak"),
    ],
)
def test_a_number_column_that_is_not_found(
    tmp_path: Path, header: str, columns: dict[str, str], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        select(tmp_path, f"{header}\n420777123456,420605123456,Jana\n", columns=columns)


@pytest.mark.parametrize(
    ("header", "columns", "expected"),
    [
        ("phone,mobile,name", {"number": "Mobile"}, Row(2, "420605123456", "Hello Jana.")),
        ("kontakt,a,name", {"number": "kontakt"}, Row(2, NUMBER, "Hello Jana.")),
        ("phone,from,name", {"sender": "from"}, Row(2, NUMBER, "Hello Jana.", "420605123456")),
        ("phone,a,name", {"tag": "a"}, Row(2, NUMBER, "Hello Jana.", tag="420605123456")),
    ],
)
def test_columns_can_be_named(
    tmp_path: Path, header: str, columns: dict[str, str], expected: Row
) -> None:
    content = f"{header}\n420777123456,420605123456,Jana\n"
    assert select(tmp_path, content, columns=columns) == [expected]


def test_a_column_can_be_a_variable_only(tmp_path: Path) -> None:
    content = f"phone,name,tag\n{NUMBER},Jana,Blue shirt\n"
    [row] = select(tmp_path, content, "{name}: {tag}", columns={"tag": ""})
    assert row == Row(2, NUMBER, "Jana: Blue shirt")


def test_national_numbers(tmp_path: Path) -> None:
    content = "phone,name\n777123456,Jana\n420777123456,Jana again\n"
    first, second = select(tmp_path, content)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.phone_number == "777123456"
    first, second = select(tmp_path, content, region="CZ")
    assert first == Row(2, "420777123456", "Hello Jana.")
    assert isinstance(second, RefusedInput)
    assert second.code is Refusal.DUPLICATE


def test_opt_outs_are_found_in_any_notation(tmp_path: Path) -> None:
    content = "phone,name\n777 123 456,Jana\n+420777123457,Ota\n"
    found = select(tmp_path, content, opted_out="'+420 777 123 456\n420777123458.0\n", region="CZ")
    assert refusals(found) == [(2, "opted_out", "phone")]


@pytest.mark.parametrize(
    ("stop", "problem"),
    [
        ("phone\n4.20777E+11\n", "number in row 2 that was shortened"),
        ("phone\n420777123456\n777123456\n", r"national number in row 3.*--region"),
        ("phone,name\n420777123456,a,b\n", "row 2, has 3 cells"),
    ],
)
def test_an_opt_out_that_is_not_understood_stops_everything(
    tmp_path: Path, stop: str, problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        select(tmp_path, "phone,name\n420777123456,Jana\n", opted_out=stop)


def test_json_lines_with_payload_objects(tmp_path: Path) -> None:
    rows = [
        {"phone": 420777123456, "name": "Jana", "payload": {"a": 1}},
        {"phone": "420777123457", "name": 7, "payload": '{"b": 2}'},
        {"phone": "420777123458", "name": "Ota", "payload": [1]},
        {"phone": "420777123459", "name": {"first": "Eva"}},
        {"name": "Jan"},
    ]
    content = "\n".join(json.dumps(row) for row in rows)
    found = select(tmp_path, content)
    assert found[:2] == [
        Row(1, "420777123456", "Hello Jana.", payload={"a": 1}),
        Row(2, "420777123457", "Hello 7.", payload={"b": 2}),
    ]
    assert [code for _, code, _ in refusals(found)] == ["payload", "variable", "number"]


def test_more_senders_than_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsmanager.campaigns._input.selection._MOST_SENDERS", 2)
    rows = "".join(f"42077712345{n};Jana;Shop{n}\n" for n in range(5))
    found = select(tmp_path, HEAD + rows)
    assert [row.sender for row in found if isinstance(row, Row)] == [f"Shop{n}" for n in range(5)]
