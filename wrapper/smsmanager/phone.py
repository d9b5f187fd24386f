"""Phone numbers, and the canonical form that the service uses."""

from __future__ import annotations

import re
from typing import Any

from smsmanager.errors import ConfigurationError

MIN_DIGITS = 6
MAX_DIGITS = 15  # E.164

_CANONICAL = re.compile(r"[1-9][0-9]{9,14}", re.ASCII)
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
# People write numbers with spaces, dashes, brackets and dots; invisible marks are copied from web pages and
# spreadsheets.
_DECORATION = re.compile(
    r"[\s\-()./\u00ad\u200b-\u200f\u202a-\u202e\u2010-\u2015\u2060-\u2069\u2212\ufeff]+"
)
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_FLOAT = re.compile(r"[0-9]{6}\.0+$", re.ASCII)
_DIGITS = re.compile(r"(\+?)([0-9]+)", re.ASCII)


class InvalidNumberError(ValueError):
    """This cannot be a phone number; the text says why and never repeats the number."""


def _keep_dot(separators: re.Match[str]) -> str:
    return "." if "." in separators[0] else ""


def normalise_number(number: str, default_region: str | None = None) -> str:
    """Return a phone number as the service would normalise it.

    The service strips all but digits, then leading zeros, and adds the prefix of the account's country to a
    national number. What cannot be a number is refused here instead of being stripped into one.

    Args:
        number: A number as people write it: `+420 777 123 456`, `00420777123456`, `777 123 456`.
        default_region: Two letters, such as `"CZ"`: a number without `+` or `00` is resolved as one dialled
            in that country (needs `smsmanager[phone]`). A foreign number that could also be one of the region
            needs its `+`. None leaves national numbers to the service.

    Returns:
        Digits only, without `+` or leading zeros.

    Raises:
        InvalidNumberError: If this is not a phone number.
        ConfigurationError: If there is no such region, or `smsmanager[phone]` is not installed.

    Source: SmsManager API reference, "Send a message", field `to[].phone_number`.
    """
    if default_region is None and _CANONICAL.fullmatch(number):
        return number
    if _LINE_BREAK.search(number.strip()):
        raise InvalidNumberError("contains a line break: give several numbers as a list")
    if number.count(".") == 1 and _FLOAT.search(_DECORATION.sub(_keep_dot, number)):
        raise InvalidNumberError("ends in .0, like a number from a spreadsheet: pass it as a text")
    if _TRUNK_ZERO.search(number):
        raise InvalidNumberError("contains a trunk prefix in brackets, (0): remove it")
    found = _DIGITS.fullmatch(_DECORATION.sub("", number))
    if found is None:
        raise InvalidNumberError("is not a phone number: use digits, a leading + and separators")
    plus, digits = found.groups()
    if default_region is not None and not plus and not digits.startswith("00"):
        digits = _resolve(digits, default_region)
    canonical = digits.lstrip("0")
    if not MIN_DIGITS <= len(canonical) <= MAX_DIGITS:
        text = f"has {len(canonical)} digits: a phone number has {MIN_DIGITS} to {MAX_DIGITS}"
        raise InvalidNumberError(text)
    return canonical


def _resolve(digits: str, region: str) -> str:
    phonenumbers = phone_metadata(region)

    def parse(text: str) -> Any:
        try:
            return phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None

    national, international = parse(digits), parse(f"+{digits}")
    # Results hold the canonical form, without +. A number is taken for one if it is valid as such, and either
    # belongs to the region or is not a valid national number.
    canonical = bool(international) and phonenumbers.is_valid_number(international)
    dialled = bool(national) and phonenumbers.is_valid_number(national)
    if canonical and (
        not dialled or phonenumbers.is_valid_number_for_region(international, region)
    ):
        national = international
    elif not dialled:
        # Where there is no trunk prefix, a leading zero would be part of the number; the service drops it.
        bare = parse(digits.lstrip("0"))
        if bare and phonenumbers.is_valid_number(bare):
            national = bare
        elif not national or not phonenumbers.is_possible_number(national):
            raise InvalidNumberError(f"cannot be dialled in {region}")
    e164: str = phonenumbers.format_number(national, phonenumbers.PhoneNumberFormat.E164)
    return e164.lstrip("+")


def phone_metadata(region: Any) -> Any:
    """Return the `phonenumbers` package; raise `ConfigurationError` if it is missing or lacks the region."""
    try:
        import phonenumbers  # noqa: PLC0415 - an extra
    except ImportError as error:
        text = "default_region needs the phone metadata: pip install 'smsmanager[phone]'"
        raise ConfigurationError(text) from error
    if not isinstance(region, str) or region not in phonenumbers.SUPPORTED_REGIONS:
        text = "default_region is not a known region: use two capital letters such as 'CZ'"
        raise ConfigurationError(text)
    return phonenumbers
