"""The steps that the plan of a run yields to its driver; the plan itself does no I/O and never waits."""

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
    """Call a function that blocks, such as a transaction; the plan receives its result."""

    call: Callable[[], Any]


@attrs.frozen
class Send:
    """Start sending a request without waiting for it.

    Attributes:
        batch: The request.
        messages: The messages for the client to send.
    """

    batch: Batch
    messages: list[Message] = attrs.field(repr=False)


@attrs.frozen
class Wait:
    """Wait until a request has ended or the time has passed; the plan receives the requests that ended.

    Attributes:
        seconds: Maximum seconds; None for no limit.
    """

    seconds: float | None = None


@attrs.frozen
class Pause:
    """Wait while nothing is in flight; `stop()` ends it.

    Attributes:
        seconds: Maximum seconds.
    """

    seconds: float


@attrs.frozen
class Tell:
    """Give an update to the caller. Nothing is in flight meanwhile."""

    update: Update


@attrs.frozen
class Ended:
    """A request that has ended.

    Attributes:
        batch: The request.
        result: The result from the client.
        error: The exception that the client raised.
    """

    batch: Batch
    result: SendResult | None = None
    error: BaseException | None = None


Step: TypeAlias = Work | Send | Wait | Pause | Tell
