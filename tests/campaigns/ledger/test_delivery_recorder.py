"""Delivery reports in the ledger: the row of each report, which report counts, what it settles."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignOptions,
    Delivery,
    LedgerRow,
    Row,
    RowState,
    tend,
)
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.delivery_recorder import Recorder
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    AT,
    Runner,
    Service,
    claim_one,
    client_of,
    counts,
    delivery_report,
    expire_leases,
    number,
    results,
    rows,
    working,
)

Sent = Callable[..., Any]


@pytest.fixture
def sent(tmp_path: Path, client: SmsManager) -> Sent:
    """Return a function that creates a campaign and sends it."""

    @contextmanager
    def make(given: Iterable[Row], **options: Any) -> Iterator[Campaign]:
        with Campaign.create(tmp_path / "l", given, CampaignOptions(**options)) as campaign:
            list(campaign.run(client))
            yield campaign

    return make


@pytest.fixture
def lost(sent: Sent, service: Service) -> Sent:
    """Return a function that creates a campaign whose only request is lost."""

    @contextmanager
    def make(given: Iterable[Row]) -> Iterator[Campaign]:
        service.script = [httpx.ReadTimeout("late")]
        with sent(given, concurrency=1) as campaign:
            assert set(counts(campaign)) == {"unknown"}
            yield campaign

    return make


def record(campaign: Campaign, *reports: dict[str, Any]) -> int:
    return campaign.record(parse_webhook(list(reports)))


def only(campaign: Campaign, row: int) -> LedgerRow:
    [found] = [each for each in campaign.rows() if each.row == row]
    return found


def delivery(campaign: Campaign, row: int) -> Delivery:
    found = only(campaign, row).delivery
    assert found is not None
    return found


def ids(campaign: Campaign) -> list[str]:
    return [row.message_id or "" for row in campaign.rows()]


def test_a_report_names_a_row_by_its_id(sent: Sent) -> None:
    with sent(rows(25)) as campaign:
        details = {"country": "230", "operator": "1", "count": 2}
        details |= {"price_czk": 1.15, "price_eur": 0.046}
        report = delivery_report(ids(campaign)[12], result_info="[0] delivered", sms=details)
        assert record(campaign, report) == 1
        found = delivery(campaign, 13)
        assert (found.result, found.code, found.gateway, found.mcc) == ("delivered", 0, "sms", 230)
        prices = (Decimal("1.15"), Decimal("0.046"))
        assert (found.parts, found.price_czk, found.price_eur) == (2, *prices)
        assert found.at is not None
        assert found.at.timestamp() == AT
        assert [row.row for row in campaign.rows() if row.delivery] == [13]
        assert campaign.status().deliveries == {"delivered": 1}


def test_whether_the_indexes_exist_is_asked_once(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(f"{Recorder.__module__}.build_lookups", asked.append)
    with sent(rows(1)) as campaign:
        recorder = Recorder(campaign._ledger)
        for _ in range(3):
            assert recorder.record([]) == 0
    assert len(asked) == 1


def test_a_single_recipient_is_named_with_and_without_its_index(sent: Sent) -> None:
    with sent(rows(3, lambda row: f"Text {row}")) as campaign:
        first, second, _ = ids(campaign)
        assert record(campaign, delivery_report(first.removesuffix("-0"))) == 1
        assert record(campaign, delivery_report(second)) == 1
        assert [row.row for row in campaign.rows() if row.delivery] == [1, 2]


def test_a_row_keeps_the_id_that_the_answer_gave_it(sent: Sent, client: SmsManager) -> None:
    with sent(rows(3, lambda row: f"Text {row}")) as campaign:
        before = ids(campaign)
        assert record(campaign, delivery_report(before[0].removesuffix("-0"))) == 1
        list(campaign.run(client))
        assert ids(campaign) == before


def test_the_bare_id_of_several_names_none_of_them(sent: Sent) -> None:
    with sent(rows(3)) as campaign:
        base = ids(campaign)[0].removesuffix("-0")
        assert record(campaign, delivery_report(base), delivery_report("elsewhere-0")) == 0
        assert campaign.status().deliveries == {}


def test_the_order_of_reports_does_not_matter(sent: Sent) -> None:
    results = ("sending", "sent", "delivered", "seen")
    with sent(rows(24, lambda row: f"Text {row}")) as campaign:
        for name, order in zip(ids(campaign), itertools.permutations(results), strict=True):
            for result in order:
                record(campaign, delivery_report(name, result))
                record(campaign, delivery_report(name, result))
        assert campaign.status().deliveries == {"seen": 24}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("last", ["delivered", "sent"])
def test_the_cost_of_a_channel_is_what_its_furthest_report_says(
    sent: Sent, last: str, *, together: bool
) -> None:
    with sent(rows(1)) as campaign:
        [name] = ids(campaign)
        events = [
            delivery_report(
                name, "sent", sms={"price_czk": "1.25", "price_eur": "0.05", "count": 2}
            ),
            delivery_report(
                name, "delivered", sms={"price_czk": "1.5", "count": 3, "operator": "1"}
            ),
        ]
        ordered = sorted(events, key=lambda event: event["result"] == last)
        for some in [ordered] if together else [[event] for event in ordered]:
            assert record(campaign, *some) == len(some)
        found = delivery(campaign, 1)
        assert (found.result, found.parts) == ("delivered", 3)
        # What it leaves out, the other one says.
        assert (found.price_czk, found.price_eur) == (Decimal("1.5"), Decimal("0.05"))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_cost_of_all_channels_is_added_up(
    sent: Sent, order: tuple[int, ...], *, together: bool
) -> None:
    with sent(rows(1)) as campaign:
        [name] = ids(campaign)
        viber = {"price_czk": "0.5", "count": 1}
        events = [
            delivery_report(name, "sent", sms={"price_czk": "1.25", "count": 2}),
            delivery_report(name, "delivered", timestamp=AT + 60),
            delivery_report(name, "failed", gateway="viber", viber=viber, result_info="[131026]"),
        ]
        ordered = [events[place] for place in order]
        for some in [ordered] if together else [[event] for event in ordered]:
            assert record(campaign, *some) == len(some)
        found = delivery(campaign, 1)
        assert (found.result, found.gateway) == ("delivered", "sms")
        assert (found.parts, found.price_czk) == (3, Decimal("1.75"))


def test_the_first_report_that_names_an_unknown_row_settles_it(
    lost: Sent, client: SmsManager, service: Service
) -> None:
    with lost(rows(25)) as campaign:
        payload = {REFERENCE_KEY: only(campaign, 17).reference}
        to = {"phone_number": f"+{number(17)}"}
        assert record(campaign, delivery_report("late-6", payload=payload, to=to)) == 1
        found = only(campaign, 17)
        assert (found.state, found.message_id) == (RowState.ACCEPTED, "late-6")
        assert found.reason is None
        assert counts(campaign) == {"accepted": 1, "unknown": 24}
        list(campaign.run(client, resend_unknown=True))
        assert number(17) not in service.taken
        assert sum(service.taken.values()) == 24


def test_a_report_without_a_number_settles_the_row_at_its_place_alone(lost: Sent) -> None:
    with lost(rows(25)) as campaign:
        payload = {REFERENCE_KEY: only(campaign, 17).reference}
        bare, placed = (delivery_report(name, payload=payload) for name in ("late", "late-6"))
        del bare["to"], placed["to"]
        # It could be any of the ten in this message.
        assert record(campaign, bare) == 0
        assert record(campaign, placed) == 1
        assert only(campaign, 17).message_id == "late-6"
        assert counts(campaign) == {"accepted": 1, "unknown": 24}


def test_a_report_of_another_number_settles_nothing(lost: Sent) -> None:
    with lost(rows(5)) as campaign:
        payload = {REFERENCE_KEY: only(campaign, 1).reference}
        to = {"phone_number": number(99)}
        assert record(campaign, delivery_report("late-0", payload=payload, to=to)) == 0
        assert counts(campaign) == {"unknown": 5}


def test_the_callers_own_reference_settles_too(lost: Sent) -> None:
    given = [Row(n, number(n), f"Text {n}", reference="order-7") for n in (1, 2)]
    with lost(given) as campaign:
        payload, to = {REFERENCE_KEY: "order-7"}, {"phone_number": number(2)}
        assert record(campaign, delivery_report("x", payload=payload, to=to)) == 1
        assert [row.state for row in campaign.rows()] == [RowState.UNKNOWN, RowState.ACCEPTED]


def test_a_rejection_reported_later_is_no_reason_to_send_again(
    sent: Sent, client: SmsManager, service: Service
) -> None:
    with sent(rows(1)) as campaign:
        [name] = ids(campaign)
        record(campaign, delivery_report(name, "rejected", result_info="[304] opted out"))
        list(campaign.run(client, resend_unknown=True))
        assert len(service.requests) == 1
        found = delivery(campaign, 1)
        assert (found.result, found.code) == ("rejected", 304)


@pytest.mark.parametrize("reported", ["another", "order-7"])
def test_a_report_under_another_reference_is_not_about_the_row(sent: Sent, reported: str) -> None:
    """Anyone who has the callback URL of one message can write the id of another."""
    given = [Row(n, number(n), f"Text {n}", reference=f"order-{n}") for n in (7, 8)]
    with sent([*given, Row(9, number(9), "Text 9")]) as campaign:
        for row in (8, 9):
            name = only(campaign, row).message_id or ""
            for form in (name, name.removesuffix("-0")):
                lie = delivery_report(form, "rejected", payload={REFERENCE_KEY: reported})
                assert record(campaign, lie) == 0
                foreign = {REFERENCE_KEY: only(campaign, 17 - row if row == 8 else 8).reference}
                assert record(campaign, delivery_report(form, "rejected", payload=foreign)) == 0
            own = {REFERENCE_KEY: only(campaign, row).reference}
            assert record(campaign, delivery_report(name, "sent", payload=own)) == 1
            assert record(campaign, delivery_report(name, "delivered", payload=None)) == 1
        assert campaign.status().deliveries == {"delivered": 2}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("came", "result", "gateway"),
    [
        ([("viber", "rejected"), ("sms", "sending"), ("sms", "sent")], "sent", "sms"),
        ([("viber", "rejected"), ("sms", "sent"), ("sms", "delivered")], "delivered", "sms"),
        ([("viber", "failed"), ("sms", "rejected")], "rejected", "sms"),
        ([("viber", "delivered"), ("sms", "sent"), ("sms", "rejected")], "delivered", "viber"),
        ([("viber", "delivered"), ("sms", "delivered"), ("viber", "seen")], "seen", "viber"),
        ([("sms", "rejected"), ("sms", "delivered")], "delivered", "sms"),
    ],
)
def test_a_later_step_of_a_flow_counts(
    sent: Sent, came: list[tuple[str, str]], result: str, gateway: str, *, together: bool
) -> None:
    with sent(rows(6)) as campaign:
        for name, order in zip(
            ids(campaign), itertools.permutations(range(len(came))), strict=False
        ):
            events = [
                delivery_report(name, came[place][1], gateway=came[place][0], timestamp=AT + place)
                for place in order
            ]
            for some in [events] if together else [[event] for event in events]:
                record(campaign, *some)
        known = [row.delivery for row in campaign.rows() if row.delivery]
        assert {(each.result, each.gateway) for each in known} == {(result, gateway)}
        assert campaign.status().deliveries == {result: len(known)}


@pytest.mark.parametrize("together", [True, False])
def test_of_two_results_of_one_rank_the_later_one_counts(sent: Sent, *, together: bool) -> None:
    words = ("undelivered", "failed")
    with sent(rows(4, lambda row: f"Text {row}")) as campaign:
        for name, (last, place) in zip(
            ids(campaign), itertools.product(words, (0, 1)), strict=True
        ):
            events = [
                delivery_report(name, word, timestamp=AT + 60 * (word == last))
                for word in (words if place else words[::-1])
            ]
            for some in [events] if together else [[event] for event in events]:
                assert record(campaign, *some) == len(some)
        found = [delivery(campaign, row).result for row in range(1, 5)]
        assert found == ["undelivered", "undelivered", "failed", "failed"]


def test_a_rejection_that_an_earlier_version_recorded_does_not_stand_forever(sent: Sent) -> None:
    with sent(rows(2)) as campaign:
        first, second = ids(campaign)
        record(campaign, delivery_report(first, "rejected"), delivery_report(second, "rejected"))
        with campaign._ledger.database.writing() as connection:
            connection.exec_driver_sql("UPDATE smsmanager_campaign_delivery SET rank = 70")
        record(campaign, delivery_report(first, "delivered", timestamp=AT + 1))
        record(campaign, delivery_report(second, "sent", timestamp=AT + 1, gateway="viber"))
        assert [delivery(campaign, row).result for row in (1, 2)] == ["delivered", "sent"]
        assert campaign.status().deliveries == {"delivered": 1, "sent": 1}


def test_a_row_that_has_an_id_is_not_found_by_its_reference(lost: Sent, client: SmsManager) -> None:
    """Both have the same number and reference: the report is about the one without an id."""
    given = [Row(n, number(1), f"Text {n}", reference="order-7") for n in (1, 2)]
    with lost(given) as campaign:
        payload, to = {REFERENCE_KEY: "order-7"}, {"phone_number": number(1)}
        for name, row in (("x", 1), ("y", 2)):
            assert record(campaign, delivery_report(name, "sent", payload=payload, to=to)) == 1
            assert only(campaign, row).message_id == name
        assert record(campaign, delivery_report("z", "failed", payload=payload, to=to)) == 0
        assert [delivery(campaign, row).result for row in (1, 2)] == ["sent", "sent"]


def test_a_row_that_was_never_sent_is_found_by_nothing(
    tmp_path: Path, service: Service, client: SmsManager
) -> None:
    given = [Row(n, number(1), f"Text {n}", reference="order-7") for n in (1, 2)]
    with Campaign.create(tmp_path / "l", given, CampaignOptions()) as campaign:
        payload, to = {REFERENCE_KEY: "order-7"}, {"phone_number": number(1)}
        assert record(campaign, delivery_report("x", payload=payload, to=to)) == 0
        assert counts(campaign) == {"pending": 2}
        assert all(row.message_id is None for row in campaign.rows())


odd_times = st.one_of(
    st.none(),
    st.sampled_from((0, -62_135_596_800, AT * 1000, AT * 1_000_000, 253_402_300_799, "soon", True)),
    st.integers(),
    st.floats(),
)


@given(times=st.lists(odd_times, min_size=12, max_size=12))
@settings(max_examples=8, deadline=None)
def test_a_report_of_an_impossible_time_is_kept_without_it(times: list[Any]) -> None:
    service = Service()
    with (
        TemporaryDirectory() as folder,
        client_of(service) as client,
        Campaign.create(f"{folder}/l", rows(12)) as campaign,
    ):
        list(campaign.run(client))
        for name, at in zip(ids(campaign), times, strict=True):
            report = delivery_report(name, timestamp=at)
            if at is None:
                del report["timestamp"]
            assert record(campaign, report) == 1
        assert campaign.status().deliveries == {"delivered": 12}
        assert all(row.delivery is not None for row in campaign.rows())
        assert campaign.report().delivered == 12
        assert campaign.write_csv(f"{folder}/c") == 12
        with campaign._ledger.database.writing() as connection:
            # How earlier versions stored a report without a time.
            connection.exec_driver_sql("UPDATE smsmanager_campaign_delivery SET at = -1e15")
        assert {delivery(campaign, row).at for row in range(1, 13)} == {None}
        assert campaign.report().intervals == ()


def test_events_of_other_kinds_are_ignored(sent: Sent) -> None:
    with sent(rows(1)) as campaign:
        incoming = {"type": "incoming", "body": "Hello", "sender": number(1), "timestamp": AT}
        assert record(campaign, incoming, {"type": "other"}) == 0


def report_on(campaign: Campaign, row: int, result: str = "delivered") -> int:
    """Record a report on a row by its reference, as long as it has no id."""
    found = only(campaign, row)
    to = {"phone_number": found.phone_number}
    payload = {REFERENCE_KEY: found.reference}
    return record(campaign, delivery_report(f"early-{row}", result, payload=payload, to=to))


@pytest.mark.parametrize("answer", ["lost", "accepted", "not mentioned", "rejected"])
def test_a_report_on_a_row_in_flight_counts(runner: Runner, answer: str) -> None:
    campaign = runner.create(rows(5))

    def slow(body: Any) -> httpx.Response:
        assert counts(campaign) == {"in_flight": 5}
        assert report_on(campaign, 3) == 1
        if answer == "lost":
            runner.service.accept(body)
            raise httpx.ReadTimeout("late")
        return runner.service.answer(
            body, [0] if answer == "accepted" else [], [0] if answer == "rejected" else []
        )

    runner.service.script = [slow]
    runner.run(campaign)
    assert delivery(campaign, 3).result == "delivered"
    if answer in {"lost", "not mentioned"}:
        assert (only(campaign, 3).state, only(campaign, 3).message_id) == ("accepted", "early-3")
        before = len(runner.service.requests)
        runner.run(campaign, resend_unknown=True)
        again = [to for each in runner.service.requests[before:] for m in each for to in m["to"]]
        assert {to["phone_number"] for to in again} == {number(n) for n in (1, 2, 4, 5)}
    elif answer == "accepted":
        assert counts(campaign) == {"accepted": 5}


def test_a_report_in_the_middle_of_a_resend_keeps_its_row_from_being_sent_again(
    runner: Runner,
) -> None:
    campaign = runner.create(rows(300), concurrency=1, stop_after=None)
    runner.service.script = [httpx.ReadTimeout("late")] * 3
    runner.run(campaign)
    assert counts(campaign) == {"unknown": 300}

    def meanwhile(body: Any) -> httpx.Response:
        # One in flight, one in the next request, one in the last.
        assert [report_on(campaign, row) for row in (50, 150, 299)] == [1, 1, 1]
        return runner.service.accept(body)

    runner.service.script = [meanwhile]
    [*_, last] = runner.run(campaign, resend_unknown=True)
    assert counts(campaign) == {"accepted": 300}
    assert dict(last.counts) == dict(campaign.status().counts)
    assert number(150) not in runner.service.taken
    assert number(299) not in runner.service.taken
    assert only(campaign, 150).message_id == "early-150"
    assert {delivery(campaign, row).result for row in (50, 150, 299)} == {"delivered"}


def test_a_row_that_a_report_named_in_flight_is_accepted_though_its_worker_is_gone(
    tmp_path: Path,
) -> None:
    with Campaign.create(tmp_path / "l", rows(5)) as campaign:
        campaign.start_workers()
        ledger = campaign._ledger
        with ledger.database.engine.connect() as connection:
            session = SharedSession(ledger, connection, "", None, lambda: 0.0)
            session.settle_and_claim([], session.page(0).batches)
            assert report_on(campaign, 3) == 1
            assert counts(campaign) == {"in_flight": 5}
        expire_leases(campaign)
        assert tend(tmp_path / "l").ended == 1
        assert counts(campaign) == {"accepted": 1, "unknown": 4}
        # Stored so, and not only shown.
        columns = (schema.row.c.state, schema.row.c.message_id, schema.row.c.reason)
        with ledger.database.reading() as connection:
            kept = connection.execute(select(*columns).where(schema.row.c.row == 3)).one()
        assert tuple(kept) == ("accepted", "early-3", None)


def test_a_row_that_a_report_named_in_flight_is_accepted_as_soon_as_it_is_lost(
    tmp_path: Path,
) -> None:
    with Campaign.create(tmp_path / "l", rows(5)) as campaign, working(campaign) as session:
        claimed = claim_one(session)
        assert report_on(campaign, 3) == 1
        assert session.settle_and_claim(results(claimed, RowState.UNKNOWN), []) == ([], {3})
        assert counts(campaign) == {"accepted": 1, "unknown": 4}
