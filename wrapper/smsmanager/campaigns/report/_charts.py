"""The geometry of the charts, which the template draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from smsmanager.campaigns.report.figures import Interval

WIDTH = 640
WIDE = 1000
_ROW = 30
_LABEL = 196
_NUMBER = 84
_PLOT_LEFT, _PLOT_TOP, _PLOT_BOTTOM = 46, 10, 180
_LEAST = 2.0
_MOST_BARS = 12
_STEPS = (1, 2, 5, 10)
_DAY_S = 86_400.0


@attrs.frozen
class Bar:
    """A horizontal or vertical bar, in the units of the picture.

    Attributes:
        label: Its label.
        value: Its value.
        tone: Its CSS class.
        x: Left edge.
        y: Upper edge.
        width: Width.
        height: Height.
    """

    label: str
    value: int
    tone: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half-way between the upper and the lower edge."""
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        """Half-way between the left and the right edge."""
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width


@attrs.frozen
class Tick:
    """A mark on an axis.

    Attributes:
        at: Its position.
        text: Its label.
        anchor: `text-anchor` of the label.
    """

    at: float
    text: str
    anchor: str = "middle"


@attrs.frozen
class Chart:
    """A chart.

    Attributes:
        bars: Its bars.
        height: Height of the picture.
        across: Marks on the horizontal axis.
        up: Marks on the vertical axis.
        width: Width of the picture.
    """

    bars: tuple[Bar, ...]
    height: float
    across: tuple[Tick, ...] = ()
    up: tuple[Tick, ...] = ()
    width: float = WIDTH


def stacked(values: Mapping[str, int]) -> Chart:
    """Return one divided bar. Zeros are left out; every other value is visible."""
    shown = {name: value for name, value in values.items() if value}
    total = sum(shown.values())
    room = WIDTH - _LEAST * len(shown)
    bars: list[Bar] = []
    x = 0.0
    for name, value in shown.items():
        width = _LEAST + room * value / total
        bars.append(Bar(name.replace("_", " "), value, name, x, 0, width - 1.5, 40))
        x += width
    return Chart(tuple(bars), 40)


def rows(values: Sequence[tuple[str, int, str]]) -> Chart:
    """Return one bar per value, one below the other; beyond a dozen, the rest share a bar.

    Args:
        values: Label, value and tone of each.
    """
    shown = list(values)
    if len(shown) > _MOST_BARS:
        rest = sum(value for _, value, _ in shown[_MOST_BARS - 1 :])
        shown = [*shown[: _MOST_BARS - 1], ("others", rest, "quiet")]
    most = max((value for _, value, _ in shown), default=0) or 1
    room = WIDTH - _LABEL - _NUMBER
    bars = [
        Bar(
            label,
            value,
            tone,
            _LABEL,
            place * _ROW + 4,
            max(_LEAST, room * value / most) if value else 0,
            _ROW - 10,
        )
        for place, (label, value, tone) in enumerate(shown)
    ]
    return Chart(tuple(bars), max(1, len(bars)) * _ROW)


def columns(values: Sequence[tuple[str, int]], tone: str) -> Chart:
    """Return one column per value, side by side."""
    top, up = _scale(max((value for _, value in values), default=0))
    pitch = (WIDTH - _PLOT_LEFT) / max(len(values), 1)
    width = min(pitch * 0.7, 64)
    bars: list[Bar] = []
    across: list[Tick] = []
    for place, (label, value) in enumerate(values):
        x = _PLOT_LEFT + pitch * place + (pitch - width) / 2
        bars.append(_column(label, value, tone, x, width, top, 0))
        across.append(Tick(x + width / 2, label))
    return Chart(tuple(bars), _PLOT_BOTTOM + 24, tuple(across), up)


def over_time(intervals: Sequence[Interval], interval_s: float) -> Chart:
    """Return two stacked columns per interval: delivered below, failed above."""
    top, up = _scale(max((each.delivered + each.failed for each in intervals), default=0))
    pitch = (WIDE - _PLOT_LEFT) / max(len(intervals), 1)
    width = max(min(pitch - 2, 40), 1)
    bars: list[Bar] = []
    for place, each in enumerate(intervals):
        x = _PLOT_LEFT + pitch * place + (pitch - width) / 2
        label = time_label(each.begins, interval_s)
        if each.delivered:
            bars.append(_column(label, each.delivered, "delivered", x, width, top, 0))
        if each.failed:
            bars.append(_column(label, each.failed, "failed", x, width, top, each.delivered))
    return Chart(
        tuple(bars), _PLOT_BOTTOM + 24, tuple(_time_ticks(intervals, interval_s, pitch)), up, WIDE
    )


def _column(label: str, value: int, tone: str, x: float, width: float, top: int, below: int) -> Bar:
    unit = (_PLOT_BOTTOM - _PLOT_TOP) / top
    height = max(value * unit, 1.0 if value else 0.0)
    return Bar(label, value, tone, x, _PLOT_BOTTOM - below * unit - height, width, height)


def _scale(most: int) -> tuple[int, tuple[Tick, ...]]:
    """Return the top of an axis, a round number, and its marks."""
    rough = max(most, 1) / 4
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(power * s) for s in _STEPS if power * s >= rough)
    top = step * max(1, math.ceil(most / step))
    unit = (_PLOT_BOTTOM - _PLOT_TOP) / top
    marks = range(0, top + 1, step)
    return top, tuple(Tick(_PLOT_BOTTOM - mark * unit, short(mark)) for mark in marks)


def _time_ticks(intervals: Sequence[Interval], interval_s: float, pitch: float) -> list[Tick]:
    count = len(intervals)
    every = max(1, math.ceil(count / 8))
    return [
        Tick(_PLOT_LEFT + pitch * (place + 0.5), time_label(intervals[place].begins, interval_s))
        for place in range(0, count, every)
        # The last label must stay inside the picture.
        if _PLOT_LEFT + pitch * (place + 0.5) < WIDE - 30
    ]


def time_label(at: datetime, interval_s: float) -> str:
    """Return a time as precisely as its interval needs, in UTC."""
    if interval_s >= _DAY_S:
        return f"{at.day} {at:%b}"
    clock = f"{at:%H:%M}" if interval_s >= 60 else f"{at:%H:%M:%S}"  # noqa: PLR2004 - a minute
    return f"{at.day} {at:%b} {clock}" if interval_s >= 3600 else clock  # noqa: PLR2004 - an hour


def short(value: int) -> str:
    """Return a number for an axis: 12k, 1.5M."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return str(value)
