"""Let Hypothesis draw a number of cases from a seed."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky

from tests.faults.cases import Case, cases


def explore(
    check: Callable[[Case], None], examples: int, number: int, *, shrink: bool = True
) -> int:
    """Check drawn cases.

    Args:
        check: Raises if something is wrong.
        examples: How many cases to draw.
        number: The seed: the same seed draws the same cases.
        shrink: Whether to reduce a failing case to the smallest one.

    Returns:
        How many cases were checked.

    Raises:
        Exception: What `check` raised, even if it does not raise it again: a connection that was damaged by
            one case can make the next one fail.
    """
    checked = 0
    raised: list[Exception] = []

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(cases())
    def one(case: Case) -> None:
        nonlocal checked
        checked += 1
        try:
            check(case)
        except Exception as error:
            raised.append(error)
            raise

    try:
        one()
    except Flaky:
        raise raised[0] from None
    return checked
