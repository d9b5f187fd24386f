"""The findings about a recipient, as plain JSON on the outcome."""

from __future__ import annotations

from typing import TypedDict


class Evidence(TypedDict, total=False):
    """The findings about one recipient.

    Attributes:
        asked_at: When the service was last asked, ISO 8601 in UTC.
        finding: `settled`; `not_found`: no possible message is listed; `several`: more than one message is
            possible, or the one is also possible for another open recipient; `doubtful`: one message is
            possible, but not everything agrees; `asked`: an accepted recipient whose state was asked for.
        candidates: Ids of the possible messages.
        state: State of the message: a value of `MessageState`.
        status_code: The service's sending code.
        delivery_code: The service's delivery code.
    """

    asked_at: str
    finding: str
    candidates: list[str]
    state: str
    status_code: str | None
    delivery_code: str | None
