"""Wait for the next change inside an event loop."""

import asyncio

from smsmanager.sandbox.engine.feed import Feed


async def next_change(feed: Feed, after: int, timeout_s: float | None) -> int:
    """Return the number of the newest change as soon as there is one behind a number.

    Args:
        feed: Where changes are numbered.
        after: The newest change that is known.
        timeout_s: How long to wait, `None` without end; then the number is still `after`.
    """
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    unsubscribe = feed.subscribe(lambda: loop.call_soon_threadsafe(changed.set))
    try:
        async with asyncio.timeout(timeout_s):
            # After subscribing, so that no change is missed in between.
            while feed.latest <= after:
                await changed.wait()
                changed.clear()
    except TimeoutError:
        pass
    finally:
        unsubscribe()
    return feed.latest
