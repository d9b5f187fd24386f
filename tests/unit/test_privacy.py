"""Check that foreign texts are made safe before an exception quotes them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager._privacy import clear_frames, hides_locals, mask_number, printable, strings_in

steady = settings(deadline=None, database=None)
KEY = "key-0123456789abcdef"
CODE = 'Your code is 1234, "Jana"\nBye'
BODY = 'Řekni "heslo"\nteď "9271"'
LETTERS = "Řekni heslo"
DOUBLE = 'He said "code"'
BACKSLASH = "It's C:\\words"
BELL = "Ends with a bell\x07"
INVISIBLE = "\u200bbegins with nothing"
ACCENTS = "Příští týden"
WORDS = "The secret words"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("420777123456", "…456"), ("1234", "…234"), ("123", "…"), ("1", "…"), ("", "…")],
)
def test_a_number_shows_its_last_three_digits(number: str, shown: str) -> None:
    assert mask_number(number) == shown


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a", ["a"]),
        (["a", ["b", ("c",)]], ["a", "b", "c"]),
        ({"key": "a", "other": {"deep": ["b"]}}, ["a", "b"]),
        ({"n": 1, "b": True, "x": None, "f": 1.5}, []),
        (None, []),
        ([None, {"to": [{"phone_number": "420"}]}], ["420"]),
    ],
)
def test_strings_of_a_json_value(value: Any, found: list[str]) -> None:
    assert list(strings_in(value)) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invalid request body", "Invalid request body"),
        (f"key {KEY} is bad", ""),
        (f"bad: {CODE}", ""),
        (f"{KEY}{KEY}", ""),
        ("number 420777123456 is bad", "number [hidden] is bad"),
        ("number +420 777 123 456 is bad", "number [hidden] is bad"),
        ("number (420) 777-123.456!", "number ([hidden]!"),
        ("at most 10 recipients, not 12345", "at most 10 recipients, not 12345"),
        ("one\r\ntwo\tthree\x00four\u2028five\x9fsix", "one two three four five six"),
        ("  spaced  ", "spaced"),
        ("", ""),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200 + "…"),
        # No half of it is left where the text is cut off.
        ("x" * 195 + KEY, ""),
    ],
)
def test_foreign_text_is_made_safe(text: str, expected: str) -> None:
    assert printable(text, [KEY, CODE]) == expected


@pytest.mark.parametrize(
    ("text", "private"),
    [
        # The longest first, whatever it begins with.
        ("abcdefgh", ["abcd", "abcdefgh"]),
        ("abcd wxyz efgh", ["wxyz", "abcd wxyz efgh"]),
        ("wxyz abcd efgh", ["abcd", "wxyz abcd efgh"]),
        # Shorter than four characters is in every sentence.
        ("say abcd now", ["abcd"]),
        ("say ABCD now", ["abcd"]),
        ("say A.b.C.d now", ["abcd"]),
        ("say !?-? now", ["!?-?"]),
        # Five digits of a number.
        ("it ends with 23456", ["420777123456"]),
        ("it begins with 42077, they say", ["420777123456"]),
        # Eight letters of a text, and nothing beside them.
        ("it said THE-SECRET-WORDS, now what", [WORDS]),
        ("the secret words", [WORDS]),
        ("a line of SECRET WO and more", [WORDS]),
        ("first THE_SECRE and then: RET WORDS.", [WORDS]),
        ("the SECRETWORDS, again: SecretWords", [WORDS]),
        ("it said SECRET-WORDS", ["a!?-", "secret words"]),
        # Quoted, as a server does that repeats the request.
        (f"bad <{json.dumps(BODY)[1:-1]}>", [BODY]),
        (f"bad <{json.dumps(BODY, ensure_ascii=False)[1:-1]}>", [BODY]),
        (f"bad <{repr(BODY)[1:-1]}>", [BODY]),
        (f"bad <{json.dumps(LETTERS)[1:-1]}>", [LETTERS]),
        (f"bad <{json.dumps(DOUBLE)[1:-1]}>", [DOUBLE]),
        (f"bad <{json.dumps(BACKSLASH)[1:-1]}>", [BACKSLASH]),
        (f"bad <{repr(BELL)[1:-1]}>", [BELL]),
        (f"bad <{json.dumps(INVISIBLE)[1:-1]}>", [INVISIBLE]),
        (f"bad <{json.dumps(ACCENTS)[1:-1]}>", [ACCENTS]),
        (f"bad <{ACCENTS.encode('unicode_escape').decode()}>", [ACCENTS]),
        (json.dumps("ab\ncd"), ["ab\ncd"]),
        # Without letters.
        ("bad <\N{PARTY POPPER}\N{PARTY POPPER}!!>", ["\N{PARTY POPPER}\N{PARTY POPPER}!!"]),
        ("bad !?\n-? now", ["!?\n-?"]),
    ],
)
def test_what_repeats_something_private_is_left_out(text: str, private: list[str]) -> None:
    assert printable(text, private) == ""
    assert printable(text, ["other words", *private, "xyz"]) == ""


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("the sms was cut", ["sms", "", "the"]),
        ("it ends with 3456", ["420777123456"]),
        ("a line of SECRET W and more", [WORDS]),
    ],
)
def test_what_repeats_nothing_private_is_shown(text: str, private: list[str]) -> None:
    assert printable(text, private) == text


@pytest.mark.parametrize(
    "secret", ["1234", "12345", "abcd", "abcde", "abcdef", "abc123d", "abcdefgh"]
)
def test_a_secret_of_any_length_is_found_between_other_words(secret: str) -> None:
    other = "_".join(secret.upper())
    assert printable(f"say {other} now", [secret]) == ""
    assert printable(f"say {other[:-2]} now", [secret]) == f"say {other[:-2]} now"
    assert printable(f"{other}: {other}", ["xyz", secret, "zyxw"]) == ""


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([256_000], "Invalid body"),
        ([256_001], ""),
        ([128_000, 128_001], ""),
        ([128_000, 127_999], "Invalid body"),
        # What is there twice is compared once, and what is too short not at all.
        ([200_000, 200_000], "Invalid body"),
        ([256_000, 3], "Invalid body"),
        ([255_997, 4], ""),
    ],
)
def test_nothing_is_said_where_there_is_more_to_hide_than_a_request_holds(
    lengths: list[int], expected: str
) -> None:
    assert printable("Invalid body", ["x" * length for length in lengths]) == expected


@steady
@given(
    st.text(max_size=30),
    st.text(min_size=4, max_size=30),
    st.text(max_size=30),
    st.lists(st.text(max_size=10), max_size=3),
)
def test_a_private_string_never_comes_out(
    before: str, secret: str, after: str, others: list[str]
) -> None:
    shown = printable(before + secret + after, [secret, *others])
    assert secret not in shown


@steady
@given(st.text())
def test_what_comes_out_is_short_and_stands_on_one_line(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 201
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"[0-9]{6}", shown)
