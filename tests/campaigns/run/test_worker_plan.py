"""Many workers on campaigns that share a database: interleaved step by step, killed, stopped and woken up."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignLockedError,
    CampaignOptions,
    LedgerError,
    Phase,
    Row,
    RowState,
    WorkEnd,
    tend,
    work,
)
from smsmanager.campaigns._ledger import schema, shared_session
from smsmanager.campaigns._ledger.leases import LeaseLostError
from smsmanager.campaigns._ledger.shared_pace import SharedPace
from smsmanager.campaigns._ledger.shared_session import SharedSession
from smsmanager.campaigns._run.campaign_options import options_of
from smsmanager.campaigns._run.run_steps import Ended, Send, Wait, Work
from smsmanager.campaigns._run.worker_plan import WorkerRun
from smsmanager.campaigns.rows import OPEN
from smsmanager.ids import REFERENCE_KEY
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import (
    Service,
    Time,
    client_of,
    counts,
    delivery_report,
    dying,
    expire_leases,
    rows,
)
from tests.campaigns.run.test_model import scripted

SIZE = 23
NAMES = ("spring", "autumn")


class Worker:
    """One worker, advanced a step at a time by hand.

    Attributes:
        plan: Its plan.
        is_over: Whether it has ended.
        error: The error with which it ended.
        wakes_at: When its pause is over.
        went: When each of its requests went out.
    """

    def __init__(
        self,
        campaign: Campaign,
        client: SmsManager,
        time: Time,
        held: ExitStack,
        for_s: float,
        *,
        sleeps_alone: bool = True,
    ) -> None:
        ledger = campaign._ledger
        pace = SharedPace(ledger.database, ledger.head.id)
        control = pace.control()
        assert control is not None
        options = attrs.evolve(options_of(ledger.head.options), **control.options)
        connection = held.enter_context(ledger.database.engine.connect())
        session = SharedSession(ledger, connection, "", None, lambda: time.now().timestamp())
        self.plan = WorkerRun(
            session, pace, control, options, ledger.head, time, lambda: False, for_s
        )
        self._client, self._time = client, time
        held.callback(self.close)
        self._steps: Generator[Any, Any, None] = self.plan.plan()
        self._ended: list[Ended] = []
        self._reply: Any = None
        self._raised: BaseException | None = None
        self.is_over = False
        self.error: Exception | None = None
        self.wakes_at = time.seconds
        self._sleeps_alone = sleeps_alone
        self.went: list[float] = []

    def advance(self) -> None:
        """Perform one step."""
        if self.is_over:
            return
        try:
            if self._raised is not None:
                step = self._steps.throw(self._raised)
            else:
                step = self._steps.send(self._reply)
        except StopIteration:
            self.is_over = True
            return
        except (LedgerError, CampaignLockedError) as error:
            self.is_over, self.error = True, error
            return
        self._reply = self._raised = None
        try:
            self._reply = self._perform(step)
        except Exception as error:  # noqa: BLE001 - the plan decides what it means
            self._raised = error

    def _perform(self, step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Send):
            self.went.append(self._time.seconds)
            try:
                self._ended.append(Ended(step.batch, self._client.send_batch(step.messages)))
            except Exception as error:  # noqa: BLE001 - as the drivers do
                self._ended.append(Ended(step.batch, error=error))
        elif isinstance(step, Wait):
            back = list(self._ended)
            self._ended.clear()
            if not back and step.seconds is not None:
                self.wakes_at = self._time.seconds + step.seconds
            return back
        elif self._sleeps_alone:
            self._time.seconds += step.seconds
        else:
            self.wakes_at = self._time.seconds + step.seconds
        return None

    def close(self) -> None:
        """Finalize it while its ledger still exists."""
        self._steps.close()

    def finish(self) -> WorkerRun:
        """Advance it to its end."""
        while not self.is_over:
            self.advance()
        return self.plan


def texts(name: str) -> Iterator[Row]:
    """Yield the rows of one campaign, with different phone numbers for the same row numbers."""
    first = 420_600_000_000 + 1000 * NAMES.index(name)
    for row in range(1, SIZE + 1):
        yield Row(row, str(first + row), f"{name} {row}" if row % 4 else name)


moves = st.one_of(
    st.tuples(st.just("join"), st.sampled_from(NAMES), st.sampled_from((1.0, 5.0, 1000.0))),
    st.tuples(st.just("go"), st.integers(0, 5), st.integers(1, 15)),
    st.tuples(st.just("kill"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("expire"), st.just(0), st.just(0)),
    st.tuples(st.just("tend"), st.sampled_from(NAMES), st.just(0)),
    st.tuples(st.just("pause"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("restart"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("alone"), st.sampled_from(NAMES), st.just(0)),
    st.tuples(st.just("report"), st.sampled_from(NAMES), st.integers(0, SIZE - 1)),
)
fates = st.lists(
    st.sampled_from(("all", "all", "some", "lost", "taken and lost", 503, 429, 400)), max_size=12
)


class Story:
    """What happens to two campaigns, and what the service may have taken at most."""

    def __init__(self, folder: str, service: Service, client: SmsManager, held: ExitStack) -> None:
        self.path = Path(folder) / "ledger.sqlite3"
        self.service, self.client, self.held = service, client, held
        self.time = Time()
        self.workers: list[Worker] = []
        # Killed workers are kept, because a generator that is collected would still give up its lease.
        self.dead: list[Worker] = []
        options = CampaignOptions(concurrency=2, attempts=2, stop_after=None)
        self.campaigns = {
            name: held.enter_context(Campaign.create(self.path, texts(name), options, name=name))
            for name in NAMES
        }
        self.allowed = Counter({row.phone_number: 1 for name in NAMES for row in texts(name)})
        for campaign in self.campaigns.values():
            campaign._clock = self.time
            campaign.start_workers()

    def join(self, name: str, for_s: float) -> None:
        self.workers.append(Worker(self.campaigns[name], self.client, self.time, self.held, for_s))

    def go(self, place: int, steps: int) -> None:
        if self.workers:
            for _ in range(steps):
                self.time.seconds += 0.2
                self.workers[place % len(self.workers)].advance()

    def kill(self, place: int, _: int) -> None:
        if self.workers:
            self.dead.append(self.workers.pop(place % len(self.workers)))

    def expire(self, _: int, __: int) -> None:
        expire_leases(self.campaigns["spring"])

    def tend(self, name: str, _: int) -> None:
        found = tend(self.path, name)
        known = self.campaigns[name].status().counts
        # A report can settle rows before they are sent again: those are only missed when all is over.
        assert (found.left or 0) >= known[RowState.PENDING] + known[RowState.IN_FLIGHT]
        if found.phase is Phase.FINISHED:
            assert not self.campaigns[name].status().left

    def pause(self, name: str, again: bool) -> None:  # noqa: FBT001 - drawn
        campaign = self.campaigns[name]
        (campaign.resume_workers if again else campaign.pause_workers)()

    def restart(self, name: str, resend: bool) -> None:  # noqa: FBT001 - drawn
        campaign = self.campaigns[name]
        open_rows = [row.phone_number for row in campaign.rows(sorted(OPEN))]
        try:
            campaign.start_workers(resend_unknown=resend)
        except CampaignLockedError:
            return
        if resend:
            self.allowed.update(number or "" for number in open_rows)

    def alone(self, name: str, _: int) -> None:
        try:
            list(self.campaigns[name].run(self.client, concurrency=1))
        except CampaignLockedError:
            assert self.campaigns[name].workers()

    def report(self, name: str, place: int) -> None:
        row = list(self.campaigns[name].rows())[place]
        if row.reference is None or not self.service.taken[row.phone_number or ""]:
            return
        own: dict[str, Any] = {"to": {"phone_number": row.phone_number}}
        own["payload"] = {REFERENCE_KEY: row.reference}
        report = delivery_report(row.message_id or f"late-{name}-{row.row}", **own)
        assert self.campaigns[name].record(parse_webhook([report])) == 1

    def end(self) -> None:
        """Wake the sleepers, let other workers take over, and send everything."""
        for worker in [*self.workers, *self.dead[::2]]:
            worker.finish()
        expire_leases(self.campaigns["spring"])
        self.service.script.clear()
        for name, campaign in self.campaigns.items():
            for _ in range(9):
                if tend(self.path, name).phase is Phase.FINISHED:
                    break
                campaign.resume_workers()
                self.time.seconds += 90
                with campaign._ledger.database.writing() as connection:
                    connection.exec_driver_sql("UPDATE smsmanager_campaign_pace SET held_until = 0")
                Worker(campaign, self.client, self.time, self.held, 1000).finish()
            assert tend(self.path, name).phase is Phase.FINISHED

    def compare(self, *, at_the_end: bool = False) -> None:
        """Compare each row with what the service took."""
        for campaign in self.campaigns.values():
            found = list(campaign.rows())
            assert [row.row for row in found] == list(range(1, SIZE + 1))
            for row in found:
                times = self.service.taken[row.phone_number or ""]
                allowed = self.allowed[row.phone_number or ""]
                assert times <= allowed, "sent twice"
                if row.state is RowState.ACCEPTED:
                    assert times >= 1
                elif row.state is RowState.PENDING:
                    # It may be one that a start has asked to send again.
                    assert times < allowed, "pending, yet taken"
                elif row.state is RowState.NOT_SENT:
                    assert times == 0, "not sent, yet taken"
                if at_the_end:
                    final = {RowState.ACCEPTED, RowState.REJECTED, RowState.NOT_SENT, *OPEN}
                    assert row.state in final


drawn_stories = given(st.lists(moves, min_size=4, max_size=14), fates)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn_stories
def test_no_row_is_sent_twice_or_lost_whichever_worker_dies_or_sleeps(
    drawn: list[tuple[Any, ...]], script: list[Any]
) -> None:
    told(drawn, script)


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn_stories
def test_nor_in_any_of_many_stories(drawn: list[tuple[Any, ...]], script: list[Any]) -> None:
    told(drawn, script)


def told(drawn: list[tuple[Any, ...]], script: list[Any]) -> None:
    """Play a story, and compare the ledger with the service after each move."""
    service = Service()
    with (
        tempfile.TemporaryDirectory() as folder,
        client_of(service, retries=0) as client,
        ExitStack() as held,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(shared_session, "_FEWEST", 5)
        patch.setattr(shared_session, "_RANGES", 4)
        story = Story(folder, service, client, held)
        service.script = [scripted(service, name) for name in script]
        story.join("spring", 1000.0)
        story.join("autumn", 1000.0)
        for name, *given_values in drawn:
            getattr(story, name)(*given_values)
            story.compare()
        story.end()
        story.compare(at_the_end=True)


Make = Callable[..., Worker]


@pytest.fixture
def make(tmp_path: Path, service: Service) -> Iterator[Make]:
    """Return a function that creates workers of one campaign; call `start` first."""
    with ExitStack() as held, client_of(service, retries=0) as client:
        campaign = held.enter_context(
            Campaign.create(tmp_path / "l", rows(1000, lambda n: f"Hello {n}"))
        )
        time = Time()

        def joined(for_s: float = 1e6, *, sleeps_alone: bool = True) -> Worker:
            return Worker(campaign, client, time, held, for_s, sleeps_alone=sleeps_alone)

        joined.campaign, joined.time = campaign, time  # type: ignore[attr-defined]
        yield joined


def test_workers_share_the_rows_and_end_when_nothing_is_left(make: Any, service: Service) -> None:
    make.campaign.start_workers(concurrency=2)
    workers = [make() for _ in range(4)]
    while not all(worker.is_over for worker in workers):
        for worker in workers:
            worker.advance()
    assert counts(make.campaign) == {"accepted": 1000}
    assert set(service.taken.values()) == {1}
    done = [worker.plan.done() for worker in workers]
    assert {each.end for each in done} == {WorkEnd.NO_WORK}
    # The last worker finds that nothing is left.
    assert None in {each.again_in_s for each in done}
    assert all(each.recipients > 100 for each in done)
    assert sum(each.recipients for each in done) == 1000
    found = tend(make.campaign._ledger.database.path)
    assert (found.phase, found.left, found.again_in_s) == (Phase.FINISHED, 0, None)
    pace = SharedPace(make.campaign._ledger.database, make.campaign._ledger.head.id)
    assert pace.left() == 0


def test_the_range_of_a_killed_worker_is_taken_over(make: Any, service: Service) -> None:
    make.campaign.start_workers(concurrency=2)
    with dying():
        first = make()
        while not service.requests:
            first.advance()
    path = make.campaign._ledger.database.path
    assert tend(path).ended == 1
    assert counts(make.campaign) == {"unknown": 20, "pending": 980}
    assert tend(path).left == 980
    second = make().finish()
    assert second.done().recipients == 980
    assert counts(make.campaign) == {"unknown": 20, "accepted": 980}
    # It was only asleep: it sends what it had claimed, and finds its lease gone when it records the answers.
    first.finish()
    assert isinstance(first.error, LeaseLostError)
    assert counts(make.campaign) == {"accepted": 1000}
    assert set(service.taken.values()) == {1}


def test_the_ranges_of_the_living_are_left_alone_when_one_before_them_comes_free(
    make: Any, service: Service
) -> None:
    make.campaign.start_workers(concurrency=1)
    workers = [make(), make(), make()]
    for worker in workers:
        while not worker.went:
            worker.advance()
    first, second, third = make.campaign.workers()
    assert first.last < second.first <= second.last < third.first
    with make.campaign._ledger.database.writing() as connection:
        expired = update(schema.lease).where(schema.lease.c.id == second.lease)
        connection.execute(expired.values(until=0))
    make().finish()
    workers[0].finish()
    workers[2].finish()
    assert [worker.error for worker in (workers[0], workers[2])] == [None, None]
    assert set(service.taken.values()) == {1}
    assert counts(make.campaign) == {"accepted": 1000 - 10, "unknown": 10}


@pytest.mark.parametrize("rate", [2.0, 50.0, 400.0])
def test_all_workers_together_keep_to_one_pace(make: Any, rate: float) -> None:
    """SQLite uses the machine's clock; here it uses the test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smsmanager.campaigns._ledger.leases.time.time", lambda: make.time.seconds)
        make.campaign.start_workers(requests_per_s=rate, concurrency=3)
        workers = [make(sleeps_alone=False) for _ in range(8)]
        while awake := [worker for worker in workers if not worker.is_over]:
            following = min(awake, key=lambda worker: worker.wakes_at)
            make.time.seconds = max(make.time.seconds, following.wakes_at)
            following.advance()
    went = sorted(at for worker in workers for at in worker.went)
    assert len(went) >= 100
    for earlier, later in pairwise(went):
        assert later - earlier >= -1e-9
    for place, at in enumerate(went):
        assert sum(at <= other < at + 1 for other in went[place:]) <= rate + 2
    assert went[-1] <= len(went) / rate * 1.5


@pytest.mark.parametrize(("late_s", "slots"), [(0.01, 1), (0.02, 2), (1.0, 2)])
def test_a_slot_that_comes_too_late_is_given_up(
    make: Any, monkeypatch: pytest.MonkeyPatch, late_s: float, slots: int
) -> None:
    """After 0.02 seconds, the slot belongs to another request."""
    make.campaign.start_workers(requests_per_s=50)
    asked: list[float] = []
    original = SharedPace.slot

    def slow(pace: SharedPace, gap_s: float, within_s: float) -> float | None:
        found = original(pace, gap_s, within_s)
        asked.append(gap_s)
        if len(asked) == 1 and found is not None:
            # The process stops for a while, so its answer is older than it seems.
            return found - late_s
        return found

    monkeypatch.setattr(SharedPace, "slot", slow)
    worker = make()
    while not worker.went:
        worker.advance()
    assert len(asked) == slots


def test_a_worker_looks_four_times_a_second_whether_to_go_on(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.campaign.start_workers(concurrency=1)
    worker = make()
    looked = [make.time.seconds]
    original = SharedPace.control

    def looks(pace: SharedPace) -> Any:
        looked.append(make.time.seconds)
        return original(pace)

    monkeypatch.setattr(SharedPace, "control", looks)
    while not worker.is_over:
        make.time.seconds += 0.01
        worker.advance()
    gaps = [later - earlier for earlier, later in pairwise(looked)]
    assert len(gaps) >= 10
    assert 0.25 - 1e-9 <= min(gaps) <= max(gaps) < 0.5


@pytest.mark.parametrize("references", [True, False])
def test_workers_send_only_what_the_caller_set(
    tmp_path: Path, client: SmsManager, service: Service, *, references: bool
) -> None:
    options = CampaignOptions(references=references)
    with Campaign.create(tmp_path / "l", rows(1), options) as campaign:
        campaign.start_workers()
        work(tmp_path / "l", None, client)
        [row] = campaign.rows()
    [[message]] = service.requests
    own = {"payload": {REFERENCE_KEY: row.reference}} if references else {}
    assert message == {"body": "Hello", "to": [{"phone_number": row.phone_number}], **own}
    assert (row.reference is not None) is references


@pytest.mark.parametrize("how", ["pause_workers", "stop_workers"])
@pytest.mark.parametrize("rate", [None, 1.0, 50.0])
def test_pause_and_stop_reach_all_within_two_seconds(
    make: Any, service: Service, how: str, rate: float | None
) -> None:
    make.campaign.start_workers(requests_per_s=rate, concurrency=1)
    workers = [make() for _ in range(3)]
    while len(service.requests) < 3:
        for worker in workers:
            make.time.seconds += 0.2
            worker.advance()
    assert getattr(make.campaign, how)()
    at = make.time.seconds
    while not all(worker.is_over for worker in workers):
        for worker in workers:
            make.time.seconds += 0.1
            worker.advance()
    assert max(sent for worker in workers for sent in worker.went) <= at + 2
    end = WorkEnd.PAUSED if how == "pause_workers" else WorkEnd.STOPPED
    assert {worker.plan.done().end for worker in workers} == {end}
    assert make.campaign.workers() == []
    left = counts(make.campaign)
    assert left.keys() == {"accepted", "pending"}
    assert left["accepted"] == len(service.taken)
    phase = tend(make.campaign._ledger.database.path)
    assert phase.phase is (Phase.PAUSED if how == "pause_workers" else Phase.STOPPED)
    assert (phase.left, phase.permits) == (left["pending"], 0)
    if how == "pause_workers":
        assert make.campaign.resume_workers()
    else:
        assert not make.campaign.resume_workers()
        make.campaign.start_workers()
    again = make()
    while not again.went:
        again.advance()


def test_a_failure_delays_all_workers_and_too_many_stop_them(make: Any, service: Service) -> None:
    make.campaign.start_workers(concurrency=1, stop_after=2)
    service.script = [httpx.Response(429, headers={"retry-after": "30"})]
    first, second = make(), make()
    done = first.finish().done()
    assert (done.end, done.failures, done.reason) == (
        WorkEnd.PAUSED,
        1,
        "a request failed (RateLimitError)",
    )
    assert done.again_in_s == pytest.approx(30, abs=5)
    make.time.seconds += 1
    assert second.finish().done().end is WorkEnd.PAUSED
    held = make()
    assert held.finish().done().requests == 0
    release(make.campaign)
    service.script = [httpx.Response(400)]
    stopped = make().finish().done()
    assert (stopped.end, stopped.reason) == (WorkEnd.STOPPED, "2 requests in a row failed")
    make.campaign.start_workers(concurrency=1, stop_after=2)
    service.script = [httpx.Response(400), service.accept, httpx.Response(400)]
    done = make().finish().done()
    assert (done.end, done.failures) == (WorkEnd.NO_WORK, 2)


def release(campaign: Campaign) -> None:
    """Let the time pass during which requests are delayed."""
    with campaign._ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE smsmanager_campaign_pace SET held_until = 0")


def test_a_refused_key_stops_all_workers(make: Any, service: Service) -> None:
    make.campaign.start_workers(concurrency=1)
    service.script = [httpx.Response(401)]
    first, second = make(), make()
    assert first.finish().done().end is WorkEnd.STOPPED
    make.time.seconds += 1
    done = second.finish().done()
    assert done.end is WorkEnd.STOPPED
    assert "refused" in (done.reason or "")
    assert len(service.requests) <= 2


def test_a_refused_key_ends_a_worker_though_the_campaign_is_started_again_meanwhile(
    make: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.campaign.start_workers(concurrency=1)
    original = SharedPace.failed

    def failed(pace: SharedPace, *given: Any) -> None:
        original(pace, *given)
        with make.campaign._ledger.database.writing() as connection:
            connection.execute(update(schema.pace).values(phase="sending"))

    monkeypatch.setattr(SharedPace, "failed", failed)
    service.script = [httpx.Response(401)]
    done = make().finish().done()
    assert (done.end, done.requests, done.again_in_s) == (WorkEnd.STOPPED, 1, None)
    assert "refused" in (done.reason or "")


def test_work_on_a_campaign_that_was_never_started_for_workers_does_nothing(
    make: Any, client: SmsManager, service: Service
) -> None:
    done = work(make.campaign._ledger.database.path, None, client)
    assert attrs.astuple(done) == (WorkEnd.STOPPED, 0, 0, 0, None, None)
    assert service.requests == []


def test_why_work_ended_is_one_of_these_words() -> None:
    """Tasks store them."""
    words = ["time", "no_work", "paused", "stopped", "locked", "lost"]
    assert [end.value for end in WorkEnd] == words


def test_a_closed_window_ends_a_permit(make: Any) -> None:
    make.campaign.start_workers(window={"start": "14:00", "end": "15:00"})
    done = make().finish().done()
    assert (done.end, done.requests, done.again_in_s) == (WorkEnd.PAUSED, 0, 60.0)


def test_a_permit_is_for_a_moment(make: Any, service: Service) -> None:
    make.campaign.start_workers(concurrency=1)
    worker = make(for_s=1.0)
    while not worker.is_over:
        make.time.seconds += 0.1
        worker.advance()
    done = worker.plan.done()
    assert (done.end, done.again_in_s) == (WorkEnd.TIME, 0.0)
    assert 0 < done.recipients == len(service.taken) < 1000
    assert counts(make.campaign) == {
        "accepted": done.recipients,
        "pending": 1000 - done.recipients,
    }
    assert make.campaign.workers() == []


def test_no_worker_works_during_a_run_by_one_process(make: Any, client: SmsManager) -> None:
    make.campaign.start_workers()
    with Campaign.open(make.campaign._ledger.database.path) as other:
        steps = iter(other.run(client))
        next(steps)
        worker = make()
        worker.finish()
        assert isinstance(worker.error, CampaignLockedError)
        [alone] = make.campaign.workers()
        assert (alone.first, alone.last) == (None, None)
        steps.close()  # type: ignore[attr-defined]
        busy = make()
        while not make.campaign.workers():
            busy.advance()
        with pytest.raises(CampaignLockedError):
            next(iter(other.run(client)))
        with pytest.raises(CampaignLockedError):
            make.campaign.start_workers()
        busy.finish()
        list(other.run(client))
    assert counts(make.campaign) == {"accepted": 1000}


def test_a_slow_pace_is_used_by_permits_that_are_shorter_than_its_gaps(
    make: Any, client: SmsManager
) -> None:
    """Slots after the end of a permit would be lost, and each permit would delay the next one."""
    went: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smsmanager.campaigns._ledger.leases.time.time", lambda: make.time.seconds)
        make.campaign.start_workers(requests_per_s=0.25)
        while make.time.seconds < 40:
            with ExitStack() as held:
                given = (make.campaign, client, make.time, held, 2.0)
                workers = [Worker(*given, sleeps_alone=False) for _ in range(4)]
                while awake := [worker for worker in workers if not worker.is_over]:
                    following = min(awake, key=lambda worker: worker.wakes_at)
                    make.time.seconds = max(make.time.seconds, following.wakes_at)
                    following.advance()
            went += [at for worker in workers for at in worker.went]
            done = [worker.plan.done() for worker in workers]
            assert {each.end for each in done} == {WorkEnd.TIME}
            make.time.seconds += max(0.25, min(each.again_in_s or 0.0 for each in done))
    assert len(went) >= 9
    assert all(later - earlier >= 4 - 1e-6 for earlier, later in pairwise(sorted(went)))


def test_what_waits_for_its_moment_is_not_claimed_yet(make: Any, service: Service) -> None:
    """A worker that is killed meanwhile leaves it pending, and the answers are recorded."""
    make.campaign.start_workers(requests_per_s=0.2, concurrency=3)
    with dying():
        worker = make(sleeps_alone=False)
        while not worker.went:
            worker.advance()
        for _ in range(12):
            worker.advance()
    assert len(service.requests) == 1
    assert counts(make.campaign) == {"accepted": 10, "pending": 990}
    assert tend(make.campaign._ledger.database.path).ended == 1
    assert counts(make.campaign) == {"accepted": 10, "pending": 990}
    worker._steps.close()


@pytest.mark.parametrize("how", ["pause_workers", "stop_workers"])
def test_what_waits_for_its_moment_does_not_go_out_after_all(
    make: Any, service: Service, how: str
) -> None:
    make.campaign.start_workers(requests_per_s=0.2, concurrency=3)
    worker = make(sleeps_alone=False)
    while not worker.went:
        worker.advance()
    # The time of the next one is reserved, and five seconds away.
    for _ in range(12):
        worker.advance()
    getattr(make.campaign, how)()
    while not worker.is_over:
        make.time.seconds += 0.1
        worker.advance()
    assert len(service.requests) == 1
    assert counts(make.campaign) == {"accepted": 10, "pending": 990}


def test_a_failure_is_noted_that_comes_back_together_with_a_success(
    make: Any, service: Service
) -> None:
    make.campaign.start_workers(concurrency=2)
    service.script = [httpx.Response(429), service.accept]
    make().finish()
    release(make.campaign)
    service.script = [httpx.Response(401), service.accept]
    assert make().finish().done().end is WorkEnd.STOPPED
    assert tend(make.campaign._ledger.database.path).phase is Phase.STOPPED
