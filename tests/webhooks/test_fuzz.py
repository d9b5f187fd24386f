"""20,000 bodies made by Hypothesis; `make soak` uses a million."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from smsmanager.webhooks import DeliveryReport, WebhookParseError, parse_webhook
from tests.webhooks.bodies import report
from tests.webhooks.fuzzing import BODIES_AN_EXAMPLE, check, many_bodies

BODIES = 20_000


def test_any_body_gives_events_or_one_error() -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=BODIES // BODIES_AN_EXAMPLE,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(many_bodies())
    def explore(bodies: list[bytes]) -> None:
        for body in bodies:
            events = check(body)
            seen["bodies"] += 1
            seen.update(["refused"] if events is None else [type(e).__name__ for e in events])

    explore()
    assert seen["bodies"] >= BODIES
    for kind in ("DeliveryReport", "Reply", "IncomingMessage", "UnknownEvent", "refused"):
        assert seen[kind] > BODIES / 100, (
            f"hardly a body gave {kind}: the strategy is worth nothing"
        )


@pytest.mark.parametrize(
    "element", [b"[]", b"{}", b"1", b'""', b'{"type":"outgoing"}', b'{"a":[{}]}']
)
def test_memory_is_bounded_by_the_size_of_the_body(element: bytes) -> None:
    size = 256 * 1024
    body = b"[" + b",".join([element] * (size // (len(element) + 1))) + b"]"
    tracemalloc.start()
    try:
        with pytest.raises(WebhookParseError, match="more than 5000 events"):
            parse_webhook(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * size


def test_a_whole_batch_of_the_service_is_taken() -> None:
    payload = {"order": "x" * 7_000}
    body = json.dumps([report(payload=payload)] * 500).encode()
    assert sum(isinstance(event, DeliveryReport) for event in parse_webhook(body)) == 500
