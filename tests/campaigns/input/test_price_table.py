"""Price tables: the longest prefix counts, and an unusable value is reported with its row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from smsmanager.campaigns import InputError, PriceTable
from smsmanager.campaigns._input.price_table import Price


def table(folder: Path, content: str) -> PriceTable:
    path = folder / "prices.csv"
    path.write_text(content, encoding="utf-8")
    return PriceTable.read(path)


def test_the_longest_prefix_counts(tmp_path: Path) -> None:
    prices = table(tmp_path, "Prefix;Cena;Měna\n+420;0,89;czk\n420 601;0.5;CZK\n00421;1;EUR\n")
    assert prices.of("420777123456") == Price(Decimal("0.89"), "CZK")
    assert prices.of("420601123456") == Price(Decimal("0.5"), "CZK")
    assert prices.of("421905123456") == Price(Decimal(1), "EUR")
    assert prices.of("15551234567") is None


def test_countries_in_place_of_prefixes(tmp_path: Path) -> None:
    prices = table(tmp_path, "country,price,currency\ncz,0.89,CZK\nSK,0.05,EUR\n")
    assert prices.by_prefix == {
        "420": Price(Decimal("0.89"), "CZK"),
        "421": Price(Decimal("0.05"), "EUR"),
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("prefix,price\n420,1\n", "needs columns called prefix"),
        ("price,currency\n1,CZK\n", "needs columns called prefix"),
        (
            "prefix,price,currency\n42O,1,CZK\n",
            "row 2, has a prefix that does not consist of digits",
        ),
        ("country,price,currency\nCzechia,1,CZK\n", "row 2, must name a country"),
        ("prefix,price,currency\n420,free,CZK\n", "row 2, has a price that is not an amount"),
        ("prefix,price,currency\n420,-1,CZK\n", "row 2, has a price that is not an amount"),
        ("prefix,price,currency\n420,NaN,CZK\n", "row 2, has a price that is not an amount"),
        ("prefix,price,currency\n420,1,\n", "row 2, has no currency"),
        ("prefix,price,currency\n420,1,CZK,2\n", "row 2, has 4 cells"),
        ("country,price,currency\nUS,1,USD\nCA,2,USD\n", r"row 3, has another price for \+1"),
    ],
)
def test_a_price_table_that_cannot_be_used(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        table(tmp_path, content)
