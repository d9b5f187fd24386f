"""Phone numbers: the canonical form that the service uses."""

from __future__ import annotations

import re
from typing import Any

from smsmanager.errors import ConfigurationError

MIN_DIGITS = 6
"""Fewest digits that are taken for a number."""
MAX_DIGITS = 15
"""Most digits of a number (E.164)."""

_CANONICAL = re.compile(r"[1-9][0-9]{9,14}", re.ASCII)
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
# Spaces and dashes of every script, brackets and dots are how people write numbers; the invisible marks
# come along when a number is copied from a web page or a spreadsheet.
_DECORATION = re.compile(
    r"[\s\-()./\u00ad\u200b-\u200f\u202a-\u202e\u2010-\u2015\u2060-\u2069\u2212\ufeff]+"
)
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_FLOAT = re.compile(r"[0-9]{6}\.0+$", re.ASCII)
_DIGITS = re.compile(r"(\+?)([0-9]+)", re.ASCII)


class InvalidNumberError(ValueError):
    """A number that cannot be a phone number; the text says why and never repeats it."""


def _keep_dot(separators: re.Match[str]) -> str:
    return "." if "." in separators[0] else ""


def normalise_number(number: str, default_region: str | None = None) -> str:
    """Return a phone number as the service would normalise it.

    The service strips everything but digits, then leading zeros; a national number then gets the prefix of
    the account's country. What cannot be a number is refused instead of being stripped into one.

    Args:
        number: A number as people write it: `+420 777 123 456`, `00420777123456`, `777 123 456`.
        default_region: Two letters, such as `"CZ"`. With it, a number without `+` or `00` is resolved as one
            dialled in that country (needs `smsmanager[phone]`); without it, a national number is left to the
            service, which takes the account's country. A foreign number that could be one of the region as
            well needs its `+`.

    Returns:
        Digits only, without `+` or leading zeros.

    Raises:
        InvalidNumberError: If this is no phone number.
        ConfigurationError: If `default_region` is set and `smsmanager[phone]` is not installed, or there is
            no such region.

    Source: SmsManager API reference, "Send a message", field `to[].phone_number`.
    """
    if default_region is None and _CANONICAL.fullmatch(number):
        return number
    if _LINE_BREAK.search(number.strip()):
        raise InvalidNumberError("holds a line break: give several numbers as a list")
    if number.count(".") == 1 and _FLOAT.search(_DECORATION.sub(_keep_dot, number)):
        msg = "ends in .0, as a number does that went through a spreadsheet or a float: pass it as text"
        raise InvalidNumberError(msg)
    if _TRUNK_ZERO.search(number):
        msg = (
            "holds a trunk prefix in brackets, (0), that would become part of the number: remove it"
        )
        raise InvalidNumberError(msg)
    found = _DIGITS.fullmatch(_DECORATION.sub("", number))
    if found is None:
        msg = "is not a phone number: only digits, a leading + and separators may stand in one"
        raise InvalidNumberError(msg)
    plus, digits = found.groups()
    if default_region is not None and not plus and not digits.startswith("00"):
        digits = _resolve(digits, default_region)
    canonical = digits.lstrip("0")
    if not MIN_DIGITS <= len(canonical) <= MAX_DIGITS:
        msg = f"has {len(canonical)} digits: a phone number has {MIN_DIGITS} to {MAX_DIGITS}"
        raise InvalidNumberError(msg)
    return canonical


def _resolve(digits: str, region: str) -> str:
    phonenumbers = phone_metadata(region)

    def parse(text: str) -> Any:
        try:
            return phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None

    national, international = parse(digits), parse(f"+{digits}")
    # The canonical form, which our own results hold, has no +: it is taken as such when it is valid and
    # either belongs to the region or is no valid national number.
    canonical = bool(international) and phonenumbers.is_valid_number(international)
    dialled = bool(national) and phonenumbers.is_valid_number(national)
    if canonical and (
        not dialled or phonenumbers.is_valid_number_for_region(international, region)
    ):
        national = international
    elif not dialled:
        # Without a trunk prefix, a leading zero would become part of the number; the service drops it.
        bare = parse(digits.lstrip("0"))
        if bare and phonenumbers.is_valid_number(bare):
            national = bare
        elif not national or not phonenumbers.is_possible_number(national):
            raise InvalidNumberError(f"is no number that can be dialled in {region}")
    return str(phonenumbers.format_number(national, phonenumbers.PhoneNumberFormat.E164)).lstrip(
        "+"
    )


def phone_metadata(region: Any) -> Any:
    """Return the `phonenumbers` package after checking that it knows a region.

    Raises:
        ConfigurationError: If the package is not installed or has no such region.
    """
    try:
        import phonenumbers  # noqa: PLC0415 - an extra, imported only when it is asked for
    except ImportError as error:
        msg = "default_region needs the phone metadata: pip install 'smsmanager[phone]'"
        raise ConfigurationError(msg) from error
    if not isinstance(region, str) or region not in phonenumbers.SUPPORTED_REGIONS:
        msg = "default_region is not a known region: use two capital letters such as 'CZ'"
        raise ConfigurationError(msg)
    return phonenumbers
