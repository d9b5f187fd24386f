"""The GSM 7-bit alphabet, and transliteration to it."""

import functools
import unicodedata
from typing import Final

# In the order of their codes. The escape code 0x1B, between Ξ and Æ, is not a character: U+001B in a text is
# outside GSM-7, and so are ç (only Ç has a code), backtick and tab.
_DEFAULT_ALPHABET: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")
GSM_7: Final = _DEFAULT_ALPHABET | EXTENSION

# Only characters for which compatibility decomposition finds nothing in GSM-7, or a worse match.
_REPLACEMENTS: Final = {
    # Quotation marks, accents, primes; hyphens, dashes, the minus sign; separators of lines and paragraphs.
    **dict.fromkeys("`\u00b4\u2018\u2019\u201a\u201b\u2039\u203a\u02bc\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2010\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2028\u2029", "\n"),
    # Soft hyphen, zero-width spaces and joiners.
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    # Tab, bullet, middle dot, multiplication sign, fraction slash; letters that do not decompose.
    **dict(zip("\t\u2022\u00b7\u00d7\u2044łŁđĐ\u0131\u1e9e", " *.x/lLdDiß", strict=True)),
    "œ": "oe",
    "Œ": "OE",
}
UNKNOWN: Final = "?"


def transliterate(text: str) -> str:
    """Return an estimate of the text that the service sends with `type="sms"`."""
    # Composed first: a letter and its accent written as two characters may be one letter of GSM-7.
    composed = unicodedata.normalize("NFC", text)
    return composed.translate({ord(each): _plain(each) for each in set(composed) - GSM_7})


@functools.lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return the estimated GSM-7 text for one character outside GSM-7."""
    if character in _REPLACEMENTS:
        return _REPLACEMENTS[character]
    found = ""
    for piece in unicodedata.normalize("NFKD", character):
        if piece in GSM_7 or piece in _REPLACEMENTS:
            found += _REPLACEMENTS.get(piece, piece)
        elif unicodedata.category(piece) not in {"Mn", "Me"}:
            return UNKNOWN
    return found
