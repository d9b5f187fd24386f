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
    """The sender of every step that has none of its own: a name, a virtual number without `+`, or
    an alias set up for the account. For an SMS a name is alphanumeric and has at most 11
    characters; the agent of an RCS step and the registered name of a Viber step can be longer.
    Unset means the account's default."""
    tag: str | None
    """Groups messages; several are joined by commas. The service lower-cases it and keeps only `a-z
    0-9 - . _`. `promotional` (what the service assumes), `transactional` and `priority` choose a
    queue; promotional messages are checked against opt-outs and, for some destinations, only go out
    between 8:00 and 20:00."""
    message_tag: str | None
    """Older name of `tag`."""


class WindowFields(TypedDict, total=False):
    """The fields of a `DeliveryWindow`. None means unset."""

    days: list[Weekday] | None
    """The days on which messages may go out. Not empty, no two alike."""
    start: str | None
    """The first minute, `HH:MM`."""
    end: str | None
    """The last minute, `HH:MM`."""
    tz: str | None
    """IANA name of the time zone of `start` and `end`. Unset means UTC. Not empty."""
