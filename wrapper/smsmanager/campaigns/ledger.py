"""The ledger of one campaign: made once, read at any time."""

from __future__ import annotations

import json
import time
import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import delete, func, insert, select, update

from smsmanager.campaigns import _tables
from smsmanager.campaigns._contents import Checker, packed
from smsmanager.campaigns._database import RepeatedError
from smsmanager.campaigns._delivery import delivery_of
from smsmanager.campaigns._last import last_reports
from smsmanager.campaigns.errors import (
    CampaignExistsError,
    CampaignNotFoundError,
    LedgerError,
)
from smsmanager.campaigns.rows import LedgerRow, RefusedRow
from smsmanager.campaigns.states import RowState
from smsmanager.ids import REFERENCE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._contents import Fields
    from smsmanager.campaigns._database import Database
    from smsmanager.campaigns.rows import Row

CHUNK = 2000
"""Rows that are read or written at a time: memory does not grow with the rows."""
_REMEMBERED = 4096


@attrs.frozen
class Head:
    """What a ledger says of its campaign as a whole.

    Attributes:
        id: Its id in the database.
        name: Its name.
        token: Begins the references of its messages.
        created_at: When it was made, in Unix seconds.
        source: Name of the input.
        fingerprint: What tells that input from another.
        options: The options, packed.
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
        database: Where it is kept.
        head: Which campaign it is.
    """

    def __init__(self, database: Database, head: Head) -> None:
        self.database = database
        self.head = head

    @classmethod
    def create(
        cls,
        database: Database,
        rows: Iterable[Row | RefusedRow],
        *,
        name: str,
        options: Fields,
        shared: Fields,
        source: str | None,
        fingerprint: str | None,
        on_progress: Callable[[int], object] | None,
    ) -> Ledger:
        """Write a new ledger; see `Campaign.create`."""
        database.make_file()
        with database.writing() as connection:
            _tables.metadata.create_all(connection, tables=_tables.metadata.sorted_tables)
        head = Head(0, name, uuid.uuid4().hex[:12], time.time(), source, fingerprint, options)
        with database.writing() as connection:
            _make_way(connection, head)
            values = {**attrs.asdict(head), "options": packed(options)}
            del values["id"]
            added = insert(_tables.campaign).values(
                **values, version=_tables.VERSION, complete=False, messages=0
            )
            key = connection.execute(added).inserted_primary_key
        head = attrs.evolve(head, id=key[0] if key else 0)
        with database.locked(head.id):
            _Writer(database, head.id, Checker(shared)).write(rows, on_progress)
        return cls(database, head)

    @classmethod
    def open(cls, database: Database, name: str | None) -> Ledger:
        """Return a ledger that is there; see `Campaign.open`."""
        database.require_file()
        table = _tables.campaign
        with database.reading() as connection:
            if not database.engine.dialect.has_table(connection, table.name):
                raise CampaignNotFoundError("There is no campaign in this database.")
            found = connection.execute(select(table).order_by(table.c.id)).all()
        named = [each for each in found if name in {None, each.name}]
        if len(named) != 1:
            names = ", ".join(each.name for each in found) or "none"
            what = f"no campaign named {name}" if name else "not one campaign alone"
            raise CampaignNotFoundError(f"There is {what} in this database; it holds: {names}.")
        [record] = named
        if record.version > _tables.VERSION:
            raise LedgerError("This ledger was made by a newer version of smsmanager.")
        if not record.complete:
            raise LedgerError(
                "The making of this campaign was interrupted; nothing of it was sent. Make it again."
            )
        head = Head(
            record.id,
            record.name,
            record.token,
            record.created_at,
            record.source,
            record.fingerprint,
            json.loads(record.options),
        )
        return cls(database, head)

    def counts(self, connection: Connection | None = None) -> dict[RowState, int]:
        """Return how many rows are in each state; every state is there."""
        table = _tables.row
        # Not grouped: for that SQLite would sort the states of all rows, in memory.
        each = [func.count().filter(table.c.state == state.value) for state in RowState]
        counting = select(*each).where(table.c.campaign == self.head.id)
        if connection is not None:
            found = connection.execute(counting).one()
        else:
            with self.database.reading() as reading:
                found = reading.execute(counting).one()
        return dict(zip(RowState, found, strict=True))

    def deliveries(self) -> dict[str, int]:
        """Return how many rows a delivery report has named, by the result that counts."""
        last = last_reports(self.head.id)
        counting = select(last.c.result, func.count()).group_by(last.c.result)
        with self.database.reading() as connection:
            return _pairs(connection.execute(counting))

    def rows(self, states: Sequence[RowState] | None, after: int) -> Iterator[LedgerRow]:
        """Iterate over the rows in the order of the input, a page at a time."""
        row, content = _tables.row, _tables.content
        page = (
            select(row, content.c.fields, content.c.reference)
            .outerjoin(
                content, (content.c.campaign == row.c.campaign) & (content.c.id == row.c.content)
            )
            .where(row.c.campaign == self.head.id)
            .order_by(row.c.row)
            .limit(CHUNK)
        )
        if states is not None:
            page = page.where(row.c.state.in_([state.value for state in states]))
        while True:
            with self.database.reading() as connection:
                found = connection.execute(page.where(row.c.row > after)).all()
                delivered = self._deliveries(connection, [each.row for each in found])
            for each in found:
                yield self._told(each, delivered.get(each.row, []))
            if len(found) < CHUNK:
                return
            after = found[-1].row

    def _deliveries(self, connection: Connection, numbers: list[int]) -> dict[int, list[Any]]:
        table = _tables.delivery
        reports: dict[int, list[Any]] = {}
        if numbers:
            between = table.c.row.between(numbers[0], numbers[-1])
            wanted = select(table).where(table.c.campaign == self.head.id, between)
            for each in connection.execute(wanted):
                reports.setdefault(each.row, []).append(each)
        return reports

    def _told(self, found: Any, reports: list[Any]) -> LedgerRow:
        fields: Fields = json.loads(found.fields) if found.fields else {}
        payload = fields.get("payload")
        reference = found.reference
        if reference is None and found.message is not None and self.head.options["references"]:
            reference = f"{self.head.token}.{found.message}"
        if found.reference is not None and payload is not None:
            payload = {key: value for key, value in payload.items() if key != REFERENCE_KEY} or None
        return LedgerRow(
            row=found.row,
            state=RowState(found.state),
            phone_number=found.phone_number,
            body=fields.get("body"),
            sender=fields.get("sender"),
            tag=fields.get("tag"),
            payload=payload,
            reference=reference,
            message_id=found.message_id,
            field=found.field,
            reason=found.reason,
            delivery=delivery_of(reports),
        )


def _pairs(result: Iterable[Any]) -> dict[str, int]:
    return {each[0]: each[1] for each in result}


def _make_way(connection: Connection, head: Head) -> None:
    """Remove what an interrupted creation left behind; refuse to replace a campaign.

    Raises:
        CampaignExistsError: If there is one of that name.
    """
    table = _tables.campaign
    found = connection.execute(select(table).where(table.c.name == head.name)).one_or_none()
    if found is None:
        return
    if found.complete:
        same = (
            None
            if None in {found.fingerprint, head.fingerprint}
            else found.fingerprint == head.fingerprint
        )
        made_of = {
            True: " of the same input: resume it",
            False: " of another input: the input has changed, or the name is taken",
            None: "",
        }[same]
        raise CampaignExistsError(
            f"There is a campaign named {head.name}{made_of}. Nothing was changed.", same_input=same
        )
    for each in (_tables.row, _tables.content, _tables.delivery):
        connection.execute(delete(each).where(each.c.campaign == found.id))
    connection.execute(delete(table).where(table.c.id == found.id))


class _Writer:
    """Writes the rows of a new campaign."""

    def __init__(self, database: Database, campaign: int, checker: Checker) -> None:
        self._database = database
        self._campaign = campaign
        self._checker = checker
        # The contents seen last. One that is seen again later is written twice, which does no harm.
        self._known: OrderedDict[Any, int] = OrderedDict()
        self._contents = 0
        self._new_contents: list[Fields] = []
        self._new_rows: list[Fields] = []

    def write(
        self, rows: Iterable[Row | RefusedRow], on_progress: Callable[[int], object] | None
    ) -> None:
        written = 0
        for row in rows:
            self._new_rows.append(self._entry(row))
            written += 1
            if len(self._new_rows) == CHUNK:
                self._flush()
                if on_progress is not None:
                    on_progress(written)
        self._flush()
        if on_progress is not None and written % CHUNK:
            on_progress(written)
        with self._database.writing() as connection:
            table = _tables.campaign
            done = update(table).where(table.c.id == self._campaign).values(complete=True)
            connection.execute(done)

    def _entry(self, row: Row | RefusedRow) -> Fields:
        refused = row if isinstance(row, RefusedRow) else None
        number: str | RefusedRow | None = None
        content: int | RefusedRow | None = None
        if not isinstance(row, RefusedRow):
            number = self._checker.number(row)
            content = number if isinstance(number, RefusedRow) else self._content(row)
            refused = content if isinstance(content, RefusedRow) else None
        fits = refused is None
        return {
            "campaign": self._campaign,
            "row": row.row,
            "state": (RowState.PENDING if fits else RowState.REFUSED).value,
            "phone_number": number if fits else None,
            "content": content if fits else None,
            "tried": 0,
            "field": None if refused is None else refused.field,
            "reason": None if refused is None else refused.reason,
        }

    def _content(self, row: Row) -> int | RefusedRow:
        payload = None if row.payload is None else repr(row.payload)
        key = (row.body, row.sender, row.tag, payload, row.reference)
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        made = self._checker.content(row)
        if isinstance(made, RefusedRow):
            return made
        fields, size = made
        self._contents += 1
        self._new_contents.append(
            {
                "campaign": self._campaign,
                "id": self._contents,
                "fields": packed(fields),
                "size": size,
                "reference": row.reference,
            }
        )
        self._known[key] = self._contents
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._contents

    def _flush(self) -> None:
        try:
            with self._database.writing() as connection:
                if self._new_contents:
                    connection.execute(insert(_tables.content), self._new_contents)
                if self._new_rows:
                    connection.execute(insert(_tables.row), self._new_rows)
        except RepeatedError:
            text = "A row number stands in the input twice. Nothing was sent; number the rows anew."
            raise LedgerError(text) from None
        self._new_contents.clear()
        self._new_rows.clear()
