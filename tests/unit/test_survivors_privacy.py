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
