"""Kills workers and ends database sessions while a campaign runs, and compares both ledgers at the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from queue import Empty

import sqlalchemy as sa

from smsmanager.campaigns import Campaign, CampaignOptions, LedgerError, tend
from tests.campaigns.conftest import rows
from tests.campaigns.kills import ENVIRONMENT, Service, compared, running_service

Commands = tuple[Sequence[Sequence[str]], dict[str, str]]
AT_ONCE = 4
"""Maximum number of requests that one worker has in flight."""
PER_REQUEST = 100
"""Maximum number of recipients of a request."""
_NOTHING_HAPPENS_S = 120.0


@dataclass
class Crew:
    """Processes that work on a campaign; one that has ended is started again.

    Attributes:
        commands: The command of each process.
        environment: Variables that they get besides those of the tests.
        log: Where they write.
    """

    commands: Sequence[Sequence[str]]
    environment: dict[str, str]
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def keep(self) -> None:
        """Start the processes that are not running."""
        for place, command in enumerate(self.commands):
            if place == len(self.processes):
                self.processes.append(self._start(command))
            elif self.processes[place].poll() is not None:
                self.processes[place] = self._start(command)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**ENVIRONMENT, **self.environment},
                start_new_session=True,
            )

    def kill(self, chance: random.Random) -> None:
        """End one of them with SIGKILL: with all its children, or only one child."""
        process = chance.choice(self.processes)
        children = _children(process.pid)
        with suppress(ProcessLookupError):
            if children and chance.random() < 0.5:
                os.kill(chance.choice(children), signal.SIGKILL)
            else:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def end(self) -> None:
        """End all of them."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def is_over(self) -> bool:
        """Return whether all have ended by themselves."""
        return all(process.poll() == 0 for process in self.processes)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


@dataclass
class Toll:
    """What was done to the workers, and the result."""

    rows: int
    kills: int
    sessions: int
    accepted: int
    unknown: int
    taken: int
    seconds: float

    @property
    def most_unknown(self) -> int:
        """How many rows can have been in flight at all these moments."""
        return (self.kills + self.sessions) * AT_ONCE * PER_REQUEST


def end_a_session(engine: sa.Engine, chance: random.Random) -> int:
    """End one other session of the database; return the number of ended sessions."""
    others = sa.text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid"
    )
    with engine.begin() as connection:
        pids = list(connection.execute(others).scalars())
        if not pids:
            return 0
        end = sa.text("SELECT pg_terminate_backend(:pid)")
        return int(bool(connection.execute(end, {"pid": chance.choice(pids)}).scalar()))


def left(ledger: str) -> int:
    """Return how many rows are still to be sent or in flight."""
    with Campaign.open(ledger) as campaign:
        return campaign.status().left


def started(module: str) -> Callable[[dict[str, str]], None]:
    """Return a function that starts the campaign in a separate process, like an application."""

    def start(environment: dict[str, str]) -> None:
        command = [sys.executable, "-c", f"from {module} import start; start()"]
        subprocess.run(command, check=True, env={**ENVIRONMENT, **environment}, timeout=100)

    return start


@contextmanager
def crew_of(
    commands: Sequence[Sequence[str]], environment: dict[str, str], log: Path
) -> Iterator[Crew]:
    """Run a crew until the end of the block."""
    crew = Crew(commands, environment, log)
    try:
        crew.keep()
        yield crew
    finally:
        crew.end()


def attacked(
    ledger: str,
    crew: Commands,
    start: Callable[[dict[str, str]], object],
    log: Path,
    *,
    size: int,
    kills: int,
    sessions: int,
    seed: int,
    requests_per_s: float | None = None,
) -> Toll:
    """Run a campaign with individual texts to its end under kills.

    Args:
        ledger: URL of an empty database.
        crew: The commands of the workers, and their environment.
        start: Starts the campaign on the engine; called once the crew runs.
        log: Where workers write.
        size: How many rows.
        kills: How many SIGKILL.
        sessions: How many database sessions are ended.
        seed: Decides the moments.
        requests_per_s: The pace of all workers together. A short campaign needs one: without it, the campaign
            is over before the acts are.

    Raises:
        AssertionError: If a row was sent twice, is missing, or has a wrong state.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
    options = CampaignOptions(
        stop_after=None, attempts=1000, concurrency=AT_ONCE, requests_per_s=requests_per_s
    )
    Campaign.create(ledger, rows(size, lambda row: f"Hello {row}"), options).close()
    acts = ["kill"] * kills + ["session"] * sessions
    chance.shuffle(acts)
    # Three events per request of ten rows; the last act comes well before the end.
    events = int(0.8 * size / 10 * 3)
    moments = [0, *sorted(chance.sample(range(1, events), len(acts)))]
    done = {"kill": 0, "session": 0}
    began = time.monotonic()
    engine = sa.create_engine(ledger, poolclass=sa.NullPool)
    with running_service() as service:
        commands, environment = crew
        environment = {
            "TESTS_LEDGER": ledger,
            "SMSMANAGER_API_KEY": "key",
            "SMSMANAGER_BASE_URL": service.server.url,
            **environment,
        }
        with crew_of(commands, environment, log) as workers:
            start(environment)
            for act, (before, moment) in zip(acts, pairwise(moments), strict=True):
                if not _wait(service, workers, ledger, moment - before):
                    break
                if act == "kill":
                    workers.kill(chance)
                # Killed workers may not have connected again.
                elif not end_a_session(engine, chance) and not (
                    _wait(service, workers, ledger, 1) and end_a_session(engine, chance)
                ):
                    continue
                done[act] += 1
                workers.keep()
            _until_over(service, workers, ledger)
        taken = service.taken()
    engine.dispose()
    seconds = time.monotonic() - began
    return Toll(size, done["kill"], done["session"], *compared(ledger, size, taken), seconds)


def _wait(service: Service, workers: Crew, ledger: str, events: int) -> bool:
    """Wait for events at the service; return False when nothing is left to do."""
    quiet_since = time.monotonic()
    while events > 0:
        try:
            service.next_event(0.5)
            events -= 1
            quiet_since = time.monotonic()
        except Empty:
            if _is_over(workers, ledger):
                return False
            assert time.monotonic() - quiet_since < _NOTHING_HAPPENS_S, _told(workers, ledger)
    return True


def _until_over(service: Service, workers: Crew, ledger: str) -> None:
    until = time.monotonic() + _NOTHING_HAPPENS_S
    while not _is_over(workers, ledger):
        with suppress(Empty):
            service.next_event(0.5)
            until = time.monotonic() + _NOTHING_HAPPENS_S
        assert time.monotonic() < until, _told(workers, ledger)


def _is_over(workers: Crew, ledger: str) -> bool:
    if workers.is_over():
        return True
    workers.keep()
    try:
        return left(ledger) == 0
    except LedgerError:
        return False


def _told(workers: Crew, ledger: str) -> str:
    with Campaign.open(ledger) as campaign:
        where = [str(tend(ledger)), *map(str, campaign.workers()), str(campaign.status().counts)]
    told = workers.log.read_text(errors="replace")[-3_000:]
    return "\n".join(["nothing happens any more:", *where, told])


def celery_crew(broker: str, folder: Path, processes: int = 2) -> Commands:
    """Return workers of a Celery app, each with two children, and a beat."""
    command = [sys.executable, "-m", "celery", "-A", "tests.engines.celery_app"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=error"]
    workers = [[*command, "worker", "-c", "2", *quiet, "-n", f"w{n}@%h"] for n in range(processes)]
    beat = [*command, "beat", "-s", f"{folder}/beat", "--pidfile=", "--loglevel=error"]
    return [*workers, beat], {"TESTS_BROKER": broker}


def procrastinate_crew(processes: int = 2) -> Commands:
    """Return workers of a Procrastinate app, each with two tasks at once."""
    command = [sys.executable, "-m", "procrastinate", "--app=tests.engines.procrastinate_app.app"]
    return [[*command, "worker", "--concurrency=2"]] * processes, {}


def standby_crew() -> Commands:
    """Return a process that runs the campaign, and one that waits for it to end."""
    return [[sys.executable, "-m", "tests.engines.standby"]] * 2, {}
