"""Check that foreign texts are made safe before an exception quotes them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager._privacy import mask_number, printable, strings_in, without_frames

steady = settings(deadline=None, database=None)
KEY = "key-0123456789abcdef"
CODE = 'Your code is 1234, "Jana"\nBye'
BODY = 'Řekni "heslo"\nteď "9271"'
LETTERS = "Řekni heslo"
DOUBLE = 'He said "code"'
BACKSLASH = "It's C:\\words"
BELL = "Ends with a bell\x07"
INVISIBLE = "\u200bbegins with nothing"
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
        (f"key {KEY} is bad", "key [hidden] is bad"),
        (f"bad: {CODE}", "bad: [hidden]"),
        (f"{KEY}{KEY}", "[hidden][hidden]"),
        ("number 420777123456 is bad", "number [hidden] is bad"),
        ("number +420 777 123 456 is bad", "number [hidden] is bad"),
        ("number (420) 777-123.456!", "number ([hidden]!"),
        ("at most 10 recipients, not 12345", "at most 10 recipients, not 12345"),
        ("one\r\ntwo\tthree\x00four\u2028five\x9fsix", "one two three four five six"),
        ("  spaced  ", "spaced"),
        ("", ""),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200 + "…"),
        # What is hidden is not cut in two, so that no half of it is left.
        ("x" * 195 + KEY, "x" * 195 + "[hidd…"),
    ],
)
def test_foreign_text_is_made_safe(text: str, expected: str) -> None:
    assert printable(text, [KEY, CODE]) == expected


@pytest.mark.parametrize(
    ("text", "private", "expected"),
    [
        # The longest first, whatever it begins with.
        ("abcdefgh", ["abcd", "abcdefgh"], "[hidden]"),
        ("abcd wxyz efgh", ["wxyz", "abcd wxyz efgh"], "[hidden]"),
        ("wxyz abcd efgh", ["abcd", "wxyz abcd efgh"], "[hidden]"),
        # Shorter than four characters is in every sentence.
        ("the sms was cut", ["sms", "", "the"], "the sms was cut"),
        ("say abcd now", ["abcd"], "say [hidden] now"),
        ("say ABCD now", ["abcd"], "say [hidden] now"),
        ("say A.b.C.d now", ["abcd"], "say [hidden] now"),
        ("say !?-? now", ["!?-?"], "say [hidden] now"),
        # Five digits of a number.
        ("it ends with 23456", ["420777123456"], "it ends with [hidden]"),
        ("it ends with 3456", ["420777123456"], "it ends with 3456"),
        ("it begins with 42077, they say", ["420777123456"], "it begins with [hidden], they say"),
        # Eight letters of a text, and nothing beside them.
        ("it said THE-SECRET-WORDS, now what", [WORDS], "it said [hidden], now what"),
        ("the secret words", [WORDS], "[hidden]"),
        ("a line of SECRET WO and more", [WORDS], "a line of [hidden] and more"),
        ("a line of SECRET W and more", [WORDS], "a line of SECRET W and more"),
        ("first THE_SECRE and then: RET WORDS.", [WORDS], "first [hidden] and then: [hidden]."),
        ("the SECRETWORDS, again: SecretWords", [WORDS], "[hidden], again: [hidden]"),
        ("it said SECRET-WORDS", ["a!?-", "secret words"], "it said [hidden]"),
        # Quoted, as a server does that repeats the request.
        (f"bad <{json.dumps(BODY)[1:-1]}>", [BODY], "bad <[hidden]>"),
        (f"bad <{json.dumps(BODY, ensure_ascii=False)[1:-1]}>", [BODY], "bad <[hidden]>"),
        (f"bad <{repr(BODY)[1:-1]}>", [BODY], "bad <[hidden]>"),
        (f"bad <{json.dumps(LETTERS)[1:-1]}>", [LETTERS], "bad <[hidden]>"),
        (f"bad <{json.dumps(DOUBLE)[1:-1]}>", [DOUBLE], "bad <[hidden]>"),
        (f"bad <{json.dumps(BACKSLASH)[1:-1]}>", [BACKSLASH], "bad <[hidden]>"),
        (f"bad <{repr(BELL)[1:-1]}>", [BELL], "bad <[hidden]>"),
        (f"bad <{json.dumps(INVISIBLE)[1:-1]}>", [INVISIBLE], "bad <[hidden]>"),
    ],
)
def test_what_repeats_something_private_is_hidden(
    text: str, private: list[str], expected: str
) -> None:
    assert printable(text, private) == expected


@pytest.mark.parametrize(
    "secret", ["1234", "12345", "abcd", "abcde", "abcdef", "abc123d", "abcdefgh"]
)
def test_a_secret_of_any_length_is_found_between_other_words(secret: str) -> None:
    other = "_".join(secret.upper())
    assert printable(f"say {other} now", [secret]) == "say [hidden] now"
    assert printable(f"say {other[:-2]} now", [secret]) == f"say {other[:-2]} now"
    assert printable(f"{other}: {other}", ["xyz", secret, "zyxw"]) == "[hidden]: [hidden]"


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
    hidden = secret in "[hidden]" or any("[hidden]".find(c) >= 0 for c in secret)
    assert hidden or secret not in shown


@steady
@given(st.text())
def test_what_comes_out_is_short_and_stands_on_one_line(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 201
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"[0-9]{6}", shown)


def fail(secret: str) -> None:
    try:
        int(secret)
    except ValueError:
        raise LookupError from KeyError(secret)


def test_an_error_and_its_causes_lose_their_frames() -> None:
    with pytest.raises(LookupError) as caught:
        fail(CODE)
    error = caught.value
    chain = [error, error.__cause__, error.__context__]
    assert [type(one) for one in chain] == [LookupError, KeyError, ValueError]
    assert [one is not None and one.__traceback__ is None for one in chain] == [False, True, False]
    assert without_frames(error, None) is error
    assert [one is not None and one.__traceback__ is None for one in chain] == [True] * 3


def test_what_the_caller_was_handling_keeps_its_frames() -> None:
    def fail_while_handling() -> None:
        try:
            int("nothing")
        except ValueError:
            fail(CODE)

    with pytest.raises(LookupError) as caught:
        fail_while_handling()
    inner = caught.value.__context__
    assert inner is not None
    handled = inner.__context__
    assert isinstance(handled, ValueError)
    without_frames(caught.value, handled)
    assert (inner.__traceback__, handled.__traceback__ is None) == (None, False)


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error):
        return error


def test_a_cause_and_a_context_both_lose_their_frames() -> None:
    error = LookupError()
    cause, context, further = raised(KeyError()), raised(ValueError()), raised(OSError())
    error.__cause__, error.__context__, cause.__context__ = cause, context, further
    assert None not in (cause.__traceback__, context.__traceback__, further.__traceback__)
    without_frames(error, None)
    assert {cause.__traceback__, context.__traceback__, further.__traceback__} == {None}


def test_causes_that_go_round_come_to_an_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert without_frames(one, None) is one
