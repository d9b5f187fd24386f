"""The contents of a campaign's messages: checked and stored once, and assembled when a message is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from smsmanager._message.checks import message_problems
from smsmanager._message.wire_requests import encoded
from smsmanager.campaigns.rows import RefusedRow, Row
from smsmanager.errors import ValidationError
from smsmanager.ids import REFERENCE_KEY
from smsmanager.phone import InvalidNumberError, normalise_number
from smsmanager_jsonapi import models
from smsmanager_jsonapi.types import UNSET

if TYPE_CHECKING:
    from smsmanager.campaigns._ledger.batches import Parcel

Fields: TypeAlias = dict[str, Any]

ROOM = 4096
"""Bytes reserved in a message for what is known only when it is sent: the campaign's reference, and what the
client adds, such as its sender, a tag of its own, trace fields and a callback URL of 2048 characters."""


def phone_number_of(row: Row) -> str | RefusedRow:
    """Return the number of a row in canonical form, or the reason it is refused."""
    try:
        return normalise_number(row.phone_number)
    except InvalidNumberError as error:
        return RefusedRow(row.row, "phone_number", str(error))
    except TypeError:
        return RefusedRow(row.row, "phone_number", "must be a string")


def content_of(row: Row, shared: Fields) -> tuple[Fields, int] | RefusedRow:
    """Return the fields that a row adds to the shared ones and its maximum size in bytes, or a refusal.

    Args:
        row: The row.
        shared: The fields that all messages share.
    """
    own: Fields = {
        name: value
        for name in ("body", "sender", "tag")
        if (value := getattr(row, name)) is not None
    }
    given: object = row.payload
    if given is not None and not isinstance(given, Mapping):
        return RefusedRow(row.row, "payload", "must be an object")
    payload = dict(given or {})
    if row.reference is not None:
        if not isinstance(row.reference, str) or not row.reference:
            return RefusedRow(row.row, "reference", "must be a string that is not empty")
        if payload.setdefault(REFERENCE_KEY, row.reference) != row.reference:
            return RefusedRow(row.row, "reference", f"differs from payload.{REFERENCE_KEY}")
    if payload:
        own["payload"] = payload
    whole = {**shared, **own}
    # A message without a sender gets the client's.
    for field, text in message_problems({"sender": "-", **whole}):
        return RefusedRow(row.row, field, text)
    try:
        size = len(encoded(whole, "message", bounded=True)) + ROOM
    except ValidationError as error:
        return RefusedRow(row.row, *error.problems[0])
    return own, size


def packed(fields: Mapping[str, Any]) -> str:
    """Return fields in the form stored in the ledger."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def template_of(shared: Fields) -> models.Message:
    """Return a message without recipients that has the shared fields of a campaign."""
    return models.Message.from_dict({**shared, "to": []})


def message_of(
    parcel: Parcel, template: models.Message, fields: Mapping[int, Fields], token: str | None
) -> models.Message:
    """Return the message that carries a parcel.

    Args:
        parcel: The parcel.
        template: The message with the shared fields.
        fields: For each content, the fields that it adds.
        token: The prefix of the campaign's references; None if it adds none.
    """
    own = fields[parcel.content]
    payload = own.get("payload", {})
    if token is not None and REFERENCE_KEY not in payload:
        payload = {**payload, REFERENCE_KEY: reference(token, parcel.number)}
    return models.Message(
        to=[models.Recipient(phone_number=row.phone_number) for row in parcel.rows],
        body=own.get("body", UNSET),
        sender=own.get("sender", template.sender),
        tag=own.get("tag", template.tag),
        payload=models.Payload.from_dict(payload) if payload else UNSET,
        flow=template.flow,
        datetime_=template.datetime_,
        delivery_time=template.delivery_time,
        callback=template.callback,
        params=template.params,
    )


def reference(token: str, number: int) -> str:
    """Return the reference that the campaign gives a message for which the caller set none."""
    return f"{token}.{number}"


def message_number(reference: str, token: str) -> int | None:
    """Return the number of the message that a reference names; None if it is not of this campaign."""
    begin, _, number = reference.rpartition(".")
    return int(number) if begin == token and number.isascii() and number.isdigit() else None
