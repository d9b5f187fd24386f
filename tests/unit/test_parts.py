"""Check the counting of SMS parts against known cases and the tables of 3GPP TS 23.038."""

import pickle
from typing import Any, Literal, cast

import attrs
import pytest

from smsmanager.parts import Encoding, MessageParts, message_parts

ESCAPE = None

# Code points in the order of the 7-bit codes 0x00 to 0x7F, eight to a line.
DEFAULT_ALPHABET = [
    *(0x0040, 0x00A3, 0x0024, 0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC),
    *(0x00F2, 0x00C7, 0x000A, 0x00D8, 0x00F8, 0x000D, 0x00C5, 0x00E5),
    *(0x0394, 0x005F, 0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8),
    *(0x03A3, 0x0398, 0x039E, ESCAPE, 0x00C6, 0x00E6, 0x00DF, 0x00C9),
    *(0x0020, 0x0021, 0x0022, 0x0023, 0x00A4, 0x0025, 0x0026, 0x0027),
    *(0x0028, 0x0029, 0x002A, 0x002B, 0x002C, 0x002D, 0x002E, 0x002F),
    *(0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037),
    *(0x0038, 0x0039, 0x003A, 0x003B, 0x003C, 0x003D, 0x003E, 0x003F),
    *(0x00A1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047),
    *(0x0048, 0x0049, 0x004A, 0x004B, 0x004C, 0x004D, 0x004E, 0x004F),
    *(0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057),
    *(0x0058, 0x0059, 0x005A, 0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7),
    *(0x00BF, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067),
    *(0x0068, 0x0069, 0x006A, 0x006B, 0x006C, 0x006D, 0x006E, 0x006F),
    *(0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077),
    *(0x0078, 0x0079, 0x007A, 0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0),
]
# 7-bit code after the escape, and code point.
EXTENSION_TABLE = {
    0x0A: 0x000C,
    0x14: 0x005E,
    0x28: 0x007B,
    0x29: 0x007D,
    0x2F: 0x005C,
    0x3C: 0x005B,
    0x3D: 0x007E,
    0x3E: 0x005D,
    0x40: 0x007C,
    0x65: 0x20AC,
}
ONE_SEPTET = [chr(point) for point in DEFAULT_ALPHABET if point is not None]
TWO_SEPTETS = [chr(point) for point in EXTENSION_TABLE.values()]
GSM_7_CHARACTERS = frozenset(ONE_SEPTET + TWO_SEPTETS)

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


def test_table_has_every_code_once() -> None:
    assert len(DEFAULT_ALPHABET) == 128
    assert DEFAULT_ALPHABET.index(ESCAPE) == 0x1B
    assert (len(ONE_SEPTET), len(TWO_SEPTETS), len(GSM_7_CHARACTERS)) == (127, 10, 137)


@pytest.mark.parametrize("character", ONE_SEPTET, ids=short_id)
def test_default_alphabet_takes_one_septet(character: str) -> None:
    counted = message_parts(character)
    assert (counted.encoding, counted.units) == (Encoding.GSM_7, 1)
    assert message_parts(character * 160).parts == 1
    assert message_parts(character * 161).parts == 2


@pytest.mark.parametrize("character", TWO_SEPTETS, ids=short_id)
def test_extension_table_takes_two_septets(character: str) -> None:
    counted = message_parts(character)
    assert (counted.encoding, counted.units) == (Encoding.GSM_7, 2)
    assert message_parts(character * 80).parts == 1
    assert message_parts(character * 81).parts == 2


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
        ("a" * 159, 159, 1, 1),
        ("a" * 160, 160, 1, 0),
        ("a" * 161, 161, 2, 145),
        ("a" * 306, 306, 2, 0),
        ("a" * 307, 307, 3, 152),
        ("a" * 459, 459, 3, 0),
        ("a" * 460, 460, 4, 152),
        ("a" * 1000, 1000, 7, 71),
        ("€", 2, 1, 158),
        ("€" * 80, 160, 1, 0),
        ("€" * 80 + "a", 161, 2, 144),
        # 76 pairs fill 152 of 153 septets: the odd one is lost in each part.
        ("€" * 152, 304, 2, 1),
        ("€" * 153, 306, 3, 151),
        ("a" * 152 + "€" * 5, 162, 2, 143),
        ("a" * 151 + "€" * 5, 161, 2, 145),
        ("a" * 152 + "€" + "a" * 151, 305, 2, 0),
        # 306 septets that would fit 2 * 153 by division.
        ("a" * 152 + "€" + "a" * 152, 306, 3, 152),
        ("line\r\n" * 26, 156, 1, 4),
    ],
    ids=short_id,
)
def test_gsm_7_counts(text: str, units: int, parts: int, left: int) -> None:
    counted = message_parts(text)
    assert counted.encoding is Encoding.GSM_7
    assert (counted.units, counted.parts, counted.characters_left) == (units, parts, left)
    assert len(counted.texts) == parts
    assert "".join(counted.texts) == text
    assert counted.ucs2_characters == ()
    assert counted.exact


@pytest.mark.parametrize(
    ("text", "units", "parts", "left"),
    [
        ("ě", 1, 1, 69),
        ("ě" * 70, 70, 1, 0),
        ("ě" * 71, 71, 2, 63),
        ("ě" * 134, 134, 2, 0),
        ("ě" * 135, 135, 3, 66),
        ("ě" * 201, 201, 3, 0),
        ("ě" * 202, 202, 4, 66),
        ("ě\r\n" * 30, 90, 2, 44),
        (GRIN, 2, 1, 68),
        (GRIN * 35, 70, 1, 0),
        (GRIN * 35 + "a", 71, 2, 62),
        # 33 pairs fill 66 of 67 units: the odd one is lost in each part.
        (GRIN * 36, 72, 2, 61),
        (GRIN * 66, 132, 2, 1),
        (GRIN * 67, 134, 3, 65),
        ("a" * 68 + GRIN, 70, 1, 0),
        ("a" * 69 + GRIN, 71, 2, 63),
        ("a" * 66 + GRIN + "a" * 3, 71, 2, 62),
        ("a" * 65 + GRIN + "a" * 4, 71, 2, 63),
        ("a" * 66 + GRIN + "a" * 66, 134, 3, 66),
        # An extension character is one plain unit of UCS-2.
        ("ě" + "€" * 69, 70, 1, 0),
        ("\N{CYRILLIC SMALL LETTER A}" + "a" * 159, 160, 3, 41),
        # The last character of the basic plane beside a pair.
        (GRIN + "\uffff" * 69, 71, 2, 63),
    ],
    ids=short_id,
)
def test_ucs_2_counts(text: str, units: int, parts: int, left: int) -> None:
    counted = message_parts(text)
    assert counted.encoding is Encoding.UCS_2
    assert (counted.units, counted.parts, counted.characters_left) == (units, parts, left)
    assert len(counted.texts) == parts
    assert "".join(counted.texts) == text
    assert counted.exact


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("a" * 152 + "€" + "a" * 20, [152, 21]),
        ("a" * 151 + "€" + "a" * 20, [152, 20]),
        ("{" * 81, [76, 5]),
        ("a" * 66 + GRIN + "a" * 20, [66, 21]),
        ("a" * 65 + GRIN + "a" * 20, [66, 20]),
        (GRIN * 40, [33, 7]),
        (GRIN + "\uffff" * 69, [66, 4]),
    ],
    ids=short_id,
)
def test_a_pair_moves_to_the_next_part_whole(text: str, lengths: list[int]) -> None:
    assert [len(part) for part in message_parts(text).texts] == lengths


@pytest.mark.parametrize("type_", ["utf", "sms"])
def test_empty_text_has_no_part(type_: Literal["utf", "sms"]) -> None:
    assert message_parts("", type_) == MessageParts(
        encoding=Encoding.GSM_7,
        units=0,
        parts=0,
        characters_left=160,
        exact=True,
        ucs2_characters=(),
        texts=(),
    )
    assert message_parts("a" * 160, type_).parts == 1
    assert message_parts("a" * 161, type_).parts == 2


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


@pytest.mark.parametrize("code_point", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_a_lone_surrogate_is_one_unit(code_point: int) -> None:
    surrogate = chr(code_point)
    assert message_parts(surrogate).units == 1
    assert message_parts(surrogate * 70).parts == 1
    counted = message_parts(surrogate * 71)
    assert (counted.parts, counted.characters_left) == (2, 63)
    assert "".join(counted.texts) == surrogate * 71
    assert message_parts(surrogate, "sms").texts == ("?",)


def test_two_lone_surrogates_in_a_row_stay_together() -> None:
    text = "a" * 66 + "\ud83d\ude00" + "a" * 10
    counted = message_parts(text)
    assert counted.units == 78
    assert counted.texts == ("a" * 66, "\ud83d\ude00" + "a" * 10)


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


def test_sms_type_leaves_gsm_7_text_as_it_is() -> None:
    text = "".join(ONE_SEPTET + TWO_SEPTETS) * 3
    assert message_parts(text, "sms") == message_parts(text, "utf")
    assert message_parts(text, "sms").exact


def test_sms_type_counts_the_transliterated_length() -> None:
    assert message_parts("ě" * 160).parts == 3
    assert message_parts("ě" * 160, "sms").parts == 1
    ellipses = message_parts("\N{HORIZONTAL ELLIPSIS}" * 54, "sms")
    assert (ellipses.units, ellipses.parts, ellipses.characters_left) == (162, 2, 144)


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
