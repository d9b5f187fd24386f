"""What a plan that asks the service yields, and the two drivers that do it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs

from smsmanager._privacy import hides_locals
from smsmanager.campaigns._run.run_steps import Work
from smsmanager.errors import SmsManagerError

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
def follow(plan: Plan[T], service: Service) -> T:
    """Do what a plan yields, with the blocking service; return its result.

    Errors are thrown into the plan.
    """
    try:
        step = next(plan)
        while True:
            try:
                reply = step.call() if isinstance(step, Work) else service._run(step.steps)  # noqa: SLF001 - a plan of its own
            except SmsManagerError as error:
                step = plan.throw(error)
            else:
                step = plan.send(reply)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        plan.close()


@hides_locals
async def follow_async(plan: Plan[T], service: AsyncService) -> T:
    """Do what a plan yields, with the asynchronous service; the ledger is used in a thread."""
    from anyio import CancelScope, to_thread  # noqa: PLC0415 - httpx loads it as late

    reply: Any = None
    try:
        step = next(plan)
        while True:
            try:
                if isinstance(step, Work):
                    # A thread cannot be cancelled, and the ledger must not be closed under it.
                    with CancelScope(shield=True):
                        reply = await to_thread.run_sync(step.call)
                else:
                    reply = await service._run(step.steps)  # noqa: SLF001 - a plan of its own
            except SmsManagerError as error:
                step = plan.throw(error)
            else:
                step = plan.send(reply)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        plan.close()
