"""Reading the ledger of one campaign, at any time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import func, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.contents import packed, reference
from smsmanager.campaigns._ledger.database import Database
from smsmanager.campaigns._ledger.deliveries import delivery_of, last_reports
from smsmanager.campaigns._ledger.shown_states import shown_reason, shown_state
from smsmanager.campaigns.campaign_errors import (
    CampaignNotFoundError,
    CampaignTargetError,
    LedgerError,
)
from smsmanager.campaigns.rows import OPEN, LedgerRow, RowState
from smsmanager.ids import REFERENCE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection

    from smsmanager.campaigns._ledger.contents import Fields

CHUNK = 2000
"""Rows read or written at a time; memory use does not grow with the campaign."""


@attrs.frozen
class Head:
    """The campaign-wide facts in a ledger.

    Attributes:
        id: The campaign's id in the database.
        name: Its name.
        token: The prefix of its messages' references.
        created_at: When it was created, in Unix seconds.
        source: Name of the input.
        fingerprint: Identifies the input.
        options: The stored options.
    """

    id: int
    name: str
    token: str
    created_at: float
    source: str | None
    fingerprint: str | None
    options: Fields = attrs.field(repr=False)


class Ledger:
    """The rows of one campaign.

    Args:
        database: The database of the ledger.
        head: The campaign.
    """

    def __init__(self, database: Database, head: Head) -> None:
        self.database = database
        self.head = head

    @classmethod
    def open(cls, database: Database, name: str | None) -> Ledger:
        """Return an existing ledger; see `Campaign.open`."""
        database.require_file()
        table = schema.campaign
        with database.reading() as connection:
            if not database.engine.dialect.has_table(connection, table.name):
                raise CampaignNotFoundError("There is no campaign in this database.")
            found = connection.execute(select(table).order_by(table.c.id)).all()
        named = [each for each in found if name in {None, each.name}]
        if len(named) != 1:
            names = ", ".join(each.name for each in found) or "none"
            what = f"no campaign named {name}" if name else "not exactly one campaign"
            raise CampaignNotFoundError(f"There is {what} in this database; it contains: {names}.")
        [record] = named
        if record.version > schema.VERSION:
            raise LedgerError("This ledger was created by a newer version of smsmanager.")
        if not record.complete:
            raise LedgerError(
                "The creation of this campaign was interrupted; nothing was sent. Create it again."
            )
        values = {field.name: getattr(record, field.name) for field in attrs.fields(Head)}
        return cls(database, Head(**{**values, "options": json.loads(record.options)}))

    def bind_target(self, connection: Connection, target: str | None) -> None:
        """Check that the campaign is for a service; the first run that sends binds the campaign to one.

        Args:
            connection: A connection inside a transaction that has locked nothing yet.
            target: The service that requests go to; None if none are sent.

        Raises:
            CampaignTargetError: If the campaign is for another service.
        """
        table = schema.campaign
        where = table.c.id == self.head.id
        kept = connection.execute(select(table.c.options).where(where).with_for_update())
        options: Fields = json.loads(kept.scalar_one())
        known = options.get("target")
        if target is None or known == target:
            return
        if known is not None:
            raise CampaignTargetError(
                f"This campaign is for {known}, and requests would go to {target}. Nothing was sent: "
                "its rows would count as sent. Create a campaign with a separate ledger."
            )
        self.head.options["target"] = options["target"] = target
        connection.execute(update(table).where(where).values(options=packed(options)))

    def counts(
        self, connection: Connection, state: ColumnElement[str] | None = None
    ) -> dict[RowState, int]:
        """Return how many rows are in each state, including states without rows.

        Args:
            connection: A connection to the database.
            state: The expression for a row's state; None for the state that is shown.
        """
        table = schema.row
        shown = shown_state(connection, self.head.id) if state is None else state
        # No GROUP BY: for it, SQLite would sort the states of all rows in memory.
        each = [func.count().filter(shown == one.value) for one in RowState]
        counting = select(*each).where(table.c.campaign == self.head.id)
        return dict(zip(RowState, connection.execute(counting).one(), strict=True))

    def results(self, connection: Connection) -> dict[str, int]:
        """Return the number of rows for each reported result, the most frequent first."""
        last = last_reports(self.head.id)
        counting = select(last.c.result, func.count()).group_by(last.c.result)
        found: list[tuple[str, int]] = [(r, n) for r, n in connection.execute(counting)]
        return dict(sorted(found, key=lambda each: (-each[1], each[0])))

    def rows(self, states: Sequence[RowState] | None, after: int) -> Iterator[LedgerRow]:
        """Iterate over the rows in the order of the input, a page at a time."""
        row, content = schema.row, schema.content
        with self.database.reading() as connection:
            shown = shown_state(connection, self.head.id)
        page = (
            select(
                row,
                content.c.fields,
                content.c.reference,
                shown.label("shown"),
                shown_reason(shown).label("why"),
            )
            .outerjoin(
                content, (content.c.campaign == row.c.campaign) & (content.c.id == row.c.content)
            )
            .where(row.c.campaign == self.head.id)
            .order_by(row.c.row)
            .limit(CHUNK)
        )
        if states is not None:
            page = page.where(shown.in_([state.value for state in states]))
        while True:
            with self.database.reading() as connection:
                found = connection.execute(page.where(row.c.row > after)).all()
                numbers = [each.row for each in found]
                delivered = self._deliveries(connection, numbers)
                answered = self._answered(connection, numbers)
            for each in found:
                made = self._row(each, delivered.get(each.row, []))
                yield attrs.evolve(made, **answered[each.row]) if each.row in answered else made
            if len(found) < CHUNK:
                return
            after = found[-1].row

    def numbers(self) -> Iterator[tuple[int, str | None]]:
        """Iterate over the rows and their numbers, in the order of the input, a page at a time."""
        table = schema.row
        page = (
            select(table.c.row, table.c.phone_number)
            .where(table.c.campaign == self.head.id)
            .order_by(table.c.row)
            .limit(CHUNK)
        )
        after = None
        while True:
            with self.database.reading() as connection:
                wanted = page if after is None else page.where(table.c.row > after)
                found = connection.execute(wanted).all()
            yield from ((row, number) for row, number in found)
            if len(found) < CHUNK:
                return
            after = found[-1].row

    def _deliveries(self, connection: Connection, numbers: list[int]) -> dict[int, list[Any]]:
        table = schema.delivery
        reports: dict[int, list[Any]] = {}
        if numbers:
            between = table.c.row.between(numbers[0], numbers[-1])
            wanted = select(table).where(table.c.campaign == self.head.id, between)
            for each in connection.execute(wanted):
                reports.setdefault(each.row, []).append(each)
        return reports

    def _answered(self, connection: Connection, numbers: list[int]) -> dict[int, dict[str, Any]]:
        table = schema.asked
        if not numbers or not schema.has(connection, table):
            return {}
        between = table.c.row.between(numbers[0], numbers[-1])
        wanted = select(table).where(table.c.campaign == self.head.id, between)
        return {
            each.row: {
                "evidence": json.loads(each.evidence) if each.evidence else None,
                "cancellation": each.cancellation,
            }
            for each in connection.execute(wanted)
        }

    def findings(self, connection: Connection) -> dict[str, int]:
        """Return the number of open rows for each finding, of those that the service was asked about."""
        asked, row = schema.asked, schema.row
        if not schema.has(connection, asked):
            return {}
        counting = (
            select(asked.c.finding, func.count())
            .join(row, (row.c.campaign == asked.c.campaign) & (row.c.row == asked.c.row))
            .where(
                row.c.campaign == self.head.id,
                row.c.state.in_([state.value for state in OPEN]),
                asked.c.finding.is_not(None),
            )
            .group_by(asked.c.finding)
        )
        return dict(connection.execute(counting).fetchall())

    def _row(self, found: Any, reports: list[Any]) -> LedgerRow:
        fields: Fields = json.loads(found.fields) if found.fields else {}
        payload, own = fields.get("payload"), found.reference
        if own is None and found.message is not None and self.head.options["references"]:
            own = reference(self.head.token, found.message)
        if found.reference is not None and payload is not None:
            payload = {key: value for key, value in payload.items() if key != REFERENCE_KEY} or None
        return LedgerRow(
            row=found.row,
            state=RowState(found.shown),
            phone_number=found.phone_number,
            body=fields.get("body"),
            sender=fields.get("sender"),
            tag=fields.get("tag"),
            payload=payload,
            reference=own,
            message_id=found.message_id,
            field=found.field,
            reason=found.why,
            delivery=delivery_of(reports),
        )


def opened(place: str | Path, name: str | None, held: ExitStack) -> Ledger:
    """Return the ledger of an existing campaign; see `Campaign.open`.

    Args:
        place: Path of a SQLite file, or a SQLAlchemy URL.
        name: Name of the campaign; None if the database contains only one.
        held: The exit stack that closes the database.
    """
    database = Database(place)
    held.callback(database.close)
    return Ledger.open(database, name)
