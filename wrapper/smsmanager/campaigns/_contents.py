"""What a message of a campaign holds, as it goes on the wire; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smsmanager._message.checks import message_problems
from smsmanager._message.compose import compose
from smsmanager._message.models import load_model
from smsmanager._message.requests import checked_size
from smsmanager.campaigns.rows import RefusedRow, Row
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY
from smsmanager.phone import InvalidNumberError, normalise_number

if TYPE_CHECKING:
    from smsmanager.campaigns._grouping import Parcel
    from smsmanager.campaigns.options import CampaignOptions
    from smsmanager_jsonapi.models import Message

Fields = dict[str, Any]

ROOM = 256
"""Bytes that are kept free in a message for what is known only when it is sent: the campaign's reference and
the client's sender."""
_ANY_NUMBER = "420777123456"


def shared_fields(options: CampaignOptions) -> Fields:
    """Return what every message of a campaign has, in wire form.

    Raises:
        ValidationError: If an option cannot be turned into its field, or would be refused in every message.
    """
    message = compose(
        "-",
        to=_ANY_NUMBER,
        sender=options.sender,
        tag=options.tag,
        flow=options.flow,
        at=options.at,
        window=options.delivery_time,
        callback=options.callback,
        params=options.params,
    )
    fields: Fields = message.to_dict()
    problems = list(message_problems({"sender": "-", **fields}))
    if problems:
        raise ValidationError(problems)
    del fields["to"], fields["body"]
    return fields


class Checker:
    """Turns rows into numbers and contents, and refuses what cannot be sent.

    Args:
        shared: What every message has.
    """

    def __init__(self, shared: Fields) -> None:
        self._shared = shared

    def number(self, row: Row) -> str | RefusedRow:
        """Return the number of a row in canonical form."""
        try:
            return normalise_number(row.phone_number)
        except InvalidNumberError as error:
            return RefusedRow(row.row, "phone_number", str(error))
        except TypeError:
            return RefusedRow(row.row, "phone_number", "must be a text")

    def content(self, row: Row) -> tuple[Fields, int] | RefusedRow:
        """Return what a row adds to the shared fields, and the most bytes its message takes."""
        own: Fields = {
            name: value
            for name in ("body", "sender", "tag")
            if (value := getattr(row, name)) is not None
        }
        given: object = row.payload
        if given is not None and not isinstance(given, Mapping):
            return RefusedRow(row.row, "payload", "is no object")
        payload = dict(given or {})
        if row.reference is not None:
            if not isinstance(row.reference, str) or not row.reference:
                return RefusedRow(row.row, "reference", "must be a text, and not an empty one")
            if payload.setdefault(REFERENCE_KEY, row.reference) != row.reference:
                text = f"stands in payload as {REFERENCE_KEY} already"
                return RefusedRow(row.row, "reference", text)
        if payload:
            own["payload"] = payload
        whole = {**self._shared, **own}
        # A client has a sender for what has none.
        for field, text in message_problems({"sender": "-", **whole}):
            return RefusedRow(row.row, field, text)
        try:
            size = checked_size(whole, "message", bounded=True) + ROOM
        except ValidationError as error:
            return RefusedRow(row.row, *error.problems[0])
        return own, size


def packed(fields: Mapping[str, Any]) -> str:
    """Return fields as they are kept in the ledger."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def message_of(
    parcel: Parcel, shared: Fields, fields: Mapping[int, Fields], token: str | None
) -> Message:
    """Return the message that a parcel goes out as.

    Args:
        parcel: The parcel.
        shared: What every message has.
        fields: For each content what it adds.
        token: Begins the references of the campaign; None when it makes none.
    """
    own = fields[parcel.content]
    payload = own.get("payload", {})
    if token is not None and REFERENCE_KEY not in payload:
        payload = {**payload, REFERENCE_KEY: reference(token, parcel.number)}
    whole = {**shared, **own, "to": [{"phone_number": row.phone_number} for row in parcel.rows]}
    if payload:
        whole["payload"] = payload
    message: Message = load_model("Message").from_dict(whole)
    return message


def reference(token: str, number: int) -> str:
    """Return the reference of a message that has none of the caller's."""
    return f"{token}.{number}"


def number_of(reference: str, token: str) -> int | None:
    """Return which message of the campaign a reference names, or None when it is not one of its own."""
    begin, _, number = reference.rpartition(".")
    return int(number) if begin == token and number.isascii() and number.isdigit() else None
