"""Record delivery reports in a ledger: find the row of each, and apply its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from smsmanager.campaigns._ledger import schema
from smsmanager.campaigns._ledger.contents import message_number, reference
from smsmanager.campaigns._ledger.deliveries import millionths
from smsmanager.campaigns._ledger.leases import end_leases_of_the_dead, hold_still
from smsmanager.campaigns._ledger.lookups import build_lookups
from smsmanager.campaigns._ledger.remaining_rows import settling
from smsmanager.campaigns.rows import OPEN, RowState
from smsmanager.ids import split_message_id
from smsmanager.webhooks.tracker._delivery_state import (
    EARLIER_REJECTED,
    REJECTED,
    is_of,
    state_of,
    storable,
)
from smsmanager.webhooks.tracker._matching import ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from smsmanager.campaigns._ledger.ledger import Ledger
    from smsmanager.webhooks import DeliveryReport
    from smsmanager.webhooks.tracker._delivery_state import StepState

_row, _delivery, _content = schema.row, schema.delivery, schema.content
# Possible lengths of a number without a country code.
_NATIONAL = range(7, 11)
_SETTLE = (
    update(_row)
    .where(
        _row.c.campaign == bindparam("in_campaign"),
        _row.c.row == bindparam("of_row"),
        or_(
            *(_row.c.state == state.value for state in OPEN),
            and_(_row.c.state == RowState.PENDING.value, _row.c.doubt.is_not(None)),
        ),
    )
    .values(state=RowState.ACCEPTED.value, message_id=bindparam("own_id"), doubt=None, reason=None)
)


@attrs.frozen
class _Candidate:
    """A row that a report may be about."""

    row: int
    place: int | None
    phone_number: str
    message_id: str | None


@attrs.frozen
class _Named:
    """A row that has an id, with the reference of its message, if any."""

    row: int
    reference: str | None


class Recorder:
    """Records delivery reports in a ledger.

    Args:
        ledger: The ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._id = ledger.head.id
        self._ready = False

    def record(self, reports: Sequence[DeliveryReport]) -> int:
        """Record reports in one transaction; return how many are about rows of the campaign."""
        states = [state_of(report) for report in reports]
        database = self._ledger.database
        if not self._ready:
            build_lookups(database)
            with database.writing() as connection:
                schema.add_missing(connection)
            self._ready = True
        end_leases_of_the_dead(database, self._id)
        with database.writing() as connection:
            hold_still(connection, self._id)
            found = self._located(connection, states)
            if found:
                self._store(connection, found)
        return len(found)

    def _located(
        self, connection: Connection, states: Sequence[StepState]
    ) -> list[tuple[int, StepState]]:
        """Return the reports that belong to a row, each with that row."""
        by_id = self._by_message_id(connection, states)
        rows = [(_row_of_id(state, by_id), state) for state in states]
        candidates = self._by_reference(connection, [state for row, state in rows if row is None])
        found: list[tuple[int, StepState]] = []
        for of_id, state in rows:
            row = of_id
            if row is None:
                row = _row_of_reference(state, candidates.get(state.reference or "", ()))
            if row is not None:
                found.append((row, state))
        return found

    def _by_message_id(
        self, connection: Connection, states: Sequence[StepState]
    ) -> dict[str, _Named]:
        ids = {form for state in states for form in _forms(state.message_id)}
        wanted = (
            select(_row.c.message_id, _row.c.row, _row.c.message, _content.c.reference)
            .join(
                _content,
                and_(_content.c.campaign == _row.c.campaign, _content.c.id == _row.c.content),
            )
            .where(_row.c.campaign == self._id, _row.c.message_id.in_(sorted(ids)))
        )
        head = self._ledger.head
        return {
            message_id: _Named(
                row,
                reference(head.token, message)
                if own is None and message is not None and head.options["references"]
                else own,
            )
            for message_id, row, message, own in connection.execute(wanted)
        }

    def _by_reference(
        self, connection: Connection, states: Sequence[StepState]
    ) -> dict[str, list[_Candidate]]:
        references = {state.reference for state in states if state.reference}
        if not references:
            return {}
        token = self._ledger.head.token
        numbers = {message_number(one, token): one for one in references}
        own = [number for number in numbers if number is not None]
        columns = (_row.c.row, _row.c.place, _row.c.phone_number, _row.c.message_id)
        found: dict[str, list[_Candidate]] = {}
        sent = select(*columns, _row.c.message).where(
            _row.c.campaign == self._id, _row.c.message.in_(own)
        )
        for *fields, message in connection.execute(sent):
            found.setdefault(numbers[message], []).append(_Candidate(*fields))
        callers = (
            select(*columns, _content.c.reference)
            .join(
                _content,
                and_(_content.c.campaign == _row.c.campaign, _content.c.id == _row.c.content),
            )
            .where(
                _row.c.campaign == self._id,
                # A row that was never sent has no reports.
                _row.c.message.is_not(None),
                _content.c.reference.in_(sorted(references)),
            )
        )
        for row, _, number, message_id, own in connection.execute(callers):
            # Several messages can share the reference, so a place within one of them says nothing.
            found.setdefault(own, []).append(_Candidate(row, None, number, message_id))
        return found

    def _store(self, connection: Connection, found: Sequence[tuple[int, StepState]]) -> None:
        kept = self._kept(connection, {row for row, _ in found})
        changed: dict[tuple[int, str], dict[str, Any]] = {}
        for row, state in found:
            key = (row, _gateway(state))
            before = changed.get(key) or kept.get(key)
            new = _entry(self._id, row, state)
            if before is None or _order(new) > _order(before):
                changed[key] = {**new, **_missing(new, before)}
            elif missing := _missing(before, new):
                changed[key] = {**before, **missing}
        if changed:
            gone = delete(_delivery).where(
                _delivery.c.campaign == self._id,
                _delivery.c.row == bindparam("of_row"),
                _delivery.c.gateway == bindparam("by_gateway"),
            )
            replaced = [key for key in changed if key in kept]
            if replaced:
                connection.execute(gone, [{"of_row": r, "by_gateway": g} for r, g in replaced])
            connection.execute(insert(_delivery), list(changed.values()))
        settled = [
            {"in_campaign": self._id, "of_row": row, "own_id": storable(state.message_id)}
            for row, state in found
        ]
        with settling(connection, self._id, sorted({row for row, _ in found})):
            connection.execute(_SETTLE, settled)

    def _kept(self, connection: Connection, rows: set[int]) -> dict[tuple[int, str], Any]:
        wanted = select(_delivery).where(
            _delivery.c.campaign == self._id, _delivery.c.row.in_(sorted(rows))
        )
        return {
            (each["row"], each["gateway"]): dict(each)
            for each in connection.execute(wanted).mappings()
        }


def _forms(message_id: str) -> tuple[str, ...]:
    """Return the ids to look up to find out whether a report is about a row of the campaign.

    The second recipient's id shows whether a bare id belongs to a message with several recipients.
    """
    base, index = split_message_id(message_id)
    return (*ids_of(message_id), *((f"{base}-1",) if index is None else ()))


def _row_of_id(state: StepState, by_id: Mapping[str, _Named]) -> int | None:
    """Return the row with the id of a report; None if there is none, or the report is about another message.

    The id is whatever the sender of the report wrote; the callback URL restricts the reference.
    """
    forms = ids_of(state.message_id)
    if state.message_id not in by_id and f"{state.message_id}-1" in by_id:
        return None
    found = next((by_id[form] for form in forms if form in by_id), None)
    if found is None or (found.reference is not None and not is_of(state, found.reference)):
        return None
    return found.row


def _row_of_reference(state: StepState, candidates: Iterable[_Candidate]) -> int | None:
    """Return the row of a message that a report is about: found by place, confirmed by number."""
    # Rows that have an id were already looked up by it.
    free = [each for each in candidates if each.message_id is None]
    number = state.phone_number
    fits = [each for each in free if number is None or _same_number(each.phone_number, number)]
    _, place = split_message_id(state.message_id)
    placed = [each for each in fits if each.place == place and place is not None]
    chosen = placed or (fits if len(fits) == 1 or number is not None else [])
    return chosen[0].row if chosen else None


def _same_number(sent: str, reported: str) -> bool:
    digits = "".join(filter(str.isdigit, reported)).lstrip("0")
    # The service adds the account's country code to a number without one.
    return digits == sent or (len(sent) in _NATIONAL and digits.endswith(sent))


def _gateway(state: StepState) -> str:
    return "" if state.gateway is None else str(state.gateway)


def _entry(campaign: int, row: int, state: StepState) -> dict[str, Any]:
    rank, _, tie = state.order
    channel = state.channel
    return {
        "campaign": campaign,
        "row": row,
        "gateway": _gateway(state),
        "message_id": storable(state.message_id),
        "result": str(state.result),
        "rank": rank,
        "at": None if state.at is None else state.at.timestamp(),
        "tie": tie,
        "code": state.result_info.code,
        "mcc": None if channel is None else channel.mcc,
        "parts": None if channel is None else channel.parts,
        "price_czk": None if channel is None else millionths(channel.price_czk),
        "price_eur": None if channel is None else millionths(channel.price_eur),
    }


def _order(entry: Mapping[str, Any]) -> tuple[int, float, int]:
    rank = REJECTED if entry["rank"] == EARLIER_REJECTED else entry["rank"]
    return rank, entry["at"] or 0.0, entry["tie"]


def _missing(entry: Mapping[str, Any], other: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the cost fields that another report has and this one lacks."""
    if other is None:
        return {}
    return {
        name: other[name]
        for name in ("mcc", "parts", "price_czk", "price_eur")
        if entry[name] is None and other[name] is not None
    }
