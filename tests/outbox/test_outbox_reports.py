"""Delivery reports complete the state of each recipient, and settle messages in doubt."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from smsmanager import OutcomeUnknownError
from smsmanager.ids import REFERENCE_KEY
from smsmanager.outbox import OutboxError
from smsmanager.outbox.outbox_table import table
from smsmanager.webhooks import IncomingMessage, parse_webhook
from tests.outbox.conftest import NUMBER, Office

OTHER = "420777123457"


def report(message_id: str, result: str = "delivered", **fields: Any) -> Any:
    """Return the events of one delivery report."""
    reference = fields.pop("reference", None)
    number = fields.pop("number", NUMBER)
    return parse_webhook(
        [
            {
                "type": "outgoing",
                "request_id": "r",
                "message_id": message_id,
                "gateway": "sms",
                "timestamp": 1_893_492_000,
                "payload": {} if reference is None else {REFERENCE_KEY: reference},
                "to": {"phone_number": number},
                "result": result,
                **fields,
            }
        ]
    )


def results(office: Office, key: str) -> list[str | None]:
    """Return the delivery state of each recipient of a key."""
    entry = office.outbox.find(key)
    assert entry is not None
    return [None if each is None else str(each.result) for each in entry.deliveries]


@pytest.mark.parametrize("reported", ["m1.0", "m1.0-0"])
def test_a_report_is_matched_with_and_without_its_suffix(
    either_office: Office, reported: str
) -> None:
    either_office.send_once("Hello", key="a")
    assert results(either_office, "a") == [None]
    assert either_office.outbox.record(report(reported, "sent")) == 1
    assert either_office.outbox.record(report(reported)) == 1
    assert either_office.outbox.record(report(reported, "sending")) == 1
    assert results(either_office, "a") == ["delivered"]
    assert either_office.outbox.record(report("m1.0-1")) == 0
    assert either_office.outbox.record(report("another")) == 0


def test_no_frame_of_a_report_that_cannot_be_recorded_contains_the_number(office: Office) -> None:
    office.outbox._store.engine.dispose()
    with office.outbox._store.engine.begin() as connection:
        table.drop(connection)
    with pytest.raises(OutboxError) as failed:
        office.outbox.record(report("m1.0"))
    inside = [entry for entry in failed.traceback if "wrapper/smsmanager" in str(entry.path)]
    assert inside
    assert NUMBER not in "".join(repr(entry.frame.f_locals) for entry in inside)


def test_each_recipient_of_a_batch_has_its_own(either_office: Office) -> None:
    office = either_office
    office.add("one")
    office.add("two", to=[NUMBER, OTHER])
    office.drain()
    # The first is reported without a suffix, which is allowed.
    assert office.outbox.record(report("m1.0")) == 1
    assert office.outbox.record(report("m1.1-1", "undelivered", number=OTHER)) == 1
    # The id of a message with several recipients identifies none of them, and there is no third.
    assert office.outbox.record(report("m1.1")) == 0
    assert office.outbox.record(report("m1.1-2")) == 0
    assert results(office, "one") == ["delivered"]
    assert results(office, "two") == [None, "undelivered"]
    events = [*report("m1.1-0"), IncomingMessage(body="STOP"), *report("m1.1-1", "delivered")]
    assert office.outbox.record(events) == 2
    assert results(office, "two") == ["delivered", "delivered"]


def test_an_exact_id_is_preferred(office: Office) -> None:
    """One message has the id `m-0`, another `m`."""
    ids = iter(("m", "m-0"))

    def answer(messages: list[Any]) -> httpx.Response:
        return httpx.Response(
            200, json={"accepted": [{"key": "0", "message_id": next(ids)}], "rejected": []}
        )

    office.service.script = [answer, answer]
    office.send_once("one", key="z")
    office.send_once("two", key="a")
    office.outbox.record(report("m", "sent"))
    office.outbox.record(report("m-0", "failed"))
    assert (results(office, "z"), results(office, "a")) == (["sent"], ["failed"])


def test_steps_of_a_flow_are_kept_apart(office: Office) -> None:
    office.send_once("Hello", key="a")
    office.outbox.record(report("m1.0", "failed", gateway="viber", timestamp=1_893_492_000))
    office.outbox.record(report("m1.0", "delivered", gateway="sms", timestamp=1_893_492_009))
    office.outbox.record(report("m1.0", "sent", gateway="sms", timestamp=1_893_492_008))
    entry = office.outbox.find("a")
    assert entry is not None
    [state] = entry.deliveries
    assert state is not None
    assert (state.result, state.gateway) == ("delivered", "sms")


@pytest.mark.parametrize("lost", ["answer", "mention"])
def test_a_report_settles_what_is_in_doubt(either_office: Office, lost: str) -> None:
    office = either_office
    office.add("Hello", reference="r-17", to=[NUMBER, OTHER])
    office.service.script = [
        httpx.ReadTimeout("late")
        if lost == "answer"
        else lambda messages: office.service.answer(messages, [])
    ]
    office.drain()
    other = {"number": "+420 777 123 457", "reference": "r-17"}
    assert office.outbox.record(report("late-1", number="420999999999", reference="r-17")) == 0
    assert office.outbox.record(report("late-1", number=OTHER)) == 0
    assert office.outbox.record(report("late-1", **{**other, "reference": "r-18"})) == 0
    assert office.outbox.record(report("late-1", **other)) == 1
    entry = office.outbox.find("Hello")
    assert entry is not None
    assert entry.result is not None
    assert entry.state == "accepted"
    assert [each.message_id for each in entry.result] == ["late-0", "late-1"]
    assert results(office, "Hello") == [None, "delivered"]
    assert office.outbox.record(report("late-0", reference="r-17")) == 1
    # The reporter chooses the id; its callback allows only one reference.
    assert office.outbox.record(report("late-0", "failed", reference="r-18")) == 0
    assert office.outbox.record(report("late-0", "seen")) == 1
    assert results(office, "Hello") == ["seen", "delivered"]


def test_a_number_without_its_country_is_settled_too(office: Office) -> None:
    office.service.script = [httpx.ReadTimeout("late")]
    with pytest.raises(OutcomeUnknownError):
        office.send_once("Hello", key="a", to="777123456", reference="r-17")
    assert office.outbox.record(report("m", "rejected", reference="r-17")) == 1
    assert office.state("a") == "accepted"
    assert results(office, "a") == ["rejected"]


def test_a_report_that_is_faster_than_the_answer_counts(either_office: Office) -> None:
    office = either_office
    office.add("Hello", reference="r-17")
    office.service.on_request = lambda _: office.outbox.record(report("m1.0", reference="r-17"))
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    assert office.state("Hello") == "accepted"
    assert results(office, "Hello") == ["delivered"]


def test_what_was_never_sent_is_not_settled(office: Office) -> None:
    """Several messages can have one reference."""
    office.add("Hello", reference="r-17")
    office.add("Hello again", reference="r-17", expires_at="2029-01-01T00:00:00Z")
    office.add("sent", reference="r-17", rank=1)
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain(most=1)
    assert office.outbox.record(report("m", reference="r-17")) == 1
    assert office.outbox.record(report("n", reference="r-17")) == 0
    assert [office.state(key) for key in ("sent", "Hello", "Hello again")] == [
        "accepted",
        "pending",
        "expired",
    ]


def test_two_in_doubt_under_one_reference_and_number_are_not_guessed(
    either_office: Office,
) -> None:
    office = either_office
    for key in "ab":
        office.service.script = [httpx.ReadTimeout("late")]
        with pytest.raises(OutcomeUnknownError):
            office.send_once("Hello", key=key, reference="r-17")
    office.service.script = [httpx.ReadTimeout("late")]
    with pytest.raises(OutcomeUnknownError):
        office.send_once("Hello", key="c", reference="r-17", to=OTHER)
    assert office.outbox.record(report("m", reference="r-17")) == 0
    assert office.outbox.record(report("n", reference="r-17", number=OTHER)) == 1
    assert [office.state(key) for key in "abc"] == ["unknown", "unknown", "accepted"]


def test_what_is_in_flight_under_the_same_reference_counts(office: Office) -> None:
    """A report that arrives before the answer is not about the message in doubt."""
    office.add("placed", reference="r-17")
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    office.add("shipped", reference="r-17")
    recorded: list[int] = []
    office.service.on_request = lambda _: recorded.append(
        office.outbox.record(report("m2.0", reference="r-17"))
    )
    assert office.drain().counts == {"accepted": 1}
    assert recorded == [0]
    assert office.state("placed") == "unknown"
    assert office.outbox.record(report("m2.0", reference="r-17")) == 1
    assert (results(office, "placed"), results(office, "shipped")) == ([None], ["delivered"])
    # Now only one message is possible.
    assert office.outbox.record(report("m1.0", reference="r-17")) == 1
    assert office.state("placed") == "accepted"


def test_two_for_the_same_number_in_one_body(office: Office) -> None:
    office.add("Hello", reference="r-17", to=[NUMBER, NUMBER])
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    events = [*report("m-1", "sent", reference="r-17"), *report("m-0", "seen", reference="r-17")]
    assert office.outbox.record(events) == 2
    assert results(office, "Hello") == ["seen", "sent"]


def test_long_and_odd_names_fit(either_office: Office) -> None:
    office = either_office
    office.add("Hello", reference="r" * 300)
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    assert office.outbox.record(report("m" * 150, reference="r" * 299 + "s")) == 0
    assert office.outbox.record(report("m" * 150, reference="r" * 300)) == 1
    assert office.state("Hello") == "accepted"


def test_a_repeated_report_writes_nothing(office: Office) -> None:
    from sqlalchemy import event

    office.send_once("Hello", key="a")
    office.outbox.record(report("m1.0"))
    written: list[str] = []
    engine = office.outbox._store.engine
    event.listen(
        engine, "before_cursor_execute", lambda *args: written.append(args[2].partition(" ")[0])
    )
    assert office.outbox.record(report("m1.0")) == 1
    assert "UPDATE" not in written
    assert office.outbox.record([]) == 0
