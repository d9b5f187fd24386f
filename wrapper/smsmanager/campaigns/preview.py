"""What a send would be, before anything is sent: recipients, parts, cost, and what makes it dear."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, Self

import attrs

from smsmanager.campaigns.refusals import InputError, RefusedInput
from smsmanager.campaigns.rows import RefusedRow, Row
from smsmanager.parts import Encoding, count_parts, message_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal
    from pathlib import Path
    from types import TracebackType

    from smsmanager.campaigns.prices import PriceTable

SAMPLES = 3
"""How many rendered messages a preview shows."""
REFUSED_SAMPLES = 5
"""How many refused rows it names."""
NATIONAL = ""
"""Stands for the calling code of numbers that the service completes with the country of the account."""
_LONGEST_CODE = 3
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@attrs.frozen
class Destination:
    """What goes to one calling code.

    Attributes:
        calling_code: Such as `"420"`; empty for national numbers, which the service completes.
        regions: The countries that have it, by two letters, the main one first.
        recipients: How many.
        parts: SMS parts for all of them.
    """

    calling_code: str
    regions: tuple[str, ...]
    recipients: int
    parts: int


@attrs.frozen(repr=False)
class Costliest:
    """The message with the most parts; of several the first of those with the most characters.

    Attributes:
        row: Its row.
        parts: Its parts.
        characters: Its characters.
        encoding: Its encoding.
        ucs2_characters: What rules out GSM-7.
        body: The text.
    """

    row: int
    parts: int
    characters: int
    encoding: Encoding
    ucs2_characters: tuple[str, ...]
    body: str

    def __repr__(self) -> str:
        """Show everything but the text."""
        return f"Costliest(row={self.row}, parts={self.parts}, encoding={self.encoding.value!r})"


@attrs.frozen
class Preview:
    """What a send would be, every message as one plain SMS.

    Attributes:
        exact: Whether the parts are a count; an estimate when the service transliterates.
        rows: Rows that were read, empty ones left out.
        recipients: Rows that would be sent to.
        refused: How many rows were refused for which reason, the most frequent first.
        refused_samples: The first refused rows.
        destinations: Recipients by calling code, the most frequent first.
        encodings: Recipients by encoding of their message.
        histogram: Recipients by parts of their message, in order of parts.
        parts: Parts in total.
        parts_as_sms: Parts in total if the SMS step had `type: sms`: the service then transliterates to
            GSM-7. An estimate, because its table is not public.
        costliest: The message with the most parts; None when there is no message.
        samples: The first rows that would be sent.
        cost: Money by currency; empty without a price table.
        unpriced_parts: Parts to numbers that the price table does not know.
    """

    exact: bool
    rows: int
    recipients: int
    refused: Mapping[str, int]
    refused_samples: tuple[RefusedRow, ...]
    destinations: tuple[Destination, ...]
    encodings: Mapping[Encoding, int]
    histogram: Mapping[int, int]
    parts: int
    parts_as_sms: int
    costliest: Costliest | None
    samples: tuple[Row, ...]
    cost: Mapping[str, Decimal]
    unpriced_parts: int

    @property
    def saved_as_sms(self) -> int:
        """Parts that `type: sms` would save; an estimate."""
        return self.parts - self.parts_as_sms

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values; they hold the sample texts and numbers. Money is a text, to stay exact."""
        costliest = self.costliest
        return {
            "rows": self.rows,
            "recipients": self.recipients,
            "refused": {
                "total": self.rows - self.recipients,
                "by_reason": dict(self.refused),
                "samples": [
                    {"row": row.row, "field": row.field, "reason": row.reason}
                    for row in self.refused_samples
                ],
            },
            "destinations": [
                {**attrs.asdict(destination), "regions": list(destination.regions)}
                for destination in self.destinations
            ],
            "encodings": {encoding.value: n for encoding, n in self.encodings.items()},
            "parts": self.parts,
            "exact": self.exact,
            "parts_per_message": {str(parts): n for parts, n in self.histogram.items()},
            "estimate_with_type_sms": {"parts": self.parts_as_sms, "saved": self.saved_as_sms},
            "costliest": costliest
            and {
                "row": costliest.row,
                "parts": costliest.parts,
                "characters": costliest.characters,
                "encoding": costliest.encoding.value,
                "ucs2_characters": list(costliest.ucs2_characters),
                "body": costliest.body,
            },
            "samples": [
                {"row": row.row, "phone_number": row.phone_number, "body": row.body}
                for row in self.samples
            ],
            "cost": {currency: str(amount) for currency, amount in self.cost.items()},
            "unpriced_parts": self.unpriced_parts,
        }


class PreviewBuilder:
    """Adds up rows while they pass by; memory does not grow with them.

    Args:
        prices: What a part costs.
        is_national: Tells of a canonical number whether the service completes it; None for never.
        sms_type: `type` of the SMS step: with `"sms"` the service transliterates, and parts are an estimate.
    """

    def __init__(
        self,
        prices: PriceTable | None = None,
        is_national: Callable[[str], bool] | None = None,
        sms_type: Literal["utf", "sms"] = "utf",
    ) -> None:
        self._sms_type: Literal["utf", "sms"] = sms_type
        self._exact = True
        self._prices, self._is_national = prices, is_national
        self._regions = _regions_by_code()
        self._rows = self._parts = self._parts_as_sms = self._unpriced = 0
        self._refused: Counter[str] = Counter()
        self._encodings: Counter[Encoding] = Counter()
        self._histogram: Counter[int] = Counter()
        self._to: Counter[str] = Counter()
        self._parts_to: Counter[str] = Counter()
        self._cost: dict[str, Decimal] = {}
        self._refused_samples: list[RefusedRow] = []
        self._samples: list[Row] = []
        self._costliest: tuple[int, int] = (0, 0)
        self._costliest_row: Row | None = None

    def add(self, row: Row | RefusedRow) -> None:
        """Add a row."""
        self._rows += 1
        if isinstance(row, RefusedRow):
            code = row.code.value if isinstance(row, RefusedInput) else row.field
            self._refused[code] += 1
            if len(self._refused_samples) < REFUSED_SAMPLES:
                self._refused_samples.append(row)
            return
        body = row.body or ""
        encoding, parts = self._count(body)
        self._encodings[encoding] += 1
        self._histogram[parts] += 1
        self._parts += parts
        # One part cannot become fewer, and most messages have one.
        shorter = encoding is Encoding.UCS_2 and parts > 1
        self._parts_as_sms += message_parts(body, "sms").parts if shorter else parts
        code = self._calling_code(row.phone_number)
        self._to[code] += 1
        self._parts_to[code] += parts
        if self._prices is not None:
            self._add_cost(row.phone_number, parts)
        if len(self._samples) < SAMPLES:
            self._samples.append(row)
        if (size := (parts, len(body))) > self._costliest:
            self._costliest, self._costliest_row = size, row

    def _count(self, body: str) -> tuple[Encoding, int]:
        found = count_parts(body)
        if self._sms_type == "utf" or found[0] is Encoding.GSM_7:
            return found
        self._exact = False
        return Encoding.GSM_7, message_parts(body, "sms").parts

    def watch(self, rows: Iterable[Row | RefusedRow]) -> Iterator[Row | RefusedRow]:
        """Add rows on their way to somebody else."""
        for row in rows:
            self.add(row)
            yield row

    def _add_cost(self, number: str, parts: int) -> None:
        price = self._prices.of(number) if self._prices is not None else None
        if price is None:
            self._unpriced += parts
        else:
            amount = self._cost.get(price.currency, 0) + price.amount * parts
            self._cost[price.currency] = amount

    def _calling_code(self, number: str) -> str:
        if self._is_national is None or not self._is_national(number):
            for length in range(1, _LONGEST_CODE + 1):
                if number[:length] in self._regions:
                    return number[:length]
        return NATIONAL

    def build(self) -> Preview:
        """Return the sums so far."""
        row = self._costliest_row
        return Preview(
            exact=self._exact,
            rows=self._rows,
            recipients=sum(self._histogram.values()),
            refused=dict(self._refused.most_common()),
            refused_samples=tuple(self._refused_samples),
            destinations=tuple(
                Destination(code, self._regions.get(code, ()), count, self._parts_to[code])
                for code, count in self._to.most_common()
            ),
            encodings=dict(self._encodings),
            histogram=dict(sorted(self._histogram.items())),
            parts=self._parts,
            parts_as_sms=self._parts_as_sms,
            costliest=None if row is None else _costliest(row, self._sms_type),
            samples=tuple(self._samples),
            cost=dict(sorted(self._cost.items())),
            unpriced_parts=self._unpriced,
        )


def _costliest(row: Row, sms_type: Literal["utf", "sms"]) -> Costliest:
    body = row.body or ""
    counted = message_parts(body, sms_type)
    return Costliest(
        row.row, counted.parts, len(body), counted.encoding, counted.ucs2_characters, body
    )


def _regions_by_code() -> dict[str, tuple[str, ...]]:
    import phonenumbers  # noqa: PLC0415 - slow to import, and an extra

    found: Mapping[int, tuple[str, ...]] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    # 001 is the metadata's name for codes of no country, such as those of satellite telephones.
    return {str(code): tuple(r for r in regions if r != "001") for code, regions in found.items()}


class RefusedReport:
    """Writes refused rows to a CSV file while they pass by; the file is there even if none was refused.

    Args:
        path: Where to write; what is there is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            InputError: If it cannot be written.
        """
        try:
            # Excel takes UTF-8 for something else without the mark.
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            msg = f"The refused rows cannot be written to {self.path} ({error.strerror})."
            raise InputError(msg) from None
        self._writer = csv.writer(self._file)
        self._writer.writerow(("row", "number", "code", "field", "reason"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def watch(self, rows: Iterable[Row | RefusedRow]) -> Iterator[Row | RefusedRow]:
        """Write the refused ones of rows on their way to somebody else."""
        for row in rows:
            if isinstance(row, RefusedRow):
                given, code = "", row.field
                if isinstance(row, RefusedInput):
                    given, code = row.given, row.code.value
                cells = (given, code, row.field, row.reason)
                self._writer.writerow((row.row, *map(_disarmed, cells)))
            yield row


def _disarmed(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
