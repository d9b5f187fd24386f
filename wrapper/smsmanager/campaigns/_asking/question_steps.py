"""What a plan that asks the service yields, and the two drivers that do it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs

from smsmanager._plan import follow, follow_async
from smsmanager._privacy import hides_locals
from smsmanager.campaigns._run.run_steps import Work

if TYPE_CHECKING:
    from smsmanager.asking import AsyncService, Service
    from smsmanager.asking._questions import Steps


@attrs.frozen
class Ask:
    """Follow a plan of the service; answered with its result.

    Attributes:
        steps: The plan.
    """

    steps: Steps[Any]


T = TypeVar("T")
Plan: TypeAlias = Generator[Work | Ask, Any, T]


def waiting(seconds: float) -> Steps[None]:
    """Wait, as the service's plans do."""
    yield seconds


@hides_locals
def ask(plan: Plan[T], service: Service) -> T:
    """Do what a plan yields, with the blocking service; return its result."""

    def act(step: Work | Ask) -> Any:
        if isinstance(step, Ask):
            return service._run(step.steps)  # noqa: SLF001 - a plan of its own
        return step.call()

    try:
        return cast("T", follow(plan, act).value)
    finally:
        plan.close()


@hides_locals
async def ask_async(plan: Plan[T], service: AsyncService) -> T:
    """Do what a plan yields, with the asynchronous service; the ledger is used in a thread."""
    from anyio import CancelScope, to_thread  # noqa: PLC0415 - httpx loads it as late

    async def act(step: Work | Ask) -> Any:
        if isinstance(step, Ask):
            return await service._run(step.steps)  # noqa: SLF001 - a plan of its own
        # A thread cannot be cancelled, and the ledger must not be closed under it.
        with CancelScope(shield=True):
            return await to_thread.run_sync(step.call)

    try:
        end = await follow_async(plan, act)
        return cast("T", end.value)
    finally:
        plan.close()
