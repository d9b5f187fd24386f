"""Countries of numbers, by their calling codes; pure."""

from __future__ import annotations

from functools import cache

_NO_COUNTRY = "001"
_SHOWN = 3
_LONGEST_CODE = 3
LONGEST_PREFIX = _LONGEST_CODE
"""Digits of a number that tell its calling code."""


@cache
def country_of(number: str) -> str:
    """Return the country of a number as people read it: `CZ +420`.

    A calling code that several countries share names the first ones.

    Args:
        number: In canonical form; its first three digits are enough.
    """
    codes = _regions()
    for length in range(1, _LONGEST_CODE + 1):
        regions = codes.get(number[:length])
        if regions is not None:
            named = ", ".join(regions[:_SHOWN]) + (", …" if len(regions) > _SHOWN else "")
            return f"{named} +{number[:length]}".strip()
    return "unknown"


@cache
def _regions() -> dict[str, tuple[str, ...]]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - slow to import

    return {
        str(code): tuple(region for region in regions if region != _NO_COUNTRY)
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    }
