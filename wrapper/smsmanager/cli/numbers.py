"""Numbers as options, with their limit told in words."""

from __future__ import annotations

import math

import click


class AtLeastOne(click.ParamType[float]):
    """A number that is at least 1, or above a limit.

    Args:
        kind: `int` or `float`.
        above: The number has to be above this one, in place of at least 1.
    """

    name = "number"

    def __init__(self, kind: type[int | float], above: float | None = None) -> None:
        self._kind, self._above = kind, above

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or fail with a sentence."""
        try:
            number = self._kind(str(value))
        except ValueError:
            number = self._kind(0)
        least = "at least 1" if self._above is None else f"above {self._above:g}"
        fits = number >= 1 if self._above is None else self._above < number < math.inf
        if not fits:
            self.fail(f"must be a number {least}.", param, ctx)
        return number
