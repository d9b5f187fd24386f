"""A preview of a send: recipients, parts, cost, and the reasons for the cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import attrs

from smsmanager.campaigns._input.calling_codes import LONGEST_CODE, calling_code, regions_of
from smsmanager.campaigns._input.number_set import NumberSet
from smsmanager.campaigns.rows import RefusedInput, RefusedRow, Row
from smsmanager.parts import Encoding, message_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from decimal import Decimal

    from smsmanager.campaigns._input.price_table import PriceTable

SAMPLES = 3
"""Number of rendered messages in a preview."""
REFUSED_SAMPLES = 5
"""Number of refused rows in a preview."""
NATIONAL = ""
"""The calling code of national numbers, to which the service adds the account's."""


@attrs.frozen
class Destination:
    """The messages to one calling code.

    Attributes:
        calling_code: Such as `"420"`; empty for national numbers, which the service completes.
        regions: Two-letter codes of its countries, the main one first.
        recipients: Number of recipients.
        parts: Number of SMS parts for all of them.
    """

    calling_code: str
    regions: tuple[str, ...]
    recipients: int
    parts: int


@attrs.frozen(repr=False)
class Costliest:
    """The message with the most parts; among equals, the first one with the most characters.

    Attributes:
        row: Its row.
        parts: Its parts.
        characters: Its characters.
        encoding: Its encoding.
        ucs2_characters: The characters that rule out GSM-7.
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
    """A preview of a send, with every message as one plain SMS.

    Attributes:
        exact: Whether the parts are exact; they are an estimate if the service transliterates.
        rows: Number of rows read, without empty ones.
        recipients: Number of rows that would be sent.
        refused: Number of refused rows by reason, the most frequent first.
        refused_samples: The first refused rows.
        destinations: Recipients by calling code, the most frequent first.
        encodings: Recipients by encoding of their message.
        histogram: Recipients by parts of their message, in order of parts.
        parts: Parts in total.
        parts_as_sms: Parts in total if the SMS step had `type: sms`, for which the service transliterates to
            GSM-7. An estimate, because its table is not public.
        costliest: The message with the most parts; None if there is no message.
        samples: The first rows that would be sent.
        cost: Amounts by currency; empty without a price table.
        unpriced_parts: Parts to numbers that the price table does not cover.
        possible_duplicates: Number of rows whose number may be the same as another row's, one with a country
            code and one without. The service adds the code, so both may reach one person.
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
    possible_duplicates: int = 0

    @property
    def saved_as_sms(self) -> int:
        """Parts that `type: sms` would save; an estimate."""
        return self.parts - self.parts_as_sms

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, including sample texts and numbers. Amounts are strings, to stay exact."""
        most = self.costliest
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
            "costliest": most
            and {
                **attrs.asdict(most),
                "encoding": most.encoding.value,
                "ucs2_characters": list(most.ucs2_characters),
            },
            "samples": [
                {"row": row.row, "phone_number": row.phone_number, "body": row.body}
                for row in self.samples
            ],
            "cost": {currency: str(amount) for currency, amount in self.cost.items()},
            "unpriced_parts": self.unpriced_parts,
            "possible_duplicates": self.possible_duplicates,
        }


class PreviewBuilder:
    """Counts rows one by one, in constant memory.

    Args:
        prices: The prices of a part.
        is_national: Returns whether the service adds a country code to a canonical number; None for never.
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
        self._rows = self._parts = self._parts_as_sms = self._unpriced = 0
        self._whole, self._national, self._doubles = NumberSet(), NumberSet(), 0
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
            self._refused[row.code.value if isinstance(row, RefusedInput) else row.field] += 1
            if len(self._refused_samples) < REFUSED_SAMPLES:
                self._refused_samples.append(row)
            return
        body = row.body or ""
        encoding, parts = self._count(body)
        self._encodings[encoding] += 1
        self._histogram[parts] += 1
        self._parts += parts
        # Most messages have one part, which cannot become fewer.
        shorter = encoding is Encoding.UCS_2 and parts > 1
        self._parts_as_sms += message_parts(body, "sms").parts if shorter else parts
        code = self._calling_code(row.phone_number)
        self._look_for_double(row.phone_number, code)
        self._to[code] += 1
        self._parts_to[code] += parts
        if self._prices is not None:
            self._add_cost(self._prices, row.phone_number, parts)
        if len(self._samples) < SAMPLES:
            self._samples.append(row)
        if (size := (parts, len(body))) > self._costliest:
            self._costliest, self._costliest_row = size, row

    def _count(self, body: str) -> tuple[Encoding, int]:
        counted = message_parts(body, self._sms_type)
        self._exact = self._exact and counted.exact
        return counted.encoding, counted.parts

    def watch(self, rows: Iterable[Row | RefusedRow]) -> Iterator[Row | RefusedRow]:
        """Add rows while another consumer reads them."""
        for row in rows:
            self.add(row)
            yield row

    def _add_cost(self, prices: PriceTable, number: str, parts: int) -> None:
        price = prices.of(number)
        if price is None:
            self._unpriced += parts
        else:
            amount = self._cost.get(price.currency, 0) + price.amount * parts
            self._cost[price.currency] = amount

    def _look_for_double(self, number: str, code: str) -> None:
        if self._is_national is None:
            return
        own, other = (self._whole, self._national) if code else (self._national, self._whole)
        digits = number[len(code) :].lstrip("0") or "0"
        own.add(digits)
        self._doubles += digits in other

    def _calling_code(self, number: str) -> str:
        if self._is_national is not None and self._is_national(number):
            return NATIONAL
        return calling_code(number[:LONGEST_CODE]) or NATIONAL

    def build(self) -> Preview:
        """Return the sums so far."""
        return Preview(
            exact=self._exact,
            rows=self._rows,
            recipients=sum(self._histogram.values()),
            refused=dict(self._refused.most_common()),
            refused_samples=tuple(self._refused_samples),
            destinations=tuple(
                Destination(code, regions_of(code), count, self._parts_to[code])
                for code, count in self._to.most_common()
            ),
            encodings=dict(self._encodings),
            histogram=dict(sorted(self._histogram.items())),
            parts=self._parts,
            parts_as_sms=self._parts_as_sms,
            costliest=self._most_expensive(),
            samples=tuple(self._samples),
            cost=dict(sorted(self._cost.items())),
            unpriced_parts=self._unpriced,
            possible_duplicates=self._doubles,
        )

    def _most_expensive(self) -> Costliest | None:
        row = self._costliest_row
        if row is None:
            return None
        body = row.body or ""
        counted = message_parts(body, self._sms_type)
        return Costliest(
            row.row, counted.parts, len(body), counted.encoding, counted.ucs2_characters, body
        )
