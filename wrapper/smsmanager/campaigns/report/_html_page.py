"""The report as one HTML file, without scripts or external fonts and pictures; every value is escaped."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from smsmanager.campaigns.report import _charts

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager.campaigns.report.figures import Report

_CODES = {
    0: "delivered",
    1: "undelivered",
    2: "rejected",
    3: "failed",
    302: "number format",
    303: "number not in the allowed list",
    304: "blacklisted or opted out",
    306: "too many identical messages",
    307: "credit",
}
_TONES = {"delivered": "delivered", "seen": "seen", "sent": "sent", "sending": "sent"}
_NOTHING = "\N{EN DASH}"
_MANY = 20


def write(report: Report, path: str | Path) -> None:
    """Write the page."""
    Path(path).write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader("smsmanager.campaigns.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(number=number, money=money, moment=moment, share=share, unit=unit)
    by_code, by_country = _failures(report)
    return environment.get_template("page.html.jinja").render(
        report=report,
        states={state.value: count for state, count in report.states.items()},
        reasons=report.reasons[:_MANY],
        more_reasons=max(0, len(report.reasons) - _MANY),
        chart_states=_charts.stacked({s.value: n for s, n in report.states.items()}),
        chart_results=_charts.rows(
            [(result, n, _TONES.get(result, "failed")) for result, n in report.results.items()]
        ),
        chart_time=_charts.over_time(report.intervals, report.interval_s),
        time_label=_charts.time_label,
        chart_parts=_charts.columns([(str(p), n) for p, n in report.parts.items()], "plain"),
        all_parts=sum(parts * count for parts, count in report.parts.items()),
        chart_cost=_charts.rows(
            [(f"{each.country} · {each.gateway}", each.parts, "plain") for each in report.costs]
        ),
        by_code=by_code,
        by_country=by_country,
        chart_codes=_charts.rows([(name, n, "failed") for name, n in by_code]),
        chart_countries=_charts.rows([(name, n, "failed") for name, n in by_country]),
    )


def _failures(report: Report) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    codes: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for each in report.failures:
        codes[code_name(each.code, each.result)] += each.rows
        countries[each.country] += each.rows
    return codes.most_common(), countries.most_common()


def code_name(code: int | None, result: str) -> str:
    """Return a code with its meaning, if it is documented."""
    if code is None:
        return result
    return f"{code} {_CODES[code]}" if code in _CODES else str(code)


def number(value: int) -> str:
    """Return a number with its digits in groups of three."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def money(price: Decimal | None, currency: str) -> str:
    """Return a price with its currency."""
    if price is None:
        return _NOTHING
    digits = f"{price.quantize(Decimal('0.01')):,f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{digits}\N{NO-BREAK SPACE}{currency}"


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent; 0 and 100 only if they are exact."""
    if not whole:
        return _NOTHING
    percent = 100 * part / whole
    tenth = f"{percent:.1f}"
    if part and tenth == "0.0":
        tenth = "<0.1"
    elif part < whole and tenth == "100.0":
        tenth = ">99.9"
    return f"{tenth.removesuffix('.0')}\N{NO-BREAK SPACE}%"


def moment(at: datetime) -> str:
    """Return a time in a readable form, in UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def unit(value: Any) -> str:
    """Return a length in the units of the picture."""
    return f"{value:.1f}".removesuffix(".0")
