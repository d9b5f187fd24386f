"""Bring phone numbers into the form in which the service stores them.

Source: SmsManager guide, on phone number formats.
"""

import re
from typing import Final

_NOT_A_DIGIT: Final = re.compile("[^0-9]+")
# The length of a national number in the countries of the service's home market.
_NATIONAL_DIGITS: Final = 9


def normalise_number(number: str, country_prefix: str) -> str:
    """Return a number as the service normalises it.

    Everything but digits is dropped, then leading zeros; what is then a national number of nine
    digits gets the prefix of the account's country. A text without any digit becomes `""`: the
    service, too, checks the format later than it answers.

    Args:
        number: Number as the caller wrote it.
        country_prefix: Country calling code of the account, digits only.

    Returns:
        Digits only.

    Source: SmsManager guide, on phone number formats.
    """
    digits = _NOT_A_DIGIT.sub("", number).lstrip("0")
    return country_prefix + digits if len(digits) == _NATIONAL_DIGITS else digits
