"""A turn of a run: results are noted and requests claimed together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from smsmanager.campaigns import Campaign, LedgerError, RowState
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.batches import Batch, Settled
from smsmanager.campaigns._ledger.leases import LeaseLostError
from smsmanager.campaigns._ledger.ledger import CHUNK
from smsmanager.campaigns._ledger.session import Session
from tests.campaigns.conftest import claim_one, crash, results, rows, working
from tests.postgres import while_it_waits

Table = list[tuple[Any, ...]]
_COLUMNS = ("row", "state", "message", "place", "message_id", "tried", "doubt", "reason")


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    if request.param == "sqlite":
        return tmp_path / "ledger"
    return str(request.getfixturevalue("url"))


@pytest.fixture
def campaign(target: str | Path) -> Iterator[Campaign]:
    """A campaign of which another one, with the same rows and messages, shares the database."""
    with Campaign.create(target, rows(250), name="other") as other:
        crash(other)
        before = table(other)
        with Campaign.create(target, rows(250), name="one") as campaign:
            yield campaign
        assert table(other) == before


def table(campaign: Campaign) -> Table:
    """Return what is kept of each row."""
    wanted = select(*(schema.row.c[name] for name in _COLUMNS))
    of_campaign = schema.row.c.campaign == campaign._ledger.head.id
    with campaign._ledger.database.reading() as connection:
        found = connection.execute(wanted.where(of_campaign).order_by(schema.row.c.row))
        return [tuple(each) for each in found]


def requests(campaign: Campaign) -> list[tuple[int, int]]:
    """Return first and last message of each request."""
    known = schema.request
    wanted = select(known.c.first, known.c.last).order_by(known.c.first)
    of_campaign = known.c.campaign == campaign._ledger.head.id
    with campaign._ledger.database.reading() as connection:
        return [(first, last) for first, last in connection.execute(wanted.where(of_campaign))]


def change(campaign: Campaign, what: str, row: int) -> None:
    """Change a row as a foreign program does."""
    with campaign._ledger.database.writing() as connection:
        changed = f"UPDATE smsmanager_campaign_row SET {what} WHERE campaign = :id AND row = :row"  # noqa: S608
        connection.execute(text(changed), {"id": campaign._ledger.head.id, "row": row})


def next_request(session: Session) -> Sequence[Batch]:
    return session.page(0).batches[:1]


def in_flight(batch: Batch) -> Table:
    return [
        (row, "in_flight", message, place, None, 0, None, None)
        for row, message, place in batch.carried()
    ]


@pytest.mark.parametrize("state", sorted(set(RowState) - {RowState.IN_FLIGHT}))
def test_a_turn_notes_results_and_claims_the_next_request(
    campaign: Campaign, state: RowState
) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        reason = None if state is RowState.ACCEPTED else "why"
        settled = [each._replace(reason=reason) for each in results(claimed, state)]
        assert session.settle_and_claim(settled, following) == (following, set())
        again = state is RowState.PENDING
        noted = [
            (each.pending.row, state, each.number, 0, each.message_id, int(again), None, reason)
            for each in settled
        ]
        left = [(row, "pending", None, None, None, 0, None, None) for row in range(201, 251)]
        found = [(*each[:3], each[3] and 0, *each[4:]) for each in table(campaign)]
        expected = [*noted, *in_flight(following[0]), *left]
        assert found == [(*each[:3], each[3] and 0, *each[4:]) for each in expected]
        assert requests(campaign) == [
            (batch.parcels[0].number, batch.parcels[-1].number) for batch in (claimed, *following)
        ]


def test_a_turn_notes_for_each_row_its_own_result(campaign: Campaign) -> None:
    states = [RowState.ACCEPTED, *sorted(set(RowState) - {RowState.IN_FLIGHT, RowState.ACCEPTED})]
    with working(campaign) as session:
        settled = [
            each._replace(state=states[at % len(states)], message_id=f"id{at}", reason=None)
            for at, each in enumerate(results(claim_one(session), RowState.ACCEPTED))
        ]
        session.settle_and_claim(settled, [])
        expected = [(each.state, each.message_id, each.number) for each in settled]
        assert [(each[1], each[4], each[2]) for each in table(campaign)[:100]] == expected


def test_a_turn_whose_lease_is_lost_changes_nothing(campaign: Campaign) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        before, known = table(campaign), requests(campaign)
        with campaign._ledger.database.writing() as connection:
            connection.execute(schema.lease.delete())
        settled = results(claimed, RowState.ACCEPTED)
        for given in (([], []), ([], following), (settled, []), (settled, following)):
            with pytest.raises(LeaseLostError):
                session.settle_and_claim(*given)
            assert (table(campaign), requests(campaign)) == (before, known)


def test_a_lease_that_is_taken_while_a_turn_waits_for_it(url: str) -> None:
    """Another process takes over: it has locked the lease, which is gone when the turn continues."""
    with Campaign.create(url, rows(250)) as campaign, working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        before, known = table(campaign), requests(campaign)

        def turn() -> None:
            with pytest.raises(LeaseLostError):
                session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)

        engine = campaign._ledger.database.engine
        with engine.connect() as other, other.begin():
            other.execute(schema.lease.delete())
            with while_it_waits(engine, turn):
                other.commit()
        assert (table(campaign), requests(campaign)) == (before, known)


def test_a_turn_whose_lease_is_lost_waits_for_nobody(url: str) -> None:
    """Whoever took over has locked what the turn would write: two that wait could wait in a circle."""
    with Campaign.create(url, rows(250)) as campaign, working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        engine, key = campaign._ledger.database.engine, campaign._ledger.head.id
        with engine.begin() as other:
            other.execute(schema.lease.delete())
        with engine.begin() as other:
            other.execute(select(schema.row.c.row).with_for_update())
            first = following[0].parcels[0].number
            taken = schema.request.insert().values(campaign=key, first=first, last=first, at=0.0)
            other.execute(taken)

            @event.listens_for(engine, "begin")
            def never_wait(connection: Connection) -> None:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")

            with pytest.raises(LeaseLostError):
                session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)
        event.remove(engine, "begin", never_wait)


def unsettled(settled: list[Settled], following: Batch) -> tuple[str, int]:
    """A result is about a row that is not in flight any more."""
    return "state = 'refused'", settled[4].pending.row


def of_another_message(settled: list[Settled], following: Batch) -> tuple[str, int]:
    """A result is about a row that another message carries."""
    return "message = message + 1000", settled[4].pending.row


@pytest.mark.parametrize("foreign", [unsettled, of_another_message])
def test_a_foreign_change_of_a_settled_row_stops_what_is_claimed(
    campaign: Campaign, foreign: Callable[[list[Settled], Batch], tuple[str, int]]
) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        settled = results(claimed, RowState.ACCEPTED)
        change(campaign, *foreign(settled, following[0]))
        before, known = table(campaign), requests(campaign)
        with pytest.raises(LedgerError, match="not sent"):
            session.settle_and_claim(settled, following)
        after = table(campaign)
        assert after[4] == before[4]
        assert {each[1] for each in after[:100] if each[0] != 5} == {"accepted"}
        assert after[100:] == before[100:]
        assert requests(campaign) == known


@pytest.mark.parametrize("what", ["state = 'refused'", "state = 'in_flight'"])
def test_a_foreign_change_of_a_claimed_row_stops_its_request(campaign: Campaign, what: str) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        change(campaign, what, 150)
        before, known = table(campaign), requests(campaign)
        with pytest.raises(LedgerError, match="not sent"):
            session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)
        # The plan still holds the results, and notes them when it ends.
        assert (table(campaign), requests(campaign)) == (before, known)


def test_a_turn_renews_its_lease(campaign: Campaign) -> None:
    with working(campaign) as session:
        claim_one(session)
        following = next_request(session)
        until = select(schema.lease.c.until).where(
            schema.lease.c.campaign == campaign._ledger.head.id
        )
        with campaign._ledger.database.writing() as connection:
            before = connection.execute(until).scalar_one()
            connection.execute(schema.lease.update().values(until=before - 30))
        session.settle_and_claim([], following)
        with campaign._ledger.database.reading() as connection:
            assert connection.execute(until).scalar_one() >= before


@pytest.mark.parametrize("target", ["postgresql"], indirect=True)
def test_a_turn_on_postgresql_is_one_statement(campaign: Campaign) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        following = next_request(session)
        statements: list[str] = []

        @event.listens_for(campaign._ledger.database.engine, "before_cursor_execute")
        def _before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement.split(maxsplit=1)[0])

        session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)
        assert statements == ["SET", "WITH"]


def reads(campaign: Campaign) -> list[tuple[int, int]]:
    """Return a list that gets, for each transaction, how many rows were scanned, and how many fetched."""
    found: list[tuple[int, int]] = []
    engine = campaign._ledger.database.engine

    def counted(connection: Connection) -> tuple[int, int]:
        # Those of earlier transactions are in it, until the server adds them to what others see.
        wanted = "SELECT sum(seq_tup_read), sum(idx_tup_fetch) FROM pg_stat_xact_user_tables "
        tables = f"WHERE relname IN ('{schema.row.name}', '{schema.content.name}')"
        scanned, fetched = connection.execute(text(wanted + tables)).one()
        return int(scanned), int(fetched)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.info["read"] = counted(connection)

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        before, after = connection.info["read"], counted(connection)
        found.append((after[0] - before[0], after[1] - before[1]))

    return found


@pytest.mark.parametrize("state", [RowState.ACCEPTED, RowState.UNKNOWN])
def test_a_turn_reads_no_rows_but_its_own(url: str, state: RowState) -> None:
    """A server without statistics of a new campaign scanned all rows in every turn."""
    given = rows(3000, lambda row: f"No. {row}")
    with Campaign.create(url, given) as campaign, working(campaign) as session:
        session.begin(resend_unknown=False)
        read = reads(campaign)
        with campaign._ledger.database.reading() as connection:
            known = text("SELECT reltuples FROM pg_class WHERE relname = :name")
            assert connection.execute(known, {"name": schema.row.name}).scalar() == 3000
        page = session.page(0)
        assert read[0] == (0, 2 * CHUNK)
        settled: list[Settled] = []
        # After five, the server plans once for all that follow.
        for batch in page.batches[:8]:
            session.settle_and_claim(settled, [batch])
            settled = results(batch, state)
        assert [scanned for scanned, _ in read] == [0] * len(read)
        assert max(fetched for _, fetched in read[2:]) < CHUNK / 10


def test_a_row_is_claimed_and_settled_without_a_change_of_an_index(url: str) -> None:
    """New versions of a row are in the page of the first: an index would have to name another page."""
    wanted = text(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = :name"
    )
    with Campaign.create(url, rows(CHUNK)) as campaign, working(campaign) as session:
        changes: list[tuple[int, int]] = []

        @event.listens_for(campaign._ledger.database.engine, "commit")
        def _commit(connection: Connection) -> None:
            [(changed, in_page)] = connection.execute(wanted, {"name": schema.row.name}).all()
            changes.append((int(changed), int(in_page)))

        settled: list[Settled] = []
        for batch in session.page(0).batches:
            session.settle_and_claim(settled, [batch])
            settled = results(batch, RowState.ACCEPTED)
        assert max(changed for changed, _ in changes) >= 100
        assert [changed - in_page for changed, in_page in changes] == [0] * len(changes)


@pytest.mark.parametrize("target", ["sqlite"], indirect=True)
def test_sqlite_looks_up_each_row_of_a_turn_by_its_key(campaign: Campaign) -> None:
    with working(campaign) as session:
        claimed = claim_one(session)
        done: list[tuple[str, Any]] = []

        @event.listens_for(campaign._ledger.database.engine, "before_cursor_execute")
        def _before(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
            if "json_each" in statement:
                done.append((statement, given))

        following = session.page(0).batches[:1]
        session.settle_and_claim(results(claimed, RowState.ACCEPTED), following)
        changes = done.copy()
        assert len(changes) == 3
        with campaign._ledger.database.reading() as connection:
            for statement, given in changes:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
                steps = [each[3] for each in plan]
                assert any("USING PRIMARY KEY (campaign=? AND " in step for step in steps), steps
