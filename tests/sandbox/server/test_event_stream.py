"""However many pages and streams are open, other requests are still served."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._server.event_stream import Turns, next_change
from smsmanager.sandbox.api.arguments import Arguments
from smsmanager.sandbox.api.changes import _AT_A_TIME, ChangeOperations
from smsmanager.sandbox.engine.feed import Feed
from tests.sandbox.conftest import NOON

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver


class Ticks:
    """Counts the passes of the event loop, which looks at its connections in each."""

    def __init__(self) -> None:
        self.count = 0
        self._again()

    def _again(self) -> None:
        self.count += 1
        asyncio.get_running_loop().call_soon(self._again)


def test_turns_leave_the_loop_a_pass_in_between() -> None:
    async def work() -> list[int]:
        ticks, turns, seen = Ticks(), Turns(), list[int]()

        async def worker() -> None:
            for _ in range(3):
                async with turns.next():
                    seen.append(ticks.count)

        await asyncio.gather(*(worker() for _ in range(5)))
        return seen

    seen = asyncio.run(work())
    assert len(set(seen)) == len(seen) == 15


def test_a_hundred_streams_from_the_beginning_are_served_in_pieces() -> None:
    async def read() -> dict[int, int]:
        feed, turns, ticks = Feed(), Turns(), Ticks()
        for number in range(3 * _AT_A_TIME + 1):
            feed.publish("settings", "", number)
        service = cast("Service", SimpleNamespace(engine=SimpleNamespace(feed=feed)))
        operations = ChangeOperations(service, cast("Driver", SimpleNamespace(turn=turns.next)))
        made: dict[int, int] = {}

        async def reader() -> None:
            found = 0
            given = {"after": 0, "events": feed.latest}
            async for text in operations._events(Arguments(given, None, None)):
                count = text.count("event: settings")
                made[ticks.count] = made.get(ticks.count, 0) + count
                found += count
            assert found == feed.latest

        await asyncio.gather(*(reader() for _ in range(100)))
        return made

    assert max(asyncio.run(read()).values()) <= _AT_A_TIME


def test_many_changes_wake_a_reader_once() -> None:
    async def wait() -> None:
        feed = Feed()
        waiting = asyncio.create_task(next_change(feed, 0, None))
        await asyncio.sleep(0)
        assert len(feed._listeners) == 1
        for _ in range(5):
            feed.publish("clock")
            assert not feed._listeners
        assert await waiting == 5
        assert await next_change(feed, 5, 0.0) == 5
        assert not feed._listeners

    asyncio.run(wait())


def test_what_is_due_is_done_in_pieces() -> None:
    message: dict[str, Any] = {"to": [{"phone_number": "420777123456"}], "body": "Hello"}
    with Sandbox(clock="manual", now=NOON) as sandbox:
        engine, service = sandbox._engine, sandbox._service
        operation = service.operations[2]
        call = SimpleNamespace(
            path="/", header_key="k", content_type="application/json", query=b"", body=_json([message] * 10)
        )  # fmt: skip
        for _ in range(100):
            service.answer(operation, cast("Any", call))
        done = 0
        with engine.lock:
            while not engine.run_to(NOON.timestamp() + 5):
                done += 1
        # Of each of a thousand messages two results were left.
        assert done == 2000 // 200 - 1
        assert {str(found.state) for found in sandbox.messages} == {"delivered"}


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()


@pytest.mark.parametrize("path", ["/", "/sandbox/messages?containing=none", "/phones"])
def test_pages_and_searches_wait_for_their_turn(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx

    taken: list[str] = []
    following = Turns.next

    def noted(self: Turns) -> Any:
        taken.append(path)
        return following(self)

    monkeypatch.setattr(Turns, "next", noted)
    monkeypatch.setattr("smsmanager.sandbox.api.inbox_operations._LOOKED_AT", 2)
    message = {"to": [{"phone_number": "420777123456"}] * 5, "body": "Hello"}
    with Sandbox() as sandbox:
        url = f"{sandbox.base_url}/message"
        assert httpx.post(url, json=message, headers={"x-api-key": "k"}).status_code == 200
        assert taken == []
        assert httpx.get(sandbox.url + path).status_code == 200
    # Of five messages two are looked at in a turn; the answer is another.
    assert len(taken) == (4 if "containing" in path else 1)
