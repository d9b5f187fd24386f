"""The rows that the service is asked about, and its answers."""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, delete, exists, func, insert, or_, select

from smsmanager.asking import CancelOutcome
from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.bulk_update import change_many
from smsmanager.campaigns._ledger.database import ledger_errors
from smsmanager.campaigns._ledger.leases import RENEW_S, writing_under
from smsmanager.campaigns._ledger.session import Session
from smsmanager.campaigns._ledger.turn_statement import storable
from smsmanager.campaigns.rows import OPEN, RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from smsmanager.asking import Evidence
    from smsmanager.campaigns._ledger.contents import Fields
    from smsmanager.campaigns._ledger.leases import Lease
    from smsmanager.campaigns._ledger.ledger import Ledger

ROWS_AT_ONCE = 200
"""Rows to ask about before the findings are recorded."""
_row, _asked = schema.row, schema.asked
_OPEN = _row.c.state.in_([state.value for state in OPEN])


@attrs.frozen
class Sending:
    """A request that carried a row, or may have.

    Attributes:
        key: Identifies the request.
        at: When it was sent, in Unix seconds.
        request_id: The service's id of the request, if known.
    """

    key: tuple[int, int]
    at: float
    request_id: str | None = None


@attrs.frozen
class Carried:
    """A row that may have been accepted and has no id.

    Attributes:
        campaign: Id of its campaign.
        row: Its number.
        phone_number: Its recipient.
        fields: The fields of its message, without the recipient, as JSON.
        sendings: The requests that may have carried it. Earlier versions did not record them.
        is_dated: Whether all of these requests are known.
    """

    campaign: int
    row: int
    phone_number: str = attrs.field(repr=False)
    fields: Fields = attrs.field(repr=False)
    sendings: tuple[Sending, ...]
    is_dated: bool


@attrs.frozen
class Answered:
    """What the service answered about one row.

    Attributes:
        row: The row's number.
        evidence: What was found.
        message_id: The row's id, if it is settled.
    """

    row: int
    evidence: Evidence
    message_id: str | None = None


def carried_rows(connection: Connection, where: Sequence[Any], limit: int) -> list[Carried]:
    """Return rows of any campaign in a database, with their fields and the times they were sent."""
    content, campaign = schema.content, schema.campaign
    columns = (_row.c.campaign, _row.c.row, _row.c.phone_number, _row.c.message)
    wanted = (
        select(*columns, content.c.fields, campaign.c.options)
        .join(content, and_(content.c.campaign == _row.c.campaign, content.c.id == _row.c.content))
        .join(campaign, campaign.c.id == _row.c.campaign)
        .where(*where)
        .order_by(_row.c.campaign, _row.c.row)
        .limit(limit)
    )
    found = connection.execute(wanted).all()
    times = _Times(connection, found)
    shared: dict[str, Fields] = {}
    carried = []
    for each in found:
        if each.options not in shared:
            shared[each.options] = json.loads(each.options)["shared"]
        sendings = times.of(each.campaign, each.row, each.message)
        known = tuple(one for one in sendings if one is not None)
        carried.append(
            Carried(
                each.campaign,
                each.row,
                each.phone_number,
                {**shared[each.options], **json.loads(each.fields)},
                known,
                len(known) == len(sendings) > 0,
            )
        )
    return carried


class _Times:
    """The requests that carried the given rows."""

    def __init__(self, connection: Connection, rows: Sequence[Any]) -> None:
        earlier, self._requests = schema.earlier, dict[int, list[Any]]()
        self._messages: dict[tuple[int, int], list[int]] = {}
        if not schema.has(connection, earlier):
            return
        numbers: dict[int, list[int]] = {}
        for each in rows:
            numbers.setdefault(each.campaign, []).append(each.row)
        for campaign, its_rows in numbers.items():
            before = select(earlier.c.row, earlier.c.message).where(
                earlier.c.campaign == campaign, earlier.c.row.in_(its_rows)
            )
            for row, message in connection.execute(before):
                self._messages.setdefault((campaign, row), []).append(message)
        carrying: dict[int, set[int]] = {}
        for each in rows:
            messages = self._messages.get((each.campaign, each.row), [])
            carrying.setdefault(each.campaign, set()).update(messages)
            if each.message is not None:
                carrying[each.campaign].add(each.message)
        for campaign, all_messages in carrying.items():
            self._requests[campaign] = self._between(connection, campaign, all_messages)

    @staticmethod
    def _between(connection: Connection, campaign: int, messages: Collection[int]) -> list[Any]:
        if not messages:
            return []
        table = schema.request
        wanted = select(table).where(
            table.c.campaign == campaign,
            table.c.last >= min(messages),
            table.c.first <= max(messages),
        )
        return list(connection.execute(wanted.order_by(table.c.first)))

    def of(self, campaign: int, row: int, message: int | None) -> list[Sending | None]:
        messages = {*self._messages.get((campaign, row), ())}
        messages |= set() if message is None else {message}
        return [self._sending(campaign, one) for one in sorted(messages)]

    def _sending(self, campaign: int, message: int) -> Sending | None:
        requests = self._requests.get(campaign, [])
        place = bisect_right(requests, message, key=lambda each: each.first) - 1
        if place < 0 or requests[place].last < message:
            return None
        found = requests[place]
        return Sending((campaign, found.first), found.at, found.request_id)


class AskedRows:
    """The rows of a ledger that the service is asked about.

    Args:
        ledger: The ledger.
        connection: The connection to write on.
        lease: A lease on all rows.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        lease: Lease,
        clock: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._connection = connection
        self._lease = lease
        self._id = ledger.head.id
        self._clock, self._renewed = clock, clock()

    def is_due(self) -> bool:
        """Return whether the lease is due for renewal."""
        return self._clock() - self._renewed >= RENEW_S

    def renew(self) -> None:
        """Renew the lease while nothing else is written.

        Raises:
            LeaseLostError: If another process took over.
        """
        with writing_under(self._connection, self._lease):
            self._renewed = self._clock()

    def begin(self) -> None:
        """Prepare the ledger: close rows in flight, since no process expects their answers any more."""
        Session(self._ledger, self._connection, self._lease).finish()

    def open_rows(self, after: int) -> list[Carried]:
        """Return the next rows whose outcome is open.

        Args:
            after: Return rows after this one.
        """
        where = (_row.c.campaign == self._id, _OPEN, _row.c.row > after)
        with ledger_errors(), self._connection.begin():
            return carried_rows(self._connection, where, ROWS_AT_ONCE)

    def accepted_ids(self, after: int) -> list[tuple[int, str]]:
        """Return the next accepted rows without a delivery report, and their ids."""
        wanted = (
            select(_row.c.row, _row.c.message_id)
            .where(*self._accepted_and_silent(after))
            .order_by(_row.c.row)
            .limit(ROWS_AT_ONCE)
        )
        with ledger_errors(), self._connection.begin():
            return [(row, message_id) for row, message_id in self._connection.execute(wanted)]

    def cancellable(self, after: int) -> list[tuple[int, str, str | None]]:
        """Return the next rows that can be cancelled: row, id, and the outcome of an earlier attempt."""
        joined = and_(_asked.c.campaign == _row.c.campaign, _asked.c.row == _row.c.row)
        not_cancelled = func.coalesce(_asked.c.cancellation, "") != CancelOutcome.CANCELLED.value
        wanted = (
            select(_row.c.row, _row.c.message_id, _asked.c.cancellation)
            .select_from(_row.outerjoin(_asked, joined))
            .where(*self._accepted_and_silent(after), not_cancelled)
            .order_by(_row.c.row)
            .limit(ROWS_AT_ONCE)
        )
        with ledger_errors(), self._connection.begin():
            return [(row, own, before) for row, own, before in self._connection.execute(wanted)]

    def _accepted_and_silent(self, after: int) -> tuple[ColumnElement[bool], ...]:
        delivery = schema.delivery
        of_row = (delivery.c.campaign == _row.c.campaign, delivery.c.row == _row.c.row)
        return (
            _row.c.campaign == self._id,
            _row.c.row > after,
            _row.c.state == RowState.ACCEPTED.value,
            _row.c.message_id.is_not(None),
            ~exists().where(*of_row),
        )

    def settle(self, answers: Sequence[Answered]) -> int:
        """Record what was found; return how many rows became *accepted*.

        A row that a report has settled meanwhile is left unchanged, and no id is given to two rows.
        """
        with writing_under(self._connection, self._lease):
            ids = {each.row: storable(each.message_id) for each in answers if each.message_id}
            taken = select(_row.c.message_id).where(_row.c.message_id.in_(sorted(ids.values())))
            gone = set(self._connection.execute(taken).scalars())
            values = [(row, own) for row, own in ids.items() if own not in gone]
            known = (("message_id",), values, RowState.ACCEPTED)
            changed = sum(
                change_many(self._connection, self._id, state, *known) for state in sorted(OPEN)
            )
            self._note({each.row: note_of(each.evidence) for each in answers})
        return changed

    def note(self, found: Mapping[int, Mapping[str, Any]]) -> None:
        """Record answers about rows: the values for the columns of the table `asked`, by row."""
        with writing_under(self._connection, self._lease):
            self._note(found)

    def _note(self, found: Mapping[int, Mapping[str, Any]]) -> None:
        if not found:
            return
        these = (_asked.c.campaign == self._id, _asked.c.row.in_(sorted(found)))
        kept = {
            each["row"]: dict(each)
            for each in self._connection.execute(select(_asked).where(*these)).mappings()
        }
        empty = {"finding": None, "evidence": None, "cancellation": None}
        self._connection.execute(delete(_asked).where(*these))
        self._connection.execute(
            insert(_asked),
            [
                {**empty, **kept.get(row, {}), "campaign": self._id, "row": row, **values}
                for row, values in found.items()
            ],
        )

    def findings(self) -> dict[str, int]:
        """Return the number of open rows for each finding; `""` counts the rows not asked about."""
        opened = select(func.count()).where(_row.c.campaign == self._id, _OPEN)
        with ledger_errors(), self._connection.begin():
            found = self._ledger.findings(self._connection)
            unasked = self._connection.execute(opened).scalar_one() - sum(found.values())
        return {**found, **({"": unasked} if unasked else {})}


def note_of(evidence: Evidence) -> dict[str, Any]:
    """Return evidence in the form that `AskedRows.note` accepts."""
    text = json.dumps(evidence, separators=(",", ":"))
    return {"finding": evidence.get("finding"), "evidence": storable(text)}


def claims_of(
    connection: Connection, numbers: Iterable[str], own: Collection[tuple[int, int]]
) -> tuple[list[Carried], set[str]]:
    """Return what else may have been sent to the given numbers: open rows, and the ids already known.

    All campaigns of the database count.

    Args:
        connection: A connection to the database.
        numbers: The numbers.
        own: Campaign and row of each row to be settled; these are left out.
    """
    schema_has = schema.has(connection, schema.earlier)
    of_numbers = _row.c.phone_number.in_(sorted(set(numbers)))
    known = select(_row.c.message_id).where(of_numbers, _row.c.message_id.is_not(None))
    bound = set(connection.execute(known).scalars())
    earlier = schema.earlier
    again = exists().where(earlier.c.campaign == _row.c.campaign, earlier.c.row == _row.c.row)
    may_be_taken = [
        _OPEN,
        _row.c.state == RowState.IN_FLIGHT.value,
        _row.c.doubt.is_not(None),
        and_(_row.c.state == RowState.ACCEPTED.value, _row.c.message_id.is_(None)),
        *([again] if schema_has else []),
    ]
    found = carried_rows(connection, (of_numbers, or_(*may_be_taken)), 10**6)
    return [each for each in found if (each.campaign, each.row) not in own], bound
