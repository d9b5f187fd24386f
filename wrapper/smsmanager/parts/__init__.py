r"""Count the parts in which an SMS text is sent and billed, without asking the service.

An SMS carries 140 octets: 160 septets of the GSM 7-bit alphabet, or 70 units of 16 bits in UCS-2, which any
other text needs. A longer text is split into parts. In each, the header that joins them takes 6 octets, so
153 septets or 67 units are left.

An escape pair of GSM-7 (form feed and `^ { } \ [ ~ ] | €`) or a UTF-16 surrogate pair that does not fit moves
whole to the next part, and leaves a unit unused.

Sources: 3GPP TS 23.038, 6.2.1 and 6.2.1.1 (alphabet and extension table); 3GPP TS 23.040, 9.2.3.24.1 (header
of a part); the SmsManager guide on SMS length (limits, choice of the encoding, pairs kept whole).
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, Literal

import attrs

from smsmanager.parts.gsm_alphabet import EXTENSION, GSM_7, UNKNOWN, transliterate


class Encoding(StrEnum):
    """How an SMS text is encoded."""

    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


@attrs.frozen(kw_only=True)
class MessageParts:
    """The size of one SMS text. Neither the text nor a character of it appears in the `repr`.

    Attributes:
        encoding: Encoding of the whole message.
        units: Septets in GSM-7 (2 for an extension character), UTF-16 code units in UCS-2.
        parts: SMS that the text is sent and billed as, for each recipient; 0 for the empty text.
        characters_left: One-unit characters that still fit into the last part; 160 for the empty text.
        exact: False if the text had to be transliterated: the service's own count can then differ.
    """

    encoding: Encoding
    units: int
    parts: int
    characters_left: int
    exact: bool
    _text: str = attrs.field(alias="text", repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """Text of each part: of the text as given or, with `type="sms"`, as transliterated."""
        return (
            (self._text,) * self.parts
            if self.parts <= 1
            else tuple(_cut(self._text, self.encoding))
        )

    @property
    def ucs2_characters(self) -> tuple[str, ...]:
        """What rules out GSM-7, each once, in order of first appearance.

        An emoji sequence, a flag, or a letter with its combining marks is one entry.
        """
        seen = _CLUSTER.findall("" if self.encoding is Encoding.GSM_7 else self._text)
        return tuple(dict.fromkeys(each for each in seen if not GSM_7.issuperset(each)))


# Units in a message of one part, and in each part of a longer one.
_LIMITS: Final = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}

# Two lone surrogates in a row become a pair as soon as they are written as UTF-16.
_UTF_16_PIECE: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]|.", re.DOTALL)

# What a reader sees as one character, for display only: a flag, or a character with what follows it: accents,
# variation selectors, skin tones, the tags of a regional flag, and symbols after a joiner.
_MARKS: Final = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u20d0-\u20f0\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
)
_CLUSTER: Final = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\ud800-\udbff][\udc00-\udfff]|.)"
    f"{_MARKS}(?:\u200d[\u2190-\u2bff\U0001f000-\U0001faff]?{_MARKS})*",
    re.DOTALL,
)


def message_parts(
    text: str,
    type: Literal["utf", "sms"] = "utf",  # noqa: A002  the name of the field on the wire
) -> MessageParts:
    """Count the parts in which an SMS text is sent and billed.

    The whole text is counted, including what follows the 1000 characters at which the service cuts it. With
    `"utf"` it stays as it is, and a single character outside GSM-7 makes the whole message UCS-2. A character
    that is encoded as several (a flag, a letter and its accent) can be split between two parts.

    With `"sms"` the service transliterates to GSM-7 with a table that is not public, so the result for any
    other text is an estimate: accents are dropped unless GSM-7 has the letter, common punctuation gets its
    plain form, invisible characters are removed, and any other character becomes one `?`.

    A lone surrogate counts as one unit of UCS-2; a text with one is not valid Unicode, so it cannot be sent.

    Args:
        text: Text of the SMS, as given in `body`.
        type: `type` of the SMS step: `"utf"` keeps the text, `"sms"` has it transliterated.

    Returns:
        Encoding, size, parts and the text of each part.

    Raises:
        ValueError: If `type` is neither `"utf"` nor `"sms"`.

    Sources: 3GPP TS 23.038 and TS 23.040; the SmsManager guide on SMS length and on `type` of the SMS step.
    """
    if type not in {"utf", "sms"}:
        # The value is left out: it is the text if the arguments were given in the wrong order.
        raise ValueError("type must be 'utf' or 'sms'. Nothing was counted; pass one of the two.")
    in_gsm_7 = GSM_7.issuperset(text)
    encoding = Encoding.GSM_7 if in_gsm_7 or type == "sms" else Encoding.UCS_2
    sent = text if in_gsm_7 or type == "utf" else transliterate(text)
    # A text of only invisible characters is sent and billed, but leaves the whole part free.
    unused = 0 if sent or not text else 1
    sent = sent or UNKNOWN * unused
    units = _units(sent, encoding)
    single, limit = _LIMITS[encoding]
    if units <= single:
        parts, left = min(units, 1), single - units + unused
    elif units == len(sent) and max(sent) < "\ud800":
        parts = -(-units // limit)
        left = parts * limit - units
    else:
        # Where a pair moves to the next part, a unit stays unused.
        *full, last = _cut(sent, encoding)
        parts, left = len(full) + 1, limit - _units(last, encoding)
    return MessageParts(
        encoding=encoding,
        units=units,
        parts=parts,
        characters_left=left,
        exact=in_gsm_7 or type == "utf",
        text=sent,
    )


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return len(text) + sum(map(text.count, EXTENSION))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, encoding: Encoding) -> Iterator[str]:
    """Yield the texts of the parts; none divides an escape pair or a surrogate pair."""
    part, free = "", _LIMITS[encoding][1]
    in_gsm_7 = encoding is Encoding.GSM_7
    for piece in text if in_gsm_7 else _UTF_16_PIECE.findall(text):
        is_pair = piece in EXTENSION if in_gsm_7 else len(piece) > 1 or piece > "\uffff"
        width = 2 if is_pair else 1
        if width > free:
            yield part
            part, free = "", _LIMITS[encoding][1]
        part += piece
        free -= width
    yield part
