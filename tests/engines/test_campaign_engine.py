"""Check what every engine does: control, permits, and what neither tasks nor a `repr` may show."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smsmanager import ConfigurationError, SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignNotFoundError,
    Tended,
    WorkDone,
    WorkEnd,
    started_campaigns,
)
from smsmanager.campaigns._run.updates import Phase
from smsmanager.engines import CampaignEngine, campaign_engine
from tests.campaigns.conftest import Service, rows


class Queue(CampaignEngine):
    """An engine whose permits wait in a list."""

    label = "tests"

    def __init__(self, ledger: Any, **options: Any) -> None:
        super().__init__(ledger, **options)
        self.permits: list[str | None] = []

    def send_permit(self, campaign: str | None, place: int) -> None:
        self.permits.append(campaign)


def test_a_campaign_is_started_and_sent(
    ledger: Path, service: Service, client: Callable[[], SmsManager]
) -> None:
    queue = Queue(ledger, client=client)
    queue.start("sale")
    assert queue.permits
    while queue.permits:
        queue.use_permit(queue.permits.pop())
    assert sorted(service.taken.values()) == [1] * 250
    assert queue.tend("sale").phase is Phase.FINISHED
    assert not queue.permits
    assert queue.use_permit("sale") is None, "a permit that comes late finds nothing to do"


def test_control_reaches_the_ledger(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, client: Callable[[], SmsManager]
) -> None:
    called: list[Any] = []

    def note(name: str) -> Any:
        original = getattr(Campaign, name)

        def noted(self: Campaign, *given: Any, **named: Any) -> Any:
            called.append((name, self.name, given, named))
            return original(self, *given, **named)

        return noted

    for name in ("start_workers", "pause_workers", "resume_workers", "stop_workers"):
        monkeypatch.setattr(Campaign, name, note(name))
    queue = Queue(ledger, client=client)
    queue.start("sale", base_url="http://127.0.0.1:9/v2", resend_unknown=True, requests_per_s=50)
    assert queue.permits
    queue.permits.clear()
    assert queue.pause()
    assert not queue.pause()
    assert not queue.permits
    assert queue.resume("sale")
    assert queue.permits.pop() == "sale"
    assert queue.stop("sale", "enough")
    assert not queue.permits
    told = {"base_url": "http://127.0.0.1:9/v2", "resend_unknown": True, "requests_per_s": 50}
    assert called == [
        ("start_workers", "sale", (), told),
        ("pause_workers", "sale", (), {}),
        ("pause_workers", "sale", (), {}),
        ("resume_workers", "sale", (), {}),
        ("stop_workers", "sale", ("enough",), {}),
    ]
    with pytest.raises(CampaignNotFoundError):
        queue.start("another")


@pytest.mark.parametrize(
    ("useful", "busy", "most", "handed_out"),
    [(3, 0, 8, 3), (8, 0, 3, 3), (8, 2, 3, 1), (8, 3, 3, 0), (1, 5, 3, 0), (0, 0, 3, 0)],
)
def test_as_many_permits_as_are_useful(
    monkeypatch: pytest.MonkeyPatch, useful: int, busy: int, most: int, handed_out: int
) -> None:
    tended = Tended(Phase.SENDING, 10, workers=busy, permits=useful, again_in_s=5.0)
    monkeypatch.setattr(campaign_engine, "tend", lambda *_: tended)
    queue = Queue("ledger", most_workers=most)
    assert queue.tend("sale") is tended
    assert queue.permits == ["sale"] * handed_out


@pytest.mark.parametrize(
    ("again_in_s", "useful", "next_in_s"),
    [
        (0.0, 1, 0.0),
        (2.5, 1, 2.5),
        (10.0, 1, 10.0),
        (10.5, 1, None),
        (None, 1, None),
        (0.0, 0, None),
    ],
)
def test_when_the_next_permit_is_useful(
    monkeypatch: pytest.MonkeyPatch,
    client: Callable[[], SmsManager],
    again_in_s: float | None,
    useful: int,
    next_in_s: float | None,
) -> None:
    used: list[Any] = []

    def work(*given: Any, **named: Any) -> WorkDone:
        used.append((given, named))
        return WorkDone(WorkEnd.TIME, again_in_s=again_in_s)

    tended = Tended(Phase.SENDING, 10, permits=useful, again_in_s=5.0)
    monkeypatch.setattr(campaign_engine, "tend", lambda *_: tended)
    monkeypatch.setattr(campaign_engine, "work", work)
    queue = Queue("ledger", client=client, moment_s=7.0)
    assert queue.use_permit("sale") == next_in_s
    assert queue.use_permit("sale") == next_in_s
    [((ledger, name, first), named), ((_, _, second), _)] = used
    assert (ledger, name) == ("ledger", "sale")
    assert named == {"for_s": 7.0, "worker": "tests"}
    assert first is second, "one client for each process"


def test_every_campaign_of_the_ledger_is_tended(ledger: Path) -> None:
    Campaign.create(ledger, rows(3), name="another").close()
    Campaign.create(ledger, rows(0), name="empty").close()
    queue = Queue(ledger)
    for name in ("sale", "another", "empty"):
        queue.start(name)
    queue.permits.clear()
    queue.tend_all()
    assert set(queue.permits) == {"sale", "another"}
    assert {name for name, missing in queue._all_missing() if missing} == {"sale", "another"}


def test_campaigns_that_workers_are_to_send(ledger: Path) -> None:
    assert started_campaigns(ledger) == []
    Campaign.create(ledger, rows(3), name="another").close()
    queue = Queue(ledger)
    queue.start("another")
    queue.start("sale")
    assert started_campaigns(ledger) == ["sale", "another"]
    assert queue.pause("sale")
    assert started_campaigns(ledger) == ["sale", "another"]
    assert queue.stop("sale")
    assert not queue.resume("sale")
    assert started_campaigns(ledger) == ["another"]


def test_a_ledger_that_has_none(tmp_path: Path) -> None:
    assert started_campaigns(tmp_path / "none.sqlite3") == []
    assert not (tmp_path / "none.sqlite3").exists()
    (tmp_path / "bare.sqlite3").touch()
    assert started_campaigns(tmp_path / "bare.sqlite3") == []


def test_nothing_secret_is_shown_or_pickled() -> None:
    queue = Queue("postgresql://user:secret@127.0.0.1/name")
    assert repr(queue) == "Queue()"
    with pytest.raises(TypeError, match="create one in each process"):
        pickle.dumps(queue)


@pytest.mark.parametrize("name", ["moment_s", "most_workers", "tend_every_s"])
def test_a_number_that_makes_no_sense(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} must be more than 0"):
        Queue("ledger", **{name: 0})
