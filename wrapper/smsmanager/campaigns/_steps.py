"""What a run asks of its driver. The plan of a run does no I/O and never waits: it yields these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.campaigns._grouping import Batch
    from smsmanager.campaigns.updates import Update
    from smsmanager.results import SendResult
    from smsmanager_jsonapi.models import Message


@attrs.frozen
class Work:
    """Do something that blocks, such as a transaction; answered with what it returns."""

    call: Callable[[], Any]


@attrs.frozen
class Send:
    """Begin to send a request, and go on at once.

    Attributes:
        batch: The request.
        messages: What the client is to send.
    """

    batch: Batch
    messages: list[Message] = attrs.field(repr=False)


@attrs.frozen
class Wait:
    """Wait until a request has ended or the time has passed; answered with the requests that have ended.

    Attributes:
        seconds: Most seconds; None for as long as it takes.
    """

    seconds: float | None = None


@attrs.frozen
class Pause:
    """Wait while nothing is in flight; ended by `stop()`.

    Attributes:
        seconds: How long.
    """

    seconds: float


@attrs.frozen
class Tell:
    """Hand an update to the caller. Nothing is in flight meanwhile."""

    update: Update


@attrs.frozen
class Ended:
    """A request that has ended.

    Attributes:
        batch: The request.
        result: What the client returned.
        error: What it raised.
    """

    batch: Batch
    result: SendResult | None = None
    error: BaseException | None = None


Step: TypeAlias = Work | Send | Wait | Pause | Tell
