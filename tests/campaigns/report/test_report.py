"""The report: figures that add up, a page that is safe and complete, CSV without formulas."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignOptions,
    InputError,
    Refusal,
    RefusedInput,
    RefusedReport,
    RefusedRow,
    Row,
    RowState,
)
from smsmanager.campaigns._input.number_repair import repair_number
from smsmanager.campaigns.report import _charts, _html_page
from smsmanager.campaigns.report._csv_export import disarmed
from smsmanager.phone import CANONICAL
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import AT, delivery_report, number

HOSTILE = "<script>alert('x')</script>&\"'"
DETAILS = {"country": "230", "price_czk": 1.5, "price_eur": 0.06, "count": 2}


@pytest.fixture
def campaign(tmp_path: Path, client: SmsManager) -> Iterator[Campaign]:
    """A campaign of 40 rows with every kind of outcome."""
    given: list[Row | RefusedRow] = [
        Row(n, number(n) if n % 4 else f"4219{n:08}", "Hello" if n % 2 else "ž" * 80)
        for n in range(1, 39)
    ]
    given += [RefusedRow(39, HOSTILE, HOSTILE), RefusedRow(40, "body", "is empty")]
    with Campaign.create(tmp_path / "l", given, name=HOSTILE, source=HOSTILE) as made:
        list(made.run(client))
        told = []
        for row in made.rows(RowState.ACCEPTED):
            name = row.message_id or ""
            if row.row <= 20:
                told.append(
                    delivery_report(name, "delivered", timestamp=AT + 60 * row.row, sms=DETAILS)
                )
            elif row.row <= 25:
                told.append(
                    delivery_report(name, "rejected", timestamp=AT, result_info="[304] opted out")
                )
            elif row.row == 26:
                told.append(delivery_report(name, HOSTILE))
            elif row.row == 27:
                told.append(delivery_report(name, "failed", result_info="[131026] no WhatsApp"))
        assert made.record(parse_webhook(told)) == 27
        yield made


def test_the_figures_add_up(campaign: Campaign) -> None:
    found = campaign.report()
    assert (found.total, found.reported, found.delivered) == (40, 27, 20)
    assert found.states[RowState.REFUSED] == 2
    assert found.results == {"delivered": 20, "rejected": 5, HOSTILE: 1, "failed": 1}
    assert found.parts == {1: 19, 2: 19}
    assert found.billed_parts == 40
    assert found.price_czk == Decimal(30)
    assert found.price_eur == Decimal("1.2")
    assert {(c.country, c.gateway, c.messages) for c in found.costs} == {
        ("CZ +420", "sms", 15),
        ("SK +421", "sms", 5),
    }
    assert sum(each.delivered for each in found.intervals) == 20
    assert sum(each.failed for each in found.intervals) == 6
    assert {(f.code, f.country): f.rows for f in found.failures} == {
        (304, "CZ +420"): 4,
        (304, "SK +421"): 1,
        (131026, "CZ +420"): 1,
    }
    assert [r.rows for r in found.reasons] == [1, 1]


def test_as_json_it_is_json(campaign: Campaign) -> None:
    found = json.loads(json.dumps(campaign.report().as_json()))
    assert found["states"]["accepted"] == 38
    assert found["price_czk"] == "30"
    assert found["costs"][0]["price_czk"] == "22.5"
    assert found["delivered"] == 20


def test_the_page_is_whole_and_safe(campaign: Campaign, tmp_path: Path) -> None:
    campaign.report().write_html(tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"\b(?:src|href)\s*=|@import|url\(", text)
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    # Only totals: neither a number nor a text of a row.
    for row in campaign.rows():
        assert row.phone_number is None or row.phone_number not in text
        assert row.body is None or row.body == "Hello" or row.body not in text
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(pictures) == 7
    for picture in pictures:
        drawn = ET.fromstring(picture)  # noqa: S314 - our own page
        assert drawn.get("role") == "img"
        names = (drawn.get("aria-labelledby") or "").split()
        assert [e.get("id") for e in drawn if e.tag in {"title", "desc"}] == names
        _, _, width, height = map(float, (drawn.get("viewBox") or "").split())
        for bar in drawn.iter("rect"):
            x, y, wide, high = (float(bar.get(k, "")) for k in ("x", "y", "width", "height"))
            assert x >= 0
            assert y >= 0
            assert x + wide <= width + 0.1
            assert y + high <= height + 0.1


def test_the_page_of_nothing_says_so(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "l", []) as empty:
        text = _html_page.page(empty.report())
    assert "The campaign has no rows." in text
    assert "No delivery report has come yet." in text
    assert "<svg" not in text


def test_a_flow_without_sms_has_no_parts(tmp_path: Path) -> None:
    from smsmanager import Sms, Viber

    def parts(*flow: Any) -> dict[int, int]:
        place = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        options = CampaignOptions(flow=flow, sender="Shop")
        with Campaign.create(place, [Row(1, number(1), "ž" * 100)], options) as campaign:
            return dict(campaign.report().parts)

    assert parts(Viber()) == {}
    assert parts(Viber(), Sms()) == {2: 1}
    assert parts(Sms(type_="sms")) == {1: 1}
    assert parts(Sms(body="x" * 500)) == {4: 1}


def test_the_table_has_every_row_and_no_formula(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    assert campaign.write_csv(path) == 40
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [int(row["row"]) for row in found] == list(range(1, 41))
    assert found[0]["phone_number"] == f"'{number(1)}"
    assert found[0]["message_id"]
    assert (found[0]["result"], found[0]["parts"], found[0]["price_czk"]) == (
        "delivered",
        "2",
        "1.5",
    )
    assert found[38]["reason"] == HOSTILE
    assert campaign.write_csv(path, RowState.REFUSED) == 2


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+420777", "'+420777"),
        ("-1", "'-1"),
        ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"),
        ("Hello = 1", "Hello = 1"),
        ("420777123456", "'420777123456"),
        ("420777123456.0", "'420777123456.0"),
        ("777123456", "777123456"),
        ("0777123456", "'0777123456"),
        ("4.20777E+11", "'4.20777E+11"),
        ("12E5", "'12E5"),
        ("0.89", "0.89"),
        ("2026-12-01", "2026-12-01"),
        ("", ""),
        (-1, -1),
        (None, None),
    ],
)
def test_a_cell_is_not_a_formula(cell: Any, expected: Any) -> None:
    assert disarmed(cell) == expected


@given(st.from_regex(CANONICAL, fullmatch=True))
@settings(deadline=None, database=None)
def test_a_number_comes_back_from_a_report_as_it_was(phone_number: str) -> None:
    written = disarmed(phone_number)
    assert repair_number(written) == phone_number
    # A spreadsheet shows up to eleven digits in full.
    assert len(written) <= 11 or not written.isdecimal()


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 10, "0 %"),
        (1, 10_000, "<0.1 %"),
        (9_999, 10_000, ">99.9 %"),
        (10, 10, "100 %"),
        (1, 3, "33.3 %"),
        (0, 0, "–"),  # noqa: RUF001 - a dash
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, expected: str) -> None:
    assert _html_page.share(part, whole).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize("most", [0, 1, 3, 4, 7, 99, 100, 101, 12_345, 10**7])
def test_an_axis_includes_its_highest_value(most: int) -> None:
    chart = _charts.columns([("a", most)], "plain")
    assert 2 <= len(chart.up) <= 6
    assert all(bar.y >= 9.9 for bar in chart.bars)


def test_many_bars_become_a_dozen() -> None:
    chart = _charts.rows([(str(n), 100 - n, "plain") for n in range(50)])
    assert len(chart.bars) == 12
    assert chart.bars[-1].label == "others"
    assert sum(bar.value for bar in chart.bars) == sum(100 - n for n in range(50))


def test_the_report_of_refused_rows(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    rows: list[Any] = [
        RefusedInput(2, "phone_number", "is missing", Refusal.NUMBER, "=1+1"),
        Row(3, "420777123456", "x"),
        RefusedRow(4, "body", "is empty"),
    ]
    with RefusedReport(path) as written:
        assert list(written.watch(rows)) == rows
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["row", "number", "code", "field", "reason"],
            ["2", "'=1+1", "number", "phone_number", "is missing"],
            ["4", "", "body", "body", "is empty"],
        ]


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written to"), RefusedReport(tmp_path):
        pass
