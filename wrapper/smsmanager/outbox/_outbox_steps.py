"""The steps of a plan, its clocks, and how a client performs it, blocking or asynchronously."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

import attrs

from smsmanager._plan import follow, follow_async
from smsmanager._privacy import hides_locals


@attrs.frozen
class Work:
    """A step of the database."""

    call: Callable[[], Any]


@attrs.frozen
class Ask:
    """A call of the client; an asynchronous one returns a coroutine."""

    call: Callable[[Any], Any]


Answer = TypeVar("Answer")
Plan: TypeAlias = Generator[Work | Ask | float, Any, Answer]


@attrs.frozen
class Clocks:
    """The time of day in Unix seconds, and seconds that only grow."""

    now: Callable[[], float]
    monotonic: Callable[[], float]


def perform(client: Any, plan: Plan[Any]) -> Any:
    """Follow a plan to its end; with an asynchronous client, return the coroutine that does."""
    if inspect.iscoroutinefunction(client.resume):
        return _perform_asynchronously(client, plan)

    def act(step: Any) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Ask):
            return step.call(client)
        return client._sleep(step)  # noqa: SLF001 - it waits as the client does

    return follow(plan, act).value


@hides_locals
async def _perform_asynchronously(client: Any, plan: Plan[Any]) -> Any:
    from anyio import CancelScope, to_thread  # noqa: PLC0415 - httpx loads it as late

    async def act(step: Any) -> Any:
        if isinstance(step, Work):
            # What is committed must be known: a cancelled task waits for it.
            with CancelScope(shield=True):
                return await to_thread.run_sync(step.call)
        if isinstance(step, Ask):
            return await step.call(client)
        return await client._sleep(step)  # noqa: SLF001 - it waits as the client does

    return (await follow_async(plan, act)).value
