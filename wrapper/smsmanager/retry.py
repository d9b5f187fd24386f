"""When a failed request is sent again, and after how long; pure, with no clock of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

import attrs

from smsmanager.errors import RateLimitError, ServiceError, SmsManagerError


@attrs.frozen
class RetryPolicy:
    """How often and how long a request is repeated that certainly was not taken.

    A request whose outcome is unknown is never repeated, whatever the policy says.

    Attributes:
        retries: Most repetitions of one request; 0 turns them off.
        total_s: Most seconds over all attempts and waits of one request. A wait that would end later is not
            begun.
        first_wait_s: Seconds before the first repetition; doubled for each further one.
        max_wait_s: Most seconds of one wait, unless the service asks for more with `Retry-After`.
        jitter: Part of each wait that is left to chance, 0 to 1, so that many clients do not come back at
            once. What the service asked for is never shortened.
    """

    retries: int = attrs.field(
        default=2, validator=[attrs.validators.instance_of(int), attrs.validators.ge(0)]
    )
    total_s: float = attrs.field(default=60.0, validator=attrs.validators.ge(0))
    first_wait_s: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    max_wait_s: float = attrs.field(default=8.0, validator=attrs.validators.ge(0))
    jitter: float = attrs.field(
        default=0.5, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )

    def wait_after(
        self,
        error: SmsManagerError,
        attempt: int,
        elapsed_s: float,
        chance: Callable[[], float] = random.random,
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or None when there is none.

        Args:
            error: Why the last attempt failed.
            attempt: How many attempts were made, counted from 1.
            elapsed_s: Seconds since the first attempt began.
            chance: Returns a number from 0 to 1.
        """
        if not error.safe_to_retry or attempt > self.retries:
            return None
        # Past 2**32 the bound has long been reached, and a float would overflow at 2**1024.
        wait_s = min(self.max_wait_s, self.first_wait_s * 2.0 ** min(attempt - 1, 32))
        wait_s *= 1 - self.jitter * chance()
        if isinstance(error, (RateLimitError, ServiceError)) and error.retry_after_s is not None:
            wait_s = max(wait_s, error.retry_after_s)
        return wait_s if elapsed_s + wait_s <= self.total_s else None


@attrs.frozen
class Retry:
    """One repetition that is about to happen, as `on_retry` is told of it.

    Attributes:
        attempt: How many attempts were made, counted from 1.
        wait_s: Seconds until the next one.
        error: Why the last attempt failed.
    """

    attempt: int
    wait_s: float
    error: SmsManagerError


OnRetry: TypeAlias = Callable[[Retry], object]
