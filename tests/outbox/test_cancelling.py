"""A task that is cancelled, or a process that is interrupted, while the database works."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager
from tests.outbox.conftest import BASE_URL, NUMBER, Office
from tests.outbox.test_send_once import DeadError


async def cancelled_while(
    office: Office, name: str, call: str, cancel: Callable[[Any], None], **more: Any
) -> None:
    """Cancel the task of a call while the store works, after its commit; wait for the task to end."""
    store: Any = office.outbox._store
    work, loop = getattr(store, name), asyncio.get_running_loop()
    task: asyncio.Task[Any]

    def slow(*arguments: Any, **options: Any) -> Any:
        setattr(store, name, work)
        done = work(*arguments, **options)
        is_cancelled = threading.Event()

        def now() -> None:
            cancel(task)
            loop.call_soon(is_cancelled.set)

        loop.call_soon_threadsafe(now)
        assert is_cancelled.wait(30)
        return done

    setattr(store, name, slow)
    transport = httpx.MockTransport(office.service)
    async with AsyncSmsManager("key", base_url=BASE_URL, transport=transport, retries=0) as client:
        task = asyncio.create_task(getattr(office.outbox, call)(client, **more))
        await asyncio.wait([task])
    assert task.cancelled()


def twice(task: Any) -> None:
    task.cancel()
    task.get_loop().call_soon(task.cancel)


@pytest.mark.parametrize("cancel", [asyncio.Task.cancel, twice])
def test_a_drain_that_is_cancelled_while_it_claims_gives_everything_back(
    office: Office, cancel: Callable[[Any], None]
) -> None:
    for key in "abc":
        office.add(key)
    asyncio.run(cancelled_while(office, "claim_next", "drain", cancel))
    assert office.service.requests == []
    assert [office.state(key) for key in "abc"] == ["pending"] * 3
    assert office.drain().counts == {"accepted": 3}


def test_a_send_once_that_is_cancelled_while_it_claims_can_be_repeated(office: Office) -> None:
    more: dict[str, Any] = {"message": "Hello", "key": "a", "to": NUMBER}
    asyncio.run(
        cancelled_while(office, "take", "send_once", asyncio.Task.cancel, **more)  # type: ignore[arg-type]
    )
    assert office.service.requests == []
    assert office.state("a") == "not_sent"
    assert office.send_once("Hello", key="a").ok


def test_a_drain_that_is_cancelled_while_it_records_gives_the_others_back(office: Office) -> None:
    for key in "abc":
        office.add(key)
    office.service.script = [httpx.Response(400, json={"Message": "no"})]
    asyncio.run(cancelled_while(office, "note", "drain", twice))
    assert sorted(office.state(key) for key in "abc") == ["pending"] * 3


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_scope_that_is_cancelled_while_it_claims(office: Office, backend: str) -> None:
    office.add("a")
    store: Any = office.outbox._store
    claim_next = store.claim_next

    async def main() -> None:
        transport = httpx.MockTransport(office.service)
        async with AsyncSmsManager("key", base_url=BASE_URL, transport=transport) as client:
            with anyio.CancelScope() as scope:

                def cancelled(*arguments: Any, **options: Any) -> Any:
                    claimed = claim_next(*arguments, **options)
                    scope.cancel()
                    return claimed

                store.claim_next = cancelled
                await office.outbox.drain(client)
            assert scope.cancelled_caught

    anyio.run(main, backend=backend)
    assert office.service.requests == []
    assert office.state("a") == "pending"


def test_a_blocking_drain_that_is_interrupted_while_it_claims(office: Office) -> None:
    office.add("a")
    store: Any = office.outbox._store
    claim_next = store.claim_next

    def interrupted(*arguments: Any, **options: Any) -> Any:
        claim_next(*arguments, **options)
        raise DeadError

    store.claim_next = interrupted
    with pytest.raises(DeadError):
        office.drain()
    assert office.state("a") == "pending"
