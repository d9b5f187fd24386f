"""No message is lost, and none is sent twice, wherever processes die."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from smsmanager.outbox import OutboxState, _adding, _outbox_store
from smsmanager.outbox._outbox_store import OutboxStore
from smsmanager.outbox.outbox_table import metadata, table
from smsmanager.webhooks.tracker._sql_engine import make_engine
from tests.outbox.crash_world import STEPS, WrongError, play

# Chunks, so that workers share them; together over 2,000. What the clients add is the same for every case.
FEW = [
    ("sqlite", "sync", 60, 1),
    ("sqlite", "asyncio", 20, 2),
    ("sqlite", "trio", 20, 3),
    ("postgresql", "sync", 10, 4),
]
MANY = [
    *(("sqlite", "sync", 200, seed) for seed in range(21, 29)),
    ("sqlite", "asyncio", 60, 15),
    ("sqlite", "trio", 60, 16),
    *(("postgresql", "sync", 75, seed) for seed in range(17, 20)),
]
CHUNKS = [*FEW, *(pytest.param(*chunk, marks=pytest.mark.thorough) for chunk in MANY)]
MANY_CASES = 60


def test_there_are_enough_cases() -> None:
    assert sum(examples for _, _, examples, _ in (*FEW, *MANY)) >= 2000


@pytest.fixture
def engine_of(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Any]]:
    """Creates the engine of a database with the table; on disk, but without waiting for the disk."""
    made: list[sa.Engine] = []

    def make(kind: str) -> sa.Engine:
        is_file = kind == "sqlite"
        url = f"sqlite:///{tmp_path / 'outbox.db'}" if is_file else ""
        engine = make_engine(url or request.getfixturevalue("postgresql_url"))
        if is_file:

            @event.listens_for(engine, "connect")
            def quick(connection: Any, _: object) -> None:
                connection.execute("PRAGMA synchronous=OFF")
                connection.execute("PRAGMA journal_mode=MEMORY")

        made.append(engine)
        metadata.create_all(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()


@pytest.mark.parametrize(("database", "kind", "examples", "seed"), CHUNKS)
def test_nothing_is_lost_and_nothing_is_sent_twice(
    engine_of: Callable[[str], sa.Engine], database: str, kind: str, examples: int, seed: int
) -> None:
    engine = engine_of(database)
    ended: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for number in range(examples):
        states, steps = play(kind, seed * 100_000 + number, engine)
        ended += states
        hits += steps
    # Also check that something was sent, and that something failed.
    assert ended["accepted"] > ended.total() / 4
    assert hits.total() > examples / 2
    assert examples < MANY_CASES or set(STEPS) <= hits.keys()


Patch = pytest.MonkeyPatch


def claim_after_the_request(patch: Patch) -> None:
    """The database does not record a message as in flight while its request is."""
    original = OutboxStore._claim

    def claim(self: Any, connection: Any, *arguments: Any) -> Any:
        claimed = original(self, connection, *arguments)
        for each in claimed[0]:
            own = sa.update(table).where(table.c.key == each.key)
            connection.execute(own.values(state="pending"))
        return claimed

    patch.setattr(OutboxStore, "_claim", claim)


def criteria_of_noting() -> list[Any]:
    """Return the condition on the key, on the fence, and on the state."""
    criteria: Any = _outbox_store._NOTE.whereclause
    return list(criteria.clauses)


def note_under_any_fence(patch: Patch) -> None:
    key, _, state = criteria_of_noting()
    anyhow = sa.update(table).where(key, state, sa.bindparam("under") != "")
    patch.setattr(_outbox_store, "_NOTE", anyhow.values(_outbox_store._NOTED))


def take_any_message_for_that_of_the_key(patch: Patch) -> None:
    patch.setattr(_adding, "_refuse_another", lambda *_: False)


def send_again_what_was_in_flight(patch: Patch) -> None:
    over = _outbox_store._TEND[OutboxState.UNKNOWN]
    patch.setitem(_outbox_store._TEND, OutboxState.UNKNOWN, over.values(state="pending"))


def give_back_what_left(patch: Patch) -> None:
    """A lost answer counts as not sent."""
    original = OutboxStore.note

    def note(self: Any, notes: Any, now_s: float) -> None:
        original(self, notes, now_s)
        with self.engine.begin() as connection:
            lost = sa.update(table).where(table.c.state == "unknown")
            connection.execute(lost.values(state="pending"))

    patch.setattr(OutboxStore, "note", note)


SABOTAGE: list[Callable[[Patch], None]] = [
    claim_after_the_request,
    note_under_any_fence,
    take_any_message_for_that_of_the_key,
    send_again_what_was_in_flight,
    give_back_what_left,
]


def play_many(seeds: Iterable[int], engine: sa.Engine) -> None:
    for seed in seeds:
        play("sync", seed, engine)


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=lambda sabotage: sabotage.__name__)
def test_a_missing_rule_is_noticed(
    engine_of: Callable[[str], sa.Engine],
    monkeypatch: pytest.MonkeyPatch,
    sabotage: Callable[[Patch], None],
) -> None:
    sabotage(monkeypatch)
    with pytest.raises(WrongError):
        play_many(range(100_000, 100_100), engine_of("sqlite"))
    gc.collect()
