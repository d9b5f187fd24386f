"""The steps and clocks of a plan, and how a blocking or an asynchronous client performs it."""

from __future__ import annotations

import contextvars
import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar

import attrs
import sniffio

from smsmanager._plan import follow, follow_async
from smsmanager._privacy import hides_locals


@attrs.frozen
class Work:
    """A step in the database."""

    call: Callable[[], Any]


@attrs.frozen
class Ask:
    """A call with the client; with an asynchronous client it returns a coroutine."""

    call: Callable[[Any], Any]


Answer = TypeVar("Answer")
Plan: TypeAlias = Generator[Work | Ask | float, Any, Answer]


@attrs.frozen
class Clocks:
    """The time of day in Unix seconds, and a monotonic clock in seconds."""

    now: Callable[[], float]
    monotonic: Callable[[], float]


def perform(client: Any, plan: Plan[Any]) -> Any:
    """Follow a plan to its end; with an asynchronous client, return a coroutine that does so."""
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
    from anyio.lowlevel import checkpoint_if_cancelled  # noqa: PLC0415
    from sniffio import current_async_library  # noqa: PLC0415

    is_asyncio = current_async_library() == "asyncio"

    async def act(step: Any) -> Any:
        if isinstance(step, Work):
            done = None
            # The outcome of the commit must be known, so a cancelled task waits for it.
            with CancelScope(shield=True):
                done = await (_by_asyncio if is_asyncio else to_thread.run_sync)(step.call)
            # Before the request leaves, so that the claimed messages are released.
            await checkpoint_if_cancelled()
            return done
        if isinstance(step, Ask):
            return await step.call(client)
        return await client._sleep(step)  # noqa: SLF001 - it waits as the client does

    return (await follow_async(plan, act)).value


async def _by_asyncio(call: Callable[[], Any]) -> Any:
    """Return the result of a call in a thread; a cancellation takes effect after the call has ended.

    A scope of anyio does not delay `Task.cancel`.
    """
    import asyncio  # noqa: PLC0415 - not needed with trio

    context = contextvars.copy_context()
    # The thread is outside the event loop: the call may start its own loop there.
    context.run(sniffio.current_async_library_cvar.set, None)
    future = asyncio.get_running_loop().run_in_executor(None, context.run, call)
    cancelled: BaseException | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return future.result()
    # Retrieve it, or asyncio would report an exception that was never retrieved.
    future.exception()
    raise cancelled
