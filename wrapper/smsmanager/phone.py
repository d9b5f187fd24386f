"""Phone numbers, and the canonical form that the service uses.

Everything reads numbers this way: the sending methods, files, opt-out lists and the search for duplicates.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from smsmanager.errors import ConfigurationError

MIN_DIGITS = 6
MAX_DIGITS = 15  # E.164

# In +44 07911 123456 the 0 is for calls inside the country, not part of the number. Countries whose numbers
# begin with 0 are left out. If the metadata is installed, it decides; a test compares the two.
TRUNK_ZERO = re.compile(
    r"(?!39|225|226|229|241|242|250|378|881|992)"
    r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-689]|35|37|38|42|50|59|67|68|69|80|85|87|88|96|97|99)[0-9])0",
    re.ASCII,
)
_BRACKETED_ZERO = re.compile(r"\(\s*0\s*\)")
CANONICAL = re.compile(rf"(?!{TRUNK_ZERO.pattern})[1-9][0-9]{{9,14}}", re.ASCII)
WITH_COUNTRY = 11  # a number without `+` with at least this many digits begins with its country
# People write numbers with spaces, dashes, brackets and dots; invisible marks are copied from web pages and
# spreadsheets.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_DECORATION = re.compile(r"[\s\-()./\u2010-\u2015\u2212]+")
_DECORATION_BUT_DOTS = re.compile(_DECORATION.pattern.replace(".", ""))
_BREAK = re.compile(r"/|\s[-\u2010-\u2015\u2212]\s|\s{2,}|\t")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_FLOAT = re.compile(r"[0-9]{6}\.0+$", re.ASCII)
_DIGITS = re.compile(r"(\+?)([0-9]+)", re.ASCII)
_WHOLE, _EXTENSION = 9, 5  # fewest digits of a complete number, and most digits of an extension
_JOINED = "holds more than one number, or an extension: give one number at a time"


class InvalidNumberError(ValueError):
    """This cannot be a phone number; the text says why and never repeats the number."""


def normalise_number(number: str, default_region: str | None = None) -> str:
    """Return a phone number as the service would normalise it.

    The service strips all but digits, then leading zeros, and adds the prefix of the account's country to a
    national number. What cannot be one number, or could become another number, is refused here. If
    `smsmanager[phone]` is installed, the numbering plan of the country decides about doubtful numbers.

    Args:
        number: A number as people write it: `+420 777 123 456`, `00420777123456`, `777 123 456`.
        default_region: Two letters, such as `"CZ"`: a number without `+` or `00` is read as one dialled in
            that country (needs `smsmanager[phone]`). One that cannot be dialled there is refused, and never
            read as another country's. None leaves national numbers to the service.

    Returns:
        Digits only, without `+` or leading zeros.

    Raises:
        InvalidNumberError: If this is not a phone number, or not just one.
        ConfigurationError: If there is no such region, or `smsmanager[phone]` is not installed.

    Source: SmsManager API reference, "Send a message", field `to[].phone_number`.
    """
    if default_region is not None:
        phone_metadata(default_region)
    elif CANONICAL.fullmatch(number):
        return number
    number = _INVISIBLE.sub("", number).strip()
    plus, digits = _digits_of(number)
    if default_region is not None and not plus:
        return _dialled(digits, number, default_region)
    if digits.startswith("0") and not digits.startswith("00"):
        text = "starts with a single 0: it is a national number, and its region must be given"
        raise InvalidNumberError(text)
    has_zero = _BRACKETED_ZERO.search(number) or TRUNK_ZERO.match(digits)
    if plus or digits.startswith("00") or (has_zero and len(digits) >= WITH_COUNTRY):
        return _international(digits, number)
    if _is_joined(number):
        raise InvalidNumberError(_JOINED)
    return _of_any_length(digits)


def _digits_of(number: str) -> tuple[str, str]:
    """Return the plus, if there is one, and the digits."""
    if not number:
        raise InvalidNumberError("is empty")
    if _LINE_BREAK.search(number):
        raise InvalidNumberError("contains a line break: give several numbers as a list")
    if number.count(".") == 1 and _FLOAT.search(_DECORATION_BUT_DOTS.sub("", number)):
        raise InvalidNumberError("ends in .0, like a number from a spreadsheet: pass a string")
    bare = _DECORATION.sub("", number)
    if found := _DIGITS.fullmatch(bare):
        return found[1], found[2]
    pieces = re.findall(r"[0-9]+", bare)
    if len(pieces) > 1 and max(map(len, pieces)) > MIN_DIGITS:
        raise InvalidNumberError(f"is not a phone number by itself: it {_JOINED}")
    raise InvalidNumberError("is not a phone number: use digits, a leading + and separators")


def _is_joined(number: str) -> bool:
    """Return whether the separators suggest two numbers, or a number and an extension."""
    if any(len(group) >= _WHOLE for group in re.findall(r"[0-9]+", number)[:-1]):
        return True
    first, *rest = [len(_DECORATION.sub("", part).lstrip("+")) for part in _BREAK.split(number)]
    if sum(length >= MIN_DIGITS for length in (first, *rest)) > 1:
        return True
    return len(rest) == 1 and first >= _WHOLE and 0 < rest[0] <= _EXTENSION


def _of_any_length(digits: str) -> str:
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        text = f"has {len(digits)} digits: a phone number has {MIN_DIGITS} to {MAX_DIGITS}"
        raise InvalidNumberError(text)
    return digits


def _international(digits: str, number: str) -> str:
    """Return the canonical form of a number that begins with its country."""
    if len(digits) > MAX_DIGITS and _is_joined(number):
        raise InvalidNumberError(_JOINED)
    canonical = _of_any_length(digits.lstrip("0"))
    if _BRACKETED_ZERO.search(number) or TRUNK_ZERO.match(canonical):
        problem = "has a 0 after the country code, which is not part of it: leave it out"
    elif _is_joined(number):
        problem = _JOINED
    elif not is_possible_length(canonical):
        problem = f"has {len(canonical)} digits, as no number of its country does"
    else:
        return canonical
    # The metadata knows which numbers there are, and drops the 0.
    if valid := _valid(f"+{canonical}"):
        return valid
    raise InvalidNumberError(problem)


def _dialled(digits: str, number: str, region: str) -> str:
    """Return the canonical form of a number dialled in a region; never another country's without a prefix."""
    valid = (
        _valid(f"+{digits}", within=region)
        or (digits.startswith("00") and _valid(f"+{digits.lstrip('0')}"))
        # With the region's own prefixes, such as 0, 8 or 011.
        or _valid(digits, region)
    )
    if valid:
        return valid
    if digits.startswith("00"):
        return _international(digits, number)
    text = f"cannot be dialled in {region}: another country's number needs a + and its country code"
    raise InvalidNumberError(_JOINED if _is_joined(number) else text)


def _valid(number: str, region: str | None = None, within: str | None = None) -> str | None:
    """Return the canonical form of a number that the metadata knows, within a region if one is given."""
    if (metadata := _metadata()) is None:
        return None
    try:
        found = metadata.parse(number, region)
    except metadata.NumberParseException:
        return None
    if not metadata.is_valid_number(found) or (
        within is not None and not metadata.is_valid_number_for_region(found, within)
    ):
        return None
    e164: str = metadata.format_number(found, metadata.PhoneNumberFormat.E164)
    return _of_any_length(e164.removeprefix("+"))  # The plans of some countries allow more digits.


def is_possible_length(canonical: str) -> bool:
    """Return whether numbers of this country can have that many digits; True without the metadata."""
    return len(canonical) in _lengths(canonical[:3])


@cache
def _lengths(begin: str) -> frozenset[int]:
    metadata = _metadata()
    if metadata is None:
        return frozenset(range(MAX_DIGITS + 1))
    for code in (begin[:1], begin[:2], begin):
        if regions := metadata.COUNTRY_CODE_TO_REGION_CODE.get(int(code)):
            plan = metadata.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
            # Without services of other lengths; codes that belong to no country have only those.
            kinds = [kind for kind in (plan.fixed_line, plan.mobile, plan.personal_number) if kind]
            found = [n for kind in kinds or [plan.general_desc] for n in kind.possible_length]
            return frozenset(len(code) + n for n in found)
    return frozenset()


def _metadata() -> Any:
    try:
        import phonenumbers  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return phonenumbers


def phone_metadata(region: Any) -> Any:
    """Return the `phonenumbers` package; raise `ConfigurationError` if it is missing or lacks the region."""
    metadata = _metadata()
    if metadata is None:
        text = "default_region needs the phone metadata: pip install 'smsmanager[phone]'"
        raise ConfigurationError(text)
    if not isinstance(region, str) or region not in metadata.SUPPORTED_REGIONS:
        text = "default_region is not a known region: use two capital letters such as 'CZ'"
        raise ConfigurationError(text)
    return metadata
