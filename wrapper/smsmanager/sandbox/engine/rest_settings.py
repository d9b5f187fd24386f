"""Define how the REST API behaves where the service's pages do not say."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from smsmanager.sandbox.engine.delivery_window import zone
from smsmanager.sandbox.engine.records.value_checks import check_choice, check_number, check_whole

DayOf: TypeAlias = Literal["created", "sent"]
DayIn: TypeAlias = Literal["account", "utc"]
Scope: TypeAlias = Literal["full", "rest-api", "api"]
ListLayout: TypeAlias = Literal["numbers", "heading", "columns", "semicolons"]
BatchId: TypeAlias = Literal["both", "recipient", "message"]
NotCancelled: TypeAlias = Literal["error", "failure", "done"]

_MAX_DELAY_S = 24 * 3600
_CHOICES = {
    "day_of": DayOf,
    "day_in": DayIn,
    "scope": Scope,
    "list_layout": ListLayout,
    "cancel_id": BatchId,
    "not_cancelled": NotCancelled,
}


@attrs.frozen(kw_only=True)
class RestSettings:
    """How the REST API under `/v1` behaves where the service's pages do not say.

    Attributes:
        visible_after_s: How long after its arrival a message is first shown, by the sandbox's clock.
        lists_rejected: Whether `/messages` lists messages that were rejected in processing, or cancelled.
        lists_scheduled: Whether `/messages` lists messages that wait for their time.
        day_of: Whether a message belongs to the day on which it was `"created"`, or to the one on which it
            was or will be `"sent"`.
        day_in: Whether days are those of the `"account"`'s time zone, or of `"utc"`.
        zone: IANA time zone of the account.
        page_size: How many rows a page of `/messages` has.
        scope: What the API keys may do: one with `"api"` cannot change anything (403).
        list_layout: What the file of a list looks like: `"numbers"`, one per line; `"heading"`, with a first
            line `phone_number`; `"columns"`, with a heading and two more columns; `"semicolons"`, the same
            with semicolons, numbers with `+`, and a byte order mark.
        cancel_id: Which id cancels messages of a batch: that of the `"recipient"` (with its suffix) only that
            one, that of the `"message"` all its recipients, or `"both"`.
        cancel_windows: Whether a message that waits for its `delivery_time`, or for the hours of promotional
            messages, can be cancelled like one with a `datetime`.
        not_cancelled: The answer for an id that is unknown or already processed: `"error"`, a 500;
            `"failure"`, a 200 with `success: false`; `"done"`, a 200 with `success: true`.
        offers_validation: Whether `/messaging/validate` exists.
    """

    visible_after_s: float = 0.0
    lists_rejected: bool = True
    lists_scheduled: bool = True
    day_of: DayOf = "created"
    day_in: DayIn = "account"
    zone: str = "Europe/Prague"
    page_size: int = 100
    scope: Scope = "full"
    list_layout: ListLayout = "numbers"
    cancel_id: BatchId = "both"
    cancel_windows: bool = True
    not_cancelled: NotCancelled = "error"
    offers_validation: bool = True

    def __attrs_post_init__(self) -> None:
        """Check the values that have a range.

        Raises:
            TypeError: If a number has the wrong type.
            ValueError: If a value is out of range.
        """
        for name, choices in _CHOICES.items():
            check_choice(name, getattr(self, name), get_args(choices))
        check_number("visible_after_s", self.visible_after_s, _MAX_DELAY_S, zero=True)
        check_whole("page_size", self.page_size, range(1, 10_001))
        if zone(self.zone) is None:
            raise ValueError("zone must be an IANA time zone, such as Europe/Prague.")
