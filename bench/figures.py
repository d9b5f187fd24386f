"""Rows of figures, how they compare, and what they should be; as a table and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import zip_longest
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN_AS_FRACTION = 0.5


class Kind(Enum):
    """How two figures are compared."""

    RATIO = "x"
    """The one divided by the other."""
    FRACTION = "1/x"
    """The same, where it is far below 1."""
    DIFFERENCE = "ms"
    """The one less the other, in milliseconds."""

    def shown(self, value: float) -> str:
        """Return a value as people read it."""
        match self:
            case Kind.RATIO:
                return f"{value:.2f}x"
            case Kind.FRACTION:
                return f"1/{1 / value:.1f}" if 0 < value < _SHOWN_AS_FRACTION else f"{value:.2f}x"
            case Kind.DIFFERENCE:
                return f"{value:+.1f} ms"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure beside another of the same rounds.

    Attributes:
        to: Name of the other row.
        rounds: The ratio or difference of each round.
        kind: Which of the two.
        aim: The most that it should be, where the project has set itself an aim.
    """

    to: str
    rounds: tuple[float, ...]
    kind: Kind = Kind.RATIO
    aim: float | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def met(self) -> bool | None:
        """Whether the aim is met, None without one."""
        return None if self.aim is None else self.value <= self.aim

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        spread = f"({self.kind.shown(min(self.rounds))} to {self.kind.shown(max(self.rounds))})"
        aim = verdict = ""
        if self.aim is not None:
            aim = f"<= {self.kind.shown(self.aim)}"
            verdict = "met" if self.met else "missed"
        return self.kind.shown(self.value), spread, self.to, aim, verdict

    def as_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "to": self.to,
            "kind": self.kind.name.lower(),
            "value": self.value,
            "rounds": list(self.rounds),
            "aim": self.aim,
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one thing.

    Attributes:
        name: The thing.
        figures: For each column of the section the figure of each round.
        comparisons: How it compares.
    """

    name: str
    figures: tuple[tuple[float, ...], ...]
    comparisons: tuple[Comparison, ...] = ()

    def lines(self) -> Iterable[tuple[str, ...]]:
        """Yield the lines of the table: one, or one a comparison."""
        own = (self.name, *(f"{median(rounds):.1f}" for rounds in self.figures))
        blank = ("",) * len(own)
        nothing = ("",) * len(_COMPARED)
        compared = [comparison.cells() for comparison in self.comparisons] or [nothing]
        for first, cells in zip_longest([own], compared, fillvalue=blank):
            yield (*first, *cells)


_COMPARED = ("compared", "(rounds)", "with", "aim", "")


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together.

    Attributes:
        title: What was measured, with the unit of what is counted.
        columns: Names of the figures, with their units.
        rows: The rows.
        note: What a reader must know.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = field(default="")

    def as_text(self) -> str:
        """Return the table."""
        head = ("", *self.columns, *_COMPARED)
        lines = [head, *(line for row in self.rows for line in row.lines())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        numbers = range(1, 2 + len(self.columns))
        return "\n".join(
            [
                self.title,
                *(_aligned(line, widths, numbers) for line in lines),
                *([self.note] if self.note else []),
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "title": self.title,
            "rows": [
                {
                    "name": row.name,
                    **{
                        column: {"median": median(rounds), "rounds": list(rounds)}
                        for column, rounds in zip(self.columns, row.figures, strict=True)
                    },
                    "comparisons": [comparison.as_json() for comparison in row.comparisons],
                }
                for row in self.rows
            ],
        }


def _aligned(line: Sequence[str], widths: Sequence[int], numbers: range) -> str:
    cells = (
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  " + "  ".join(cells).rstrip()


def quotients(these: Sequence[float], those: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of each round."""
    return tuple(this / that for this, that in zip(these, those, strict=True))
