"""The totals of a preview."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import (
    Preview,
    PreviewBuilder,
    PriceTable,
    Refusal,
    RefusedInput,
    RefusedRow,
    Row,
)
from smsmanager.campaigns._input.price_table import Price
from smsmanager.campaigns._input.send_preview import NATIONAL
from smsmanager.parts import Encoding


def preview(*rows: Row | RefusedRow, prices: PriceTable | None = None) -> Preview:
    builder = PreviewBuilder(prices, lambda number: len(number) < 10)
    assert list(builder.watch(rows)) == list(rows)
    return builder.build()


def refused(row: int, code: Refusal = Refusal.NUMBER) -> RefusedInput:
    return RefusedInput(row, "phone_number", "is missing", code, "=1+1")


LONG_CZECH = "Žluťoučký kůň " * 6


def test_the_sums() -> None:
    found = preview(
        refused(2),
        Row(3, "420777123456", "Hello"),
        Row(4, "420777123457", LONG_CZECH),
        Row(5, "15551234567", "Ž"),
        refused(6, Refusal.DUPLICATE),
        refused(7, Refusal.DUPLICATE),
        Row(8, "777123456", "a" * 161),
        RefusedRow(9, "body", "is empty"),
    )
    assert (found.rows, found.recipients) == (8, 4)
    assert found.refused == {"duplicate": 2, "number": 1, "body": 1}
    assert [row.row for row in found.refused_samples] == [2, 6, 7, 9]
    assert found.histogram == {1: 2, 2: 2}
    assert found.encodings == {Encoding.GSM_7: 2, Encoding.UCS_2: 2}
    assert (found.parts, found.parts_as_sms, found.saved_as_sms) == (6, 5, 1)
    by_code = {to.calling_code: (to.recipients, to.parts) for to in found.destinations}
    assert by_code == {"420": (2, 3), "1": (1, 1), NATIONAL: (1, 2)}
    assert found.destinations[0].regions == ("CZ",)
    assert {to.calling_code: to.regions[:1] for to in found.destinations}["1"] == ("US",)
    assert [row.row for row in found.samples] == [3, 4, 5]
    longest = found.costliest
    assert longest is not None
    assert (longest.row, longest.parts, longest.characters) == (8, 2, 161)
    assert "aaa" not in repr(longest)


def test_with_transliteration_the_parts_are_an_estimate() -> None:
    builder = PreviewBuilder(sms_type="sms")
    builder.add(Row(2, "420777123456", "Hello"))
    assert builder.build().exact
    builder.add(Row(3, "420777123457", LONG_CZECH))
    found = builder.build()
    assert (found.parts, found.exact, found.saved_as_sms) == (2, False, 0)
    assert found.encodings == {Encoding.GSM_7: 2}


def test_nothing_to_send() -> None:
    found = preview(refused(2))
    assert (found.recipients, found.parts, found.costliest) == (0, 0, None)
    assert found.to_dict()["costliest"] is None


def test_the_json_form_is_whole() -> None:
    prices = PriceTable({"420": Price(Decimal("0.89"), "CZK")})
    rows: list[Any] = [refused(2), Row(3, "420777123456", LONG_CZECH), Row(4, "15551234567", "x")]
    assert preview(*rows, prices=prices).to_dict() == {
        "rows": 3,
        "recipients": 2,
        "refused": {
            "total": 1,
            "by_reason": {"number": 1},
            "samples": [{"row": 2, "field": "phone_number", "reason": "is missing"}],
        },
        "destinations": [
            {"calling_code": "420", "regions": ["CZ"], "recipients": 1, "parts": 2},
            {
                "calling_code": "1",
                "regions": list(preview(rows[2]).destinations[0].regions),
                "recipients": 1,
                "parts": 1,
            },
        ],
        "encodings": {"ucs-2": 1, "gsm-7": 1},
        "parts": 3,
        "exact": True,
        "parts_per_message": {"1": 1, "2": 1},
        "estimate_with_type_sms": {"parts": 2, "saved": 1},
        "costliest": {
            "row": 3,
            "parts": 2,
            "characters": 84,
            "encoding": "ucs-2",
            "ucs2_characters": ["Ž", "ť", "č", "ý", "ů", "ň"],
            "body": LONG_CZECH,
        },
        "samples": [
            {"row": 3, "phone_number": "420777123456", "body": LONG_CZECH},
            {"row": 4, "phone_number": "15551234567", "body": "x"},
        ],
        "cost": {"CZK": "1.78"},
        "unpriced_parts": 1,
        "possible_duplicates": 0,
    }


def test_money_is_exact() -> None:
    tenth = Decimal("0.1")
    prices = PriceTable({"420": Price(tenth, "CZK"), "421": Price(tenth, "EUR")})
    rows = [Row(n, f"420777{n:06}", "x") for n in range(30)]
    rows += [Row(n, f"421905{n:06}", LONG_CZECH) for n in range(30, 33)]
    assert preview(*rows, prices=prices).cost == {"CZK": Decimal("3.0"), "EUR": Decimal("0.6")}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "420", "421", "49"]),
            st.sampled_from([777123456, 905123456, 151234567]),
        ),
        max_size=8,
        unique=True,
    )
)
@settings(deadline=None, database=None)
def test_numbers_with_and_without_a_country_may_be_one(numbers: list[tuple[str, int]]) -> None:
    found = preview(
        *(Row(n, f"{code}{rest}", "x") for n, (code, rest) in enumerate(numbers, start=1))
    )
    # A row is doubtful if an earlier one has the same digits and only one of the two has a country code.
    expected = sum(
        any(earlier == rest and bool(other) != bool(code) for other, earlier in numbers[:n])
        for n, (code, rest) in enumerate(numbers)
    )
    assert found.possible_duplicates == expected
