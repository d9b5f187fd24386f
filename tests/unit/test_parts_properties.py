"""Check the counting of SMS parts against a second way of counting, on generated texts.

The second way encodes the whole text first, to septets or UTF-16 units, and then cuts the codes.
"""

import math
import struct
from typing import Literal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smsmanager.parts import Encoding, message_parts

SmsType = Literal["utf", "sms"]

DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = DEFAULT_ALPHABET.index("\x1b")
SEPTETS: dict[str, tuple[int, ...]] = {
    character: (code,) for code, character in enumerate(DEFAULT_ALPHABET) if code != ESCAPE
} | {
    "\f": (ESCAPE, 0x0A),
    "^": (ESCAPE, 0x14),
    "{": (ESCAPE, 0x28),
    "}": (ESCAPE, 0x29),
    "\\": (ESCAPE, 0x2F),
    "[": (ESCAPE, 0x3C),
    "~": (ESCAPE, 0x3D),
    "]": (ESCAPE, 0x3E),
    "|": (ESCAPE, 0x40),
    "€": (ESCAPE, 0x65),
}

steady = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


BORDERS = st.sampled_from([33, 34, 35, 36, 66, 67, 68, 70, 71, 76, 80, 152, 153, 154, 160, 161])


def repeat(character: str, count: int) -> str:
    return character * count


def runs_of(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return texts long enough for several parts, with pairs at and around every border."""
    run = st.builds(repeat, characters, st.one_of(st.integers(0, 170), BORDERS))
    return st.lists(st.one_of(characters, run), max_size=8).map("".join)


plain_gsm_7 = st.sampled_from("aZ0 @\n\rΩ")
gsm_7_texts = runs_of(st.one_of(plain_gsm_7, st.sampled_from(sorted(SEPTETS))))
any_texts = runs_of(
    st.one_of(
        plain_gsm_7,
        st.sampled_from(
            "€{ěščŁ\u2026\u201e\u200d\ufe0f\u0301\U0001f600\U0001f468\U0001f1e8\ud83d\ude00"
        ),
        st.characters(),
        st.characters(categories=["Cs"]),
    ),
)
types: st.SearchStrategy[SmsType] = st.sampled_from(("utf", "sms"))
texts = st.one_of(gsm_7_texts, any_texts, st.text(max_size=300))


def is_gsm_7(text: str) -> bool:
    return all(character in SEPTETS for character in text)


def septets(text: str) -> list[int]:
    return [code for character in text for code in SEPTETS[character]]


def utf_16_units(text: str) -> list[int]:
    octets = text.encode("utf-16-be", "surrogatepass")
    return list(struct.unpack(f">{len(octets) // 2}H", octets))


def cut(text: str) -> list[list[int]]:
    """Return the codes of each part, stepping back from a border that would divide a pair."""
    gsm_7 = is_gsm_7(text)
    codes = septets(text) if gsm_7 else utf_16_units(text)
    if len(codes) <= (160 if gsm_7 else 70):
        return [codes] if codes else []
    parts: list[list[int]] = []
    while codes:
        end = 153 if gsm_7 else 67
        if len(codes) > end:
            before, after = codes[end - 1], codes[end]
            if gsm_7:
                # An escape code is never the second code of a pair.
                end -= before == ESCAPE
            else:
                end -= 0xD800 <= before < 0xDC00 <= after < 0xE000
        parts.append(codes[:end])
        codes = codes[end:]
    return parts


@steady
@given(texts)
@example("a" * 161)
@example("ě" * 71)
@example("a" * 152 + "€" + "a" * 152)
@example("a" * 66 + "\U0001f600" + "a" * 66)
@example("a" * 66 + "\ud83d\ude00" + "a" * 66)
def test_agrees_with_cutting_the_encoded_text(text: str) -> None:
    expected = cut(text)
    counted = message_parts(text)
    assert counted.encoding is (Encoding.GSM_7 if is_gsm_7(text) else Encoding.UCS_2)
    encode = septets if is_gsm_7(text) else utf_16_units
    assert counted.units == len(encode(text))
    assert counted.parts == len(expected)
    assert [encode(part) for part in counted.texts] == expected


@steady
@given(texts)
def test_utf_keeps_the_text(text: str) -> None:
    counted = message_parts(text, "utf")
    assert "".join(counted.texts) == text
    assert counted.exact
    assert all(counted.texts)


@steady
@given(texts, types)
def test_parts_are_full_but_not_too_full(text: str, type_: SmsType) -> None:
    counted = message_parts(text, type_)
    gsm_7 = counted.encoding is Encoding.GSM_7
    single, limit = (160, 153) if gsm_7 else (70, 67)
    encode = septets if gsm_7 else utf_16_units
    sizes = [len(encode(part)) for part in counted.texts]
    assert len(sizes) == counted.parts
    assert sum(sizes) == counted.units
    assert (counted.parts <= 1) == (counted.units <= single)
    if counted.parts > 1:
        assert all(limit - 1 <= size <= limit for size in sizes[:-1])
        assert counted.characters_left == limit - sizes[-1]
        assert counted.parts >= math.ceil(counted.units / limit)


@steady
@given(texts.filter(bool), types)
def test_characters_left_fit_and_one_more_does_not(text: str, type_: SmsType) -> None:
    counted = message_parts(text, type_)
    filled = message_parts(text + "a" * counted.characters_left, type_)
    assert (filled.parts, filled.characters_left) == (counted.parts, 0)
    assert filled.encoding is counted.encoding
    assert message_parts(text + "a" * (counted.characters_left + 1), type_).parts > counted.parts


@steady
@given(texts)
def test_no_border_divides_a_surrogate_pair(text: str) -> None:
    counted = message_parts(text)
    for before, after in zip(counted.texts, counted.texts[1:], strict=False):
        assert not ("\ud800" <= before[-1] <= "\udbff" and "\udc00" <= after[0] <= "\udfff")


@steady
@given(texts)
def test_sms_type_gives_gsm_7_that_stays_as_it_is(text: str) -> None:
    counted = message_parts(text, "sms")
    plain = "".join(counted.texts)
    assert is_gsm_7(plain)
    assert counted.encoding is Encoding.GSM_7
    assert counted.exact == is_gsm_7(text)
    assert (counted.parts == 0) == (not text)
    again = message_parts(plain, "sms")
    assert again.exact
    assert again.texts == counted.texts
    assert again == message_parts(plain, "utf")


@steady
@given(texts)
def test_forcing_characters_are_those_outside_gsm_7(text: str) -> None:
    forcing = message_parts(text).ucs2_characters
    assert len(set(forcing)) == len(forcing)
    assert not any(is_gsm_7(cluster) for cluster in forcing)
    assert all(cluster in text for cluster in forcing)
    outside = {character for character in text if character not in SEPTETS}
    assert outside <= set("".join(forcing))
