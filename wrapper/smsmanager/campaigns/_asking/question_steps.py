"""The steps of a plan that asks the service, and the two drivers that carry them out."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs

from smsmanager._plan import follow, follow_async
from smsmanager._privacy import hides_locals
from smsmanager.campaigns._ledger.leases import RENEW_S
from smsmanager.campaigns._run.run_steps import Work

if TYPE_CHECKING:
    from smsmanager.asking import AsyncService, Service
    from smsmanager.asking._questions import Steps
    from smsmanager.campaigns._ledger.asked_rows import AskedRows


@attrs.frozen
class Ask:
    """Follow a plan of the service, and return its result to the plan that asks.

    Attributes:
        steps: The plan.
    """

    steps: Steps[Any]


T = TypeVar("T")
Plan: TypeAlias = Generator[Work | Ask, Any, T]


def waiting(seconds: float) -> Steps[None]:
    """Wait, as the service's plans do."""
    yield seconds


def renewing(steps: Steps[T], rows: AskedRows) -> Plan[T]:
    """Follow a plan of the service; renew the lease between its questions and while it waits."""
    try:
        step = next(steps)
        while True:
            left_s = step if isinstance(step, int | float) else 0.0
            while left_s > RENEW_S:
                yield Ask(_only(RENEW_S))
                yield Work(rows.renew)
                left_s -= RENEW_S
            if rows.is_due():
                yield Work(rows.renew)
            try:
                answer = yield Ask(_only(left_s or step))
            except BaseException as error:  # noqa: BLE001 - the plan raises it again
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        steps.close()


def _only(step: Any) -> Steps[Any]:
    return (yield step)


@hides_locals
def ask(plan: Plan[T], service: Service) -> T:
    """Carry out the steps of a plan with the blocking service; return its result."""

    def act(step: Work | Ask) -> Any:
        if isinstance(step, Ask):
            return service._run(step.steps)  # noqa: SLF001 - a plan that is not the service's
        return step.call()

    try:
        return cast("T", follow(plan, act).value)
    finally:
        plan.close()


@hides_locals
async def ask_async(plan: Plan[T], service: AsyncService) -> T:
    """Carry out the steps of a plan with the asynchronous service; the ledger is used in a thread."""
    from anyio import CancelScope, to_thread  # noqa: PLC0415 - httpx loads it as late

    async def act(step: Work | Ask) -> Any:
        if isinstance(step, Ask):
            return await service._run(step.steps)  # noqa: SLF001 - a plan that is not the service's
        # A thread cannot be cancelled, and the ledger must not be closed under it.
        with CancelScope(shield=True):
            return await to_thread.run_sync(step.call)

    try:
        end = await follow_async(plan, act)
        return cast("T", end.value)
    finally:
        plan.close()
