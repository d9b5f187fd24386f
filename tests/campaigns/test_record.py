"""Delivery reports into the ledger: which row each names, which one counts, what it settles."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions, Delivery, LedgerRow, Row, RowState
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import BASE_URL, Service, counts, number, rows

AT = 1_893_492_000


def report(message_id: str, result: str = "delivered", **fields: Any) -> dict[str, Any]:
    """Return a delivery report as the service sends it."""
    return {
        "type": "outgoing",
        "request_id": "r",
        "message_id": message_id,
        "gateway": "sms",
        "timestamp": AT,
        "payload": {},
        "to": {"phone_number": number(1)},
        "result": result,
        "result_info": "",
        **fields,
    }


@pytest.fixture
def client(service: Service) -> Iterable[SmsManager]:
    with SmsManager("key", base_url=BASE_URL, transport=httpx.MockTransport(service)) as blocking:
        yield blocking


def sent(folder: Path, client: SmsManager, given: Iterable[Row], **options: Any) -> Campaign:
    campaign = Campaign.create(folder / "l.sqlite3", given, CampaignOptions(**options))
    for _ in campaign.run(client):
        pass
    return campaign


def only(campaign: Campaign, row: int) -> LedgerRow:
    [found] = [each for each in campaign.rows() if each.row == row]
    return found


def delivery(campaign: Campaign, row: int) -> Delivery | None:
    return only(campaign, row).delivery


def test_a_report_names_a_row_by_its_id(tmp_path: Path, client: SmsManager) -> None:
    with sent(tmp_path, client, rows(25)) as campaign:
        ids = [row.message_id for row in campaign.rows()]
        details = {
            "country": "230",
            "operator": "1",
            "price_czk": 1.15,
            "price_eur": 0.046,
            "count": 2,
        }
        told = report(ids[12] or "", result_info="[0] delivered", sms=details)
        assert campaign.record(parse_webhook([told])) == 1
        found = delivery(campaign, 13)
        assert found is not None
        assert (found.result, found.code, found.gateway, found.mcc) == ("delivered", 0, "sms", 230)
        assert (found.parts, found.price_czk, found.price_eur) == (
            2,
            Decimal("1.15"),
            Decimal("0.046"),
        )
        assert found.at is not None
        assert found.at.timestamp() == AT
        assert [row.row for row in campaign.rows() if row.delivery] == [13]
        assert campaign.status().deliveries == {"delivered": 1}


def test_a_single_recipient_is_named_with_and_without_its_index(
    tmp_path: Path, client: SmsManager
) -> None:
    with sent(tmp_path, client, rows(3, lambda row: f"Text {row}")) as campaign:
        first, second, _ = (row.message_id or "" for row in campaign.rows())
        assert campaign.record(parse_webhook([report(first.removesuffix("-0"))])) == 1
        assert campaign.record(parse_webhook([report(second)])) == 1
        assert [row.row for row in campaign.rows() if row.delivery] == [1, 2]


def test_the_bare_id_of_several_names_none_of_them(tmp_path: Path, client: SmsManager) -> None:
    with sent(tmp_path, client, rows(3)) as campaign:
        base = (only(campaign, 1).message_id or "").removesuffix("-0")
        assert campaign.record(parse_webhook([report(base), report("elsewhere-0")])) == 0
        assert campaign.status().deliveries == {}


def test_the_order_of_reports_does_not_matter(tmp_path: Path, client: SmsManager) -> None:
    results = ("sending", "sent", "delivered", "seen")
    with sent(tmp_path, client, rows(24, lambda row: f"Text {row}")) as campaign:
        for row, order in enumerate(itertools.permutations(results), start=1):
            name = only(campaign, row).message_id or ""
            for result in order:
                campaign.record(parse_webhook([report(name, result)]))
                campaign.record(parse_webhook([report(name, result)]))
        assert campaign.status().deliveries == {"seen": 24}


def test_what_each_channel_cost_is_added_up(tmp_path: Path, client: SmsManager) -> None:
    with sent(tmp_path, client, rows(1)) as campaign:
        name = only(campaign, 1).message_id or ""
        viber = {"price_czk": "0.5", "count": 1}
        sms = {"price_czk": "1.25", "count": 2}
        events = [
            report(name, "sent", sms=sms),
            report(name, "delivered", timestamp=AT + 60),
            report(name, "failed", gateway="viber", viber=viber, result_info="[131026]"),
        ]
        assert campaign.record(parse_webhook(events)) == 3
        found = delivery(campaign, 1)
        assert found is not None
        assert (found.result, found.gateway) == ("delivered", "sms")
        assert (found.parts, found.price_czk) == (3, Decimal("1.75"))


def lost(folder: Path, client: SmsManager, service: Service, given: Iterable[Row]) -> Campaign:
    service.script = [httpx.ReadTimeout("late")]
    campaign = sent(folder, client, given, concurrency=1)
    assert set(counts(campaign)) == {"unknown"}
    return campaign


def test_the_first_report_that_names_an_unknown_row_settles_it(
    tmp_path: Path, client: SmsManager, service: Service
) -> None:
    with lost(tmp_path, client, service, rows(25)) as campaign:
        seventh = only(campaign, 17)
        assert seventh.reference is not None
        told = report(
            "late-6",
            payload={REFERENCE_KEY: seventh.reference},
            to={"phone_number": f"+{number(17)}"},
        )
        assert campaign.record(parse_webhook([told])) == 1
        settled = only(campaign, 17)
        assert (settled.state, settled.message_id, settled.reason) == (
            RowState.ACCEPTED,
            "late-6",
            None,
        )
        assert counts(campaign) == {"accepted": 1, "unknown": 24}
        for _ in campaign.run(client, resend_unknown=True):
            pass
        assert number(17) not in service.taken
        assert sum(service.taken.values()) == 24


def test_a_report_of_another_number_settles_nothing(
    tmp_path: Path, client: SmsManager, service: Service
) -> None:
    with lost(tmp_path, client, service, rows(5)) as campaign:
        name = only(campaign, 1).reference
        told = report("late-0", payload={REFERENCE_KEY: name}, to={"phone_number": number(99)})
        assert campaign.record(parse_webhook([told])) == 0
        assert counts(campaign) == {"unknown": 5}


def test_the_callers_own_reference_settles_too(
    tmp_path: Path, client: SmsManager, service: Service
) -> None:
    given = [Row(n, number(n), f"Text {n}", reference="order-7") for n in (1, 2)]
    with lost(tmp_path, client, service, given) as campaign:
        told = report("x", payload={REFERENCE_KEY: "order-7"}, to={"phone_number": number(2)})
        assert campaign.record(parse_webhook([told])) == 1
        assert [row.state for row in campaign.rows()] == [RowState.UNKNOWN, RowState.ACCEPTED]


def test_a_rejection_reported_later_is_no_reason_to_send_again(
    tmp_path: Path, client: SmsManager, service: Service
) -> None:
    with sent(tmp_path, client, rows(1)) as campaign:
        name = only(campaign, 1).message_id or ""
        campaign.record(parse_webhook([report(name, "rejected", result_info="[304] opted out")]))
        for _ in campaign.run(client, resend_unknown=True):
            pass
        assert len(service.requests) == 1
        found = delivery(campaign, 1)
        assert found is not None
        assert (found.result, found.code) == ("rejected", 304)


def test_events_of_other_kinds_are_passed_over(tmp_path: Path, client: SmsManager) -> None:
    with sent(tmp_path, client, rows(1)) as campaign:
        incoming = {"type": "incoming", "body": "Hello", "sender": number(1), "timestamp": AT}
        assert campaign.record(parse_webhook([incoming, {"type": "other"}])) == 0
