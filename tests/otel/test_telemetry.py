"""Check the telemetry of settling, campaigns and outboxes, and that the core never loads OpenTelemetry."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import attrs
import httpx
import pytest
import sqlalchemy
from opentelemetry.trace import get_current_span

from smsmanager import OutcomeUnknownError, RetryPolicy, SendResult, SmsManager
from smsmanager.campaigns import Campaign, Phase, Row, RowState, Update
from smsmanager.otel import Telemetry
from smsmanager.outbox import Outbox, add
from smsmanager.outbox._outbox_steps import Clocks
from smsmanager.sandbox import Fault, Sandbox
from tests.otel.conftest import BASE_URL, Breaks, Make, Watched, accepted

NUMBER = "420601987654"


def test_what_settle_finds_is_counted(watched: Watched) -> None:
    with (
        Sandbox() as sandbox,
        SmsManager("key", base_url=sandbox.base_url, observer=watched.telemetry) as client,
    ):
        sandbox.inject(Fault("close"))
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send("canary text", to=NUMBER)
        settled = client.settle(caught.value, patience_s=0)
    counted = watched.sums("smsmanager.settled.recipients", "smsmanager.outcome")
    assert counted == {settled[0].status.value: 1} == {"accepted": 1}
    assert "canary" not in watched.everything()


def test_a_metric_that_raises_does_not_hide_what_settle_found(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched.telemetry._instruments, "settled", None)
    with (
        Sandbox() as sandbox,
        SmsManager("key", base_url=sandbox.base_url, observer=watched.telemetry) as client,
    ):
        sandbox.inject(Fault("close"))
        with pytest.raises(OutcomeUnknownError) as caught:
            client.send("x", to=NUMBER)
        assert client.settle(caught.value, patience_s=0).ok


def test_a_campaign_tells_its_rows(watched: Watched, tmp_path: Path) -> None:
    rows = [Row(n, f"42060198{n:04}", "canary text") for n in range(1, 31)]
    transport = httpx.MockTransport(accepted)
    with (
        SmsManager(
            "key", base_url=BASE_URL, transport=transport, observer=watched.telemetry
        ) as client,
        Campaign.create(tmp_path / "canary.sqlite3", rows) as campaign,
    ):
        for update in campaign.run(client):
            watched.telemetry.note(update)
    counts = watched.sums("smsmanager.campaign.rows", "smsmanager.state")
    assert counts["accepted"] == 30
    assert watched.sums("smsmanager.recipients", "smsmanager.outcome") == {"accepted": 30}
    assert "canary" not in watched.everything()


def test_a_campaign_tells_its_pace_once_there_is_one(watched: Watched) -> None:
    first = Update(Phase.SENDING, dict.fromkeys(RowState, 0))
    watched.telemetry.note(first)
    assert watched.points("smsmanager.campaign.rate") == []
    watched.telemetry.note(attrs.evolve(first, rate=12.5))
    assert watched.points("smsmanager.campaign.rate") == [({}, 12.5)]


def test_an_outbox_is_read_at_each_export(watched: Watched, tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/outbox.db")
    due = datetime(2100, 1, 4, 8, tzinfo=UTC)
    with Outbox(engine) as outbox:
        outbox.create_table()
        with engine.begin() as connection:
            add(connection, "canary text", key="canary", to=NUMBER, not_before=due)
        watched.telemetry.watch_outbox(outbox)
        for age_s in (0.0, 30.0):
            outbox._clocks = Clocks(lambda: due.timestamp() + age_s, time.monotonic)  # noqa: B023
            assert watched.points("smsmanager.outbox.age") == [({}, age_s)]
        assert watched.sums("smsmanager.outbox.messages", "smsmanager.state") == {"pending": 1}
        assert "canary" not in watched.everything()
    engine.dispose()


def test_without_providers_nothing_is_made() -> None:
    transport = httpx.MockTransport(accepted)
    with SmsManager("key", base_url=BASE_URL, transport=transport, observer=Telemetry()) as client:
        assert client.send("x", to=NUMBER).ok


def test_a_client_without_an_observer_never_loads_it() -> None:
    program = (
        "import sys, httpx; from smsmanager import SmsManager\n"
        "reply = {'accepted': [{'key': '0', 'message_id': 'm'}]}\n"
        "transport = httpx.MockTransport(lambda _: httpx.Response(200, json=reply))\n"
        f"with SmsManager('key', base_url={BASE_URL!r}, transport=transport) as client:\n"
        f"    assert client.send('x', to={NUMBER!r}).ok\n"
        "print([name for name in sys.modules if 'opentelemetry' in name or 'otel' in name])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_a_missing_package_is_named() -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "try:\n    import smsmanager.otel\n"
        "except ImportError as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "smsmanager[otel]" in run.stdout


@pytest.mark.parametrize("where", ["on_start", "on_end"])
@pytest.mark.parametrize("name", ["create", "send", "POST"])
def test_spans_that_raise_change_nothing_of_a_call(make: Make, name: str, where: str) -> None:
    watched, results = Watched(carry_trace=True), list[SendResult]()
    watched.tracers.add_span_processor(Breaks(where, name))
    caller = make(watched.telemetry, 429, retries=RetryPolicy(1), on_result=results.append)
    assert caller.send("x", to=NUMBER).ok
    assert [result.ok for result in results] == [True]
    assert watched.sums("smsmanager.recipients", "smsmanager.outcome") == {"accepted": 1}
    assert not get_current_span().get_span_context().is_valid


def test_metrics_that_raise_change_nothing_of_a_call(
    make: Make, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("canary of a reader")

    broken = SimpleNamespace(record=fail, add=fail)
    for field in vars(watched.telemetry._instruments):
        monkeypatch.setattr(watched.telemetry._instruments, field, broken)
    caller = make(watched.telemetry, 429, retries=RetryPolicy(1))
    assert caller.send("x", to=NUMBER).ok
