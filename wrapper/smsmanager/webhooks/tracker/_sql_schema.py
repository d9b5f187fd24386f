"""The tables of `SqlStore`, and values that fit into them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from smsmanager.results import RecipientOutcome, Status
from smsmanager.webhooks._channels import ChannelDetails
from smsmanager.webhooks._events import ResultInfo
from smsmanager.webhooks.tracker._delivery_state import (
    NEVER_S,
    UNKNOWN_S,
    StepState,
    storable,
)
from smsmanager.webhooks.tracker._store_protocol import scope_in

if TYPE_CHECKING:
    from collections.abc import Mapping

METADATA = sa.MetaData()
_CHANNEL_FIELDS = tuple(attrs.fields_dict(ChannelDetails))

# Empty strings instead of NULL, so that they can be part of a key, and that every database can return the
# greater of two.
_STATE = (
    ("rank", sa.Integer, False),
    ("at_s", sa.Double, False),
    ("tie", sa.BigInteger, False),
    ("result", sa.String(200), False),
    ("gateway", sa.String(200), True),
    ("code", sa.BigInteger, True),
    ("description", sa.String(200), False),
    ("channel", sa.Text, True),
    ("phone_number", sa.String(200), False),
)
STEPS = sa.Table(
    "smsmanager_steps",
    METADATA,
    sa.Column("message_id", sa.String(200), primary_key=True),
    sa.Column("reference", sa.String(200), primary_key=True, index=True),
    sa.Column("channel_key", sa.String(20), primary_key=True),
    *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _STATE),
    sa.Column("request_id", sa.String(200), nullable=False, index=True),
    sa.Column("began_s", sa.Double, nullable=False),
    sa.Column("known_since_s", sa.Double, nullable=False),
    # Changes with every report. With an index on it, as in earlier versions, each change would cost an entry
    # in every index; without one, PostgreSQL finds room in the same page.
    sa.Column("touched_s", sa.Double, nullable=False),
    postgresql_with={"fillfactor": 70},
)
# Earlier versions kept one state per message id here. It is read, but never created or written.
EARLIER_STATES = sa.Table(
    "smsmanager_states",
    sa.MetaData(),
    sa.Column("message_id", sa.String(200), primary_key=True),
    *(sa.Column(name, kind, nullable=nullable) for name, kind, nullable in _STATE),
    sa.Column("reference", sa.String(200), nullable=False),
    sa.Column("request_id", sa.String(200), nullable=False),
    sa.Column("touched_s", sa.Double, nullable=False),
)
SENDS = sa.Table(
    "smsmanager_sends",
    METADATA,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("reference", sa.String(200), index=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("recorded_s", sa.Double, nullable=False, index=True),
)
CLAIMS = sa.Table(
    "smsmanager_claims",
    METADATA,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("until_s", sa.Double, nullable=False),
    sa.Column("claimed_s", sa.Double, nullable=False, index=True),
)


def digest(key: str) -> str:
    """Return a key of any length as 64 characters that every index accepts.

    Keys of the same scope have the same beginning.
    """
    if scope_in(key):
        return key.removeprefix("scope:")
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def row_of(state: StepState, now_s: float) -> dict[str, Any]:
    """Return the state of a step as a row."""
    rank, at_s, tie = state.order
    return {
        "message_id": state.message_id,
        "rank": rank,
        "at_s": at_s,
        "tie": tie,
        "result": str(state.result),
        "gateway": None if state.gateway is None else str(state.gateway),
        "code": state.result_info.code,
        "description": state.result_info.description,
        "channel": None if state.channel is None else _channel_text(state.channel),
        "phone_number": state.phone_number or "",
        "reference": state.reference or "",
        "channel_key": state.channel_key,
        "request_id": state.request_id or "",
        "began_s": state.began_s,
        "known_since_s": now_s,
        "touched_s": now_s,
    }


def state_from(row: Mapping[str, Any]) -> StepState:
    """Return the state of a row, even if an earlier version wrote it."""
    at_s = row["at_s"]
    is_earlier = "began_s" not in row
    return StepState(
        message_id=row["message_id"],
        result=row["result"],
        at=None if at_s == NEVER_S else datetime.fromtimestamp(at_s, UTC),
        gateway=row["gateway"],
        result_info=ResultInfo(row["code"], row["description"]),
        channel=None if row["channel"] is None else _channel_from(row["channel"]),
        phone_number=row["phone_number"] or None,
        reference=row["reference"] or None,
        request_id=row["request_id"] or None,
        began_s=row["began_s"] if not is_earlier else at_s if at_s != NEVER_S else UNKNOWN_S,
        known_since_s=row["touched_s"] if is_earlier else row["known_since_s"],
        is_earlier=is_earlier,
    )


def _channel_text(channel: ChannelDetails) -> str:
    return json.dumps({name: getattr(channel, name) for name in _CHANNEL_FIELDS}, default=str)


def _channel_from(text: str) -> ChannelDetails:
    fields = json.loads(text)
    for name in ("price_czk", "price_eur"):
        fields[name] = None if fields[name] is None else Decimal(fields[name])
    return ChannelDetails(**fields)


def send_row_of(outcome: RecipientOutcome, key: str, now_s: float) -> dict[str, Any]:
    """Return a recipient of a send as a row."""
    fields = {**attrs.asdict(outcome), "status": outcome.status.value}
    return {
        "key": digest(key),
        "reference": None if outcome.reference is None else storable(outcome.reference),
        "outcome": json.dumps(fields),
        "recorded_s": now_s,
    }


def outcome_from(text: str) -> RecipientOutcome:
    """Return the recipient of a row."""
    fields = json.loads(text)
    return RecipientOutcome(**{**fields, "status": Status(fields["status"])})
