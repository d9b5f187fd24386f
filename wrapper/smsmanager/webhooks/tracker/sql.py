"""`SqlStore`: the tracker's store on SQLite or PostgreSQL, shared by any number of processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

try:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite
except ModuleNotFoundError as error:
    if error.name != "sqlalchemy":
        raise
    msg = "A tracker on a database needs another package: install smsmanager[tracker]."
    raise ImportError(msg, name=error.name) from error

from smsmanager.webhooks.tracker._delivery_state import kept_reference, storable
from smsmanager.webhooks.tracker._sql_batches import fold_statement, given_as_json
from smsmanager.webhooks.tracker._sql_engine import READS, checked_engine, make_engine, make_tables
from smsmanager.webhooks.tracker._sql_schema import (
    CLAIMS,
    EARLIER_STATES,
    SENDS,
    STEPS,
    digest,
    outcome_from,
    row_of,
    send_row_of,
    state_from,
)
from smsmanager.webhooks.tracker._store_protocol import (
    Claims,
    Sizes,
    outcome_key,
    replaced_key,
    scope_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Engine

    from smsmanager.results import RecipientOutcome
    from smsmanager.webhooks.tracker._delivery_state import StepState

_CHUNK = 500
# A settled claim never ends.
_SETTLED_S = 1e300


class SqlStore:
    """Stores states, sends and claims in three tables named `smsmanager_...`.

    Each change is atomic: an upsert accepts only a later state, so it does not matter which process is first.

    Args:
        target: An SQLAlchemy URL (`"sqlite:///reports.db"`, `"postgresql+psycopg://user@host/name"`), or an
            engine that you made for one of these databases.
        create: Whether to create missing tables.

    Raises:
        ConfigurationError: If the database or URL is not supported, or the driver is missing.
        sqlalchemy.exc.SQLAlchemyError: If the database cannot be reached.
    """

    def __init__(self, target: str | Engine, *, create: bool = True) -> None:
        engine = make_engine(target) if isinstance(target, str) else target
        self._owned = isinstance(target, str)
        self._own_engine = checked_engine(engine)
        self._process = os.getpid()
        on_postgresql = engine.dialect.name == "postgresql"
        self._insert: Any = postgresql.insert if on_postgresql else sqlite.insert
        self._fold = fold_statement(engine.dialect.name)
        self._has_earlier_states: bool | None = None
        if create:
            make_tables(engine)

    def __repr__(self) -> str:
        """Show the kind of database, never its URL."""
        return f"SqlStore({self._own_engine.dialect.name!r})"

    @property
    def _engine(self) -> Engine:
        # A forked child must not use its parent's connections.
        if self._owned and self._process != os.getpid():
            self._own_engine.dispose(close=False)
            self._process = os.getpid()
        return self._own_engine

    def fold(self, states: Sequence[StepState], now_s: float) -> None:
        """Join states of steps into the stored ones."""
        # The same order in every process: otherwise two could wait for each other.
        rows = [row_of(state, now_s) for state in sorted(states, key=lambda state: state.key)]
        for chunk in _chunks(rows):
            with self._engine.begin() as connection:
                connection.execute(self._fold, given_as_json(chunk, STEPS))

    def _read(self, statement: Any) -> Sequence[Any]:
        with self._engine.connect() as connection:
            found = connection.execution_options(**READS).execute(statement)
            return found.mappings().all()

    def find(
        self,
        *,
        message_ids: Collection[str] = (),
        references: Collection[str] = (),
        request_ids: Collection[str] = (),
    ) -> list[StepState]:
        """Return the states of steps with one of these values, each once."""
        wanted = (
            ("message_id", message_ids),
            ("reference", references),
            ("request_id", request_ids),
        )
        found: dict[tuple[bool, *tuple[str, ...]], StepState] = {}
        for table in (STEPS, EARLIER_STATES) if self._reads_earlier_states() else (STEPS,):
            for name, texts in wanted:
                for chunk in _chunks(list(texts)):
                    for row in self._read(sa.select(table).where(table.c[name].in_(chunk))):
                        state = state_from(row)
                        found.setdefault((state.is_earlier, *state.key), state)
        return list(found.values())

    def _reads_earlier_states(self) -> bool:
        if self._has_earlier_states is None:
            reads = self._engine.execution_options(**READS)
            self._has_earlier_states = sa.inspect(reads).has_table(EARLIER_STATES.name)
        return self._has_earlier_states

    def sent_as(self, message_ids: Collection[str]) -> dict[str, str | None]:
        """Return the reference with which each id was first recorded."""
        keys = {digest(f"id:{one}"): one for one in message_ids}
        return {
            keys[row["key"]]: outcome_from(row["outcome"]).reference
            for chunk in _chunks(sorted(keys))
            for row in self._read(
                sa.select(SENDS.c.key, SENDS.c.outcome).where(SENDS.c.key.in_(chunk))
            )
        }

    def sizes(self, reference: str) -> Sizes:
        """Return how much is stored under a reference."""
        scope = scope_of(reference)
        # All keys have the same length, so these are the first and the last of the scope.
        between = CLAIMS.c.key.between(scope.ljust(64, "0"), scope.ljust(64, "f"))
        counts = (
            sa.select(sa.func.count(STEPS.c.message_id.distinct())).where(
                STEPS.c.reference == kept_reference(reference)
            ),
            sa.select(sa.func.count()).where(SENDS.c.reference == storable(reference)),
            sa.select(sa.func.count()).where(between),
        )
        [row] = self._read(sa.select(*(each.scalar_subquery().label(None) for each in counts)))
        return Sizes(*row.values())

    def record(self, outcomes: Sequence[RecipientOutcome], now_s: float) -> None:
        """Store the outcomes of a send."""
        rows = {
            row["key"]: row
            for outcome in outcomes
            for row in [send_row_of(outcome, outcome_key(outcome), now_s)]
        }
        replaced = [digest(replaced_key(one)) for one in outcomes if one.message_id is not None]
        insert = self._insert(SENDS)
        columns = ("reference", "outcome", "recorded_s")
        statement = insert.on_conflict_do_update(
            index_elements=[SENDS.c.key],
            set_={name: insert.excluded[name] for name in columns},
            # An id stays with the reference with which it was first recorded.
            where=sa.func.coalesce(SENDS.c.reference, "")
            == sa.func.coalesce(insert.excluded.reference, ""),
        )
        with self._engine.begin() as connection:
            for keys in _chunks(sorted(replaced)):
                connection.execute(sa.delete(SENDS).where(SENDS.c.key.in_(keys)))
            for chunk in _chunks([rows[key] for key in sorted(rows)]):
                connection.execute(statement, chunk)

    def recorded(self, reference: str) -> list[RecipientOutcome]:
        """Return the recipients that were recorded under a reference, in order."""
        rows = self._read(
            sa.select(SENDS.c.outcome).where(SENDS.c.reference == storable(reference))
        )
        # Two long references can have the same beginning.
        outcomes = (outcome_from(row["outcome"]) for row in rows)
        found = [outcome for outcome in outcomes if outcome.reference == reference]
        return sorted(found, key=lambda outcome: (outcome.index, outcome.message_id or ""))

    def claim(self, keys: Collection[str], now_s: float, until_s: float) -> Claims:
        """Claim events for one handler."""
        named = {digest(key): key for key in keys}
        won: set[str] = set()
        busy: set[str] = set()
        for chunk in _chunks(sorted(named)):
            held = self._held(chunk)
            # Most repeated deliveries were settled long ago and need no write.
            new = [key for key in chunk if key not in held]
            ended = [key for key in chunk if key in held and held[key] <= now_s]
            if new or ended:
                taken = self._take(new, ended, now_s, until_s)
                won |= taken
                # Another process was first. Unless it has settled the claim by now, it may still fail; if the
                # claim is gone, it has failed.
                lost = [key for key in new if key not in taken]
                held |= dict.fromkeys(lost, now_s) | self._held(lost)
            busy |= {key for key, ends_s in held.items() if ends_s != _SETTLED_S} - won
        return Claims(frozenset(named[key] for key in won), frozenset(named[key] for key in busy))

    def _held(self, keys: Sequence[str]) -> dict[str, float]:
        """Return when each existing claim ends."""
        columns = (CLAIMS.c.key, CLAIMS.c.until_s)
        return {
            row["key"]: row["until_s"]
            for chunk in _chunks(keys)
            for row in self._read(sa.select(*columns).where(CLAIMS.c.key.in_(chunk)))
        }

    def _take(
        self, new: Sequence[str], ended: Sequence[str], now_s: float, until_s: float
    ) -> set[str]:
        """Insert claims and take over ended ones; return the keys that this process got."""
        claim = {"until_s": until_s, "claimed_s": now_s}
        # An upsert would lock rows of other processes, and two could wait for each other.
        insert = self._insert(CLAIMS).on_conflict_do_nothing().returning(CLAIMS.c.key)
        taken: set[str] = set()
        with self._engine.begin() as connection:
            if new:
                rows = [{"key": key, **claim} for key in new]
                taken.update(connection.execute(insert, rows).scalars())
            for key in ended:
                still = sa.and_(CLAIMS.c.key == key, CLAIMS.c.until_s <= now_s)
                if connection.execute(sa.update(CLAIMS).where(still).values(**claim)).rowcount:
                    taken.add(key)
        return taken

    def settled(self, keys: Collection[str]) -> set[str]:
        """Return the keys that are marked as handled."""
        named = {digest(key): key for key in keys}
        held = self._held(sorted(named))
        return {named[key] for key, ends_s in held.items() if ends_s == _SETTLED_S}

    def settle(self, keys: Collection[str]) -> None:
        """Mark claimed events as handled."""
        self._on_claims(sa.update(CLAIMS).values(until_s=_SETTLED_S), keys)

    def release(self, keys: Collection[str]) -> None:
        """Release claims."""
        self._on_claims(sa.delete(CLAIMS), keys)

    def _on_claims(self, statement: Any, keys: Collection[str]) -> None:
        # One by one, in the same order in every process.
        named = [{"name": one} for one in sorted(digest(key) for key in keys)]
        if named:
            with self._engine.begin() as connection:
                connection.execute(statement.where(CLAIMS.c.key == sa.bindparam("name")), named)

    def forget(self, before_s: float) -> int:
        """Delete records that were last changed before a time."""
        ages = [(STEPS, "touched_s"), (SENDS, "recorded_s"), (CLAIMS, "claimed_s")]
        if self._reads_earlier_states():
            ages.append((EARLIER_STATES, "touched_s"))
        with self._engine.begin() as connection:
            return sum(
                connection.execute(sa.delete(table).where(table.c[age] < before_s)).rowcount
                for table, age in ages
            )

    def close(self) -> None:
        """Close connections, unless the caller supplied the engine."""
        if self._owned:
            self._engine.dispose()


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
