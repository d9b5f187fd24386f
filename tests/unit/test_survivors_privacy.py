"""What the mutants of `_privacy` that other tests let live would have changed."""

from __future__ import annotations

import json

import pytest

from smsmanager._privacy import printable, without_frames

BODY = 'Řekni "heslo"\nteď "9271"'


@pytest.mark.parametrize(
    "echo",
    [json.dumps(BODY)[1:-1], json.dumps(BODY, ensure_ascii=False)[1:-1], repr(BODY)[1:-1]],
    ids=["ascii", "json", "python"],
)
def test_of_a_text_that_comes_back_quoted_not_one_character_is_left(echo: str) -> None:
    assert printable(f"bad <{echo}>", [BODY]) == "bad <[hidden]>"


@pytest.mark.parametrize(
    ("secret", "echo"),
    [
        ("Řekni heslo", r"\u0158ekni heslo"),
        ('He said "code"', r"He said \"code\""),
        ("It's C:\\words", r"It's C:\\words"),
        ("One\nand two", r"One\nand two"),
        ("Ends with a bell\x07", r"Ends with a bell\x07"),
        ("\u200bbegins with nothing", r"\u200bbegins with nothing"),
    ],
)
def test_one_reason_to_escape_a_text_is_enough_to_look_for_it_escaped(
    secret: str, echo: str
) -> None:
    assert echo in {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    assert printable(f"bad <{echo}>", [secret]) == "bad <[hidden]>"


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([256_000], "Invalid body"),
        ([256_001], ""),
        ([128_000, 128_001], ""),
        ([128_000, 127_999], "Invalid body"),
        # What stands there twice is compared once, and what is too short not at all.
        ([200_000, 200_000], "Invalid body"),
        ([256_000, 3], "Invalid body"),
        ([255_997, 4], ""),
    ],
)
def test_nothing_is_said_where_there_is_more_to_hide_than_a_request_holds(
    lengths: list[int], expected: str
) -> None:
    assert printable("Invalid body", ["x" * length for length in lengths]) == expected


@pytest.mark.parametrize(
    "secret", ["1234", "12345", "abcd", "abcde", "abcdef", "abc123d", "abcdefgh"]
)
def test_a_secret_of_any_length_is_found_between_other_words(secret: str) -> None:
    other = "_".join(secret.upper())
    assert printable(f"say {other} now", [secret]) == "say [hidden] now"
    assert printable(f"say {other[:-2]} now", [secret]) == f"say {other[:-2]} now"
    assert printable(f"{other}: {other}", ["xyz", secret, "zyxw"]) == "[hidden]: [hidden]"


def test_the_longest_secret_is_hidden_first_whatever_it_begins_with() -> None:
    assert printable("abcd wxyz efgh", ["wxyz", "abcd wxyz efgh"]) == "[hidden]"
    assert printable("wxyz abcd efgh", ["abcd", "wxyz abcd efgh"]) == "[hidden]"


@pytest.mark.parametrize("text", ["say abcd now", "say ABCD now", "say A.b.C.d now"])
def test_four_letters_are_a_secret_in_any_dress(text: str) -> None:
    assert printable(text, ["abcd"]) == "say [hidden] now"


def test_four_characters_are_a_secret_even_without_letters() -> None:
    assert printable("say !?-? now", ["!?-?"]) == "say [hidden] now"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it ends with 23456", "it ends with [hidden]"),
        ("it ends with 3456", "it ends with 3456"),
        ("it begins with 42077, they say", "it begins with [hidden], they say"),
    ],
)
def test_five_digits_of_a_number_are_hidden(text: str, expected: str) -> None:
    assert printable(text, ["420777123456"]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it said THE-SECRET-WORDS, now what", "it said [hidden], now what"),
        ("the secret words", "[hidden]"),
        ("a line of SECRET WO and more", "a line of [hidden] and more"),
        ("a line of SECRET W and more", "a line of SECRET W and more"),
        ("first THE_SECRE and then: RET WORDS.", "first [hidden] and then: [hidden]."),
        ("the SECRETWORDS, again: SecretWords", "[hidden], again: [hidden]"),
    ],
)
def test_eight_letters_of_a_text_are_hidden_and_nothing_beside_them(
    text: str, expected: str
) -> None:
    assert printable(text, ["The secret words"]) == expected


def test_a_secret_of_too_few_letters_does_not_stop_the_search_for_others() -> None:
    assert printable("it said SECRET-WORDS", ["a!?-", "secret words"]) == "it said [hidden]"


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error):
        return error


def test_a_cause_and_a_context_both_lose_their_frames() -> None:
    error = LookupError()
    cause, context = raised(KeyError()), raised(ValueError())
    further = raised(OSError())
    error.__cause__, error.__context__, cause.__context__ = cause, context, further
    assert None not in (cause.__traceback__, context.__traceback__, further.__traceback__)
    without_frames(error, None)
    assert {cause.__traceback__, context.__traceback__, further.__traceback__} == {None}
