"""What the mutants of `results` that other tests let live would have changed."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager import RecipientOutcome, SendResult, Status

RESULT = SendResult(
    (
        RecipientOutcome(0, "+420 777 123 456", "420777123456", Status.REJECTED),
        RecipientOutcome(1, "+421 905 123 456", "421905123456", Status.UNKNOWN, reference="účet"),
    )
)


def test_statuses_read_back_are_statuses_again() -> None:
    again = SendResult.from_json(RESULT.to_json())
    assert [type(outcome.status) for outcome in again] == [Status, Status]
    # Parts compare by identity, so that a plain string would be in none of them.
    assert again.rejected == again[:1]
    assert again.unknown == again[1:]


@pytest.mark.parametrize("status", ["delivered", "", None])
def test_a_status_that_there_is_not_is_refused(status: Any) -> None:
    data = RESULT.to_dict()
    data["outcomes"][0]["status"] = status
    with pytest.raises(ValueError, match="no result"):
        SendResult.from_dict(data)


@pytest.mark.parametrize(
    "data", [{}, {"outcomes": 5}, {"outcomes": [{}]}, {"outcomes": [{"x": 1}]}]
)
def test_what_is_no_result_is_refused_in_these_words(data: dict[str, Any]) -> None:
    words = r"^this is no result as to_dict\(\) describes one$"
    with pytest.raises(ValueError, match=words) as caught:
        SendResult.from_dict(data)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "[" * 100_000, b"\xff"])
def test_text_that_is_no_result_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^this is no result as to_dict\(\) describes one$"):
        SendResult.from_json(text)


def test_json_text_keeps_letters_as_they_are() -> None:
    assert '"reference": "účet"' in RESULT.to_json()
