"""The time of a run, and waiting for it to pass; replaced in tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading


class Clock:
    """The clocks of this machine."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def pause(self, stop: threading.Event, seconds: float) -> None:
        """Wait, or until the event is set."""
        stop.wait(seconds)

    async def apause(self, stop: threading.Event, seconds: float) -> None:
        """Wait, or until the event is set: one of threads, because a signal handler may set it."""
        from anyio import to_thread  # noqa: PLC0415 - httpx loads it as late

        await to_thread.run_sync(stop.wait, seconds, abandon_on_cancel=True)
