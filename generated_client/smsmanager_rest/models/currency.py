from typing import Literal

Currency = Literal["czk", "eur"]

CURRENCY_VALUES: set[Currency] = {
    "czk",
    "eur",
}


def check_currency(value: str) -> Currency:
    if value in CURRENCY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CURRENCY_VALUES!r}")
