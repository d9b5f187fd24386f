"""Tasks that are acknowledged late and send once by key, while their workers are killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import sqlalchemy as sa

from smsmanager.outbox import Outbox
from tests.campaigns.conftest import number
from tests.campaigns.kills import ENVIRONMENT, running_service
from tests.engines.worker_kills import crew_of

_QUIET_S = 120.0
_ENQUEUE = """
import sys
from tests.engines.once_app import notify
from tests.campaigns.conftest import number
for order in range(1, int(sys.argv[1]) + 1):
    notify.delay(order, number(order))
"""
_STATES = sa.text("SELECT state, count(*) FROM smsmanager_outbox GROUP BY state")


@dataclass
class Sent:
    """The result of the tasks.

    Attributes:
        tasks: How many there were.
        kills: How often a worker was killed.
        arrived: How many requests the service got.
        twice: Recipients that were taken more than once.
        states: How many keys are in each state.
        missing: Recipients that were not taken although their key is *accepted*.
    """

    tasks: int
    kills: int
    arrived: int
    twice: int
    states: Counter[str]
    missing: int


def sent_once(url: str, broker: str, log: Path, *, tasks: int, kills: int, seed: int) -> Sent:
    """Let two workers run tasks, kill them repeatedly, and wait until every key is settled.

    Args:
        url: URL of an empty database.
        broker: URL of Redis.
        log: Where workers write.
        tasks: How many tasks.
        kills: How often a worker, or a child of one, gets SIGKILL.
        seed: Decides the moments.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed
    with Outbox(url) as outbox:
        outbox.create_table()
    command = [sys.executable, "-m", "celery", "-A", "tests.engines.once_app", "worker", "-c", "2"]
    quiet = ["--loglevel=error", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    done = 0
    with running_service() as service:
        environment = {
            "TESTS_LEDGER": url,
            "TESTS_BROKER": broker,
            "SMSMANAGER_API_KEY": "key",
            "SMSMANAGER_BASE_URL": service.server.url,
        }
        subprocess.run(
            [sys.executable, "-c", _ENQUEUE, str(tasks)],
            env={**ENVIRONMENT, **environment},
            check=True,
        )
        crew = [[*command, *quiet, "-n", f"w{place}@%h"] for place in range(2)]
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with crew_of(crew, environment, log) as workers:
            # Three events per request.
            most = max(2, int(1.2 * tasks * 3 / kills))
            quiet_since = time.monotonic()
            acts = [chance.randint(1, most) for _ in range(kills)]
            while True:
                try:
                    service.next_event(0.5)
                except Empty:
                    if _are_settled(engine, tasks):
                        break
                    assert time.monotonic() - quiet_since < _QUIET_S, log.read_text()[-5_000:]
                else:
                    quiet_since = time.monotonic()
                    if acts:
                        acts[0] -= 1
                if acts and acts[0] <= 0:
                    workers.kill(chance)
                    del acts[0]
                    done += 1
                workers.keep()
        states = _states(engine)
        engine.dispose()
        taken = service.taken()
        arrived = service.server.ledger.arrived.total()
    twice = sum(times > 1 for times in taken.values())
    with Outbox(url) as outbox:
        accepted = [n for n in range(1, tasks + 1) if _is_accepted(outbox, n)]
    missing = sum(taken[number(order)] != 1 for order in accepted)
    return Sent(tasks, done, arrived, twice, states, missing)


def _is_accepted(outbox: Outbox, order: int) -> bool:
    entry = outbox.find(f"order-{order}")
    return entry is not None and entry.state == "accepted"


def _states(engine: sa.Engine) -> Counter[str]:
    with engine.connect() as connection:
        return Counter(dict(connection.execute(_STATES).fetchall()))


def _are_settled(engine: sa.Engine, tasks: int) -> bool:
    states = _states(engine)
    # The key of an ended lease is *unknown* as soon as anything looks at it.
    return states.total() == tasks and not states["pending"] + states["in_flight"]
