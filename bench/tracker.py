"""Events into a tracker on PostgreSQL, in batches, beside one bare upsert per event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa

from bench.cores import CLIENT, STUB, pin
from bench.figures import Comparison, Row, Section, quotients
from smsmanager.webhooks import DeliveryReport, DeliveryTracker, parse_webhook
from tests.postgres import binaries, running_cluster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.options import Options
    from smsmanager.webhooks import Event

AIM = 10_000
"""Events that a process should take in a second."""
_BATCH = 100
_COURSE = ("sending", "sent", "delivered")
_BARE = "a bare upsert per event"
_TABLE = """CREATE TABLE bare (message_id text, reference text, channel text, rank integer, at_s float8,
    result text, description text, phone_number text, request_id text,
    PRIMARY KEY (message_id, reference, channel))"""
_UPSERT = """INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (message_id, reference, channel) DO UPDATE SET rank = excluded.rank, at_s = excluded.at_s,
    result = excluded.result, description = excluded.description
    WHERE (excluded.rank, excluded.at_s) > (bare.rank, bare.at_s)"""


def measure(options: Options) -> Section:
    """Measure batches of events that were parsed before; each message gets three reports."""
    if binaries() is None:
        return Section("Events into a tracker", ("events/s",), (), "  PostgreSQL is not installed.")
    messages = max(1, options.sends // 20)
    bare: list[float] = []
    ours: list[float] = []
    again: list[float] = []
    # The server where the stub runs otherwise.
    pin(STUB)
    with running_cluster(is_durable=True) as cluster:
        pin(CLIENT)
        for each in range(options.rounds):
            batches = _batches(each, messages)
            with cluster.database() as url:
                bare.append(_bare(url, batches))
                with DeliveryTracker.open(url) as tracker:
                    ours.append(_applied(tracker, batches))
                    again.append(_applied(tracker, batches))
    aimed = Comparison("aim of 10,000/s", tuple(AIM / rate for rate in ours), aim=1.0)
    compared = Comparison(_BARE, quotients(bare, ours))
    return Section(
        f"Events into a tracker on PostgreSQL, {_BATCH} a batch",
        ("events/s",),
        (
            Row(_BARE, (tuple(bare),)),
            Row("tracker, new reports", (tuple(ours),), (compared, aimed)),
            Row("tracker, the same again", (tuple(again),)),
        ),
        "  One process, one connection, commits flushed to the disk. The bare upsert sends rows that are\n"
        "  ready, by executemany in one transaction per batch, without details of the channel. Ratios are\n"
        "  of the time that an event takes.",
    )


def _batches(seed: int, messages: int) -> list[list[Event]]:
    return [
        parse_webhook([_element(f"{seed}-{batch}-{place}", result) for place in range(_BATCH)])
        for batch in range(messages)
        for result in _COURSE
    ]


def _element(name: str, result: str) -> dict[str, object]:
    step = _COURSE.index(result)
    return {
        "type": "outgoing",
        "request_id": "bc36f3d1-d284-463a-921b-a3560c154649",
        "message_id": f"e27ff0ac-87b5-4e1d-b644-{name}",
        "gateway": "sms",
        "timestamp": 1767225600 + step,
        "payload": {"smsmanager_reference": f"order-{name}"},
        "to": {"phone_number": "420777123456"},
        "result": result,
        "result_info": f"[0] {result}",
        "sms": {"sender": "Shop", "country": 230, "price_czk": 1.05, "count": 1},
    }


def _applied(tracker: DeliveryTracker, batches: Sequence[Sequence[Event]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        tracker.apply(*batch)
    return len(batches) * _BATCH / (time.perf_counter() - began)


def _bare(url: str, batches: Sequence[Sequence[Event]]) -> float:
    rows = [
        [
            (
                event.message_id,
                event.reference,
                str(event.gateway),
                _COURSE.index(str(event.result)),
                0.0 if event.at is None else event.at.timestamp(),
                str(event.result),
                event.result_info.description,
                event.phone_number,
                event.request_id,
            )
            for event in batch
            if isinstance(event, DeliveryReport)
        ]
        for batch in batches
    ]
    own = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute(_TABLE)
        began = time.perf_counter()
        for several in rows:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(_UPSERT, several)
        return len(rows) * _BATCH / (time.perf_counter() - began)
