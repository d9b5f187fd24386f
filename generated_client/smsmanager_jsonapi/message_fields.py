"""Fields of a message as keywords and as a JSON object, as editors complete and describe them.

Generated from `openapi.yaml` by `make generate`; do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from .models import *  # noqa: F403


class PlainFields(TypedDict, total=False):
    """Fields of a message that are keywords as they are. None means unset."""

    sender: str | None
    """The sender of every step that does not set one: a name, a virtual number without `+`, or an
    alias set up for the account. For an SMS a name is alphanumeric and has at most 11 characters;
    the agent of an RCS step and the registered name of a Viber step can be longer. If unset, the
    account's default."""
    tag: str | None
    """Groups messages; several are joined by commas. The service lower-cases it and keeps only `a-z
    0-9 - . _`. `promotional` (the service's default), `transactional` and `priority` choose a
    queue; promotional messages are checked against opt-outs and, for some destinations, are sent
    only between 8:00 and 20:00."""
    message_tag: str | None
    """Older name of `tag`."""


class WindowFields(TypedDict, total=False):
    """The fields of a `DeliveryWindow`. None means unset."""

    days: list[Weekday] | None
    """The days on which messages may be sent. Not empty, no two alike."""
    start: str | None
    """The first minute in which messages may be sent, `HH:MM`."""
    end: str | None
    """The last minute in which messages may be sent, `HH:MM`."""
    tz: str | None
    """IANA name of the time zone of `start` and `end`. If unset, UTC. Not empty."""
