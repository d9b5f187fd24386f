"""Normalise numbers and tags as the service does before it stores them.

Source: SmsManager guide, on phone number formats and on tags.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.sandbox.engine.records import JsonObject

_NOT_A_DIGIT = re.compile("[^0-9]+")
# The length of a national number in the countries of the service's home market.
_NATIONAL_DIGITS = 9
_NOT_IN_TAGS = re.compile("[^a-z0-9._-]+")
_TAG_WHEN_UNSET = "promotional"


def normalise_number(number: str, country_prefix: str) -> str:
    """Return a number as the service normalises it.

    Everything but digits is dropped, then leading zeros; if nine digits are left, a national number,
    they get the prefix of the account's country. A text without any digit becomes `""`: the service,
    too, checks the format only after it has answered.

    Args:
        number: Number as the caller wrote it.
        country_prefix: Country calling code of the account, digits only.

    Returns:
        Digits only.
    """
    digits = _NOT_A_DIGIT.sub("", number).lstrip("0")
    return country_prefix + digits if len(digits) == _NATIONAL_DIGITS else digits


@functools.lru_cache(maxsize=1024)
def normalise_tags(tags: str) -> tuple[str, ...]:
    """Return comma-joined tags as the service normalises them."""
    found = (_NOT_IN_TAGS.sub("", tag) for tag in tags.lower().split(","))
    return tuple(tag for tag in found if tag)


def tags_of(message: JsonObject) -> tuple[str, ...]:
    """Return the tags of a message, or the one that the service assumes if it has none."""
    return normalise_tags(given_tags(message)) or (_TAG_WHEN_UNSET,)


def given_tags(message: JsonObject) -> str:
    """Return the comma-joined tags of a message as they were given; empty if there are none."""
    given: str = message.get("tag") or message.get("messageTag") or ""
    return given
