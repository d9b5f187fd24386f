"""Drawn campaigns: after settling, each row is accepted with its own id, or still unknown."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smsmanager.campaigns import Campaign, Row, RowState
from smsmanager.campaigns._ledger import asked_rows, schema, session
from smsmanager.campaigns._ledger.contents import reference
from tests.campaigns.asking.conftest import Asker, ListingService
from tests.campaigns.conftest import number

FATES = ("accept", "accept", "take_and_lose", "take_and_lose", "forget_to_mention", "lost before")
row = st.tuples(st.integers(1, 2), st.sampled_from(("Hello", "Hello", "Your parcel is here.")))
one_run = st.fixed_dictionaries(
    {
        "fates": st.lists(st.sampled_from(FATES), max_size=5),
        "resend_unknown": st.booleans(),
        "pause_s": st.sampled_from((0, 60, 1800, 86_400)),
    }
)
listing = st.fixed_dictionaries(
    {
        "visible_after": st.sampled_from((0, 0, 60, 90_000)),
        "page_size": st.sampled_from((1, 2, 100)),
        "rows_per_request": st.sampled_from((1, 2, 2000)),
        "rows_at_once": st.sampled_from((1, 1, 2, 200)),
    }
)


class DrawnService(ListingService):
    """Remembers the message and the number of each id of a campaign."""

    def __init__(self) -> None:
        super().__init__()
        self.truth: dict[str, tuple[str, str]] = {}

    def accept(self, body: Any) -> httpx.Response:
        answer = super().accept(body)
        for accepted, message in zip(answer.json()["accepted"], body, strict=True):
            for place, to in enumerate(message["to"]):
                own = f"{accepted['message_id']}-{place}"
                self.truth[own] = (
                    message["payload"]["smsmanager_reference"],
                    to["phone_number"],
                )
        return answer

    def answer_with(self, fate: str) -> Any:
        """Return the answer for a fate."""
        if fate == "lost before":
            return httpx.ReadTimeout("late")
        return getattr(self, fate)


def references(campaign: Campaign) -> dict[int, set[str]]:
    """Return the references of all messages that may have carried each row."""
    found: dict[int, set[str]] = {}
    token = campaign._ledger.head.token
    with campaign._ledger.database.reading() as connection:
        for table in (schema.row, schema.earlier):
            for n, message in connection.execute(select(table.c.row, table.c.message)):
                if message is not None:
                    found.setdefault(n, set()).add(reference(token, message))
    return found


@settings(max_examples=40, deadline=None)
@given(
    drawn=st.lists(row, min_size=1, max_size=5),
    runs=st.lists(one_run, min_size=1, max_size=3),
    shown=listing,
    settle_between=st.booleans(),
)
def test_no_row_gets_an_id_that_is_not_its_own(
    drawn: list[tuple[int, str]],
    runs: list[dict[str, Any]],
    shown: dict[str, Any],
    settle_between: bool,  # noqa: FBT001 - drawn
) -> None:
    service = DrawnService()
    service.listing.visible_after = timedelta(seconds=shown["visible_after"])
    service.listing.page_size = shown["page_size"]
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(asked_rows, "ROWS_AT_ONCE", shown["rows_at_once"])
        # A few rows on a page, so that equal rows are in different requests.
        patched.setattr(session, "CHUNK", shown["rows_per_request"])
        asker = Asker("sync", service, Path(folder))
        made = [Row(n, number(to), text) for n, (to, text) in enumerate(drawn, start=1)]
        campaign = asker.create(made, concurrency=1, attempts=1)
        for each in runs:
            service.script = [service.answer_with(fate) for fate in each["fates"]]
            asker.run(campaign, resend_unknown=each["resend_unknown"])
            asker.time.seconds += each["pause_s"]
            if settle_between:
                settle_and_check(asker, campaign, service)
        settle_and_check(asker, campaign, service)
        asker.close()


def settle_and_check(asker: Asker, campaign: Campaign, service: DrawnService) -> None:
    """Settle, and compare each row with what the service took."""
    before = {each.row: each for each in campaign.rows()}
    posts = len(service.requests)
    settlement = asker.settle(campaign, patience_s=0)
    assert len(service.requests) == posts, "something was sent"
    own = references(campaign)
    after = {each.row: each for each in campaign.rows()}
    changed = 0
    for n, each in after.items():
        if each.message_id is not None:
            sent_as, to = service.truth[each.message_id]
            assert to == each.phone_number
            assert sent_as in own[n]
        if before[n].state is not each.state:
            changed += 1
            assert before[n].state in {RowState.UNKNOWN, RowState.UNCONFIRMED}
            assert each.state is RowState.ACCEPTED
            assert each.message_id is not None
    ids = Counter(each.message_id for each in after.values() if each.message_id is not None)
    assert set(ids.values()) <= {1}, "one id for two rows"
    assert settlement.settled == changed
    left = [
        n for n, each in after.items() if each.state in {RowState.UNKNOWN, RowState.UNCONFIRMED}
    ]
    assert settlement.still_open == len(left)
    for n in left:
        evidence = after[n].evidence
        assert evidence is not None
        assert evidence.get("finding") in {"not_found", "several", "doubtful"}
