"""Events of a webhook: what typed events cost, compared with decoding their JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.figures import Comparison, Row, Section, quotients
from bench.turns import Contender, cost_of_rounds
from smsmanager.webhooks import (
    DeliveryReport,
    DeliveryTracker,
    WebhookReceiver,
    parse_webhook,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.options import Options

AIM = 6.0
"""Most CPU time that an event should take, as a multiple of decoding its JSON."""
_EVENTS = 100
_SHARE = 0.4
_SECRET = "secret"  # noqa: S105 - signs nothing but this measurement
_BODY = json.dumps(
    [
        {
            "type": "outgoing",
            "request_id": "bc36f3d1-d284-463a-921b-a3560c154649",
            "message_id": f"e27ff0ac-87b5-4e1d-b644-5fc6029e2a11-{index}",
            "gateway": "sms",
            "timestamp": 1767225600 + index,
            "payload": {"campaign_id": "winter-sale"},
            "to": {"phone_number": f"4207771{index:05}"},
            "result": "delivered",
            "result_info": "[0] Delivered",
            "sms": {
                "sender": "Shop",
                "gateway": "high",
                "country": 230,
                "operator": 1,
                "price_czk": 1.05,
                "price_eur": 0.042,
                "count": 1,
            },
        }
        for index in range(_EVENTS)
    ]
).encode()


@contextmanager
def _decoded(_: str) -> Iterator[Callable[[], object]]:
    yield lambda: json.loads(_BODY)


@contextmanager
def _parsed(_: str) -> Iterator[Callable[[], object]]:
    yield lambda: parse_webhook(_BODY)


def _read_all() -> object:
    return [
        (event.channel, event.result_info, event.reference, event.dedup_key)
        for event in parse_webhook(_BODY)
        if isinstance(event, DeliveryReport)
    ]


@contextmanager
def _all_read(_: str) -> Iterator[Callable[[], object]]:
    yield _read_all


@contextmanager
def _received(_: str) -> Iterator[Callable[[], object]]:
    receiver = WebhookReceiver(signature_secrets=_SECRET, tracker=DeliveryTracker())
    headers = {"x-request-signature": sign(_BODY, _SECRET)}
    yield lambda: receiver.handle("POST", headers, "", _BODY).finish()


CONTENDERS = (
    Contender("json.loads", blocking=_decoded, recipients=_EVENTS),
    Contender("parse_webhook", blocking=_parsed, recipients=_EVENTS),
    Contender("parse_webhook, all read", blocking=_all_read, recipients=_EVENTS, share=_SHARE),
    Contender("receiver and tracker", blocking=_received, recipients=_EVENTS, share=_SHARE),
)
_AIMED = ("parse_webhook", "parse_webhook, all read")


def measure(options: Options) -> Section:
    """Measure what one event costs."""
    rows: list[Row] = []
    base = CONTENDERS[0]
    for contender in CONTENDERS[1:]:
        costs = cost_of_rounds(__name__, (base, contender), options)
        for shown in (base, contender)[bool(rows) :]:
            cost = costs[shown.name].cpu_us
            per_second = tuple(1e6 / each for each in cost)
            aim = AIM if shown.name in _AIMED else None
            compared = Comparison(base.name, quotients(cost, costs[base.name].cpu_us), aim=aim)
            rows.append(Row(shown.name, (cost, per_second), () if shown is base else (compared,)))
    return Section(
        "One event of a webhook",
        ("CPU us", "events/s"),
        tuple(rows),
        f"  {_EVENTS} delivery reports a body. The channel object and result_info are made of the JSON\n"
        '  when they are first read: "all read" reads them. The receiver checks a signature, and its\n'
        "  tracker in memory takes in what it knows already.",
    )
