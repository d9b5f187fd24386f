"""Unexpected values that a message may have: each is refused or shown, and breaks no page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON, NUMBER

HUGE = (10**15, 10**300, 10**400, 1e308, 0.5, 43200)
TIMES = ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z")
VIEWS = (
    "/",
    "/schedule",
    "/phones",
    f"/phones/{NUMBER}",
    "/requests",
    "/control",
    "/export.csv",
    "/export.json",
    "/sandbox/messages",
    "/sandbox/messages/latest",
    "/sandbox/waiting",
    "/sandbox/deliveries",
    "/sandbox/incoming",
    "/sandbox/inboxes",
    "/sandbox/clock",
    "/sandbox/rules",
)


@pytest.fixture(scope="module")
def looked_at() -> Iterator[tuple[Sandbox, httpx.Client]]:
    with (
        Sandbox(clock="manual", now=NOON, seed=1) as sandbox,
        httpx.Client(base_url=sandbox.url, headers={"x-api-key": "k"}, timeout=60) as client,
    ):
        yield sandbox, client


def take(client: httpx.Client, message: dict[str, Any], path: str = "/v2/message") -> int:
    """Send a message, and return the status: it was refused or taken, and neither is an error."""
    content = json.dumps(message).encode("utf-8", "surrogatepass")
    headers = {"content-type": "application/json"}
    status = client.post(path, content=content, headers=headers).status_code
    assert status in {200, 400}
    return status


def look(sandbox: Sandbox, client: httpx.Client) -> None:
    latest = sandbox.latest()
    own = () if latest is None else (f"/messages/{latest.sequence}",)
    for view in (*VIEWS, *own):
        answer = client.get(view)
        assert answer.status_code in {200, 404}, (view, answer.text[:500])
        if view.startswith("/sandbox"):
            json.loads(answer.text, parse_constant=pytest.fail)


@pytest.mark.parametrize("ttl", HUGE, ids=lambda ttl: f"{ttl:.0e}" if ttl < 1e300 else "more")
@pytest.mark.parametrize("when", [None, *TIMES])
def test_a_time_to_live_without_end_and_a_time_at_the_end_of_time(
    looked_at: tuple[Sandbox, httpx.Client], ttl: float, when: str | None
) -> None:
    sandbox, client = looked_at
    sandbox.reset()
    message: dict[str, Any] = {
        "to": [{"phone_number": NUMBER}],
        "body": "Hello",
        "flow": [{"viber": {"ttl": ttl}}, {"sms": {}}],
    }
    if when is not None:
        message["datetime"] = when
    take(client, message)
    look(sandbox, client)
    sandbox.advance(10)
    sandbox.settle(within=400 * 24 * 3600)
    look(sandbox, client)


@pytest.mark.parametrize("credit", ["1e30", "99999999999999999999999999999999.99", "0.000001"])
def test_any_credit_is_shown(looked_at: tuple[Sandbox, httpx.Client], credit: str) -> None:
    sandbox, client = looked_at
    sandbox.reset()
    take(client, {"to": [{"phone_number": NUMBER}], "body": "Hello"})
    sandbox.inbox("k").configure(credit=Decimal(credit))
    look(sandbox, client)


@pytest.mark.parametrize("credit", ["NaN", "Infinity", "-1", "sNaN", "many"])
def test_what_is_no_amount_is_no_credit(
    looked_at: tuple[Sandbox, httpx.Client], credit: str
) -> None:
    with pytest.raises(ValueError, match="credit must be an amount of at least 0"):
        looked_at[0].inbox("k").configure(credit=credit)


odd = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "\0", "\ud800", "\u202e", "=1+1", "<b>", "{{message_id}}", "x" * 1001, *TIMES]
    ),
    st.sampled_from(HUGE),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
    st.booleans(),
)
anything = st.recursive(
    odd, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below, max_size=3),
    max_leaves=6,
)  # fmt: skip
urls = st.one_of(
    st.sampled_from(
        ["", "http://127.0.0.1:99999/", "http://[::1", "https://127.0.0.1:1", "http://a b"]
    ),
    st.text(max_size=20).map("http://127.0.0.1:9/".__add__),
)
callbacks = urls | st.fixed_dictionaries(
    {"url": urls},
    optional={
        "method": st.sampled_from(["GET", "PUT", "PATCH", "POST"]),
        "headers": st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
        "item": anything,
        "body": anything,
        "batch_size": st.integers(1, 500),
    },
)
links = st.fixed_dictionaries(
    {},
    optional={"type": odd, "domain": odd, "get_enhance": odd, "get_name": odd, "expires_at": odd},
)
steps = st.sampled_from(["sms", "viber", "whatsapp_text", "rcs", "whatsapp_template", "pigeon"])
numbers = st.fixed_dictionaries({"phone_number": st.text(max_size=9) | st.just(NUMBER)})
messages = st.fixed_dictionaries(
    {"to": st.lists(numbers, min_size=1, max_size=3)},
    optional={
        "body": odd | st.just("See https://example.com/a and a.cz"),
        "sender": odd,
        "tag": odd,
        "datetime": odd,
        "payload": anything,
        "callback": callbacks,
        "params": st.fixed_dictionaries({}, optional={"_url": links | anything, "_incoming": anything}),
        "flow": st.lists(
            st.dictionaries(
                steps,
                st.fixed_dictionaries(
                    {},
                    optional={
                        "ttl": odd, "body": odd, "sender": odd, "ttl_condition": odd, "buttons": anything,
                        "template_name": odd, "language": odd, "params": anything, "card": anything,
                        "raw": anything, "gateway": odd, "header": odd,
                    },
                ),
                min_size=1, max_size=1,
            ),
            max_size=3,
        ),
        "delivery_time": st.fixed_dictionaries(
            {}, optional={"days": anything, "start": odd, "end": odd, "tz": odd}
        ),
    },
)  # fmt: skip


@pytest.mark.thorough
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(message=messages, answers=st.lists(st.text(max_size=20), max_size=2))
def test_whatever_a_message_holds_every_page_can_be_read(
    looked_at: tuple[Sandbox, httpx.Client], message: dict[str, Any], answers: list[str]
) -> None:
    sandbox, client = looked_at
    sandbox.reset()
    if take(client, message) == 200:
        sandbox.advance(2)
        latest = sandbox.latest()
        assert latest is not None
        for text in answers:
            if latest.message_id is not None:
                sandbox.reply(text, to=latest)
        look(sandbox, client)
        sandbox.settle(within=3600)
    look(sandbox, client)
