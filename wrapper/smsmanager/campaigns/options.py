"""How a campaign is sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict

import attrs
from attrs.validators import optional

from smsmanager.campaigns._pace import SendWindow
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from smsmanager._message.compose import Step
    from smsmanager_jsonapi.models import Callback, DeliveryWindow, MessageParams


def _checked_window(_: object, __: object, window: Mapping[str, Any] | None) -> None:
    if window is not None:
        SendWindow(window)


def _at_least_one(_: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{attribute.name} must be a whole number, at least 1")


def _at_least_one_or_none(_: Any, attribute: Any, value: Any) -> None:
    if value is not None:
        _at_least_one(_, attribute, value)


def _positive(_: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ConfigurationError(f"{attribute.name} must be a number above 0")


@attrs.frozen(kw_only=True)
class CampaignOptions:
    """How a campaign is sent. They are kept in the ledger, so a resumed campaign goes on alike.

    The first group is what every message of the campaign has, as `compose` takes it; the second can be
    changed for a single run.

    Attributes:
        sender: Sender of rows that have none; None for the client's.
        tag: Tag of rows that have none.
        flow: Channels to try, in order. None means one plain SMS.
        callback: Where webhooks go: a URL or extended settings.
        at: When the service is to send: an aware datetime, or a text that names its zone.
        delivery_time: Days and hours in which the service may deliver.
        params: Special parameters.
        references: Whether a message without a reference of its own gets one in its `payload`, so that a
            delivery report can settle a row whose outcome is unknown.
        concurrency: Most requests that are in flight at once.
        requests_per_s: Most requests a second; None for no limit.
        attempts: How often a request is tried in one run that certainly was not taken.
        stop_after: Failed requests in a row after which the run stops; None for never.
        window: Days and hours in which requests go out: `{"days": ["monday"], "start": "08:00",
            "end": "20:00", "tz": "Europe/Prague"}`; each part may be left out. An `end` before `start` lies
            on the next day.
        update_every_s: Seconds between updates. Between two of them all slots are used; for each update the
            requests in flight are awaited.
    """

    sender: str | None = None
    tag: str | None = None
    flow: Step | Sequence[Step] | None = None
    callback: str | Callback | Mapping[str, Any] | None = None
    at: datetime | str | None = None
    delivery_time: DeliveryWindow | Mapping[str, Any] | None = None
    params: MessageParams | Mapping[str, Any] | None = None
    references: bool = True
    concurrency: int = attrs.field(default=4, validator=_at_least_one)
    requests_per_s: float | None = attrs.field(default=None, validator=optional(_positive))
    attempts: int = attrs.field(default=3, validator=_at_least_one)
    stop_after: int | None = attrs.field(default=10, validator=_at_least_one_or_none)
    window: Mapping[str, Any] | None = attrs.field(default=None, validator=_checked_window)
    update_every_s: float = attrs.field(default=1.0, validator=_positive)


class RunChanges(TypedDict, total=False):
    """What can be changed for a single run; see `CampaignOptions`."""

    concurrency: int
    requests_per_s: float | None
    attempts: int
    stop_after: int | None
    window: Mapping[str, Any] | None
    update_every_s: float
