"""When a failed request is repeated, and after how long; pure, without a clock of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

from attrs import field, frozen
from attrs.validators import ge, instance_of, le

from smsmanager.errors import ApiError, SmsManagerError


@frozen
class RetryPolicy:
    """How often, and for how long, a request is repeated if it was certainly not taken; no other is.

    Attributes:
        retries: Maximum repetitions of one request; 0 turns them off.
        total_s: Time limit in seconds for all attempts and waits of one request; no wait may end later.
        first_wait_s: Seconds before the first repetition; doubled for each later one.
        max_wait_s: Longest wait in seconds, unless the service asks for more with `Retry-After`.
        jitter: Share of each wait that is random, 0 to 1; a wait that the service requested has none.

    Raises:
        ValueError: If a number is negative, or `jitter` is above 1.
    """

    retries: int = field(default=2, validator=[instance_of(int), ge(0)])
    total_s: float = field(default=60.0, validator=ge(0))
    first_wait_s: float = field(default=0.5, validator=ge(0))
    max_wait_s: float = field(default=8.0, validator=ge(0))
    jitter: float = field(default=0.5, validator=[ge(0), le(1)])

    def wait_after(
        self,
        error: SmsManagerError,
        attempt: int,
        elapsed_s: float,
        chance: Callable[[], float] = random.random,
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up.

        Args:
            error: Why the last attempt failed.
            attempt: Number of attempts made so far.
            elapsed_s: Seconds since the first attempt began.
            chance: Returns a random number from 0 to 1.
        """
        if not error.safe_to_retry or attempt > self.retries:
            return None
        # By 2**32 any bound is reached; 2**1024 would overflow.
        wait_s = min(self.max_wait_s, self.first_wait_s * 2.0 ** min(attempt - 1, 32))
        wait_s *= 1 - self.jitter * chance()
        if isinstance(error, ApiError) and error.retry_after_s is not None:
            wait_s = max(wait_s, error.retry_after_s)
        return wait_s if elapsed_s + wait_s <= self.total_s else None


@frozen
class Retry:
    """A repetition that is about to happen; passed to `on_retry`.

    Attributes:
        attempt: Number of attempts made so far.
        wait_s: Seconds until the next one.
        error: Why the last one failed.
    """

    attempt: int
    wait_s: float
    error: SmsManagerError


OnRetry: TypeAlias = Callable[[Retry], object]
