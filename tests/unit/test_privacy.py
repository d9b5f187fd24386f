"""Check that foreign texts are made safe before an exception quotes them, and that frames are cleared."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import smsmanager
from smsmanager import (
    AsyncSmsManager,
    PartialSendError,
    SmsManager,
)
from smsmanager._privacy import (
    PrivateURL,
    clear_frames,
    hides_locals,
    holds,
    mask_number,
    printable,
    strings_in,
)

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


def test_a_url_shows_no_query() -> None:
    url = PrivateURL("https://sms.example/v2/simple/message?apikey=secret")
    assert str(url) == repr(url) == "https://sms.example/v2/simple/message?[hidden]"
    assert f"{url}" == f"{url!s}" == str(url)
    # What is sent is whole.
    assert url.raw_path == b"/v2/simple/message?apikey=secret"


@pytest.mark.parametrize("written", ['a"b-c\\d"', json.dumps('a"b-c\\d"')[1:-1]])
def test_a_text_holds_the_whole_key_or_none(written: str) -> None:
    key = 'a"b-c\\d"'
    assert holds(f"<{written}>", key)
    assert not holds(f"<{written[1:]}>", key)
    assert not holds(f"<{written[:-1]}>", key)
    assert not holds(written, key + "e")
    assert not holds("abc", "abc")


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
        ("bad !!", ["\N{PARTY POPPER}\N{PARTY POPPER}!!"]),
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


@given(st.text())
def test_what_comes_out_is_short_and_stands_on_one_line(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 201
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"[0-9]{6}", shown)


# Frames.


def chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    pending: list[BaseException | None] = [error]
    while pending:
        item = pending.pop()
        if item is not None and item not in found:
            found.append(item)
            pending += [item.__cause__, item.__context__]
            pending += item.exceptions if isinstance(item, BaseExceptionGroup) else ()
    return found


def frames(error: BaseException) -> list[FrameType]:
    return [frame for one in chain(error) for frame, _ in traceback.walk_tb(one.__traceback__)]


def kept(error: BaseException) -> list[str]:
    """Return the functions whose frames still hold the secret."""
    return [f.f_code.co_name for f in frames(error) if repr(CODE) in repr(f.f_locals)]


def names(error: BaseException) -> list[tuple[str, str]]:
    """Return file and function of each frame of an error, the caller's first."""
    stack = traceback.extract_tb(error.__traceback__)
    return [(Path(entry.filename).name, entry.name) for entry in stack]


def test_an_error_of_a_call_shows_its_stack_and_no_variables() -> None:
    """The fault tests check what each failure shows of a client."""
    answers: Iterator[httpx.Response | Exception] = iter(
        [httpx.Response(200, json={}), httpx.ReadTimeout("late")]
    )

    def handle(request: httpx.Request) -> httpx.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handle)
    client = SmsManager(KEY, base_url="http://127.0.0.1/v2", transport=transport)
    with pytest.raises(PartialSendError) as caught:
        client.send(WORDS, to=["420601987654"] * 120)
    [cause] = [one for one in chain(caught.value) if isinstance(one, httpx.ReadTimeout)]
    assert ("exchange.py", "request") in names(cause)
    assert names(cause)[-1][1] == "handle"
    below = [file for file, _ in names(caught.value)]
    order = ["_privacy.py", "_base.py", "client.py", "_plan.py"]
    assert [file for file in dict.fromkeys(below) if file in order] == order
    library = tuple(str(Path(str(package.__file__)).parent) for package in (smsmanager, httpx))
    left = [f for f in frames(caught.value) if f.f_code.co_filename.startswith(library)]
    assert len(left) > 5
    [decorator] = [frame for frame in left if frame.f_locals]
    assert {*decorator.f_locals} <= {"method", "handled"}


def test_what_the_caller_was_handling_keeps_its_frames() -> None:
    def breaks(mine: str) -> None:
        int(mine)

    async def below(secret: str) -> None:
        failing(secret)

    async def fail_later(secret: str) -> None:
        try:
            await below(secret)
        except LookupError as error:
            raise LookupError from error

    def handling() -> None:
        try:
            breaks("kept")
        except ValueError:
            hides_locals(failing)(CODE)

    async def handling_asynchronously() -> None:
        try:
            breaks("kept")
        except ValueError:
            await hides_locals(fail_later)(CODE)

    for call in (handling, lambda: asyncio.run(handling_asynchronously())):
        with pytest.raises(LookupError) as caught:
            call()
        assert kept(caught.value) == []
        found = [f.f_locals["mine"] for f in frames(caught.value) if "mine" in f.f_locals]
        assert found == ["kept"]


def failing(secret: str) -> None:
    """Raise an error with a cause, a context, and a group."""
    try:
        int(secret)
    except ValueError as error:
        group = ExceptionGroup("several", [raised(OSError(), secret), error])
        cause = raised(KeyError(), secret)
        cause.__context__ = group
        raise LookupError from cause


def raised(error: Exception, secret: object) -> Exception:
    """Return an error with a frame that holds something."""
    try:
        raise error
    except type(error):
        return error
    finally:
        assert secret


def test_causes_contexts_and_groups_all_lose_their_variables() -> None:
    with pytest.raises(LookupError) as caught:
        failing(CODE)
    assert {"failing", "raised"} <= set(kept(caught.value))
    clear_frames(caught.value)
    assert kept(caught.value) == []
    with pytest.raises(LookupError) as again:
        hides_locals(failing)(CODE)
    assert kept(again.value) == []
    assert [type(one).__name__ for one in chain(again.value)].count("OSError") == 1


def test_causes_that_go_round_come_to_an_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    clear_frames(one)


def test_frames_that_still_run_are_left_alone() -> None:
    def suspended() -> Iterator[BaseException]:
        mine = CODE
        try:
            int(mine)
        except ValueError as error:
            yield error

    generator = suspended()
    clear_frames(next(generator))
    assert list(generator) == []

    def running() -> str:
        mine = CODE
        try:
            int(mine)
        except ValueError as error:
            clear_frames(error)
        return mine

    assert running() == CODE


def test_a_decorated_method_keeps_its_face() -> None:
    async def method(one: int, /, *, two: str = "x") -> str:
        """Return a text."""
        return f"{one}{two}"

    decorated = hides_locals(method)
    assert inspect.iscoroutinefunction(decorated)
    assert inspect.signature(decorated) == inspect.signature(method)
    assert (decorated.__name__, decorated.__doc__) == ("method", "Return a text.")
    assert asyncio.run(decorated(1, two="y")) == "1y"
    for cls in (SmsManager, AsyncSmsManager):
        for name in ("send", "send_priority", "send_batch", "send_simple", "resume"):
            assert hasattr(getattr(cls, name), "__wrapped__"), name
        for name in ("with_options", "__init__"):
            assert hasattr(getattr(cls, name), "__wrapped__"), name
