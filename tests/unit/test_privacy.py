"""Check that foreign texts are made safe before they stand in an exception."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager._privacy import mask_number, printable, strings_in, without_frames
from smsmanager.logs import HidingFilter, hide_in_logs

steady = settings(deadline=None, database=None)
KEY = "key-0123456789abcdef"
BODY = 'Your code is 1234, "Jana"\nBye'


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
        (f"bad: {BODY}", "bad: [hidden]"),
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
    assert printable(text, [KEY, BODY]) == expected


def test_the_longer_secret_is_hidden_first() -> None:
    assert printable("abcdefgh", ["abcd", "abcdefgh"]) == "[hidden]"


def test_short_strings_are_not_secrets() -> None:
    assert printable("the sms was cut", ["sms", "", "the"]) == "the sms was cut"


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
        fail(BODY)
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
            fail(BODY)

    with pytest.raises(LookupError) as caught:
        fail_while_handling()
    inner = caught.value.__context__
    assert inner is not None
    handled = inner.__context__
    assert isinstance(handled, ValueError)
    without_frames(caught.value, handled)
    assert (inner.__traceback__, handled.__traceback__ is None) == (None, False)


def test_causes_that_go_round_come_to_an_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert without_frames(one, None) is one


def record(message: object, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("httpx", logging.INFO, __file__, 1, message, arguments, None)


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("GET %s", (f"https://example.com/x?apikey={KEY}",), "GET https://example.com/x?[hidden]"),
        ("'https://example.com/?a=b' %d", (200,), "'https://example.com/?[hidden]' 200"),
        ("POST https://example.com/x", (), "POST https://example.com/x"),
        (f"key {KEY}, again {KEY}", (), "key [hidden], again [hidden]"),
        ("what? 100%%", (), "what? 100%"),
    ],
)
def test_the_filter_hides_queries_and_named_values(
    message: str, arguments: tuple[object, ...], expected: str
) -> None:
    one = record(message, *arguments)
    if not arguments:
        one.msg = message.replace("%%", "%")
    assert HidingFilter(KEY, "").filter(one) is True
    assert one.getMessage() == expected


def test_the_filter_is_installed_where_httpx_logs(caplog: pytest.LogCaptureFixture) -> None:
    names = ["httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy"))]
    hiding = hide_in_logs(KEY)
    try:
        with caplog.at_level(logging.DEBUG):
            for name in names:
                logging.getLogger(name).debug("sent %s", KEY)
    finally:
        for name in names:
            logging.getLogger(name).removeFilter(hiding)
    assert [r.getMessage() for r in caplog.records] == ["sent [hidden]"] * len(names)
    assert KEY not in caplog.text
