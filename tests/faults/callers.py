"""The blocking client, and the asynchronous one under either library, with one interface."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Self

import anyio.lowlevel
import httpx
import sniffio
import trio
import trio.lowlevel
from anyio.from_thread import start_blocking_portal

from smsmanager import AsyncSmsManager, SendResult, SmsManager

KINDS = ("sync", "asyncio", "trio")
CROWD = 120
KEY = "key-of-the-fault-tests"


class Caller:
    """One client of a kind, in one event loop for its whole life; it never really waits.

    Args:
        kind: One of `KINDS`.
        base_url: Address of the service.
        next_attempt: Called instead of each wait.
        turns: How often the event loop runs before each call, so that it notices what arrived meanwhile.
        hooked: Whether it sends over the caller's own httpx client, with a hook that fails on every
            answer, as if it failed to notify another service.
        **options: Other options of the client.

    Attributes:
        client: The client itself.
        waits: The seconds that it would have waited.
    """

    def __init__(
        self,
        kind: str,
        base_url: str,
        next_attempt: Callable[[], None] = lambda: None,
        *,
        turns: int = 0,
        hooked: bool = False,
        **options: Any,
    ) -> None:
        self.kind = kind
        self.waits: list[float] = []
        self.turns = turns
        self._next_attempt = next_attempt
        self._stack = ExitStack()
        self.client: Any
        if kind == "sync":
            if hooked:
                options["http_client"] = self._own_http()
            self.client = SmsManager(KEY, base_url=base_url, **options)
            self.client._sleep = self._wait
            return
        if hooked:
            options["http_client"] = self._own_http()
        # Before the event loop is created: it would stay open if a client is refused.
        self.client = AsyncSmsManager(KEY, base_url=base_url, **options)
        self.client._sleep = self._wait_async
        if kind == "trio":
            portal = self._stack.enter_context(start_blocking_portal("trio"))
            self._run: Callable[..., Any] = portal.call
        else:
            # In this thread, because passing each call to another one takes longer than the call.
            runner = self._stack.enter_context(asyncio.Runner())
            self._run = lambda work: runner.run(work())
        if hooked:
            self._stack.callback(lambda: self.run(options["http_client"].aclose))

    def _own_http(self) -> httpx.Client | httpx.AsyncClient:
        if self.kind == "sync":
            own = httpx.Client(event_hooks={"response": [fail_elsewhere]}, trust_env=False)
            return self._stack.enter_context(own)

        async def fail(response: httpx.Response) -> None:
            fail_elsewhere(response)

        return httpx.AsyncClient(event_hooks={"response": [fail]}, trust_env=False)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._next_attempt()

    async def _wait_async(self, seconds: float) -> None:
        self._wait(seconds)

    def with_options(self, **options: Any) -> Self:
        """Return one with a copy of the client."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.client = self.client.with_options(**options)
        return twin

    def run(self, work: Callable[[], Any]) -> Any:
        """Run an async function in the client's event loop."""
        return self._run(work)

    def raw(self, operation: Any, **fields: Any) -> Any:
        """Call a generated operation."""
        if self.kind == "sync":
            return operation.sync(**fields)
        return self.run(partial(operation.asyncio, **fields))

    def call(self, name: str, *arguments: Any, **fields: Any) -> SendResult:
        """Call a method of the client."""
        method = getattr(self.client, name)
        if self.kind == "sync":
            result = method(*arguments, **fields)
        else:

            async def work() -> Any:
                for _ in range(self.turns):
                    await anyio.lowlevel.checkpoint()
                return await method(*arguments, **fields)

            result = self.run(work)
        assert isinstance(result, SendResult)
        return result

    def send(self, *arguments: Any, **fields: Any) -> SendResult:
        """Call `send`."""
        return self.call("send", *arguments, **fields)

    def close(self) -> None:
        """Close the client and its event loop."""
        if self.kind == "sync":
            self.client.close()
        else:
            self.run(self.client.aclose)
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def cancel_a_burst(send: Callable[[str], Awaitable[object]], turns: int) -> None:
    """Start more sends than there are connections, and cancel each after some turns of the event loop."""
    names = [f"cut-{number}" for number in range(CROWD)]
    if sniffio.current_async_library() == "asyncio":
        tasks = [asyncio.ensure_future(send(name)) for name in names]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return
    async with trio.open_nursery() as nursery:
        for name in names:
            nursery.start_soon(send, name)
        for _ in range(turns):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()


def fail_elsewhere(_: httpx.Response) -> None:
    """Raise what httpx would raise if a hook could not reach another service."""
    raise httpx.ConnectError("no audit", request=httpx.Request("POST", "http://127.0.0.1:9/"))
