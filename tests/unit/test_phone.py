"""Check the canonical form of numbers, and that anything else is refused."""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from smsmanager import ConfigurationError, InvalidNumberError, normalise_number, phone
from smsmanager.phone import MAX_DIGITS, MIN_DIGITS, phone_metadata

CANONICAL = "420777123456"
SEPARATORS = " \t-()./\u00a0\u00ad\u2009\u200b\u200e\u202f\u2011\u2013\u2014\u2212\u2060\ufeff"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (CANONICAL, CANONICAL),
        ("+420777123456", CANONICAL),
        ("+420 777 123 456", CANONICAL),
        ("00420777123456", CANONICAL),
        ("00 420 777 123 456", CANONICAL),
        ("(+420) 777-123-456", CANONICAL),
        ("+420.777.123.456", CANONICAL),
        ("420/777/123456", CANONICAL),
        ("\u202a+420777123456\u202c", CANONICAL),
        ("\ufeff+420\u00a0777\u202f123\u2009456\u200b", CANONICAL),
        ("+420\u2013777\u2014123\u2212456", CANONICAL),
        ("  420777123456\n", CANONICAL),
        # A national number is left to the service, which assumes the account's country.
        ("777 123 456", "777123456"),
        ("123456", "123456"),
        ("123456789012345", "123456789012345"),
        # The 0 for calls inside the country is not part of the number, if the country has one.
        ("+44 07911 123456", "447911123456"),
        ("+49 0171 1234567", "491711234567"),
        ("+44 (0)20 7946 0018", "442079460018"),
        ("0044 ( 0 ) 7911 123456", "447911123456"),
        ("4407911123456", "447911123456"),
        ("+39 06 1234 5678", "390612345678"),
        ("+39 (0) 6 1234 5678", "390612345678"),
        ("+225 01 23 45 67 89", "2250123456789"),
        # Separators that can also stand between two numbers.
        ("+49 7031/123456", "497031123456"),
        ("+55 11 91234-5678", "5511912345678"),
        ("+33 6/12/34/56/78", "33612345678"),
    ],
)
def test_numbers_as_people_write_them(number: str, expected: str) -> None:
    assert normalise_number(number) == expected


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("\u200b\ufeff", "is empty"),
        ("+", "is not a phone number"),
        ("()", "is not a phone number"),
        ("hello", "is not a phone number"),
        ("420777abc456", "is not a phone number"),
        ("++420777123456", "is not a phone number"),
        ("420+777123456", "is not a phone number"),
        ("420777123456+", "is not a phone number"),
        ("420777123456,420777123457", "more than one number"),
        ("420777123456;ext=5", "an extension"),
        ("777 123 456 / 777 123 457", "more than one number"),
        ("777 123 456 - 777 123 457", "more than one number"),
        ("777123456 777123457", "more than one number"),
        ("777 123 456  777 123 457", "more than one number"),
        ("777 123 456 nebo 777 123 457", "more than one number"),
        ("777 123 456 | +421 905 123 456", "more than one number"),
        ("+420777123456+420777123457", "more than one number"),
        ("222 333 / 222 334", "more than one number"),
        ("+420 777 123 456 / 777 123 457", "more than one number"),
        ("00420777123456 777123457", "more than one number"),
        ("777 123 456 / 777 123 457 / 777 123 458", "more than one number"),
        ("222333444/12", "an extension"),
        ("222 333 444 / 12", "an extension"),
        ("222333444-12", "an extension"),
        ("222333444.12", "an extension"),
        ("222333444 12", "an extension"),
        ("+420 222 333 444 / 12", "an extension"),
        ("222 333 444 kl. 12", "an extension"),
        ("+420 222 333 444 12", "has 14 digits, as no number of its country does"),
        ("tel:+420777123456", "is not a phone number"),
        ("4.20777E+11", "is not a phone number"),
        ("777 123 456 x12", "is not a phone number"),
        # Digits of other scripts: the service would strip them.
        ("\u0664\u0662\u0660777123456", "is not a phone number"),
        ("\uff14\uff12\uff10777123456", "is not a phone number"),
        ("420777\x00123456", "is not a phone number"),
        ("\ud800", "is not a phone number"),
        ("+420 (0) 777 123 456", "has a 0 after the country code"),
        ("+420 0777 123 456", "has a 0 after the country code"),
        ("0777 123 456", "starts with a single 0"),
        ("+0777 123 456", "starts with a single 0"),
        ("+999 777 123 456", "as no number of its country does"),
        ("+123456789012345", "has 15 digits, as no number"),
        ("12345", "has 5 digits"),
        ("0000012345", "has 5 digits"),
        ("000000", "has 0 digits"),
        ("1234567890123456", "has 16 digits"),
        ("420 777 123 456 420 777", "has 18 digits"),
        ("777123\n456789", "line break"),
        ("123456\r\n654321", "line break"),
        ("123456\u2028654321", "line break"),
        # How a spreadsheet or a data frame writes a number.
        ("420777123456.0", "ends in .0"),
        ("777123456.0", "ends in .0"),
        ("+420777123456.00", "ends in .0"),
        ("420 777 123 456.0", "ends in .0"),
        ("420777123456.0\u200b", "ends in .0"),
    ],
)
def test_what_is_no_number_is_refused(number: str, reason: str) -> None:
    with pytest.raises(InvalidNumberError, match=re.escape(reason)) as caught:
        normalise_number(number)
    assert isinstance(caught.value, ValueError)
    if any(character.isalnum() for character in number):
        assert number not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301


@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        ("777 123 456", "CZ", CANONICAL),
        ("905 123 456", "SK", "421905123456"),
        ("0664 1234567", "AT", "436641234567"),
        ("(0664) 1234567", "AT", "436641234567"),
        ("020 7946 0018", "GB", "442079460018"),
        # Italian numbers keep their zero.
        ("06 1234 5678", "IT", "390612345678"),
        # The country's own international prefix.
        ("011 420 777 123 456", "US", CANONICAL),
        ("+420777123456", "US", CANONICAL),
        ("00420777123456", "US", CANONICAL),
        ("+421 905 123 456", "CZ", "421905123456"),
        # The canonical form of the region's own numbers.
        (CANONICAL, "CZ", CANONICAL),
        ("421905123456", "SK", "421905123456"),
        ("01512 3456789", "DE", "4915123456789"),
        ("08-12 34 56", "SE", "468123456"),
        ("0812-345-678", "ID", "62812345678"),
        ("028 012 345", "XK", "38328012345"),
        ("4407911 123456", "GB", "447911123456"),
        ("0011 420 777 123 456", "AU", CANONICAL),
        ("0171/1234567", "DE", "491711234567"),
    ],
)
def test_default_region_resolves_national_numbers(number: str, region: str, expected: str) -> None:
    assert normalise_number(number, region) == expected
    # With `+` every number stays the same.
    assert normalise_number(f"+{expected}", region) == expected


@pytest.mark.parametrize(
    ("number", "region"),
    [
        *((number, "CZ") for number in ("112", "777 12", "1", "0", "01", "99999999999999999999")),
        # Slovak; there is no trunk prefix in CZ.
        ("0905 123 456", "CZ"),
        ("0777 123 456", "CZ"),
        # One digit too few or too many would be a number of Kazakhstan, Mauritania, the Netherlands, Egypt.
        ("77712345678", "CZ"),
        ("22233344412", "CZ"),
        ("3161234567", "DK"),
        ("201012345678", "PL"),
        # Another country's without its +, or after the zeros of no region.
        ("421905123456", "CZ"),
        (CANONICAL, "SK"),
        (CANONICAL, "US"),
        ("091234567", "ES"),
    ],
)
def test_what_cannot_be_dialled_in_the_region_is_refused(number: str, region: str) -> None:
    with pytest.raises(InvalidNumberError, match=f"dialled in {region}: another country's number"):
        normalise_number(number, region)


@pytest.mark.parametrize("number", ["222 333 444 / 12", "777 123 456 / 777 123 457"])
def test_several_numbers_are_called_that_with_a_region_too(number: str) -> None:
    with pytest.raises(InvalidNumberError, match="more than one number, or an extension"):
        normalise_number(number, "CZ")


@pytest.mark.parametrize("region", ["cz", "XX", "", "CZE", "420"])
def test_unknown_region(region: str) -> None:
    with pytest.raises(ConfigurationError, match="not a known region"):
        normalise_number("777123456", region)


@pytest.fixture
def without_metadata(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    phone._lengths.cache_clear()
    yield
    phone._lengths.cache_clear()


@pytest.mark.usefixtures("without_metadata")
def test_without_the_extra_the_error_names_it() -> None:
    with pytest.raises(ConfigurationError, match=r"pip install 'smsmanager\[phone\]'"):
        normalise_number("777123456", "CZ")
    with pytest.raises(ConfigurationError, match="phone metadata"):
        phone_metadata("CZ")


@pytest.mark.usefixtures("without_metadata")
def test_without_a_region_the_extra_is_not_needed() -> None:
    assert normalise_number("+420 777 123 456") == CANONICAL
    assert normalise_number("777123456") == "777123456"


@pytest.mark.usefixtures("without_metadata")
@pytest.mark.parametrize(
    "number", ["+44 07911 123456", "+49 (0)171 1234567", "4407911123456", "+39 (0) 6 1234 5678"]
)
def test_without_the_extra_a_trunk_zero_is_refused(number: str) -> None:
    with pytest.raises(InvalidNumberError, match="has a 0 after the country code"):
        normalise_number(number)


def test_phone_metadata_is_the_package() -> None:
    assert phone_metadata("CZ").country_code_for_region("CZ") == 420


KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
EXAMPLES = {
    (region, kind): example
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
}


@st.composite
def numbers_of_the_world(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw a region and one of its valid fixed or mobile numbers, other than the examples."""
    (region, _), example = draw(st.sampled_from(list(EXAMPLES.items())))
    digits = phonenumbers.national_significant_number(example)
    end = draw(st.integers(0, 999))
    changed = f"+{example.country_code}{digits[:-3]}{end:03}"
    try:
        parsed = phonenumbers.parse(changed)
    except phonenumbers.NumberParseException:
        parsed = example
    valid = phonenumbers.is_valid_number_for_region(parsed, region)
    return region, parsed if valid else example


def canonical_of(number: Any) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164)).removeprefix("+")


@given(numbers_of_the_world(), st.sampled_from(["", "CZ", "US", "IT"]))
def test_each_way_to_write_a_number_is_that_number(drawn: tuple[str, Any], other: str) -> None:
    region, number = drawn
    canonical = canonical_of(number)
    formats = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL)
    whole = [phonenumbers.format_number(number, how) for how in formats] + [f"00{canonical}"]
    for written in whole:
        for where in (None, other or None, region):
            assert normalise_number(written, where) == canonical
    assert normalise_number(canonical) == canonical
    assert normalise_number(canonical, region) == canonical
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    assert normalise_number(national, region) == canonical


@given(numbers_of_the_world())
def test_a_trunk_zero_after_the_country_code_is_dropped_or_refused(drawn: tuple[str, Any]) -> None:
    _, number = drawn
    digits = phonenumbers.national_significant_number(number)
    assume(not digits.startswith("0"))
    for zero in ("0", "(0) "):
        written = f"+{number.country_code} {zero}{digits}"
        try:
            found = normalise_number(written)
        except InvalidNumberError:
            continue
        # Unless it is a different valid number with the zero, as in Rwanda.
        assert found == canonical_of(number) or phonenumbers.is_valid_number(
            phonenumbers.parse(f"+{found}")
        )


def test_the_countries_whose_numbers_begin_with_0_are_those_of_the_metadata(
    without_metadata: None,
) -> None:
    for example in EXAMPLES.values():
        canonical = canonical_of(example)
        assert normalise_number(f"+{canonical}") == canonical


@given(numbers_of_the_world(), st.text("0123456789", min_size=1, max_size=3), st.data())
def test_a_national_number_is_never_another_countrys(
    drawn: tuple[str, Any], more: str, data: st.DataObject
) -> None:
    digits = phonenumbers.national_significant_number(drawn[1])
    where = data.draw(st.sampled_from(sorted({region for region, _ in EXAMPLES})))
    code = str(phonenumbers.country_code_for_region(where))
    for written in (digits + more, digits[:-1], more + digits):
        assume(not written.startswith("0") and not is_dialled_abroad(written, where))
        try:
            found = normalise_number(written, where)
        except InvalidNumberError:
            continue
        assert found.startswith(code)


def is_dialled_abroad(digits: str, region: str) -> bool:
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = metadata.international_prefix
    return bool(prefix and re.match(prefix, digits))


@given(
    numbers_of_the_world(),
    numbers_of_the_world(),
    st.sampled_from(
        [" / ", "/", ", ", ",", ";", " | ", " - ", "  ", "\t", " & ", " and ", " nebo ", "+"]
    ),
)
def test_two_numbers_are_never_one(
    drawn: tuple[str, Any], other: tuple[str, Any], separator: str
) -> None:
    first, second = canonical_of(drawn[1]), canonical_of(other[1])
    for written in (
        f"{first}{separator}{second}",
        f"+{first}{separator}+{second}".replace("++", "+"),
    ):
        for region in (None, drawn[0]):
            with pytest.raises(InvalidNumberError):
                normalise_number(written, region)


def as_the_service(number: str) -> str:
    """Strip every non-digit, then leading zeros."""
    return re.sub(r"[^0-9]", "", number).lstrip("0")


def with_zero(canonical: str) -> set[str]:
    return {f"{canonical[:n]}0{canonical[n:]}" for n in (1, 2, 3)}


def canonical_or_refusal(number: str) -> tuple[str | None, str]:
    try:
        return normalise_number(number), ""
    except InvalidNumberError as error:
        return None, str(error)


@given(st.one_of(st.text(), st.text(alphabet=f"0123456789+{SEPARATORS}x,")))
def test_agrees_with_the_service_or_refuses(number: str) -> None:
    canonical, refusal = canonical_or_refusal(number)
    if canonical is None:
        visible = number.strip(SEPARATORS + "+\n")
        assert len(visible) < 4 or visible not in refusal
        return
    # Or without the zero after the country code.
    assert as_the_service(number) in {canonical, *with_zero(canonical)}
    assert re.fullmatch(r"[1-9][0-9]{5,14}", canonical)
    assert MIN_DIGITS <= len(canonical) <= MAX_DIGITS
    assert normalise_number(canonical) == canonical


@given(
    numbers_of_the_world(),
    st.lists(st.sampled_from(SEPARATORS), max_size=12),
    st.sampled_from(["", "+", "00"]),
    st.randoms(use_true_random=False),
)
def test_separators_make_no_difference(
    drawn: tuple[str, Any], separators: list[str], prefix: str, random: Random
) -> None:
    digits = canonical_of(drawn[1])
    pieces = list(prefix + digits)
    for separator in separators:
        pieces.insert(random.randint(0, len(pieces)), separator)
    number = "".join(pieces)
    assume("(0)" not in re.sub(r"\s", "", number))
    assume(not re.search(r"[.][^1-9]*$", number))
    try:
        assert normalise_number(number) == digits
    except InvalidNumberError as error:
        # As between two numbers.
        assert "more than one number" in str(error)  # noqa: PT017
