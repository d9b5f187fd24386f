"""What the plan of a run asks of its driver: the plan does no I/O and never waits, it yields these steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager.campaigns._ledger.batches import Batch
    from smsmanager.campaigns._run.updates import Update
    from smsmanager.results import SendResult
    from smsmanager_jsonapi.models import Message


@attrs.frozen
class Work:
    """Call something that blocks, such as a transaction; answered with its result."""

    call: Callable[[], Any]


@attrs.frozen
class Send:
    """Start sending a request without waiting for it.

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
        seconds: Maximum seconds; None for no limit.
    """

    seconds: float | None = None


@attrs.frozen
class Pause:
    """Wait while nothing is in flight; `stop()` ends it.

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
