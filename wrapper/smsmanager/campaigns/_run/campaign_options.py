"""The options of a campaign, and how the ledger stores them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict

import attrs
from attrs.validators import optional

from smsmanager._message.checks import message_problems
from smsmanager._message.compose import compose
from smsmanager.campaigns._run.pace import SendWindow
from smsmanager.errors import ConfigurationError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from smsmanager._message.compose import Step
    from smsmanager_jsonapi.message_fields import WindowFields
    from smsmanager_jsonapi.models import Callback, DeliveryWindow, MessageParams

_ANY_NUMBER = "420777123456"


def _valid_window(_: object, __: object, window: Any) -> None:
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
    """How to send a campaign. The ledger keeps the options, so that the campaign can be resumed.

    The options up to `params` are fields of every message, as in `compose`; those from `concurrency` on can
    be changed for a single run.

    Attributes:
        sender: Sender of rows without one; None for the client's.
        tag: Tag of rows without one.
        flow: Channels to try, in order. None means one plain SMS.
        callback: Where webhooks go: a URL or extended settings.
        at: When the service is to send: an aware datetime, or an ISO 8601 string with an offset.
        delivery_time: Days and hours in which the service may send; see `window` of `compose`.
        params: Special parameters.
        references: Whether to add a reference to the `payload` of a message without one, so that a delivery
            report can settle a row whose outcome is unknown.
        concurrency: Maximum requests in flight at once.
        requests_per_s: Maximum requests per second; None for no limit.
        attempts: How often a run tries a request that was certainly not accepted, the first time included.
        stop_after: Number of failed requests in a row that stops the run; None for never.
        window: Days and hours in which to send requests: `{"days": ["monday"], "start": "08:00",
            "end": "20:00", "tz": "Europe/Prague"}`; all parts are optional. An `end` before `start` is on the
            next day.
        update_every_s: Seconds between updates. Each update waits for the requests in flight.
    """

    sender: str | None = None
    tag: str | None = None
    flow: Step | Sequence[Step] | None = None
    callback: str | Callback | Mapping[str, Any] | None = None
    at: datetime | str | None = None
    delivery_time: DeliveryWindow | WindowFields | None = None
    params: MessageParams | Mapping[str, Any] | None = None
    references: bool = True
    concurrency: int = attrs.field(default=4, validator=_at_least_one)
    requests_per_s: float | None = attrs.field(default=None, validator=optional(_positive))
    attempts: int = attrs.field(default=3, validator=_at_least_one)
    stop_after: int | None = attrs.field(default=10, validator=_at_least_one_or_none)
    window: WindowFields | None = attrs.field(default=None, validator=optional(_valid_window))
    update_every_s: float = attrs.field(default=1.0, validator=_positive)


class RunChanges(TypedDict, total=False):
    """The options that can be changed for a single run; see `CampaignOptions`."""

    concurrency: int
    requests_per_s: float | None
    attempts: int
    stop_after: int | None
    window: WindowFields | None
    update_every_s: float


def stored(options: CampaignOptions) -> dict[str, Any]:
    """Return options as JSON values for the ledger; `shared` has the fields of every message, in wire form.

    Raises:
        ValidationError: If an option is invalid for every message.
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
    shared: dict[str, Any] = message.to_dict()
    problems = list(message_problems({"sender": "-", **shared}))
    if problems:
        raise ValidationError(problems)
    del shared["to"], shared["body"]
    runs = {name: getattr(options, name) for name in RunChanges.__annotations__}
    if options.window is not None:
        runs["window"] = dict(options.window)
    return {"references": options.references, "shared": shared, **runs}


def options_of(kept: Mapping[str, Any]) -> CampaignOptions:
    """Return the options of a run from the values in the ledger."""
    known = {field.name for field in attrs.fields(CampaignOptions)}
    return CampaignOptions(**{name: value for name, value in kept.items() if name in known})
