"""Check the counting of SMS parts against known cases and against a second algorithm.

The second algorithm first encodes the whole text, to septets (3GPP TS 23.038) or UTF-16 units, and splits it.
"""

import pickle
import struct
from typing import Any, Literal, cast

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsmanager.parts import Encoding, MessageParts, message_parts

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
GSM_7_CHARACTERS = frozenset(SEPTETS)

GRIN = "\N{GRINNING FACE}"
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
CZECH_FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER Z}"
SCOTTISH_FLAG = "\N{WAVING BLACK FLAG}" + "".join(chr(0xE0000 + ord(c)) for c in "gbsct\x7f")
DARK_THUMB = "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
RED_HEART = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"
BURNING_HEART = f"{RED_HEART}\N{ZERO WIDTH JOINER}\N{FIRE}"
DECOMPOSED_C_CARON = "c\N{COMBINING CARON}"


def short_id(value: object) -> str:
    return f"{value!a:.24}"


def is_gsm_7(text: str) -> bool:
    return all(character in SEPTETS for character in text)


def septets(text: str) -> list[int]:
    return [code for character in text for code in SEPTETS[character]]


def utf_16_units(text: str) -> list[int]:
    octets = text.encode("utf-16-be", "surrogatepass")
    return list(struct.unpack(f">{len(octets) // 2}H", octets))


def cut(text: str) -> list[list[int]]:
    """Return the codes of each part, moving back from a boundary that would divide a pair."""
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


def check(text: str, type_: SmsType = "utf") -> MessageParts:
    """Check the count of a text against the second algorithm, and the free space by filling it."""
    counted = message_parts(text, type_)
    sent = text if type_ == "utf" else "".join(counted.texts)
    encode = septets if is_gsm_7(sent) else utf_16_units
    assert counted.encoding is (Encoding.GSM_7 if is_gsm_7(sent) else Encoding.UCS_2)
    assert counted.units == len(encode(sent))
    assert [encode(part) for part in counted.texts] == cut(sent)
    assert counted.parts == len(counted.texts)
    assert "".join(counted.texts) == sent
    assert counted.exact is (type_ == "utf" or is_gsm_7(text))
    if text:
        filled = message_parts(text + "a" * counted.characters_left, type_)
        assert (filled.encoding, filled.parts) == (counted.encoding, counted.parts)
        assert filled.characters_left == 0
        assert (
            message_parts(text + "a" * (counted.characters_left + 1), type_).parts > counted.parts
        )
    return counted


def test_table_has_every_code_once() -> None:
    assert (len(DEFAULT_ALPHABET), ESCAPE) == (128, 0x1B)
    assert len(GSM_7_CHARACTERS) == 137


@pytest.mark.parametrize("character", SEPTETS, ids=short_id)
def test_a_character_takes_one_septet_or_two(character: str) -> None:
    width = len(SEPTETS[character])
    counted = message_parts(character)
    assert (counted.encoding, counted.units) == (Encoding.GSM_7, width)
    assert message_parts(character * (160 // width)).parts == 1
    assert message_parts(character * (160 // width + 1)).parts == 2


def test_every_other_character_of_the_basic_plane_is_outside_gsm_7() -> None:
    inside = {
        chr(point)
        for point in range(0x10000)
        if message_parts(chr(point)).encoding is Encoding.GSM_7
    }
    assert inside == GSM_7_CHARACTERS


@pytest.mark.parametrize(
    ("text", "units", "parts", "left"),
    [
        ("a", 1, 1, 159),
        ("a" * 160, 160, 1, 0),
        ("a" * 161, 161, 2, 145),
        ("€" * 80, 160, 1, 0),
        # 76 pairs fill 152 of 153 septets: the odd one is lost in each part.
        ("€" * 153, 306, 3, 151),
        # 306 septets that would fit 2 * 153 by division.
        ("a" * 152 + "€" + "a" * 152, 306, 3, 152),
        ("ě", 1, 1, 69),
        ("ě" * 70, 70, 1, 0),
        ("ě" * 71, 71, 2, 63),
        # 33 pairs fill 66 of 67 units.
        (GRIN * 67, 134, 3, 65),
        # An extension character is one plain unit of UCS-2.
        ("ě" + "€" * 69, 70, 1, 0),
    ],
    ids=short_id,
)
def test_counts_by_hand(text: str, units: int, parts: int, left: int) -> None:
    counted = check(text)
    assert (counted.units, counted.parts, counted.characters_left) == (units, parts, left)


@pytest.mark.parametrize(
    "text",
    [
        *("a" * count for count in (159, 306, 307, 459, 460, 1000)),
        *("€" * 80 + "a", "€" * 152, "a" * 152 + "€" * 5, "a" * 151 + "€" * 5, "line\r\n" * 26),
        *("a" * 152 + "€" + "a" * 20, "a" * 152 + "€" + "a" * 151, "{" * 81),
        *("ě" * count for count in (134, 135, 201, 202)),
        *("ě\r\n" * 30, "\N{CYRILLIC SMALL LETTER A}" + "a" * 159, GRIN + "\uffff" * 69),
        *(GRIN, GRIN * 35, GRIN * 35 + "a", GRIN * 36, GRIN * 40, GRIN * 66),
        *("a" * before + GRIN + "a" * 66 for before in (65, 66, 68, 69)),
        # Halves of a pair, alone or in a row.
        *(half * count for half in "\ud800\udbff\udc00\udfff" for count in (1, 70, 71)),
        "a" * 66 + "\ud83d\ude00" + "a" * 10,
    ],
    ids=short_id,
)
def test_borders(text: str) -> None:
    check(text)
    check(text, "sms")


@pytest.mark.parametrize("type_", ["utf", "sms"])
def test_empty_text_has_no_part(type_: SmsType) -> None:
    counted = check("", type_)
    assert (counted.encoding, counted.characters_left) == (Encoding.GSM_7, 160)
    assert (counted.texts, counted.ucs2_characters) == ((), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Žluťoučký kůň, žlutý!", ("Ž", "ť", "č", "ý", "ů", "ň", "ž")),
        ("garçon", ("ç",)),
        ("tab\there `code`", ("\t", "`")),
        ("\x1b", ("\x1b",)),
        # Latin look-alikes of Greek capitals, and Greek ones that GSM-7 lacks.
        ("\N{GREEK CAPITAL LETTER ALPHA}A", ("\N{GREEK CAPITAL LETTER ALPHA}",)),
        ("\N{OHM SIGN}\N{GREEK CAPITAL LETTER OMEGA}", ("\N{OHM SIGN}",)),
        ("\N{ANGSTROM SIGN}Å", ("\N{ANGSTROM SIGN}",)),
        (f"a{GRIN}b{GRIN}{GRIN}", (GRIN,)),
        (f"a{FAMILY}b", (FAMILY,)),
        (f"{CZECH_FLAG}{CZECH_FLAG}", (CZECH_FLAG,)),
        (f"{CZECH_FLAG}{CZECH_FLAG[0]}", (CZECH_FLAG, CZECH_FLAG[0])),
        (f"{SCOTTISH_FLAG}{CZECH_FLAG}", (SCOTTISH_FLAG, CZECH_FLAG)),
        (f"{DARK_THUMB}{GRIN}", (DARK_THUMB, GRIN)),
        (f"{RED_HEART}{BURNING_HEART}ok", (RED_HEART, BURNING_HEART)),
        (f"ca{DECOMPOSED_C_CARON}c", (DECOMPOSED_C_CARON,)),
        ("\N{COMBINING CARON}a", ("\N{COMBINING CARON}",)),
        ("a\N{ZERO WIDTH JOINER}b", ("a\N{ZERO WIDTH JOINER}",)),
        ("\ud800a\ude00", ("\ud800", "\ude00")),
        ("\ud83d\ude00", ("\ud83d\ude00",)),
    ],
    ids=short_id,
)
def test_characters_that_force_ucs_2(text: str, expected: tuple[str, ...]) -> None:
    assert message_parts(text).ucs2_characters == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Příliš žluťoučký kůň úpěl ďábelské tóny", "Prilis zlutoucky kun upel dabelské tony"),
        ("Łódź, Đakovo, cœur, STRAẞE", "Lodz, Dakovo, coeur, STRAßE"),
        ("garçon \N{LATIN SMALL LIGATURE FI}n 5\N{SUPERSCRIPT TWO} ½ ™", "garcon fin 52 1/2 TM"),
        (
            "\N{LEFT DOUBLE QUOTATION MARK}it\N{RIGHT SINGLE QUOTATION MARK}s\N{DOUBLE PRIME}",
            '"it\'s"',
        ),
        ("a\N{EN DASH}b\N{NON-BREAKING HYPHEN}c\N{MINUS SIGN}d", "a-b-c-d"),
        ("wait\N{HORIZONTAL ELLIPSIS}", "wait..."),
        ("1\N{NO-BREAK SPACE}000\N{THIN SPACE}Kč\t`x`", "1 000 Kc 'x'"),
        ("\N{BULLET} a\N{MIDDLE DOT}b 2\N{MULTIPLICATION SIGN}3", "* a.b 2x3"),
        ("a\N{SOFT HYPHEN}b\N{ZERO WIDTH SPACE}c\N{ZERO WIDTH NO-BREAK SPACE}", "abc"),
        ("fullwidth \N{FULLWIDTH LEFT SQUARE BRACKET}", "fullwidth ["),
        ("e\N{COMBINING ACUTE ACCENT} c\N{COMBINING CARON} x\N{COMBINING CARON}", "é c x"),
        ("\N{OHM SIGN} \N{ANGSTROM SIGN}", "Ω Å"),
        (f"дом {GRIN}", "??? ?"),
        (f"{RED_HEART} {DARK_THUMB} {CZECH_FLAG} {FAMILY}", "? ?? ?? ???"),
        ("1\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}", "1"),
        ("\x1b\x00", "??"),
        ("\N{ZERO WIDTH SPACE}", "?"),
        ("\N{COMBINING CARON}", "?"),
    ],
    ids=short_id,
)
def test_transliteration_is_an_estimate(text: str, expected: str) -> None:
    counted = message_parts(text, "sms")
    assert counted.texts == (expected,)
    assert (counted.encoding, counted.exact) == (Encoding.GSM_7, False)
    assert counted.ucs2_characters == ()
    assert counted.units == message_parts(expected).units


@pytest.mark.parametrize(
    "text",
    ["\N{ZERO WIDTH SPACE}", "\N{SOFT HYPHEN}\N{WORD JOINER}", "\u0301", "\ufe0f\ufe0f"],
    ids=short_id,
)
def test_invisible_characters_alone_are_one_part_with_all_its_room(text: str) -> None:
    counted = message_parts(text, "sms")
    assert (counted.parts, counted.units, counted.characters_left) == (1, 1, 160)
    assert counted.texts == ("?",)
    # The `?` that stands for them goes as soon as anything follows.
    filled = message_parts(text + "a" * 160, "sms")
    assert (filled.parts, filled.characters_left) == (1, 0)


def test_every_code_point_has_a_gsm_7_estimate() -> None:
    seen: set[str] = set()
    for first in range(0, 0x110000, 0x1000):
        block = "".join(map(chr, range(first, first + 0x1000)))
        seen.update("".join(message_parts(block, "sms").texts))
    assert seen <= GSM_7_CHARACTERS


def test_repr_shows_nothing_of_the_text() -> None:
    assert repr(message_parts("Heslo je ěščř")) == (
        "MessageParts(encoding=<Encoding.UCS_2: 'ucs-2'>, units=13, parts=1, characters_left=57, "
        "exact=True)"
    )


@pytest.mark.parametrize("wrong", ["UTF", "SMS", "", "unicode", "secret text"])
def test_unknown_type_is_refused_without_showing_it(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^type must be 'utf' or 'sms'\. Nothing") as caught:
        message_parts("secret text", cast("Any", wrong))
    assert "secret" not in str(caught.value)


def test_result_is_frozen_hashable_and_survives_pickle() -> None:
    counted = message_parts(f"Ahoj {GRIN}")
    assert not hasattr(counted, "__dict__")
    assert hash(counted) == hash(message_parts(f"Ahoj {GRIN}"))
    assert pickle.loads(pickle.dumps(counted)) == counted  # noqa: S301  made one call earlier
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        counted.units = 1  # type: ignore[misc]


def test_encoding_values_are_the_public_names() -> None:
    assert [str(encoding) for encoding in Encoding] == ["gsm-7", "ucs-2"]


BORDERS = st.sampled_from([33, 34, 35, 36, 66, 67, 68, 70, 71, 76, 80, 152, 153, 154, 160, 161])


def repeat(character: str, count: int) -> str:
    return character * count


def runs_of(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return texts long enough for several parts, with pairs at and around every boundary."""
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


@given(texts, types)
@example("a" * 152 + "€" + "a" * 152, "utf")
@example("a" * 66 + "\ud83d\ude00" + "a" * 66, "utf")
def test_any_text(text: str, type_: SmsType) -> None:
    check(text, type_)


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


@given(texts)
def test_forcing_characters_are_those_outside_gsm_7(text: str) -> None:
    forcing = message_parts(text).ucs2_characters
    assert len(set(forcing)) == len(forcing)
    assert not any(is_gsm_7(cluster) for cluster in forcing)
    assert all(cluster in text for cluster in forcing)
    outside = {character for character in text if character not in SEPTETS}
    assert outside <= set("".join(forcing))
