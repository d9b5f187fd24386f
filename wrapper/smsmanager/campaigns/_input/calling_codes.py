"""Countries of numbers, by their calling codes."""

from __future__ import annotations

from functools import cache

_NO_COUNTRY = "001"
_SHOWN = 3
LONGEST_CODE = 3
"""Maximum digits of a calling code; this many digits of a number determine its country."""


@cache
def calling_code(number: str) -> str | None:
    """Return the calling code of a number, such as `"420"`; None if it has none.

    Args:
        number: The first `LONGEST_CODE` digits of a number in canonical form.
    """
    codes = _regions()
    return next((c for n in range(LONGEST_CODE) if (c := number[: n + 1]) in codes), None)


def regions_of(code: str) -> tuple[str, ...]:
    """Return the two-letter codes of the countries with a calling code, the main one first."""
    return _regions().get(code, ())


@cache
def country_of(number: str) -> str:
    """Return the country of a number in a readable form: `CZ +420`.

    If several countries share a calling code, the first ones are named.

    Args:
        number: The first `LONGEST_CODE` digits of a number in canonical form.
    """
    code = calling_code(number)
    if code is None:
        return "unknown"
    regions = regions_of(code)
    named = ", ".join(regions[:_SHOWN]) + (", …" if len(regions) > _SHOWN else "")
    return f"{named} +{code}".strip()


@cache
def _regions() -> dict[str, tuple[str, ...]]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - slow to import

    # In the metadata, 001 marks codes without a country, such as those of satellite telephones.
    return {
        str(code): tuple(region for region in regions if region != _NO_COUNTRY)
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    }
