"""`Service`: questions to the service, asked by the blocking client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack, cast

from smsmanager._plan import follow
from smsmanager._privacy import hides_locals
from smsmanager._transport.exchange import BlockingExchange
from smsmanager.asking import _asking_plans as plans
from smsmanager.asking._cancelling import cancel
from smsmanager.asking._downloads import BlockingDownload
from smsmanager.asking._inbox_plans import follow_inbox, inbox
from smsmanager.asking._questions import Found, Question
from smsmanager.asking._service_base import ServiceBase
from smsmanager.asking._settling import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from smsmanager._config import Settings
    from smsmanager.asking._asking_plans import Numbers
    from smsmanager.asking._cancelling import Cancellation
    from smsmanager.asking._questions import Steps
    from smsmanager.asking._settling import SettleOptions
    from smsmanager.asking.account_facts import Credit, CreditNotice, KeyFacts, Prices
    from smsmanager.asking.message_states import DayTotals, MessageRow, MessageStatus, Totals
    from smsmanager.asking.number_lists import (
        CheckResult,
        DownloadedList,
        ListAddition,
        ListRemoval,
    )
    from smsmanager.errors import SmsManagerError
    from smsmanager.results import SendResult
    from smsmanager.webhooks import IncomingMessage, Reply
    from smsmanager_jsonapi.models import Message

T = TypeVar("T")


class Service(ServiceBase[BlockingExchange]):
    """Questions to the service through its REST API; `client.service` returns one.

    Every method raises a `SmsManagerError` when there is no answer. Its text says whether anything was
    changed, and `safe_to_retry` whether to ask again; see `smsmanager.asking.asking_errors`. A question
    that is safe to repeat is repeated as the client's `retries` say, within its `deadline_s` each time.
    """

    _exchange = BlockingExchange
    _download = BlockingDownload

    @hides_locals
    def status(self, message_id: str) -> MessageStatus | None:
        """Return the state of one message; None if it is unknown or belongs to another key.

        How soon an accepted message becomes visible, and for how long, is not documented.

        Args:
            message_id: The id from a result or a webhook; in a batch with its suffix.

        Source: SmsManager REST API reference, "Get message".
        """
        return self._run(plans.status(self._settings, message_id))

    def sent(
        self,
        day: date | str,
        *,
        tag: str | None = None,
        phone_number: str | None = None,
        subid: str | None = None,
    ) -> Findings[MessageRow]:
        """Iterate over the messages of one day; the service is asked for each page when it is reached.

        Args:
            day: The day; whether by the account's time zone or by UTC is not documented.
            tag: Tags joined by commas. The whole set must match: `a` does not find `a,b`.
            phone_number: A number in canonical form.
            subid: Id of a sub-account.

        Source: SmsManager REST API reference, "Get messages".
        """
        given = {"tag": tag, "phone_number": phone_number, "subid": subid}
        return Findings(self._advance, plans.sent(self._settings, plans.day_of(day), **given))

    @hides_locals
    def request_totals(
        self, request_id: str, day: date | str, *, subid: str | None = None
    ) -> Totals | None:
        """Return the totals of one request; None if there is no such request on that day.

        Source: SmsManager REST API reference, "Get request".
        """
        return self._run(plans.request_totals(self._settings, request_id, plans.day_of(day), subid))

    @hides_locals
    def day_totals(
        self, days: Iterable[date | str], *, tag: str | None = None, subid: str | None = None
    ) -> tuple[DayTotals, ...]:
        """Return the totals of days, by set of tags; days without data are left out.

        Source: SmsManager REST API reference, "Get requests".
        """
        return self._run(plans.day_totals(self._settings, map(plans.day_of, days), tag, subid))

    def inbox(self, day: date | str) -> Findings[Reply | IncomingMessage]:
        """Iterate over the inbox of one day, as the events of webhooks.

        A row names no message, so the `message_id` of a reply is empty; its `payload` and `reference` are
        those of the message that the service pairs it with, by phone number.

        Source: SmsManager REST API reference, "Get inbox".
        """
        return Findings(self._advance, inbox(self._settings, plans.day_of(day)))

    def follow_inbox(
        self, *, since: datetime | None = None, every_s: float = 30, zone: str | None = None
    ) -> Findings[Reply | IncomingMessage]:
        """Iterate over new events, each once, endlessly; for programs that a webhook cannot reach.

        After the first answer, a failure that is safe to repeat is logged, and the service is asked again
        after `every_s`. Any other failure is raised.

        Args:
            since: Return events from this moment on. Default: now.
            every_s: Seconds between two questions.
            zone: IANA name of the account's time zone. Default: ask the service.
        """
        return Findings(
            self._advance, follow_inbox(self._settings, self._now, since, every_s, zone)
        )

    @hides_locals
    def credit(self) -> Credit:
        """Return the credit of the account. Source: SmsManager REST API reference, "Get credit"."""
        return self._run(plans.credit(self._settings))

    @hides_locals
    def prices(self) -> Prices:
        """Return the prices of the account, from which the cost of a message can be estimated.

        Source: SmsManager REST API reference, "Get prices".
        """
        return self._run(plans.prices(self._settings))

    @hides_locals
    def credit_notice(self) -> CreditNotice | None:
        """Return when an e-mail warns of low credit; None if that was never set up."""
        return self._run(plans.credit_notice(self._settings))

    @hides_locals
    def set_credit_notice(self, *, email: str, value: float, enable: bool = True) -> None:
        """Set when an e-mail warns of low credit; needs the scope `full` or `rest-api`.

        Args:
            email: Where the warning goes.
            value: The credit below which it is sent, more than 0.
            enable: Whether the warning is on.
        """
        return self._run(plans.set_credit_notice(self._settings, email, value, enable=enable))

    @hides_locals
    def me(self) -> KeyFacts:
        """Return the account and permissions of the key: the cheapest way to check a key.

        Raises:
            AuthenticationError: If the key is wrong.

        Source: SmsManager REST API reference, "Get API key".
        """
        return self._run(plans.key_facts(self._settings))

    @hides_locals
    def update_key(self, *, default_callback_url: str, note: str) -> None:
        """Change both the default webhook URL and the note of the key; an empty string clears one.

        A changed URL also becomes the webhook URL of every sender of the key. Needs the scope `full` or
        `rest-api`.

        Source: SmsManager REST API reference, "Update API key".
        """
        return self._run(plans.update_key(self._settings, default_callback_url, note))

    @hides_locals
    def check(self, messages: Message | Iterable[Message]) -> CheckResult:
        """Return the problems that the service finds in one to ten messages, without sending them.

        It checks fields, types, steps and the format of numbers, but not credit, senders or opt-outs.

        Raises:
            ValidationError: If a local check refuses a message; nothing was asked.
            NotOfferedError: If the service does not offer this check: only one of its pages describes it.

        Source: SmsManager skill "bulk", "Validate".
        """
        return self._run(plans.check(self._settings, messages))

    @hides_locals
    def cancel(self, scheduled: str | SendResult) -> tuple[Cancellation, ...]:
        """Cancel scheduled messages; one that was already processed cannot be cancelled.

        Args:
            scheduled: The id of one message, or a result, of which every accepted recipient is cancelled.

        Returns:
            The outcome of each, in order: cancelled, refused or unclear. A message that could not be
            cancelled raises nothing.

        Raises:
            SmsManagerError: If the key is refused, or the service cannot be reached; a `CancelStoppedError`
                if this happened after some messages were tried.

        Source: SmsManager REST API reference, "Cancel message".
        """
        return self._run(cancel(self._settings, scheduled))

    @hides_locals
    def settle(
        self, failed: SmsManagerError | SendResult, /, **options: Unpack[SettleOptions]
    ) -> SendResult:
        """Return a result with what the service knows about its *unknown* and *unconfirmed* recipients.

        Nothing is sent again, and nothing is guessed; `docs/asking.md` has the rules.

        Args:
            failed: The error of a call, or its result.
            **options: See `SettleOptions`.

        Returns:
            The result; the `evidence` of each recipient in question says what was found.

        Raises:
            ConfigurationError: If the result does not say what was sent, or when.
            SmsManagerError: If a question got no answer; its `result` has the findings so far.
        """
        return self._run(settle(self._settings, self._now, failed, options))

    @property
    def optouts(self) -> BlockingList:
        """The opt-out list: its numbers get no promotional messages."""
        return BlockingList(self._run, self._settings, "optout")

    @property
    def blacklist(self) -> BlockingList:
        """The blacklist: its numbers get no messages at all."""
        return BlockingList(self._run, self._settings, "blacklist")

    def _run(self, steps: Steps[T]) -> T:
        found = self._advance(steps)
        while isinstance(found, Found):
            found = self._advance(steps)
        return cast("T", found.value)

    def _advance(self, steps: Steps[Any]) -> Any:
        """Advance to the next finding; return a `StopIteration` at the end."""

        def act(step: Question | float) -> Any:
            if isinstance(step, Question):
                exchange, request = self._carrier(step)
                return exchange.request(**request).json()
            return self._sleep(step)

        return follow(steps, act, (Found,))


class Findings(Iterator[T], Generic[T]):
    """An iterator over findings; it asks when it is advanced."""

    def __init__(self, advance: Callable[[Steps[Any]], Any], steps: Steps[Any]) -> None:
        self._advance = advance
        self._steps = steps

    def __iter__(self) -> Self:
        """Return the iterator itself."""
        return self

    @hides_locals
    def __next__(self) -> T:
        """Return the next finding."""
        found = self._advance(self._steps)
        if not isinstance(found, Found):
            raise StopIteration
        return cast("T", found.item)


class BlockingList:
    """One of the two lists of blocked numbers.

    Source: SmsManager REST API reference, "Opt-out" and "Blacklist".
    """

    def __init__(self, run: Callable[[Steps[Any]], Any], settings: Settings, name: str) -> None:
        self._run = run
        self._settings = settings
        self._name = name

    @hides_locals
    def add(self, numbers: Numbers, *, subid: str | None = None) -> ListAddition:
        """Add numbers. Adding one twice is harmless, so an interrupted call can be repeated.

        Args:
            numbers: One number or several; a `Reply` or `IncomingMessage` stands for its sender.
            subid: Id of a sub-account.

        Raises:
            ValidationError: If a value cannot be a phone number; nothing was changed.
        """
        steps = plans.add_to_list(self._settings, self._name, numbers, subid)
        return cast("ListAddition", self._run(steps))

    @hides_locals
    def remove(self, numbers: Numbers, *, subid: str | None = None) -> ListRemoval:
        """Remove numbers; see `add`. A number that is not on the list is not counted as removed."""
        steps = plans.remove_from_list(self._settings, self._name, numbers, subid)
        return cast("ListRemoval", self._run(steps))

    @hides_locals
    def download(self, *, subid: str | None = None) -> DownloadedList:
        """Return the numbers of the list.

        The file comes from an address that the service gives. The key is not sent there, and no log shows the
        address.

        Raises:
            ListFormatError: If the file cannot be understood.
        """
        steps = plans.download(self._settings, self._name, subid)
        return cast("DownloadedList", self._run(steps))

    @hides_locals
    def wipe_the_whole_list(self, *, subid: str | None = None) -> ListRemoval:
        """Remove all numbers. This cannot be undone: download the list first."""
        steps = plans.wipe_list(self._settings, self._name, subid)
        return cast("ListRemoval", self._run(steps))
