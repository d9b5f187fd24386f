"""The lists of blocked numbers: the results of a change, and the file of a list."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.asking.asking_errors import ListFormatError
from smsmanager.phone import MAX_DIGITS, MIN_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADING = re.compile(r"phone|number|msisdn|recipient|cislo|číslo|telefon|^to$", re.IGNORECASE)
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_WORDS = re.compile(r"[^\W\d][\w .-]*")
_NUMBER = re.compile(r"\s*\+?[0-9][0-9 ().-]{4,20}\s*", re.ASCII)
_DELIMITERS = ";,\t|"


@attrs.frozen(kw_only=True)
class ListAddition:
    """The result of adding to a list. The numbers are processed later.

    Attributes:
        accepted: How many different valid numbers were accepted.
        invalid: Numbers that the service calls invalid, as they were sent.
    """

    accepted: int | None = None
    invalid: tuple[str, ...] = attrs.field(default=(), repr=False)


@attrs.frozen(kw_only=True)
class ListRemoval:
    """The result of removing from a list.

    Attributes:
        removed: How many numbers were removed.
        remaining: How many are left.
        invalid: Numbers that the service calls invalid, as they were sent.
        is_wiped: Whether the whole list was wiped.
    """

    removed: int | None = None
    remaining: int | None = None
    invalid: tuple[str, ...] = attrs.field(default=(), repr=False)
    is_wiped: bool = False


@attrs.frozen(repr=False)
class DownloadedList:
    """The numbers of a list, in canonical form.

    Attributes:
        numbers: The numbers.
    """

    numbers: frozenset[str]

    def __contains__(self, number: object) -> bool:
        """Return whether a number in canonical form is on the list."""
        return number in self.numbers

    def __len__(self) -> int:
        """Return how many numbers are on the list."""
        return len(self.numbers)

    def __iter__(self) -> Iterator[str]:
        """Return an iterator over the numbers."""
        return iter(self.numbers)

    def __repr__(self) -> str:
        """Show how many numbers there are."""
        return f"DownloadedList(<{len(self.numbers)} numbers>)"


def read_list(content: bytes) -> DownloadedList:
    """Return the numbers of a downloaded list.

    The layout of the file is not documented, so any delimiter, further columns and a heading line are
    accepted. A doubtful file is refused, because an overlooked number would get a message.

    Args:
        content: The file as downloaded.

    Raises:
        ListFormatError: If it is not clear which column contains the numbers, or a line has none.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListFormatError("The list is not UTF-8 text. No number was taken from it.") from None
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows = [
        row
        for row in csv.reader(text.splitlines(), delimiter=delimiter)
        if any(map(str.strip, row))
    ]
    if not rows:
        return DownloadedList(frozenset())
    headings = None if any(map(_is_number, rows[0])) else rows.pop(0)
    if headings and any(len(_NOT_A_DIGIT.sub("", cell)) >= MIN_DIGITS for cell in headings):
        raise ListFormatError("The list's first line is unclear. No number was taken from it.")
    if (
        not rows
        and all(map(_WORDS.fullmatch, headings or ()))
        and any(map(_HEADING.search, headings or ()))
    ):
        return DownloadedList(frozenset())
    column = _column(rows, headings)
    # Strip as the service does: a stricter reader would refuse the whole list for one odd line.
    numbers = {_NOT_A_DIGIT.sub("", row[column]).lstrip("0") for row in rows}
    if not all(MIN_DIGITS <= len(number) <= MAX_DIGITS for number in numbers):
        raise ListFormatError(
            "A line of the list is not a phone number. No number was taken from it."
        )
    return DownloadedList(frozenset(numbers))


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def _column(rows: Sequence[list[str]], headings: Sequence[str] | None) -> int:
    """Return the one column whose cells are all numbers; a heading decides between several."""
    width = min(map(len, rows), default=0)
    columns = [at for at in range(width) if all(_is_number(row[at]) for row in rows)]
    if len(columns) > 1 and headings is not None:
        columns = [at for at in columns if at < len(headings) and _HEADING.search(headings[at])]
    if len(columns) != 1:
        what = "no column" if not columns else "more than one column"
        raise ListFormatError(
            f"In the list, {what} has a phone number in every line, so it is not known which numbers it "
            "blocks. No number was taken from it. Pass it as a file of opt-outs."
        )
    return columns[0]


@attrs.frozen(kw_only=True)
class CheckProblem:
    """One problem that the service finds in a message.

    Attributes:
        index: Position of the recipient (with one message) or of the message (with several); None if unclear.
        field: Path of the field, such as `to[1].phone_number`.
        text: The problem, in the service's words.
        code: The service's code; `302` means a number of the wrong format.
    """

    index: int | None = None
    field: str | None = None
    text: str | None = attrs.field(default=None, repr=False)
    code: str | None = None


@attrs.frozen(kw_only=True)
class CheckResult:
    """The service's findings about messages that it was asked to check.

    Attributes:
        is_right: Whether there is no problem.
        accepted: Positions of those that would be accepted.
        rejected: Positions of those that would be rejected.
        problems: The problems found.
        raw: The JSON object as received.

    Source: SmsManager skill "bulk", "Validate".
    """

    is_right: bool
    accepted: tuple[int, ...] = ()
    rejected: tuple[int, ...] = ()
    problems: tuple[CheckProblem, ...] = ()
    raw: dict[str, Any] = attrs.field(factory=dict, hash=False, eq=False, repr=False)
