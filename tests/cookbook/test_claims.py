"""What the cookbook's pages say about their programs, besides that they run."""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio.lowlevel
import httpx
import pytest
import requests  # noqa: TID251 - the page shows what others do with it
from celery.result import EagerResult

from smsmanager import SendResult
from smsmanager.outbox import Outbox
from smsmanager.outbox._adding import new_row
from smsmanager.outbox._outbox_steps import Work
from smsmanager.sandbox import Fault, MagicNumber, Sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        monkeypatch.setenv("SMSMANAGER_API_KEY", "any-key")
        monkeypatch.setenv("SMSMANAGER_BASE_URL", running.base_url)
        yield running


def loaded(name: str) -> ModuleType:
    """Import a program of the cookbook."""
    path = ROOT / "examples" / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def written_by_hand(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the loop that the page shows, which sends to the sandbox."""
    page = (ROOT / "docs/cookbook/moving-over.md").read_text("utf-8")
    found = re.search(r':caption: "before: requests"\n\n(.*?)^```', page, re.DOTALL | re.MULTILINE)
    assert found is not None
    namespace: dict[str, Any] = {"key": "any-key"}
    exec(found[1].replace("https://api.smsmngr.com/v2", sandbox.base_url), namespace)  # noqa: S102 - our own page
    monkeypatch.setattr("time.sleep", lambda _: None)
    return namespace["send"]


def test_a_loop_by_hand_sends_three_times_when_answers_are_lost(
    sandbox: Sandbox, written_by_hand: Any
) -> None:
    sandbox.inject(Fault("close", when="after"), times=3)
    assert written_by_hand("Hello", "420777123456") is None
    assert len(sandbox.messages) == 3


def test_a_loop_by_hand_makes_a_refused_request_three_times(
    sandbox: Sandbox, written_by_hand: Any
) -> None:
    assert written_by_hand("Hello", "") is None
    assert [request.status_code for request in sandbox.requests] == [400] * 3


def test_a_loop_by_hand_does_not_expect_a_rejected_recipient(written_by_hand: Any) -> None:
    with pytest.raises(IndexError):
        written_by_hand("Hello", str(MagicNumber.REJECTED))
    assert not issubclass(IndexError, requests.RequestException)


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The service that sends codes, before it starts; its timer waits until a test says otherwise."""
    monkeypatch.setenv("CALLBACK_URL", "https://shop.example/sms")
    monkeypatch.setenv("CALLBACK_SECRET", "a secret of your own")
    monkeypatch.setenv("TRACKER_URL", f"sqlite:///{tmp_path / 'reports.db'}")
    return loaded("one_time_codes/app.py")


@asynccontextmanager
async def visited(program: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    """Start the service, and yield a browser."""
    transport = httpx.ASGITransport(program.app)
    async with (
        program.lifespan(program.app),
        httpx.AsyncClient(transport=transport, base_url="http://shop") as client,
    ):
        yield client


@pytest.fixture
async def shop(program: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    async with visited(program) as client:
        yield client


async def ask(shop: httpx.AsyncClient, phone: str = "+420 777 123 456") -> httpx.Response:
    return await shop.post("/codes", json={"phone": phone})


async def guess(shop: httpx.AsyncClient, code_id: str, code: str | None) -> httpx.Response:
    return await shop.post(f"/codes/{code_id}/check", json={"code": code})


async def test_a_code_whose_answer_was_lost_works_if_it_arrives(
    sandbox: Sandbox, shop: httpx.AsyncClient
) -> None:
    sandbox.inject(Fault("reset", when="after"))
    sent = (await ask(shop)).json()
    assert sent["state"] == "unknown"
    told = await shop.get(f"/codes/{sent['id']}")
    assert told.json() == {"state": "unknown", "delivery": None}
    [message] = sandbox.messages
    assert (await guess(shop, sent["id"], message.code)).json() == {"correct": True}
    assert (await guess(shop, sent["id"], message.code)).status_code == 404


async def test_the_timer_asks_until_it_is_known_what_became_of_a_code(
    sandbox: Sandbox, program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "SETTLE_EVERY_S", 0.0)
    record = program.tracker.record
    failures: list[str] = []

    def fail_once(result: SendResult) -> None:
        if result.ok and not failures:
            failures.append("a database that is away")
            raise OSError(failures[0])
        record(result)

    monkeypatch.setattr(program.tracker, "record", fail_once)
    sandbox.inject(Fault("reset", when="after"), path="/v2/")
    sandbox.inject(Fault("status", status_code=403), path="/v1/", times=2)
    async with visited(program) as shop:
        code_id = (await ask(shop)).json()["id"]
        while (await shop.get(f"/codes/{code_id}")).json()["state"] != "accepted":
            await anyio.lowlevel.checkpoint()
        # It is recorded in a thread, a moment before it is out of doubt.
        while program.in_doubt:
            await anyio.lowlevel.checkpoint()
    assert failures
    assert len(sandbox.messages) == 1


async def test_nobody_asks_about_a_code_that_is_no_longer_valid(
    sandbox: Sandbox, program: ModuleType, shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.inject(Fault("reset", when="after"), path="/v2/")
    await ask(shop)
    assert len(program.in_doubt) == 1
    asked = len(sandbox.requests)
    monkeypatch.setattr(program, "LIFETIME_S", -1)
    await program.settle()
    assert (program.in_doubt, len(sandbox.requests)) == ({}, asked)


async def test_nobody_waits_for_a_code_that_was_not_sent(
    sandbox: Sandbox, shop: httpx.AsyncClient
) -> None:
    sandbox.inject(Fault("status", status_code=503, retry_after=0), times=3)
    assert (await ask(shop)).status_code == 503
    assert (await ask(shop)).json()["state"] == "accepted"
    assert (await ask(shop)).status_code == 429
    assert (await ask(shop, "12")).status_code == 422
    assert len(sandbox.messages) == 1


async def test_a_code_can_be_guessed_five_times(sandbox: Sandbox, shop: httpx.AsyncClient) -> None:
    code_id = (await ask(shop)).json()["id"]
    for _ in range(5):
        assert (await guess(shop, code_id, "wrong")).json() == {"correct": False}
    assert (await guess(shop, code_id, sandbox.messages[0].code)).status_code == 404


@pytest.fixture(params=["fastapi_celery", "celery_worker"])
def tasks(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ModuleType]:
    """The tasks of a program, which are called here without a broker."""
    monkeypatch.setenv("CELERY_BROKER_URL", "memory://")
    for variable in ("DATABASE_URL", "OUTBOX_URL"):
        monkeypatch.setenv(variable, f"sqlite:///{tmp_path / 'shop.sqlite3'}")
    module = loaded(f"{request.param}/tasks.py")
    with module.outbox(), module.client():
        yield module


of_the_service = pytest.mark.parametrize("tasks", ["fastapi_celery"], indirect=True)
TEXT = "Your order 7 is on its way."


def notify(tasks: ModuleType, number: str = "+420 777 123 456") -> EagerResult:
    """Run the task that sends, with all its retries; a wait between them takes no time here."""
    arguments = {"text": TEXT, "to": number}
    if hasattr(tasks, "notify"):
        return tasks.notify.apply(kwargs={**arguments, "order": 7})
    return tasks.send_text.apply(kwargs={**arguments, "key": "order-7"})


def known(tasks: ModuleType) -> str:
    return str(tasks.outbox().find("order-7").state)


@of_the_service
def test_the_timer_asks_what_became_of_a_notice(sandbox: Sandbox, tasks: ModuleType) -> None:
    sandbox.inject(Fault("reset", when="after"), path="/v2/")
    assert notify(tasks).successful()
    assert known(tasks) == "unknown"
    assert tasks.settle.apply(throw=True).get() == 1
    assert known(tasks) == "accepted"
    assert notify(tasks).successful()
    assert len(sandbox.messages) == 1
    assert tasks.app.conf.beat_schedule["settle"]["task"].endswith(".settle")


@of_the_service
def test_the_timer_ends_the_lease_of_a_worker_that_died(
    sandbox: Sandbox, tasks: ModuleType, tmp_path: Path
) -> None:
    with Outbox(f"sqlite:///{tmp_path / 'shop.sqlite3'}", lease_s=1e-6) as dying:
        row = new_row("order-7", TEXT, {"to": "420777123456"}, time.time(), drained=False)
        plan = dying._sending(tasks.client()).once(lambda: row, 0.0)
        claim = next(plan)
        assert isinstance(claim, Work)
        plan.send(claim.call())
        plan.close()  # as kill -9: nothing is recorded
    assert known(tasks) == "in_flight"
    assert tasks.settle.apply(throw=True).get() == 0
    assert known(tasks) == "unknown"
    assert sandbox.messages == ()


def test_a_task_is_run_again_until_its_message_is_accepted(
    sandbox: Sandbox, tasks: ModuleType
) -> None:
    sandbox.inject(Fault("status", status_code=429, retry_after=0), times=5)
    assert notify(tasks).successful()
    assert known(tasks) == "accepted"
    assert len(sandbox.messages) == 1


def test_a_task_that_gives_up_names_neither_number_nor_text(
    tasks: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    ended = notify(tasks, str(MagicNumber.REJECTED))
    assert ended.failed()
    assert known(tasks) == "rejected"
    told = f"{ended.result!r} {ended.traceback} {caplog.text}"
    assert "IncompleteSendError" in told
    assert str(MagicNumber.REJECTED) not in told
    assert TEXT not in told


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "reminders.csv"
    path.write_text("name;phone;time\nJana;777123456;9:30\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["nightly.py", str(path)])
    return path


def test_a_nightly_file_that_has_changed_is_refused(sandbox: Sandbox, people: Path) -> None:
    nightly = loaded("nightly_file/nightly.py")
    assert nightly.main() == nightly.main() == 0
    people.write_text("name;phone;time\nOta;777123457;9:30\n", "utf-8")
    assert nightly.main() == 3
    assert len(sandbox.messages) == 1


def test_a_nightly_file_is_asked_about_until_it_is_known(sandbox: Sandbox, people: Path) -> None:
    nightly = loaded("nightly_file/nightly.py")
    sandbox.inject(Fault("reset", when="after"), path="/v2/")
    sandbox.inject(Fault("status", status_code=403), path="/v1/", times=None)
    assert nightly.main() == 4
    sandbox.clear_faults()
    assert nightly.main() == 0
    assert len(sandbox.messages) == 1


def test_a_nightly_file_that_cannot_be_sent_now_is_sent_by_the_next_run(
    sandbox: Sandbox, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly = loaded("nightly_file/nightly.py")
    monkeypatch.delenv("SMSMANAGER_API_KEY")
    assert nightly.main() == 3
    monkeypatch.setenv("SMSMANAGER_API_KEY", "any-key")
    sandbox.inject(Fault("status", status_code=401))
    assert nightly.main() == 5
    assert nightly.main() == 0
    assert len(sandbox.messages) == 1
