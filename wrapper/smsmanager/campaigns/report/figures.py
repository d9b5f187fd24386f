"""The figures of a report, which contain no phone numbers or texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from pathlib import Path

    from smsmanager.campaigns.rows import RowState


@attrs.frozen
class Reason:
    """The number of rows in one state for one reason.

    Attributes:
        state: The state.
        reason: The reason.
        rows: Number of rows.
    """

    state: RowState
    reason: str
    rows: int


@attrs.frozen
class Failure:
    """The number of rows that were not delivered according to reports, by code and country.

    Attributes:
        result: The result, such as `"undelivered"`.
        code: Its code; None if the report has none.
        country: Country of the number.
        rows: Number of rows.
    """

    result: str
    code: int | None
    country: str
    rows: int


@attrs.frozen
class Cost:
    """The cost of one channel in one country, according to the reports.

    Attributes:
        gateway: The channel.
        country: Country of the number.
        messages: Number of messages whose report has a price or parts.
        parts: Number of billed parts.
        price_czk: Price in CZK; None if no report has one.
        price_eur: Price in EUR; None if no report has one.
    """

    gateway: str
    country: str
    messages: int
    parts: int
    price_czk: Decimal | None
    price_eur: Decimal | None


@attrs.frozen
class Interval:
    """One interval of time.

    Attributes:
        begins: When it begins.
        delivered: Number of rows delivered in it.
        failed: Number of rows that failed in it.
    """

    begins: datetime
    delivered: int = 0
    failed: int = 0


@attrs.frozen
class Report:
    """The results of a campaign: sums only, without phone numbers or texts.

    Attributes:
        name: Name of the campaign.
        source: Name of its input.
        created_at: When the campaign was created.
        made_at: When these figures were read.
        states: Number of rows in each state, including states without rows.
        reasons: Why rows are in a state, the most frequent first.
        results: Number of rows by reported result, the most frequent first.
        intervals: Delivery over time.
        interval_s: Length of an interval in seconds.
        parts: Number of messages by their parts, counted locally from the text of each row; empty if the flow
            sends no SMS.
        costs: The cost according to the reports.
        failures: Failed deliveries, the most frequent first.
    """

    name: str
    source: str | None
    created_at: datetime
    made_at: datetime
    states: Mapping[RowState, int]
    reasons: tuple[Reason, ...] = ()
    results: Mapping[str, int] = attrs.field(factory=dict)
    intervals: tuple[Interval, ...] = ()
    interval_s: float = 0.0
    parts: Mapping[int, int] = attrs.field(factory=dict)
    costs: tuple[Cost, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def total(self) -> int:
        """Number of rows, including refused ones."""
        return sum(self.states.values())

    @property
    def reported(self) -> int:
        """Number of rows with a delivery report."""
        return sum(self.results.values())

    @property
    def delivered(self) -> int:
        """Number of rows that were delivered, or delivered and seen."""
        return self.results.get("delivered", 0) + self.results.get("seen", 0)

    @property
    def billed_parts(self) -> int:
        """Number of billed parts according to the reports."""
        return sum(cost.parts for cost in self.costs)

    @property
    def price_czk(self) -> Decimal | None:
        """The cost in CZK according to the reports; None if no report has a price."""
        return _total([cost.price_czk for cost in self.costs])

    @property
    def price_eur(self) -> Decimal | None:
        """The cost in EUR according to the reports; None if no report has a price."""
        return _total([cost.price_eur for cost in self.costs])

    def as_json(self) -> dict[str, Any]:
        """Return JSON values; prices are strings."""
        values: dict[str, Any] = attrs.asdict(self, value_serializer=_plain)
        for name in ("total", "reported", "delivered", "billed_parts", "price_czk", "price_eur"):
            values[name] = _plain(None, None, getattr(self, name))
        values["states"] = {state.value: count for state, count in self.states.items()}
        return values

    def write_html(self, path: str | Path) -> None:
        """Write one self-contained HTML file with charts.

        Args:
            path: The file; an existing one is replaced.
        """
        from smsmanager.campaigns.report import _html_page  # noqa: PLC0415 - needs the template engine

        _html_page.write(self, path)


def _total(prices: list[Decimal | None]) -> Decimal | None:
    known = [price for price in prices if price is not None]
    return sum(known[1:], known[0]) if known else None


def _plain(_: object, __: object, value: Any) -> Any:
    from datetime import datetime  # noqa: PLC0415 - a type alone above
    from decimal import Decimal  # noqa: PLC0415 - a type alone above

    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value
