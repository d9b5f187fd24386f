"""Several campaigns in one database: what happens to one does not affect another."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions, LedgerRow, Row, work
from smsmanager.campaigns._ledger import schema
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    Time,
    claim_one,
    client_of,
    counts,
    delivery_report,
    play,
    working,
)
from tests.campaigns.run.test_model import performed, scripted

NAMES = ("spring", "autumn", "winter")
SIZE = 23
fates = st.lists(
    st.sampled_from(("all", "some", "none", "lost", "taken and lost", 503, 400)), max_size=5
)
runs = st.tuples(
    st.just("run"), st.sampled_from(NAMES), fates, st.booleans(), st.none() | st.integers(0, 20)
)
reports = st.tuples(
    st.just("report"), st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, SIZE)
)


def own_rows(name: str) -> Iterator[Row]:
    """Yield rows with the numbers and texts of one campaign, under the same row numbers."""
    first = 420_600_000_000 + 1000 * NAMES.index(name)
    for row in range(1, SIZE + 1):
        text = f"{name} {row}" if row % 3 else name
        reference = f"order-{row}" if row % 5 == 0 else None
        yield Row(row, str(first + row), text, reference=reference)


def known(campaign: Campaign) -> list[Any]:
    """Return everything that the ledger knows about one campaign."""
    of_campaign = schema.earlier.c.campaign == campaign._ledger.head.id
    with campaign._ledger.database.reading() as connection:
        earlier = connection.execute(select(schema.earlier).where(of_campaign)).all()
    rows = [attrs.astuple(row, recurse=False) for row in campaign.rows()]
    return [*rows, *map(tuple, earlier)]


def ask_about_all(ledger: Path) -> None:
    """Record an answer about every row of every campaign."""
    with contextlib.closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute(
            "INSERT INTO smsmanager_campaign_asked (campaign, row, finding, evidence) "
            "SELECT campaign, row, 'not_found', '{}' FROM smsmanager_campaign_row"
        )
    connection.close()


def report_of(row: LedgerRow, result: str) -> dict[str, Any]:
    payload = {REFERENCE_KEY: row.reference} if row.reference else {}
    to = {"phone_number": row.phone_number}
    return delivery_report(row.message_id or f"late-{row.row}", result, payload=payload, to=to)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(runs | reports, min_size=3, max_size=7))
def test_what_happens_to_one_campaign_changes_nothing_of_the_others(
    story: list[tuple[Any, ...]],
) -> None:
    service = Service()
    with tempfile.TemporaryDirectory() as folder, client_of(service, retries=0) as client:
        ledger = Path(folder) / "ledger.sqlite3"
        options = CampaignOptions(concurrency=2, attempts=2, stop_after=None)
        for name in NAMES:
            Campaign.create(ledger, own_rows(name), options, name=name).close()
        ask_about_all(ledger)
        for kind, name, *drawn in [*story, ("run", "autumn", [], False, None)]:
            opened = {each: Campaign.open(ledger, name=each) for each in NAMES}
            before = {each: known(campaign) for each, campaign in opened.items()}
            if kind == "run":
                sent_by(opened[name], name, service, client, *drawn)
            else:
                of, place = drawn
                events = [report_of(list(opened[of].rows())[place - 1], "delivered")]
                recorded = opened[name].record(parse_webhook(events))
                assert recorded == 0 or of == name
                assert known(opened[name]) == before[name] or recorded
            for each, campaign in opened.items():
                assert known(campaign) == before[each] or each == name, f"{name} changed {each}"
                campaign.close()


def sent_by(
    campaign: Campaign,
    name: str,
    service: Service,
    client: SmsManager,
    script: list[Any],
    resend: bool,  # noqa: FBT001 - drawn
    dies_after: int | None,
) -> None:
    """Run one campaign, and check that nothing of another goes out."""
    campaign._clock = Time()
    service.script = [scripted(service, fate) for fate in script]
    service.requests.clear()
    steps = campaign._steps(campaign.options, resend_unknown=resend)
    play(steps, performed(campaign, client), dies_after)
    own = {row.phone_number: row.body for row in own_rows(name)}
    for message in (message for request in service.requests for message in request):
        for to in message["to"]:
            assert own.get(to["phone_number"]) == message["body"]


def test_what_is_in_flight_in_one_stays_so_while_others_begin_and_end(
    tmp_path: Path, service: Service, client: SmsManager
) -> None:
    opened = [Campaign.create(tmp_path / "l", own_rows(name), name=name) for name in NAMES[:2]]
    with opened[0] as spring, opened[1] as autumn, working(spring) as session:
        claim_one(session)
        with autumn._ledger.database.writing() as connection:
            # Workers can share them: the file lock keeps none of them out.
            connection.exec_driver_sql("UPDATE smsmanager_campaign SET version = 2")
        before = counts(spring)
        assert before["in_flight"] > 0
        list(autumn.run(client))
        autumn.start_workers()
        work(tmp_path / "l", "autumn", client)
        assert counts(spring) == before


def test_the_target_of_one_campaign_says_nothing_about_another(tmp_path: Path) -> None:
    service = Service()
    for name in NAMES:
        Campaign.create(tmp_path / "l", own_rows(name), name=name).close()
    with client_of(service) as client, Campaign.open(tmp_path / "l", name="autumn") as campaign:
        list(campaign.run(client))
    for name in NAMES:
        with Campaign.open(tmp_path / "l", name=name) as campaign:
            assert (campaign.status().target is None) == (name != "autumn")


def test_request_ids_are_noted_for_the_campaign_that_sent_them(tmp_path: Path) -> None:
    service = Service()
    for name in NAMES:
        Campaign.create(tmp_path / "l", own_rows(name), name=name).close()
    found: Sequence[Any] = ()
    with client_of(service) as client:
        for name in NAMES:
            service.script = [lambda body: service.answer(body, [])]
            with Campaign.open(tmp_path / "l", name=name) as campaign:
                list(campaign.run(client, concurrency=1))
                with campaign._ledger.database.reading() as connection:
                    found = connection.exec_driver_sql(
                        "SELECT campaign, request_id FROM smsmanager_campaign_request "
                        "WHERE request_id IS NOT NULL ORDER BY campaign"
                    ).all()
        firsts = [f"r{next(own_rows(name)).phone_number}" for name in NAMES]
        assert [tuple(each) for each in found] == list(enumerate(firsts, start=1))


def test_a_lost_answer_of_one_is_not_that_of_another(tmp_path: Path) -> None:
    """Both have a message 1 in flight or lost."""
    service = Service()
    for name in NAMES:
        Campaign.create(tmp_path / "l", own_rows(name), name=name).close()
    with client_of(service) as client:
        for name in NAMES:
            service.script = [httpx.ReadTimeout("late")]
            with Campaign.open(tmp_path / "l", name=name) as campaign:
                list(campaign.run(client, concurrency=1))
    with (
        Campaign.open(tmp_path / "l", name="spring") as spring,
        Campaign.open(tmp_path / "l", name="autumn") as autumn,
    ):
        lost = next(autumn.rows())
        assert spring.record(parse_webhook([report_of(lost, "delivered")])) == 0
        assert autumn.record(parse_webhook([report_of(lost, "delivered")])) == 1
        assert next(autumn.rows()).message_id == "late-1"
        with client_of(service) as client:
            list(spring.run(client))
        first = next(spring.rows())
        assert (first.state, first.message_id, first.delivery) == ("unknown", None, None)
