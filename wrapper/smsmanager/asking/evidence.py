"""The findings about a recipient when the service was asked; plain JSON, kept on the outcome."""

from __future__ import annotations

from typing import TypedDict


class Evidence(TypedDict, total=False):
    """The findings about one recipient.

    Attributes:
        asked_at: When the service was asked last, ISO 8601 in UTC.
        finding: `settled`; `not_found`, nothing that can be it is listed; `several`, more than one message
            can be it, or it can be that of another open recipient too; `doubtful`, one can be it, but not
            everything agrees; `asked`, for an accepted recipient whose state was asked for.
        candidates: Ids of the messages that can be it.
        state: State of the message, as `MessageState` has it.
        status_code: The service's sending code.
        delivery_code: The service's delivery code.
    """

    asked_at: str
    finding: str
    candidates: list[str]
    state: str
    status_code: str | None
    delivery_code: str | None
