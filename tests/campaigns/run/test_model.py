"""Runs drawn by Hypothesis, with crashes in between, compared with what the service really took."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions, RowState
from smsmanager.campaigns._run.run_steps import Ended, Send, Wait, Work
from tests.campaigns.conftest import Service, Time, client_of, number, play, rows

SIZE = 47
OPEN = {RowState.UNKNOWN, RowState.UNCONFIRMED}

answers = st.lists(
    st.sampled_from(("all", "some", "none", "lost", "taken and lost", 503, 429, 400, 502)),
    max_size=8,
)
runs = st.lists(
    st.tuples(
        answers,
        st.booleans(),
        # The number of steps after which the process dies; most runs end by themselves.
        st.one_of(st.none(), st.integers(0, 25)),
    ),
    min_size=1,
    max_size=4,
)


def scripted(service: Service, name: Any) -> Any:
    """Return the service's answer."""

    def lost(body: Any) -> httpx.Response:
        service.accept(body)
        raise httpx.ReadTimeout("late")

    return {
        "all": service.accept,
        "some": lambda body: service.answer(
            body, [0], [key for key in range(1, len(body)) if key % 2]
        ),
        "none": lambda body: service.answer(body, []),
        "lost": httpx.ReadTimeout("late"),
        "taken and lost": lost,
    }.get(name) or httpx.Response(int(name))


def performed(campaign: Campaign, client: SmsManager) -> Callable[[Any], Any]:
    """Return a function that performs the steps of a plan, one at a time."""
    ended: list[Ended] = []

    def perform(step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Send):
            try:
                ended.append(Ended(step.batch, client.send_batch(step.messages)))
            except Exception as error:  # noqa: BLE001 - as the drivers do
                ended.append(Ended(step.batch, error=error))
        elif isinstance(step, Wait):
            back = list(ended)
            ended.clear()
            return back
        elif hasattr(step, "seconds"):
            campaign._clock.pause(campaign._stop, step.seconds)
        return None

    return perform


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs)
def test_the_ledger_never_says_less_than_what_happened(
    story: list[tuple[list[str | int], bool, int | None]],
) -> None:
    service = Service()
    # How often a row may have been taken: once, and once more each time it was sent again while open.
    allowed = Counter({number(row): 1 for row in range(1, SIZE + 1)})
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite3"
        texts = ("Hello", "Hi", "Ahoj")
        options = CampaignOptions(concurrency=3, attempts=2, stop_after=None)
        given_rows = rows(SIZE, lambda row: texts[row % 3] if row % 4 else f"Hello {row}")
        Campaign.create(ledger, given_rows, options).close()
        with client_of(service, retries=0) as client:
            for script, resend, dies_after in [*story, ([], False, None)]:
                with Campaign.open(ledger) as campaign:
                    campaign._clock = Time()
                    before = {row.phone_number or "": row.state for row in campaign.rows()}
                    if resend:
                        allowed.update(n for n, state in before.items() if state in OPEN)
                    service.script = [scripted(service, name) for name in script]
                    steps = campaign._steps(campaign.options, resend_unknown=resend)
                    play(steps, performed(campaign, client), dies_after)
                compare(ledger, service, allowed)
        with Campaign.open(ledger) as campaign:
            # A service without faults leaves only accepted rows and those that cannot be known.
            assert {row.state for row in campaign.rows()} <= {RowState.ACCEPTED, *OPEN}


def compare(ledger: Path, service: Service, allowed: Counter[str]) -> None:
    """Compare each row with what the service took."""
    with Campaign.open(ledger) as campaign:
        seen = 0
        for seen, row in enumerate(campaign.rows(), start=1):
            assert row.row == seen
            times = service.taken[row.phone_number or ""]
            assert times <= allowed[row.phone_number or ""]
            if row.state is RowState.ACCEPTED:
                assert times >= 1
                assert row.message_id is not None
            elif row.state not in OPEN:
                assert row.state is not RowState.IN_FLIGHT
                assert times == 0, f"{row.state}, yet taken {times} times"
        assert seen == SIZE
