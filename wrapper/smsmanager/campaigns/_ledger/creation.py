"""Write the ledger of a new campaign."""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.contents import content_of, packed, phone_number_of
from smsmanager.campaigns._ledger.database import RepeatedError, ledger_errors
from smsmanager.campaigns._ledger.leases import (
    all_leases,
    alone,
    end_dead,
    give_up,
    locked_campaign,
    take,
    writing_under,
)
from smsmanager.campaigns._ledger.ledger import CHUNK, Head, Ledger
from smsmanager.campaigns._ledger.row_closing import LAST_ROW
from smsmanager.campaigns._ledger.sqlite_files import refuse_second_name
from smsmanager.campaigns.campaign_errors import (
    CampaignExistsError,
    CampaignLockedError,
    LedgerError,
)
from smsmanager.campaigns.rows import RefusedRow, RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.contents import Fields
    from smsmanager.campaigns._ledger.database import Database
    from smsmanager.campaigns._ledger.leases import Lease
    from smsmanager.campaigns.rows import Row

_REMEMBERED = 4096
_EXISTS = {
    True: " with the same input: resume it",
    False: " with another input: the input has changed, or the name is taken",
    None: "",
}
_MAKING = "Another process is creating this campaign. Nothing was changed."


def create_ledger(
    database: Database,
    rows: Iterable[Row | RefusedRow],
    *,
    name: str,
    options: Fields,
    source: str | None,
    fingerprint: str | None,
    on_progress: Callable[[int], object] | None,
) -> Ledger:
    """Write a new ledger; see `Campaign.create`."""
    database.create_file()
    if database.path is not None:
        refuse_second_name(database.path)
    with database.writing() as connection:
        schema.metadata.create_all(connection)
    head = Head(0, name, uuid.uuid4().hex[:12], time.time(), source, fingerprint, options)
    with ledger_errors(), database.engine.connect() as connection:
        with connection.begin():
            _make_way(connection, head)
            values = {**attrs.asdict(head), "options": packed(options)}
            del values["id"]
            added = insert(schema.campaign).values(
                **values, version=schema.MADE, complete=False, messages=0
            )
            try:
                key = connection.execute(added).inserted_primary_key
            except IntegrityError:
                raise CampaignLockedError(_MAKING) from None
            head = attrs.evolve(head, id=key[0] if key else 0)
            # Taken before another process can see the campaign and mistake it for an interrupted creation.
            lease = take(connection, head.id, 0, LAST_ROW, "", None)
        try:
            _Writer(connection, lease, options["shared"]).write(rows, on_progress)
        finally:
            give_up(connection, lease)
    if database.path is None:
        _make_statistics(database)
    return Ledger(database, head)


def _make_statistics(database: Database) -> None:
    """Let PostgreSQL analyse the new rows now; on its own it does so within a minute.

    Until then it fetches and sorts all remaining rows to find the next few.
    """
    # This may not be permitted, or another session may hold the table: then it takes that minute.
    with suppress(LedgerError), database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            connection.exec_driver_sql(f"ANALYZE {schema.row.name}")


def add_to_ledger(
    ledger: Ledger,
    rows: Iterable[Row | RefusedRow],
    fingerprint: str | None,
    on_progress: Callable[[int], object] | None,
) -> int:
    """Add rows to a ledger, and record its new input; see `Campaign.add`."""
    database, head = ledger.database, ledger.head
    of_campaign = schema.content.c.campaign == head.id
    with alone(database, head.id) as (connection, lease):
        with connection.begin():
            wanted = select(func.max(schema.content.c.id)).where(of_campaign)
            contents = connection.execute(wanted).scalar() or 0
        writer = _Writer(connection, lease, head.options["shared"], contents)
        added = writer.write(rows, on_progress, fingerprint)
    if fingerprint is not None:
        ledger.head = attrs.evolve(head, fingerprint=fingerprint)
    return added


def _make_way(connection: Connection, head: Head) -> None:
    """Remove what an interrupted creation left behind; refuse to replace a campaign.

    Raises:
        CampaignLockedError: If another process is creating the campaign.
        CampaignExistsError: If a campaign of that name exists.
    """
    table = schema.campaign
    named = select(table).where(table.c.name == head.name).with_for_update()
    found = connection.execute(named).one_or_none()
    if found is None:
        return
    if found.complete:
        known = None not in {found.fingerprint, head.fingerprint}
        same = found.fingerprint == head.fingerprint if known else None
        raise CampaignExistsError(
            f"A campaign named {head.name} exists{_EXISTS[same]}. Nothing was changed.",
            same_input=same,
        )
    end_dead(connection, found.id)
    if all_leases(connection, found.id):
        raise CampaignLockedError(_MAKING)
    for each in (schema.row, schema.content, schema.delivery):
        connection.execute(delete(each).where(each.c.campaign == found.id))
    connection.execute(delete(table).where(table.c.id == found.id))


class _Writer:
    """Writes new rows of a campaign."""

    def __init__(
        self, connection: Connection, lease: Lease, shared: Fields, contents: int = 0
    ) -> None:
        self._connection = connection
        self._lease = lease
        self._campaign = lease.campaign
        self._shared = shared
        # The latest contents. One that recurs much later is stored twice, which does no harm.
        self._known: OrderedDict[Any, int] = OrderedDict()
        self._contents = contents
        self._new_contents: list[Fields] = []
        self._new_rows: list[Fields] = []

    def write(
        self,
        rows: Iterable[Row | RefusedRow],
        on_progress: Callable[[int], object] | None,
        fingerprint: str | None = None,
    ) -> int:
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
        with ledger_errors(), self._connection.begin():
            # In this order: all other code locks them so too.
            locked_campaign(self._connection, self._campaign)
            self._lease.renew(self._connection)
            table = schema.campaign
            done = {"complete": True, **({"fingerprint": fingerprint} if fingerprint else {})}
            self._connection.execute(update(table).where(table.c.id == self._campaign).values(done))
        return written

    def _entry(self, row: Row | RefusedRow) -> Fields:
        if row.row < 1:
            # No run would reach it.
            raise LedgerError("Rows are numbered from 1 on. Nothing was sent; renumber the rows.")
        number = content = None
        refused: RefusedRow | None = None
        if isinstance(row, RefusedRow):
            refused = row
        elif isinstance(checked := phone_number_of(row), RefusedRow):
            refused = checked
        elif isinstance(made := self._content(row), RefusedRow):
            refused = made
        else:
            number, content = checked, made
        return {
            "campaign": self._campaign,
            "row": row.row,
            "state": (RowState.PENDING if refused is None else RowState.REFUSED).value,
            "phone_number": number,
            "content": content,
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
        made = content_of(row, self._shared)
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
            with writing_under(self._connection, self._lease):
                if self._new_contents:
                    self._connection.execute(insert(schema.content), self._new_contents)
                if self._new_rows:
                    self._connection.execute(insert(schema.row), self._new_rows)
        except RepeatedError:
            text = "A row number appears twice. Nothing was sent; renumber the rows."
            raise LedgerError(text) from None
        self._new_contents.clear()
        self._new_rows.clear()
