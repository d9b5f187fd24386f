"""Check how reports become states, and how sends find their reports."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import (
    OutcomeUnknownError,
    RecipientOutcome,
    SendResult,
    Status,
)
from smsmanager.webhooks import DeliveryReport, DeliveryTracker, parse_webhook
from smsmanager.webhooks.tracker import Claims, DeliveryState, MemoryStore
from smsmanager.webhooks.tracker._delivery_state import state_of
from smsmanager.webhooks.tracker._matching import match
from smsmanager.webhooks.tracker._store_protocol import Sizes
from tests.webhooks.bodies import MESSAGE_ID, NUMBER, read, referring, reply, report

WORDS = ("sending", "sent", "queued", "undelivered", "failed", "delivered", "seen", "rejected")


def outcome(index: int = 0, status: str = "accepted", **fields: Any) -> RecipientOutcome:
    number = fields.pop("number", NUMBER)
    return RecipientOutcome(index, number, number, Status(status), **fields)


def result(*outcomes: RecipientOutcome) -> SendResult:
    return SendResult(outcomes)


def tracked(*elements: dict[str, Any]) -> DeliveryTracker:
    tracker = DeliveryTracker()
    tracker.apply(*parse_webhook(list(elements)))
    return tracker


def words(tracker: DeliveryTracker, of: Any) -> list[str | None]:
    return [None if one.result is None else str(one.result) for one in tracker.status(of)]


def the_state(tracker: DeliveryTracker, message_id: str = MESSAGE_ID) -> DeliveryState:
    state = tracker.state(message_id)
    assert state is not None
    return state


def result_of(*results: str) -> str:
    return str(the_state(tracked(*(report(result=one) for one in results))).result)


@pytest.mark.parametrize(
    ("came", "state"),
    [
        (["sending", "sent", "delivered"], "delivered"),
        (["sending", "sent", "undelivered"], "undelivered"),
        (["sent", "failed"], "failed"),
        (["sent", "delivered", "seen"], "seen"),
        (["sent", "seen"], "seen"),
        (["rejected"], "rejected"),
        (["sent", "rejected"], "rejected"),
        (["undelivered", "sent", "delivered"], "delivered"),
        (["sent", "queued"], "queued"),
        (["queued", "failed"], "failed"),
        (["sending"], "sending"),
    ],
)
def test_any_order_gives_the_same_state(came: list[str], state: str) -> None:
    for order in itertools.permutations(came):
        assert result_of(*order) == state
        assert result_of(*order, *order) == state


def test_the_later_of_two_equals_counts() -> None:
    one = report(result="failed", gateway="viber", timestamp=1, viber={"count": 1}, sms=None)
    two = report(result="undelivered", timestamp=2)
    for order in ([one, two], [two, one]):
        state = the_state(tracked(*order))
        assert (state.result, state.gateway) == ("undelivered", "sms")


ELEMENTS = st.builds(
    report,
    message_id=st.sampled_from(["a", "b", "b-0"]),
    result=st.sampled_from(WORDS),
    gateway=st.sampled_from(["sms", "viber", "telegram"]),
    timestamp=st.sampled_from([None, 1, 2]),
    result_info=st.sampled_from(["[1] x", "[1] y", None]),
    payload=st.sampled_from([None, {"customID": "r"}, {"customID": "s"}]),
    to=st.sampled_from([None, {"phone_number": NUMBER}]),
    sms=st.sampled_from([None, {"count": 1}, {"count": 2}]),
)


@given(elements=st.lists(ELEMENTS, max_size=6), data=st.data())
@settings(deadline=None, max_examples=150)
def test_folding_knows_neither_order_nor_repetition(
    elements: list[dict[str, Any]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(elements + elements))
    one, other = tracked(*elements), DeliveryTracker()
    for element in again:
        other.apply(*parse_webhook([element]))
    for message_id in ("a", "b", "b-0"):
        for reference in ("r", "s"):
            assert one.state(message_id, reference=reference) == other.state(
                message_id, reference=reference
            )


def test_a_state_tells_all_of_its_report() -> None:
    tracker = tracked(
        referring("order-17", result="sent", timestamp=1, sms={"count": 1}), report(payload=None)
    )
    state = the_state(tracker)
    assert (state.is_final, state.is_delivered, state.is_rejected) == (True, True, False)
    assert (state.reference, state.phone_number) == ("order-17", NUMBER)
    assert state.request_id == "bc36f3d1-d284-463a-921b-a3560c154649"
    assert state.at == datetime(2026, 1, 1, tzinfo=UTC)
    assert state.result_info.code == 0
    assert state.channel is not None
    assert state.channel.price_czk == Decimal("1.05")
    assert NUMBER not in repr(state)
    assert "order-17" not in repr(state)
    assert tracker.state("another") is None


def test_states_and_events_that_earlier_versions_pickled() -> None:
    state = tracked(report()).state(MESSAGE_ID)
    event = read(report())
    assert event.channel
    for value, module in (
        (state, "tracker._states"),
        (event, "_events"),
        (event.channel, "_channels"),
    ):
        # Protocol 0 names classes as plain text.
        pickled = pickle.dumps(value, 0).replace(b"tracker._delivery_state", b"tracker._states")
        assert f"csmsmanager.webhooks.{module}\n".encode() in pickled
        assert pickle.loads(pickled) == value  # noqa: S301 - our own bytes


def test_rejected_means_that_nothing_was_sent() -> None:
    state = the_state(tracked(report(result="rejected", result_info="[307] Credit")))
    assert (state.is_rejected, state.is_final, state.is_delivered) == (True, True, False)
    assert state.result_info.is_credit


def test_other_events_change_nothing() -> None:
    tracker = DeliveryTracker()
    tracker.apply(*parse_webhook([reply(), reply(message_id=None), 17]))
    assert tracker.state(MESSAGE_ID) is None


@pytest.mark.parametrize(("sent", "reported"), [("m", "m-0"), ("m-0", "m"), ("m", "m")])
def test_ids_match_with_and_without_the_suffix(sent: str, reported: str) -> None:
    tracker = tracked(report(message_id=reported))
    assert words(tracker, result(outcome(message_id=sent))) == ["delivered"]
    assert tracker.state(sent) == tracker.state(reported)


def test_both_forms_of_an_id_are_one_message() -> None:
    tracker = tracked(
        report(message_id="m", result="sent"), report(message_id="m-0", result="seen")
    )
    assert words(tracker, result(outcome(message_id="m"))) == ["seen"]
    assert the_state(tracker, "m").result == "seen"


def test_both_forms_that_say_the_same_give_one_state() -> None:
    same = [report(message_id="m"), report(message_id="m-0")]
    assert the_state(tracked(*same), "m") == the_state(tracked(*same[::-1]), "m")


@pytest.mark.parametrize("order", [["m", "m-0"], ["m-0", "m"]])
def test_an_exact_id_goes_before_the_other_form(order: list[str]) -> None:
    send = result(*(outcome(index, message_id=name) for index, name in enumerate(order)))
    tracker = tracked(
        report(message_id="m", result="sent"), report(message_id="m-0", result="failed")
    )
    expected = {"m": "sent", "m-0": "failed"}
    assert words(tracker, send) == [expected[name] for name in order]
    tracker = tracked(report(message_id="m-0", result="failed"))
    assert words(tracker, send) == [expected[name] if name == "m-0" else None for name in order]


@pytest.mark.parametrize(
    ("word", "is_final", "is_delivered"),
    [
        ("sending", False, False),
        ("sent", False, False),
        ("expired", False, False),
        ("undelivered", True, False),
        ("failed", True, False),
        ("rejected", True, False),
        ("delivered", True, True),
        ("seen", True, True),
    ],
)
def test_which_states_are_final(word: str, *, is_final: bool, is_delivered: bool) -> None:
    state = the_state(tracked(report(result=word)))
    assert (state.is_final, state.is_delivered) == (is_final, is_delivered)
    assert state.is_rejected == (word == "rejected")


def test_the_bare_id_of_several_recipients_names_none() -> None:
    send = result(*(outcome(index, message_id=f"m-{index}") for index in range(3)))
    tracker = tracked(report(message_id="m", result="seen"), report(message_id="m-1"))
    assert words(tracker, send) == [None, "delivered", None]


def test_what_was_not_sent_has_no_state() -> None:
    send = result(outcome(0, "rejected", reference="r"), outcome(1, "not_sent", reference="r"))
    tracker = tracked(referring("r"))
    assert words(tracker, send) == [None, None]
    assert [one.was_taken for one in tracker.status(send)] == [False, False]


def test_a_report_settles_an_unknown_outcome() -> None:
    send = result(outcome(0, "unknown", reference="r"))
    tracker = DeliveryTracker()
    assert [one.was_taken for one in tracker.status(send)] == [None]
    tracker.apply(read(referring("r", result="sending")))
    [settled] = tracker.status(send)
    assert (settled.was_taken, settled.result, settled.message_id) == (
        True,
        "sending",
        MESSAGE_ID,
    )
    error = OutcomeUnknownError("lost")
    assert tracker.status(error) == ()
    error.result = send
    assert tracker.status(error) == (settled,)


def test_unknown_outcomes_are_distinguished_by_number() -> None:
    numbers = ["420777000001", "420777000002", "777000003", "420777000001", "420777000009"]
    send = result(
        *(outcome(i, "unknown", reference="r", number=number) for i, number in enumerate(numbers))
    )
    tracker = tracked(
        *(
            referring("r", message_id=f"m-{index}", result=word, to=number)
            for index, (number, word) in enumerate(
                [
                    ("420777000001", "sent"),
                    ("420777000002", "failed"),
                    ("420777000003", "delivered"),
                    ("420777000001", "seen"),
                    (None, "rejected"),
                ]
            )
        ),
        referring("other", message_id="x", to="420777000009"),
    )
    assert words(tracker, send) == ["sent", "failed", "delivered", "seen", None]


@pytest.mark.parametrize(
    ("digits", "is_found"), [(6, False), (7, True), (8, True), (10, True), (11, False)]
)
def test_how_long_a_number_without_a_country_code_is(digits: int, *, is_found: bool) -> None:
    given = "7" * digits
    send = result(outcome(0, "unknown", reference="r", number=given))
    tracker = tracked(referring("r", to=f"420{given}"))
    assert words(tracker, send) == ["delivered" if is_found else None]


def test_a_state_shows_no_number_in_any_form() -> None:
    for state in (state_of(read(referring("order-17"))), the_state(tracked(referring("order-17")))):
        assert NUMBER not in repr(state)
        assert "order-17" not in repr(state)
        assert f"\N{HORIZONTAL ELLIPSIS}{NUMBER[-3:]}" in repr(state)
    assert "phone_number=None" in repr(the_state(tracked(report(to=None))))


def test_an_unconfirmed_outcome_is_found_by_its_request() -> None:
    send = result(
        outcome(0, message_id="m-0", request_id="q"),
        outcome(1, "unconfirmed", request_id="q"),
        outcome(2, "unconfirmed", request_id="other"),
    )
    tracker = tracked(
        report(message_id="m-0", request_id="q", result="sent"),
        report(message_id="n", request_id="q", result="seen"),
    )
    assert words(tracker, send) == ["sent", "seen", None]


def test_a_report_that_has_its_recipient_settles_no_other() -> None:
    """A recipient to whom a message was sent again keeps its own report."""
    send = result(outcome(0, message_id="m", reference="r"), outcome(1, "unknown", reference="r"))
    assert words(tracked(referring("r", message_id="m")), send) == ["delivered", None]


def test_a_report_that_an_earlier_version_stored_settles_one_recipient() -> None:
    """It is found under two names."""
    send = result(*(outcome(place, "unknown", reference="r") for place in range(2)))
    stored = attrs.evolve(state_of(read(referring("r"))), is_earlier=True)
    assert [one.message_id for one in match(list(send), [stored])] == [MESSAGE_ID, None]


def test_recorded_sends_are_found_by_reference() -> None:
    tracker = tracked(report(message_id="m-0"))
    tracker.record(result(outcome(0, message_id="m-0", reference="r"), outcome(1, reference="s")))
    tracker.record(result(outcome(1, "unknown", reference="r", number="420777000002")))
    assert words(tracker, "r") == ["delivered", None]
    assert [one.was_taken for one in tracker.status("r")] == [True, None]
    assert tracker.status("another") == ()


def test_a_recipient_that_was_sent_to_again_is_recorded_once() -> None:
    tracker = DeliveryTracker()
    first = result(outcome(0, message_id="m", reference="r"), outcome(1, "unknown", reference="r"))
    tracker.record(first)
    tracker.record(
        result(outcome(0, message_id="m", reference="r"), outcome(1, message_id="n", reference="r"))
    )
    assert [one.message_id for one in tracker.status("r")] == ["m", "n"]


def test_odd_texts_are_kept_as_every_database_can() -> None:
    tracker = tracked(
        referring("a\0\ud800" + "x" * 500, to="\0", gateway="\ud800", result_info="[1] \0")
    )
    state = the_state(tracker)
    assert state.reference is not None
    assert state.reference.startswith("a\ufffd?" + "x" * 150)
    assert len(state.reference) == 200
    assert state.result_info.description == "\ufffd"
    send = result(outcome(0, "unknown", reference="a\0\ud800" + "x" * 500))
    assert words(tracker, send) == [None], "the number differs"


def test_claims_end_after_their_lease() -> None:
    now_s = 1000.0
    tracker = DeliveryTracker(MemoryStore(), clock=lambda: now_s)
    assert tracker.claim(["a", "b", "c"]).won == {"a", "b", "c"}
    tracker.settle(["a"])
    tracker.release(["b"])
    assert tracker.claim(["a", "b", "c"]) == Claims(frozenset("b"), frozenset("c"))
    now_s += 299.9
    assert tracker.claim(["c"]).busy == {"c"}
    now_s += 0.1
    assert tracker.claim(["a", "b", "c"]).won == {"b", "c"}


def test_forgetting_counts_days() -> None:
    now_s = 0.0
    with DeliveryTracker(clock=lambda: now_s) as tracker:
        tracker.apply(read(referring("r")))
        tracker.record(result(outcome(message_id=MESSAGE_ID, reference="r")))
        now_s = 10 * 86_400
        tracker.apply(read(report(message_id="young")))
        assert tracker.forget(older_than_days=10) == 0
        assert tracker.forget(older_than_days=9) == 2
        assert (tracker.state(MESSAGE_ID), tracker.status("r")) == (None, ())
        assert tracker.state("young") is not None
        now_s = 11 * 86_400 - 1
        assert tracker.forget(older_than_days=1) == 0
        now_s += 2
        assert tracker.forget(older_than_days=1) == 1


def test_a_token_may_report_as_many_ids_as_it_is_allowed() -> None:
    tracker = DeliveryTracker(max_ids=3)
    tracker.apply(*(read(referring("r", message_id=name)) for name in "ab"))

    def objection(*names: str) -> str | None:
        events = [read(referring("r", message_id=name)) for name in names]
        return tracker.objection("r", events, handlers=0)

    assert objection("c") is None
    assert objection("a", "c") is None, "one of them is kept already"
    assert "max_ids" in str(objection("c", "d"))
    assert "max_ids" in str(objection("a", "c", "d"))


def test_a_token_may_report_ten_thousand_ids_by_default() -> None:
    sizes = Sizes(9_999, 0, 0)
    store = MemoryStore()
    store.sizes = lambda reference: sizes  # type: ignore[method-assign]
    tracker = DeliveryTracker(store)
    events = [read(referring("r", message_id="new"))]
    assert tracker.objection("r", events, handlers=0) is None
    sizes = Sizes(10_000, 0, 0)
    assert "reported 10000 messages" in str(tracker.objection("r", events, handlers=0))
    sizes = Sizes(10_000, 1, 0)
    assert tracker.objection("r", events, handlers=0) is None


def test_only_recipients_without_an_id_are_looked_for_by_other_names() -> None:
    """Thousands of messages can have one reference."""
    asked: list[Any] = []

    class Asked(MemoryStore):
        def find(self, **names: Any) -> list[Any]:
            asked.append({name: sorted(several) for name, several in names.items()})
            return super().find(**names)

    tracker = DeliveryTracker(Asked())
    known = outcome(0, message_id="m-7", reference="many", request_id="q")
    tracker.status(result(known))
    tracker.status(result(known, outcome(1, "unknown", reference="r", request_id="p")))
    ids = ["m-7"]
    assert asked == [
        {"message_ids": ids, "references": [], "request_ids": []},
        {"message_ids": ids, "references": ["r"], "request_ids": ["p"]},
    ]


def test_many_unknown_recipients_are_matched_in_one_pass() -> None:
    """A reference with thousands of recipients must not need quadratic time."""
    count = 3_000
    numbers = [f"420777{index:06}" for index in range(count)]
    send = result(*(outcome(i, "unknown", reference="r", number=n) for i, n in enumerate(numbers)))
    tracker = DeliveryTracker()
    events = [
        DeliveryReport(f"m{i}", "sent", phone_number=n, payload={"smsmanager_reference": "r"})
        for i, n in enumerate(numbers)
    ]
    tracker.apply(*events)
    assert [one.message_id for one in tracker.status(send)] == [f"m{i}" for i in range(count)]


def test_what_was_settled_by_asking_is_found_by_its_id() -> None:
    """A report without its payload is about a recipient whose answer was lost, once that was settled."""
    tracker = tracked(report(payload={}))
    tracker.record(result(outcome(0, "unknown", reference="order-1")))
    assert words(tracker, "order-1") == [None]
    settled = outcome(0, message_id=MESSAGE_ID, request_id="9a2f", reference="order-1")
    tracker.record(result(settled))
    assert words(tracker, "order-1") == ["delivered"]
