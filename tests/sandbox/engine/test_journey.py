"""What happened to a message: the state that follows from its steps, its timeline, its cost."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from smsmanager.sandbox.engine.records.journey import (
    Entry,
    Journey,
    Price,
    StepRun,
    result_info,
    shown,
    total,
)
from smsmanager.sandbox.engine.records.message_outcome import State

RANKED = ["sending", "sent", "undelivered", "delivered", "seen"]


def run_with(*results: str) -> StepRun:
    run = StepRun(1.0, None)
    for result in results:
        run.take(result)
    return run


def journey_of(*results: str) -> Journey:
    journey = Journey()
    journey.runs = tuple(run_with(result) for result in results)
    return journey


def test_a_step_begins_with_sending() -> None:
    price = Price(Decimal("1.5"), Decimal("0.06"), 2)
    run = StepRun(17.5, price)
    assert (run.started_at, run.price, run.result) == (17.5, price, "sending")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(RANKED, RANKED)))
def test_what_comes_later_never_says_less(one: str, other: str) -> None:
    assert run_with(one, other).result == max(one, other, key=RANKED.index)


def test_of_two_that_say_as_much_the_later_counts() -> None:
    assert run_with("failed", "undelivered").result == "undelivered"
    assert run_with("undelivered", "failed").result == "failed"


@pytest.mark.parametrize(
    ("result", "reached"),
    [
        ("sending", []),
        ("sent", ["sent"]),
        ("undelivered", []),
        ("failed", []),
        ("delivered", ["sent", "delivered"]),
        ("seen", ["sent", "delivered", "seen"]),
    ],
)
def test_which_conditions_are_met(result: str, reached: list[str]) -> None:
    conditions = ("sent", "delivered", "seen")
    assert [one for one in conditions if run_with(result).has_reached(one)] == reached


@pytest.mark.parametrize(
    ("results", "state"),
    [
        (["sending"], "sending"),
        (["sent"], "sent"),
        (["failed"], "failed"),
        (["failed", "sending"], "sending"),
        (["sent", "failed"], "failed"),
        (["undelivered", "failed"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["sent", "delivered"], "delivered"),
        (["seen", "delivered"], "seen"),
        (["delivered", "seen"], "seen"),
        (["failed", "sent", "sending"], "sending"),
        (["sent", "delivered", "undelivered"], "delivered"),
    ],
)
def test_the_state_is_the_best_that_a_step_reached_or_that_of_the_last(
    results: list[str], state: str
) -> None:
    assert journey_of(*results).state_of_runs() is State(state)


def test_a_new_journey_waits_for_nothing() -> None:
    journey = Journey()
    assert journey.state is State.WAITING
    assert (journey.due, journey.why, journey.runs, journey.entries) == (None, None, (), [])
    assert (journey.links, journey.deliveries, journey.report()) == ((), (), None)


def test_webhooks_are_kept_in_order() -> None:
    journey, other = Journey(), Journey()
    first, second, third = (object() for _ in range(3))
    for webhook in (first, second, third):
        journey.add_delivery(webhook)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert list(journey.deliveries) == [first, second, third]
    assert other.deliveries == ()


def test_the_newest_report() -> None:
    journey = Journey()
    older = Entry(1, "report", 0, "sending")
    newest = Entry(2, "report", 0, "sent")
    journey.entries += [older, newest, Entry(3, "click"), Entry(4, "ttl", 0)]
    assert journey.report() is newest
    journey.entries = [Entry(1, "click")]
    assert journey.report() is None


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (0, "Delivered", "[0] Delivered"),
        (307, "", "[307]"),
        (None, "Delivered", "Delivered"),
        (None, "", ""),
        (1, "two\nlines", "[1] two\nlines"),
    ],
)
def test_code_and_text_as_on_the_wire(code: int | None, text: str, expected: str) -> None:
    assert result_info(code, text) == expected


def test_the_timeline_as_it_is_shown() -> None:
    entries = [
        Entry(0, "received"),
        Entry(10, "report", 0, "sending"),
        Entry(11, "report", 0, "failed", 3, "Failed"),
        Entry(12, "fallback", 1, text="because it failed"),
        Entry(12, "report", 1, "sending"),
        Entry(13, "reply", 2, text="Yes"),
        Entry(14, "report", 3, "sent"),
    ]
    found = shown(entries, ["viber", "sms"])
    assert [(entry.kind, entry.step, entry.channel, entry.result) for entry in found] == [
        ("received", None, None, None),
        ("step", 0, "viber", None),
        ("report", 0, "viber", "sending"),
        ("report", 0, "viber", "failed"),
        ("fallback", 1, "sms", None),
        ("step", 1, "sms", None),
        ("report", 1, "sms", "sending"),
        ("reply", 2, None, None),
        ("report", 3, None, "sent"),
    ]
    assert [entry.at.timestamp() for entry in found] == [0, 10, 10, 11, 12, 12, 12, 13, 14]
    assert [entry.result_info for entry in found if entry.kind != "report"] == [None] * 5
    assert (found[3].code, found[3].result_info) == (3, "[3] Failed")
    assert (found[4].text, found[7].text) == ("because it failed", "Yes")


def test_an_entry_in_the_json_api() -> None:
    [entry] = shown([Entry(1.5, "report", 0, "delivered", 0, "Delivered")], ["sms"])
    assert entry.at == datetime.fromtimestamp(1.5, UTC)
    assert entry.as_json() == {
        "at": "1970-01-01T00:00:01.500Z",
        "kind": "report",
        "step": 0,
        "channel": "sms",
        "result": "delivered",
        "code": 0,
        "result_info": "[0] Delivered",
        "text": "Delivered",
    }
    assert "Delivered" not in repr(shown([Entry(1, "reply", text="Delivered")], ["sms"]))


def test_what_the_steps_cost() -> None:
    prices: list[Any] = [
        Price(Decimal("1.05"), Decimal("0.042"), 1),
        None,
        Price(Decimal("0.5"), Decimal("0.02"), 2),
    ]
    assert total([StepRun(0, price) for price in prices]) == (Decimal("1.55"), Decimal("0.062"))
    nothing = (Decimal(0), Decimal(0))
    assert total([]) == total([StepRun(0, None)]) == nothing
