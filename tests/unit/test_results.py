"""Check what a result contains, and that it survives JSON and pickle."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import IncompleteSendError, RecipientOutcome, SendResult, Status
from smsmanager._message.prepare import prepare_send
from tests.unit.client_settings import settings_with

NUMBER = "420777123456"
UUIDS = [f"0f5e8e3e-2a4b-4c55-9d3b-0123456789a{n}" for n in range(4)]


def outcome(index: int, status: Status = Status.ACCEPTED, **fields: Any) -> RecipientOutcome:
    return RecipientOutcome(index, f"+{NUMBER}", NUMBER, status, **fields)


def of(*statuses: Status) -> SendResult:
    return SendResult(tuple(outcome(index, status) for index, status in enumerate(statuses)))


def with_ids(*message_ids: str | None) -> SendResult:
    return SendResult(
        tuple(outcome(index, message_id=one) for index, one in enumerate(message_ids))
    )


EVERY = of(*Status, *Status)

outcomes = st.builds(
    RecipientOutcome,
    index=st.integers(0, 10**6),
    given=st.text(),
    phone_number=st.text(),
    status=st.sampled_from(Status),
    message_id=st.none() | st.text(),
    request_id=st.none() | st.text(),
    message_index=st.integers(0, 10**6),
    reference=st.none() | st.text(),
)
results = st.lists(outcomes, max_size=6).map(lambda found: SendResult(tuple(found)))


def test_is_a_sequence() -> None:
    result = of(Status.ACCEPTED, Status.REJECTED, Status.UNKNOWN)
    assert len(result) == 3
    assert list(result) == list(result.outcomes)
    assert result[0].status is Status.ACCEPTED
    assert result[-1].status is Status.UNKNOWN
    assert result[1:] == result.outcomes[1:]
    assert result[0] in result
    assert result.index(result[2]) == 2
    assert [one.index for one in reversed(result)] == [2, 1, 0]
    with pytest.raises(IndexError):
        result[3]


@pytest.mark.parametrize("status", Status)
def test_each_status_has_its_part(status: Status) -> None:
    part = getattr(EVERY, status.value)
    assert [one.status for one in part] == [status, status]
    assert [one.index for one in part] == sorted(one.index for one in part)
    assert EVERY.counts()[status.value] == 2


@given(results)
def test_parts_hold_each_recipient_once(result: SendResult) -> None:
    parts = [
        *result.accepted,
        *result.rejected,
        *result.unconfirmed,
        *result.not_sent,
        *result.unknown,
    ]
    assert sorted(map(id, parts)) == sorted(map(id, result))
    assert sum(result.counts().values()) == len(result)
    assert result.ok is (len(result.accepted) == len(result))


def test_counts_only_name_what_occurs() -> None:
    assert of(Status.REJECTED, Status.ACCEPTED, Status.REJECTED).counts() == {
        "accepted": 1,
        "rejected": 2,
    }
    assert SendResult(()).counts() == {}


@pytest.mark.parametrize("status", Status)
def test_ok_means_every_recipient_was_accepted(status: Status) -> None:
    result = of(Status.ACCEPTED, status)
    assert result.ok is (status is Status.ACCEPTED)
    if result.ok:
        assert result.raise_if_incomplete() is result
        return
    with pytest.raises(
        IncompleteSendError, match="1 accepted, 1 " + status.value.replace("_", " ")
    ) as caught:
        result.raise_if_incomplete()
    assert caught.value.result is result
    assert caught.value.safe_to_retry is False
    assert NUMBER not in str(caught.value)


@pytest.mark.parametrize("field", ["request_id", "reference"])
def test_ids_of_requests_and_references_are_named_once_in_order(field: str) -> None:
    ids = ["b", "b", None, "a", "b"]
    fields: list[dict[str, Any]] = [{field: one} for one in ids]
    result = SendResult(tuple(outcome(n, **own) for n, own in enumerate(fields)))
    assert getattr(result, f"{field}s") == ("b", "a")
    assert getattr(of(Status.ACCEPTED), f"{field}s") == ()


@pytest.mark.parametrize(
    ("held", "asked", "index"),
    [
        # One message: the ids are those of the recipients.
        ((UUIDS[0], UUIDS[1]), UUIDS[1], 1),
        ((UUIDS[0], UUIDS[1]), f"{UUIDS[1]}-0", 1),
        ((UUIDS[0], UUIDS[1]), f"{UUIDS[1]}-1", None),
        ((UUIDS[0], UUIDS[1]), UUIDS[2], None),
        # A batch message with one recipient, in either form.
        ((f"{UUIDS[0]}-0",), f"{UUIDS[0]}-0", 0),
        ((f"{UUIDS[0]}-0",), UUIDS[0], 0),
        ((f"{UUIDS[0]}-0",), f"{UUIDS[0]}-1", None),
        # A batch message with several: its plain id identifies none of them.
        ((f"{UUIDS[0]}-0", f"{UUIDS[0]}-1"), f"{UUIDS[0]}-0", 0),
        ((f"{UUIDS[0]}-0", f"{UUIDS[0]}-1"), f"{UUIDS[0]}-1", 1),
        ((f"{UUIDS[0]}-0", f"{UUIDS[0]}-1"), UUIDS[0], None),
        ((f"{UUIDS[0]}-0", f"{UUIDS[0]}-1"), f"{UUIDS[0]}-2", None),
        ((f"{UUIDS[0]}-0", f"{UUIDS[1]}-0", f"{UUIDS[1]}-1"), UUIDS[0], 0),
        # Ids that themselves end like a suffix.
        (("m-5-0",), "m-5", 0),
        (("m-0-0",), "m-0", 0),
        (("m-0",), "m-0-0", 0),
        (("m-5-0", "m-5-1"), "m-5", None),
        ((None, "m"), "m", 1),
        ((None,), "m", None),
        ((), "m", None),
        (("m",), "", None),
    ],
)
def test_find_takes_an_id_in_either_form(
    held: tuple[str | None, ...], asked: str, index: int | None
) -> None:
    found = with_ids(*held).find(asked)
    assert (found.index if found else None) == index


@given(st.lists(st.uuids().map(str), unique=True, max_size=6), st.data())
def test_find_finds_every_recipient_of_a_batch(messages: list[str], data: st.DataObject) -> None:
    counts = [data.draw(st.integers(1, 10)) for _ in messages]
    ids = [f"{one}-{n}" for one, count in zip(messages, counts, strict=True) for n in range(count)]
    result = with_ids(*ids)
    for index, message_id in enumerate(ids):
        found = result.find(message_id)
        assert found is not None
        assert found.index == index
    for one, count in zip(messages, counts, strict=True):
        found = result.find(one)
        assert (found.message_id if found else None) == (f"{one}-0" if count == 1 else None)


def test_json_of_a_result() -> None:
    accepted = outcome(0, message_id="m-0", request_id="r", reference="účet-17")
    result = SendResult((accepted, outcome(1, Status.UNCONFIRMED, message_index=1)))
    # YAML, msgpack and others refuse an enum.
    assert type(result.to_dict()["outcomes"][0]["status"]) is str
    assert "účet-17" in result.to_json()
    first, second = json.loads(result.to_json())["outcomes"]
    assert first == {
        "index": 0,
        "given": f"+{NUMBER}",
        "phone_number": NUMBER,
        "status": "accepted",
        "message_id": "m-0",
        "request_id": "r",
        "message_index": 0,
        "reference": "účet-17",
    }
    unset = dict.fromkeys(("message_id", "request_id", "reference"))
    changed = {"index": 1, "status": "unconfirmed", "message_index": 1}
    assert second == {**first, **changed, **unset}


@given(results)
def test_survives_json_pickle_and_copies(result: SendResult) -> None:
    for twin in (
        SendResult.from_json(result.to_json()),
        SendResult.from_json(result.to_json().encode("utf-8", "surrogatepass")),
        SendResult.from_dict(json.loads(json.dumps(result.to_dict()))),
        pickle.loads(pickle.dumps(result)),  # noqa: S301
        copy.deepcopy(result),
    ):
        assert twin == result
        assert hash(twin) == hash(result)
        # Parts compare by identity, so a plain string would be in none of them.
        assert all(one.status is again.status for one, again in zip(result, twin, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "{", "[]", "null", "[" * 100_000, b"\xff", "{}"),
        *('{"outcomes": 5}', '{"outcomes": [{}]}', '{"outcomes": [{"x": 1}]}'),
    ],
    ids=lambda text: f"{text!s:.30}",
)
def test_what_is_not_a_result_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"result.*to_dict\(\)") as caught:
        SendResult.from_json(text)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("status", ["delivered", "", None])
def test_an_unknown_status_is_refused(status: Any) -> None:
    data = EVERY.to_dict()
    data["outcomes"][0]["status"] = status
    with pytest.raises(ValueError, match="result"):
        SendResult.from_dict(data)


def test_pickle_keeps_what_was_to_be_sent_and_json_does_not() -> None:
    prepared = prepare_send("Hi", {"to": NUMBER}, settings_with())
    result = SendResult((outcome(0, Status.NOT_SENT),), prepared)
    assert result.prepared is prepared
    again = pickle.loads(pickle.dumps(result))  # noqa: S301
    assert again == result
    assert again.prepared == prepared
    from_json = SendResult.from_json(result.to_json())
    assert from_json == result
    assert from_json.prepared is None


def test_nothing_printed_holds_a_number() -> None:
    result = of(Status.ACCEPTED, Status.REJECTED)
    assert repr(result) == str(result) == "SendResult(accepted=1, rejected=1)"
    shown = repr(outcome(3, message_id="m-3"))
    assert shown == (
        "RecipientOutcome(index=3, phone_number='…456', status='accepted', message_id='m-3')"
    )
    assert NUMBER not in f"{result} {result!r} {result[0]} {result.accepted} {[*result]}"


@pytest.mark.parametrize("thing", [EVERY, EVERY[0]])
def test_results_are_frozen(thing: Any) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        thing.outcomes = ()


def test_statuses_compare_with_their_names() -> None:
    names = ["accepted", "rejected", "unconfirmed", "not_sent", "unknown"]
    assert [str(status) for status in Status] == names
    assert EVERY[0].status == "accepted"
