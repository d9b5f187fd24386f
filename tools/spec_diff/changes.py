"""What a difference can be, how grave it is in each direction, and the record of one difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

SEPARATOR = " > "
ITEMS = "[]"


class Severity(StrEnum):
    """How much a difference matters to somebody who calls the service through our client."""

    BREAKING = "breaking"
    ADDED = "added"
    CHANGED = "changed"


class Direction(StrEnum):
    """Who writes the value: we (a request) or the service (an answer, the body of a webhook)."""

    SENT = "sent"
    RECEIVED = "received"

    @property
    def opposite(self) -> Direction:
        """The direction of what answers this."""
        return Direction.RECEIVED if self is Direction.SENT else Direction.SENT


_B, _A, _C = Severity.BREAKING, Severity.ADDED, Severity.CHANGED


class Kind(Enum):
    """One sort of difference: its words, its severity in what we send and in what we receive.

    The order is the order of importance in a report. The words are what an entry of the file of
    accepted differences names, so changing them makes such entries stale.
    """

    OPERATION_REMOVED = ("operation removed", _B, _B)
    WEBHOOK_REMOVED = ("webhook removed", _B, _B)
    CALLBACK_REMOVED = ("callback removed", _B, _B)
    MAIN_SERVER_REMOVED = ("main server removed", _B, _B)
    SECURITY_CHANGED = ("security changed", _B, _B)
    BODY_REMOVED = ("body removed", _B, _B)
    REQUIRED_BODY_ADDED = ("required body added", _B, _A)
    BODY_REQUIRED = ("body became required", _B, _C)
    CONTENT_REMOVED = ("content type removed", _B, _B)
    SUCCESS_REMOVED = ("success answer removed", _B, _B)
    SUCCESS_ADDED = ("success answer added", _A, _B)
    FIELD_REMOVED = ("field removed", _B, _B)
    FIELDS_UNDESCRIBED = ("fields no longer described", _B, _B)
    REQUIRED_FIELD_ADDED = ("required field added", _B, _A)
    FIELD_REQUIRED = ("field became required", _B, _C)
    FIELD_OPTIONAL = ("field no longer required", _A, _B)
    ENCODING_CHANGED = ("encoding changed", _B, _B)
    TYPE_CHANGED = ("type changed", _B, _B)
    TYPE_NARROWED = ("type narrowed", _B, _C)
    TYPE_WIDENED = ("type widened", _A, _B)
    NULL_FORBIDDEN = ("null no longer allowed", _B, _C)
    NULL_ALLOWED = ("null now allowed", _A, _B)
    ALTERNATIVE_REMOVED = ("alternative removed", _B, _C)
    ALTERNATIVE_ADDED = ("alternative added", _A, _B)
    KNOWN_ALTERNATIVE_ADDED = ("alternative added to an open set", _A, _A)
    SPLIT = ("one shape became alternatives", _B, _C)
    MERGED = ("alternatives became one shape", _C, _C)
    CONDITION_ADDED = ("alternatives to choose from added", _B, _C)
    CONDITION_REMOVED = ("alternatives to choose from removed", _A, _C)
    VALUE_REMOVED = ("enum value removed", _B, _C)
    VALUE_ADDED = ("enum value added", _A, _B)
    VALUES_CLOSED = ("limited to listed values", _B, _C)
    VALUES_OPENED = ("no longer limited to listed values", _A, _B)
    KNOWN_VALUE_REMOVED = ("known value removed", _C, _C)
    KNOWN_VALUE_ADDED = ("known value added", _A, _A)
    LIMIT_TIGHTENED = ("limit tightened", _B, _C)
    LIMIT_LOOSENED = ("limit loosened", _A, _C)
    FORMAT_CHANGED = ("format changed", _B, _B)
    FORMAT_ADDED = ("format added", _B, _C)
    FORMAT_REMOVED = ("format removed", _A, _B)
    NUMBER_FORMAT_CHANGED = ("number format changed", _C, _C)
    PATTERN_CHANGED = ("pattern changed", _B, _C)
    PATTERN_ADDED = ("pattern added", _B, _C)
    PATTERN_REMOVED = ("pattern removed", _A, _C)
    EXTRA_FIELDS_FORBIDDEN = ("extra fields no longer allowed", _B, _C)
    EXTRA_FIELDS_ALLOWED = ("extra fields now allowed", _A, _C)
    OPERATION_ADDED = ("operation added", _A, _A)
    WEBHOOK_ADDED = ("webhook added", _A, _A)
    CALLBACK_ADDED = ("callback added", _A, _A)
    SECURITY_ADDED = ("security alternative added", _A, _A)
    SCHEME_ADDED = ("security scheme added", _A, _A)
    BODY_ADDED = ("optional body added", _A, _C)
    BODY_OPTIONAL = ("body no longer required", _A, _B)
    CONTENT_ADDED = ("content type added", _A, _C)
    ANSWER_ADDED = ("answer added", _A, _A)
    FIELD_ADDED = ("field added", _A, _A)
    ANSWER_REMOVED = ("answer removed", _C, _C)
    SERVER_ADDED = ("server added", _C, _C)
    SERVER_REMOVED = ("server removed", _C, _C)
    SCHEME_REMOVED = ("security scheme removed", _C, _C)
    DEPRECATED = ("deprecated", _C, _C)
    UNDEPRECATED = ("no longer deprecated", _C, _C)
    DEFAULT_CHANGED = ("default changed", _C, _C)
    RULE_CHANGED = ("rule changed", _C, _C)

    def __init__(self, words: str, sent: Severity, received: Severity) -> None:
        """Take the words and both severities of one member."""
        self.words = words
        self.sent = sent
        self.received = received

    @property
    def rank(self) -> int:
        """Position in the order of importance, from 0."""
        return _RANKS[self.name]


_RANKS = {kind.name: position for position, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at one place.

    Attributes:
        kind: What sort of difference it is.
        severity: How grave it is where it stands.
        path: The place, from the operation down to the field; `"[]"` is the items of a list.
        detail: The values concerned, such as `maxLength 1000 -> 500`; may be empty.
        home: The place counted from the innermost named schema; the same for every operation that
            uses the schema, which lets a report show the difference once.
    """

    kind: Kind
    severity: Severity
    path: tuple[str, ...] = ()
    detail: str = ""
    home: tuple[str, ...] | None = None

    @classmethod
    def of(cls, kind: Kind, direction: Direction, *path: str, detail: str = "") -> Change:
        """Return the change of this kind with the severity it has in this direction."""
        severity = kind.sent if direction is Direction.SENT else kind.received
        return cls(kind, severity, path, detail)

    def under(self, *segments: str) -> Change:
        """Return the same change seen from further up."""
        return replace(self, path=(*segments, *self.path)) if segments else self

    def within(self, name: str) -> Change:
        """Return the change with its home in the schema `name`, unless it has one."""
        return self if self.home is not None else replace(self, home=(name, *self.path))

    @property
    def text(self) -> str:
        """What changed, in words."""
        return f"{self.kind.words}: {self.detail}" if self.detail else self.kind.words

    @property
    def place(self) -> str:
        """Where, as one line: `POST /message > request > application/json > flow[] > sms`."""
        return place(self.path)

    @property
    def order(self) -> tuple[int, int, tuple[str, ...], str]:
        """Sort key: severity, importance of the kind, place, detail."""
        return list(Severity).index(self.severity), self.kind.rank, self.path, self.detail


def place(path: tuple[str, ...]) -> str:
    """Return a path as one line of text."""
    lines: list[str] = []
    for segment in path:
        if segment == ITEMS and lines:
            lines[-1] += ITEMS
        else:
            lines.append(segment)
    return SEPARATOR.join(lines)
