"""Turn rows of a file into rows to send: repair numbers, fill in texts, and refuse doubtful rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smsmanager._message.checks import MAX_TEXT, sender_problems
from smsmanager.campaigns._input.cell_values import cell_text
from smsmanager.campaigns._input.number_repair import NumberReader
from smsmanager.campaigns._input.number_set import NumberSet
from smsmanager.campaigns._input.tabular import BadRow
from smsmanager.campaigns._input.templates import MissingValueError, language_name
from smsmanager.campaigns.rows import Refusal, RefusedInput, RefusedRow, Row
from smsmanager.phone import InvalidNumberError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smsmanager.asking import DownloadedList
    from smsmanager.campaigns._input.recipients import Recipients
    from smsmanager.campaigns._input.templates import Texts

_MOST_SENDERS = 1000


class _RefusedError(Exception):
    def __init__(self, code: Refusal, field: str, reason: str) -> None:
        super().__init__()
        self.code, self.field, self.reason = code, field, reason


class Selection:
    """The rows of a file, in order, each ready to be sent or refused.

    It can be iterated several times, for example to preview the rows before sending, with the same result.
    Memory does not grow with the number of rows.

    Args:
        recipients: The file.
        texts: The text, and optional texts for other languages.
        default_region: Two letters such as `"CZ"`: country of numbers without `+` or `00`.
        opted_out: Numbers that must not get a message, from a file or from the account.
        blacklisted: Numbers on the account's blacklist.
        hidden_rows: Whether to send to rows that are hidden in a spreadsheet, by a filter or by hand.

    Raises:
        InputError: If a text has a variable without a column.
        ConfigurationError: If there is no such region.
    """

    def __init__(
        self,
        recipients: Recipients,
        texts: Texts,
        *,
        default_region: str | None = None,
        opted_out: NumberSet | DownloadedList | None = None,
        blacklisted: NumberSet | DownloadedList | None = None,
        hidden_rows: bool = False,
    ) -> None:
        columns = recipients.columns
        self._table, self._columns = recipients.table, columns
        self._names = columns.named(recipients.table.header)
        self._read_number = NumberReader(default_region)
        lists = [
            (Refusal.OPTED_OUT, "is in the opt-out list", opted_out),
            (Refusal.BLACKLISTED, "is on the blacklist of the account", blacklisted),
        ]
        self._lists = [(code, why, listed) for code, why, listed in lists if listed is not None]
        self._language, self._payload = columns.language, columns.payload
        self._hidden = frozenset[int]() if hidden_rows else recipients.table.hidden_rows
        optional = {"sender": columns.sender, "tag": columns.tag, "reference": columns.reference}
        self._optional = [(name, at) for name, at in optional.items() if at is not None]
        self._default, self._by_language = texts.bind(recipients.table.header)
        self._good_senders: set[str] = set()
        self._plain = not self._optional and columns.payload is None

    def is_national(self, number: str) -> bool:
        """Return whether the service adds the account's country code to a number."""
        return self._read_number.is_national(number)

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        """Yield a `Row` or a `RefusedInput` for every row that is not empty.

        Raises:
            InputError: If the rest of the file cannot be read.
        """
        with NumberSet() as seen:
            for row, cells in self._table.rows():
                if isinstance(cells, BadRow):
                    yield RefusedInput(row, "row", cells.reason, Refusal.CELLS, "")
                    continue
                number_at = self._columns.number_in(cells)
                try:
                    ready = self._row(row, cells, number_at)
                    if not seen.add(ready.phone_number):
                        reason = "is in an earlier row too"
                        raise _RefusedError(Refusal.DUPLICATE, "number", reason)  # noqa: TRY301
                except _RefusedError as refused:
                    given = cell_text(cells[number_at])
                    # Users know a column by its name in the file.
                    field = self._names.get(refused.field, refused.field)
                    if refused.field == "number":
                        field = self._table.header[number_at]
                    yield RefusedInput(row, field, refused.reason, refused.code, given)
                else:
                    yield ready

    def _row(self, row: int, cells: Sequence[Any], number_at: int) -> Row:
        """Return the row; raise `_RefusedError` if it cannot be sent."""
        if row in self._hidden:
            raise _RefusedError(Refusal.HIDDEN, "row", "is hidden in the spreadsheet")
        try:
            number = self._read_number(cells[number_at])
        except InvalidNumberError as error:
            raise _RefusedError(Refusal.NUMBER, "number", str(error)) from None
        if self._lists:
            self._refuse_listed(number)
        body = self._text(cells)
        if self._plain:
            return Row(row, number, body)
        return Row(row, number, body, payload=self._own_payload(cells), **self._own(cells))

    def _refuse_listed(self, number: str) -> None:
        for code, why, listed in self._lists:
            if number in listed:
                raise _RefusedError(code, "number", why)
        if self._read_number.is_national(number):
            msg = "is a national number, which cannot be looked up in a list: name its country"
            raise _RefusedError(Refusal.NUMBER, "number", msg)

    def _text(self, cells: Sequence[Any]) -> str:
        template = self._default
        if self._by_language and self._language is not None:
            name = language_name(cell_text(cells[self._language]))
            by_language = self._by_language
            template = by_language.get(name) or by_language.get(name.partition("-")[0]) or template
        if template is None:
            msg = "has no text, and there is no default text"
            raise _RefusedError(Refusal.LANGUAGE, "language", msg)
        try:
            body = template.render(cells)
        except MissingValueError as error:
            raise _RefusedError(Refusal.VARIABLE, error.name, error.reason) from None
        if len(body) > MAX_TEXT:
            msg = f"has {len(body)} characters; the limit is {MAX_TEXT} (the service would cut it)"
            raise _RefusedError(Refusal.TEXT, "the text", msg)
        return body

    def _own(self, cells: Sequence[Any]) -> dict[str, str]:
        """Return the sender, tag and reference of a row, if it has them."""
        own = {name: cell_text(cells[column]).strip() for name, column in self._optional}
        found = {name: value for name, value in own.items() if value}
        sender = found.get("sender")
        if sender and sender not in self._good_senders:
            for _, problem in sender_problems(sender, "sender"):
                raise _RefusedError(Refusal.SENDER, "sender", problem)
            if len(self._good_senders) < _MOST_SENDERS:
                self._good_senders.add(sender)
        return found

    def _own_payload(self, cells: Sequence[Any]) -> dict[str, Any] | None:
        payload = None if self._payload is None else cells[self._payload]
        if payload is None or payload == "":
            return None
        if isinstance(payload, str):
            try:
                payload = json.loads(payload)
            except (ValueError, RecursionError):
                payload = None
        if not isinstance(payload, dict):
            raise _RefusedError(Refusal.PAYLOAD, "payload", "must be a JSON object")
        return payload
