"""Check the state of a message whose flow has several steps, in whatever order reports arrive."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smsmanager import Rcs, Sms, SmsManager, Viber
from smsmanager.sandbox import Outcome, Rule, Sandbox
from smsmanager.webhooks import DeliveryState, DeliveryTracker, parse_webhook
from tests.webhooks.bodies import MESSAGE_ID, report

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
BEGAN_S = 1_767_225_600
ROW = re.compile(r"\| ((?:\w+ \w+, )*\w+ \w+) \| `(\w+)` \| (\w+) \|")


def table() -> list[tuple[list[tuple[str, str]], str, str]]:
    """Return the rows of the page: the reports, the state, and the channel of the state."""
    rows = [ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return [
        (
            [(channel, result) for channel, result in map(str.split, row[1].split(", "))],
            row[2],
            row[3],
        )
        for row in rows
        if row
    ]


TABLE = table()


def told(channel: str, result: str, at_s: int | None) -> dict[str, Any]:
    return report(gateway=channel, result=result, timestamp=at_s, result_info=None, sms=None)


def state_after(
    elements: list[dict[str, Any]], tracker: DeliveryTracker | None = None
) -> DeliveryState:
    tracker = tracker or DeliveryTracker()
    for element in elements:
        tracker.apply(*parse_webhook([element]))
    state = tracker.state(MESSAGE_ID)
    assert state is not None
    return state


def test_the_page_has_the_table() -> None:
    assert len(TABLE) >= 18
    assert {result for _, result, _ in TABLE} >= {
        "sent",
        "delivered",
        "rejected",
        "seen",
        "expired",
    }


@pytest.mark.parametrize(
    ("came", "result", "channel"), TABLE, ids=[f"{' '.join(map(str, row[0]))}" for row in TABLE]
)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_each_row_of_the_page(
    came: list[tuple[str, str]], result: str, channel: str, data: st.DataObject
) -> None:
    # A step that begins in the same second as another one cannot be told apart from it.
    gaps = data.draw(
        st.lists(st.sampled_from([1, 60, 86_400]), min_size=len(came), max_size=len(came))
    )
    times = list(itertools.accumulate(gaps, initial=BEGAN_S))[: len(came)]
    elements = [told(*each, at_s) for each, at_s in zip(came, times, strict=True)]
    again = data.draw(st.lists(st.sampled_from(elements), max_size=4))
    state = state_after(data.draw(st.permutations(elements + again)))
    assert (str(state.result), str(state.gateway)) == (result, channel)
    assert state.is_delivered == (result in {"delivered", "seen"})
    assert state.is_rejected == (result == "rejected")
    final = {"undelivered", "failed", "rejected", "delivered", "seen"}
    assert state.is_final == (result in final)


@pytest.mark.parametrize("at_s", [BEGAN_S, None])
@pytest.mark.parametrize(
    ("came", "result", "channel"),
    [
        ([("viber", "rejected"), ("sms", "sending")], "sending", "sms"),
        ([("sms", "failed"), ("viber", "sent")], "sent", "viber"),
        ([("viber", "rejected"), ("sms", "failed")], "failed", "sms"),
        ([("viber", "sent"), ("sms", "sent")], "sent", "sms"),
        ([("viber", "delivered"), ("sms", "sent")], "delivered", "viber"),
    ],
)
def test_steps_of_one_second_or_without_a_time(
    came: list[tuple[str, str]], result: str, channel: str, at_s: int | None
) -> None:
    for order in itertools.permutations(came):
        state = state_after([told(*each, at_s) for each in order])
        assert (str(state.result), str(state.gateway)) == (result, channel)


def test_a_step_without_a_time_beside_one_that_has_it() -> None:
    """It is not known which step was further: an unfinished one must not be called an outcome."""
    for first, second in itertools.permutations(
        [told("viber", "failed", BEGAN_S), told("sms", "sent", None)]
    ):
        assert str(state_after([first, second]).result) == "sent"
    later = [
        told("sms", "sent", None),
        told("sms", "sending", BEGAN_S),
        told("viber", "failed", BEGAN_S + 9),
    ]
    for order in itertools.permutations(later):
        assert str(state_after(list(order)).result) == "failed"


def test_the_details_are_those_of_the_step_that_decides() -> None:
    viber = report(
        gateway="viber", result="rejected", timestamp=1, sms=None, viber={"count": 1}, payload=None
    )
    sms = report(result="sent", timestamp=2, result_info="[7] On its way", to=None, request_id=None)
    state = state_after([viber, sms])
    assert (state.result_info.code, state.gateway, state.at) == (7, "sms", state.at)
    assert state.at is not None
    assert state.at.timestamp() == 2
    assert state.channel is not None
    assert state.channel.parts == 2
    assert state.phone_number is not None, "the other step knew it"
    assert state.request_id is not None
    assert type(state) is DeliveryState


STEPS = {"sms": Sms, "viber": Viber, "rcs": Rcs}
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(["delivered", "undelivered", "failed", "seen", "never"]),
    delay_s=st.sampled_from([1, 20, 45, 400]),
)


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with Sandbox(clock="manual", seed=1) as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Any:
    with SmsManager("any-key", base_url=sandbox.base_url, sender="Shop") as made:
        yield made


@given(data=st.data())
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_the_state_is_that_of_the_sandbox(
    sandbox: Sandbox, client: SmsManager, data: st.DataObject
) -> None:
    """The sandbox knows the steps; the tracker must reach the same result from the reports alone."""
    sandbox.clear()
    sandbox.rules.clear()
    channels = data.draw(
        st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=3, unique=True)
    )
    for channel in channels:
        sandbox.rules.add(Rule(data.draw(OUTCOMES), channel=channel))
    flow = [STEPS[channel](ttl=data.draw(st.sampled_from([0.5, 1, 5]))) for channel in channels]
    # A host that is not allowed: nothing is sent, and every event is kept.
    client.send("Hello", to="420777123456", flow=flow, callback="https://receiver.invalid/sms")
    for _ in range(data.draw(st.integers(1, 4))):
        sandbox.advance(data.draw(st.sampled_from([1, 30, 90, 600])))
    message = sandbox.latest()
    assert message is not None
    assert message.message_id is not None
    events = [event for delivery in sandbox.deliveries for event in delivery.events]
    assume(events)
    tracker = DeliveryTracker()
    for event in data.draw(st.permutations(events)):
        tracker.apply(*parse_webhook([event]))
    state = tracker.state(message.message_id)
    assert state is not None
    assert str(state.result) == str(message.state)
