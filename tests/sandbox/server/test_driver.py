"""How the driver waits for webhooks, and what happens to those that are due when it stops."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smsmanager.sandbox._server.driver import Driver

if TYPE_CHECKING:
    from smsmanager.sandbox._server.webhook_sender import WebhookSender
    from smsmanager.sandbox.engine.processing import Engine

_TARGET = SimpleNamespace(url="http://127.0.0.1:9/")


class _Due:
    """Replaces an engine: webhooks become due when the test says so."""

    def __init__(self) -> None:
        self.due: list[tuple[Any, bool]] = []
        self.webhooks = SimpleNamespace(take_due=self.take, give_back=self.due.extend)

    def add(self) -> Any:
        delivery = SimpleNamespace(key_fingerprint="k", target=_TARGET)
        self.due.append((delivery, False))
        return delivery

    def take(self) -> list[tuple[Any, bool]]:
        taken, self.due[:] = [*self.due], []
        return taken

    def run_due(self) -> bool:
        return True


class _AtOnce:
    """Replaces the sender: an attempt ends without waiting, like one to a host that is not allowed."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, delivery: Any, *, by_hand: bool) -> None:
        del by_hand
        self.sent.append(delivery)


def _driver() -> tuple[Driver, _Due, _AtOnce]:
    engine, sender = _Due(), _AtOnce()
    driver = Driver(cast("Engine", engine))
    driver._sender = cast("WebhookSender", sender)
    return driver, engine, sender


@pytest.mark.timeout(20)
def test_webhooks_that_end_in_the_same_turn_do_not_hold_up_the_event_loop() -> None:
    """From Python 3.12 on, `gather` of tasks that are done lets nothing else run."""

    async def flushed() -> None:
        driver, engine, sender = _driver()
        delivery = engine.add()
        driver._send_due()
        # It begins after the webhook was sent, and before the loop was told that its task is done.
        await asyncio.get_running_loop().create_task(driver.flush())
        assert sender.sent == [delivery]

    asyncio.run(flushed())


def test_a_webhook_whose_sending_was_stopped_before_it_began_is_due_as_before() -> None:
    async def stopped() -> None:
        driver, engine, sender = _driver()
        delivery = engine.add()
        driver._send_due()
        (task,) = driver._sending
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert engine.due == [(delivery, False)]
        # After the next start, it is sent.
        await driver.flush()
        assert sender.sent == [delivery]

    asyncio.run(stopped())
