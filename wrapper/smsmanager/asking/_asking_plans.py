"""The plan of each operation: its question, and its answer as a typed value; no I/O."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from smsmanager._message.prepare import prepare_batch
from smsmanager.asking import _read_account as account
from smsmanager.asking import _read_answers as read
from smsmanager.asking._downloads import checked_address
from smsmanager.asking._questions import Effect, Found, Question, Steps, asked
from smsmanager.asking.asking_errors import tell_of_earlier_parts
from smsmanager.asking.number_lists import (
    CheckResult,
    DownloadedList,
    ListAddition,
    ListRemoval,
    read_list,
)
from smsmanager.errors import ApiError, SmsManagerError, ValidationError
from smsmanager.phone import InvalidNumberError, normalise_number
from smsmanager.webhooks._events import IncomingMessage, Reply
from smsmanager.webhooks._lenient_values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from smsmanager._config import Settings
    from smsmanager.asking.account_facts import Credit, CreditNotice, KeyFacts, Prices
    from smsmanager.asking.message_states import DayTotals, MessageRow, MessageStatus, Totals
    from smsmanager_jsonapi.models import Message

Numbers: TypeAlias = "str | Reply | IncomingMessage | Iterable[str | Reply | IncomingMessage]"
"""One number or several; a reply stands for the number of its sender."""
MOST_NUMBERS = 1000  # in one change of a list; the service documents no limit
T = TypeVar("T")
_NOT_FOUND = 404
_NAMES = {"optout": "opt_out", "blacklist": "blacklist"}


def day_of(day: date | str) -> date:
    """Return a day. A datetime is refused: its day depends on the time zone.

    Raises:
        ValidationError: If it is neither a date nor a string `YYYY-MM-DD`.
    """
    named: object = day
    if isinstance(day, str):
        with suppress(ValueError):
            named = date.fromisoformat(day)
    if not isinstance(named, date) or isinstance(named, datetime):
        raise ValidationError([("day", "must be a date, or a string like 2027-01-04")])
    return named


def text_given(name: str, value: object) -> str:
    """Return a string that is not empty.

    Raises:
        ValidationError: If it is anything else.
    """
    if not isinstance(value, str) or not value:
        raise ValidationError([(name, "must be a string that is not empty")])
    return value


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def status(settings: Settings, message_id: str) -> Steps[MessageStatus | None]:
    """Ask for the state of one message."""
    question = Question("status.get_message", {"id": text_given("message_id", message_id)})
    return read.message_status(message_id, (yield from asked(question, settings)))


def rows(
    settings: Settings, day: date, cursor: str | None, **given: str | None
) -> Steps[tuple[list[MessageRow], str | None]]:
    """Ask for one page of the messages of a day; return its rows and the cursor of the next page."""
    arguments = {"date": day, **_given(cursor=cursor, **given)}
    answer = yield from asked(Question("status.list_messages", arguments), settings)
    found = [read.message_row(row) for row in read.items(answer.get("messages"))]
    return found, text_of(answer.get("next_cursor")) or None


def sent(settings: Settings, day: date, **given: str | None) -> Steps[None]:
    """Find the messages of a day, page after page."""
    cursor: str | None = None
    cursors: set[str | None] = set()
    # A cursor that comes again would make this endless.
    while cursor not in cursors:
        cursors.add(cursor)
        found, cursor = yield from rows(settings, day, cursor, **given)
        for row in found:
            yield Found(row)
        if cursor is None:
            return


def request_totals(
    settings: Settings, request_id: str, day: date, subid: str | None
) -> Steps[Totals | None]:
    """Ask for the totals of one request."""
    given = {"id": text_given("request_id", request_id), "date": day, **_given(subid=subid)}
    answer = yield from asked(Question("status.get_request", given), settings)
    request = answer.get("request")
    return read.totals(request) if isinstance(request, dict) else None


def day_totals(
    settings: Settings, days: Iterable[date], tag: str | None, subid: str | None
) -> Steps[tuple[DayTotals, ...]]:
    """Ask for the totals of days."""
    named = ",".join(day.isoformat() for day in days)
    given = {"dates": text_given("days", named), **_given(tag=tag, subid=subid)}
    return read.day_totals((yield from asked(Question("status.list_requests", given), settings)))


def credit(settings: Settings) -> Steps[Credit]:
    """Ask for the credit."""
    return account.credit((yield from asked(Question("credit.get_credit"), settings)))


def prices(settings: Settings) -> Steps[Prices]:
    """Ask for the prices."""
    return account.prices((yield from asked(Question("credit.get_prices"), settings)))


def credit_notice(settings: Settings) -> Steps[CreditNotice | None]:
    """Ask when an e-mail warns of low credit."""
    return account.credit_notice((yield from asked(Question("credit.get_credit_notice"), settings)))


def set_credit_notice(settings: Settings, email: str, value: float, *, enable: bool) -> Steps[None]:
    """Set when an e-mail warns of low credit."""
    from smsmanager_rest.models import CreditNoticeSettings  # noqa: PLC0415 - for this operation alone

    if not value > 0:
        raise ValidationError([("value", "must be more than 0")])
    body = CreditNoticeSettings(email=text_given("email", email), value=float(value), enable=enable)
    yield from asked(
        Question("credit.set_credit_notice", {"body": body}, Effect.SAME_TWICE), settings
    )


def key_facts(settings: Settings) -> Steps[KeyFacts]:
    """Ask about the key and its permissions."""
    return account.key_facts((yield from asked(Question("apikey.get_key"), settings)))


def update_key(settings: Settings, default_callback_url: str, note: str) -> Steps[None]:
    """Change the note and the default webhook URL of the key."""
    from smsmanager_rest.models import KeySettings  # noqa: PLC0415 - for this operation alone

    body = KeySettings(default_callback_url=default_callback_url, note=note)
    yield from asked(Question("apikey.update_key", {"body": body}, Effect.SAME_TWICE), settings)


def download(settings: Settings, name: str, subid: str | None) -> Steps[DownloadedList]:
    """Fetch a list. The address is valid for a minute, so a failed fetch begins with a new one."""
    try:
        question = Question(f"lists.download_{_NAMES[name]}", _given(subid=subid))
        answer = yield from asked(question, settings)
    except ApiError as error:
        if error.status_code == _NOT_FOUND and _json(error.body).get("success") is True:
            return DownloadedList(frozenset())
        raise
    address = checked_address(answer.get("url"), settings.base_url)
    return read_list((yield from asked(Question(f"the {name} file", url=address), settings)))


def add_to_list(
    settings: Settings, name: str, numbers: Numbers, subid: str | None
) -> Steps[ListAddition]:
    """Add numbers to a list, a thousand per request."""
    from smsmanager_rest.models import ListAddition as Body  # noqa: PLC0415 - for this operation alone

    def add(part: str) -> Steps[ListAddition]:
        arguments = {"body": Body(to=part, **_given(subid=subid))}
        question = Question(f"lists.add_to_{_NAMES[name]}", arguments, Effect.SAME_TWICE)
        return account.list_addition((yield from asked(question, settings)))

    done = yield from _in_parts(settings, numbers, add)
    invalid = tuple(number for each in done for number in each.invalid)
    return ListAddition(accepted=_sum(each.accepted for each in done), invalid=invalid)


def remove_from_list(
    settings: Settings, name: str, numbers: Numbers, subid: str | None
) -> Steps[ListRemoval]:
    """Remove numbers from a list, a thousand per request."""

    def remove(part: str) -> Steps[ListRemoval]:
        return (yield from _remove(settings, name, to=part, **_given(subid=subid)))

    done = yield from _in_parts(settings, numbers, remove)
    left = [each.remaining for each in done if each.remaining is not None]
    return ListRemoval(
        removed=_sum(each.removed for each in done),
        remaining=left[-1] if left else None,
        invalid=tuple(number for each in done for number in each.invalid),
    )


def wipe_list(settings: Settings, name: str, subid: str | None) -> Steps[ListRemoval]:
    """Remove all numbers from a list."""
    return (yield from _remove(settings, name, all_=True, **_given(subid=subid)))


def _remove(settings: Settings, name: str, **fields: Any) -> Steps[ListRemoval]:
    from smsmanager_rest.models import ListRemoval as Body  # noqa: PLC0415 - for this operation alone

    operation = f"lists.remove_from_{_NAMES[name]}"
    question = Question(operation, {"body": Body(**fields)}, Effect.SAME_TWICE)
    try:
        return account.list_removal(name, (yield from asked(question, settings)))
    except ApiError as error:
        # None of the numbers is on the list, perhaps because a removal whose answer was lost was repeated.
        if error.status_code == _NOT_FOUND and isinstance(_json(error.body).get(name), dict):
            return ListRemoval(removed=0)
        raise


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        return read.fields(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum; None if any count is not known."""
    known = [*counts]
    return None if None in known else sum(filter(None, known))


def _in_parts(
    settings: Settings, numbers: Numbers, change: Callable[[str], Steps[T]]
) -> Steps[list[T]]:
    """Make a change with the numbers in canonical form, one on each line, a thousand per request.

    Raises:
        ValidationError: If a value cannot be a phone number, or there is none; nothing was changed.
    """
    named = [numbers] if isinstance(numbers, (str, Reply, IncomingMessage)) else list(numbers)
    several: list[Any] = [getattr(one, "sender", one) for one in named]
    canonical: dict[str, None] = {}
    problems: list[tuple[str, str]] = []
    for index, number in enumerate(several):
        try:
            canonical[normalise_number(number, settings.default_region)] = None
        except (InvalidNumberError, TypeError) as error:
            text = str(error) if isinstance(error, InvalidNumberError) else "must be a string"
            problems.append((f"numbers[{index}]", text))
    if not several:
        problems.append(("numbers", "must contain at least one number"))
    if problems:
        raise ValidationError(problems)
    lines, done = list(canonical), list[T]()
    for start in range(0, len(lines), MOST_NUMBERS):
        try:
            done.append((yield from change("\n".join(lines[start : start + MOST_NUMBERS]))))
        except SmsManagerError as error:
            if start:
                tell_of_earlier_parts(error, start, len(lines))
            raise
    return done


def check(settings: Settings, messages: Message | Iterable[Message]) -> Steps[CheckResult]:
    """Have messages checked by the service, after the local checks."""
    from smsmanager_rest.models import MessageToCheck  # noqa: PLC0415 - for this operation alone

    several = not hasattr(messages, "to_dict")
    prepared = prepare_batch(messages if several else [messages], settings)  # type: ignore[arg-type,list-item]
    requests = prepared.requests()
    wire: list[Mapping[str, Any]] = [json.loads(m.json) for r in requests for m in r.messages]
    if len(requests) > 1 or len(wire) != len(prepared.contents):
        text = "must be at most ten, each to at most ten recipients: one request can check no more"
        raise ValidationError([("messages", text)])
    bodies = [MessageToCheck.from_dict(message) for message in wire]
    arguments = {"body": bodies if several else bodies[0]}
    question = Question("messaging.validate_messages", arguments, false_is_an_answer=True)
    return account.check_result((yield from asked(question, settings)))
