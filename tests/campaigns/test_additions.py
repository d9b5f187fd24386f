"""An input that has grown since its campaign was created."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignLockedError,
    RefusedRow,
    Row,
    RowState,
)
from tests.campaigns.conftest import Service, client_of, counts, number, rows, working


def test_rows_that_are_new_are_added_and_sent_once(
    tmp_path: Path, service: Service, client: SmsManager
) -> None:
    with Campaign.create(tmp_path / "l", rows(3), fingerprint="before") as campaign:
        list(campaign.run(client))
        assert campaign.add(rows(5), fingerprint="after") == 2
        assert campaign.add(rows(5), fingerprint="after") == 0
        assert [row.row for row in campaign.rows(RowState.PENDING)] == [4, 5]
    with Campaign.open(tmp_path / "l") as campaign:
        assert campaign.status().fingerprint == "after"
        list(campaign.run(client))
        assert counts(campaign) == {"accepted": 5}
    assert set(service.taken.values()) == {1}


def test_a_new_row_in_the_place_of_another_gets_the_next_place(tmp_path: Path) -> None:
    with Campaign.create(tmp_path / "l", rows(3)) as campaign:
        added = [Row(1, number(9), "Hello"), *rows(3), Row(8, number(10), "Ahoj")]
        assert campaign.add(added) == 2
        found = [(row.row, row.phone_number, row.body) for row in campaign.rows()][3:]
        assert found == [(4, number(9), "Hello"), (8, number(10), "Ahoj")]


def test_a_row_that_was_mended_is_added_and_a_refusal_is_not_repeated(tmp_path: Path) -> None:
    before: list[Row | RefusedRow] = [
        *rows(2),
        RefusedRow(3, "phone_number", "is empty"),
        RefusedRow(4, "name", "is empty"),
    ]
    now: list[Row | RefusedRow] = [
        *rows(2),
        Row(3, number(3), "Hello"),
        before[3],
        RefusedRow(5, "name", "is empty"),
    ]
    with Campaign.create(tmp_path / "l", before) as campaign:
        assert campaign.add(now) == 2
        found = [(row.row, row.state.value) for row in campaign.rows()]
        assert found[2:] == [(3, "refused"), (4, "refused"), (5, "pending"), (6, "refused")]


def test_a_country_code_does_not_make_a_new_number(tmp_path: Path) -> None:
    given = [Row(1, "777123456", "Hello"), Row(2, "420605123456", "Hello")]
    with Campaign.create(tmp_path / "l", given) as campaign:
        assert campaign.add([Row(3, "420777123456", "x"), Row(4, "605123456", "x")]) == 2
        refused = list(campaign.rows(RowState.REFUSED))
        assert [row.row for row in refused] == [3, 4]
        assert all("country code" in str(row.reason) for row in refused)


def test_a_campaign_that_runs_is_not_added_to(tmp_path: Path) -> None:
    with (
        Campaign.create(tmp_path / "l", rows(3)) as campaign,
        Campaign.open(tmp_path / "l") as other,
    ):
        with working(campaign), pytest.raises(CampaignLockedError):
            other.add(rows(5))
        assert other.status().total == 3


nights = st.lists(
    st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=30), min_size=2, max_size=4
)


@given(nights, st.lists(st.booleans(), min_size=4, max_size=4))
@settings(max_examples=15, deadline=None)
def test_over_any_nights_each_number_gets_one_message(
    nights: list[list[int]], runs: list[bool]
) -> None:
    service = Service()
    with TemporaryDirectory() as folder, client_of(service) as client:
        for night, people in enumerate(nights):
            given_rows = [Row(at, number(one), f"Hello {one}") for at, one in enumerate(people, 1)]
            if not night:
                Campaign.create(f"{folder}/l", given_rows).close()
            with Campaign.open(f"{folder}/l") as campaign:
                campaign.add(given_rows)
                if runs[night] or night == len(nights) - 1:
                    list(campaign.run(client))
        with Campaign.open(f"{folder}/l") as campaign:
            everyone = {number(one) for people in nights for one in people}
            assert {row.phone_number for row in campaign.rows()} == everyone
            assert counts(campaign) == {"accepted": len(everyone)}
    assert service.taken == dict.fromkeys(everyone, 1)
