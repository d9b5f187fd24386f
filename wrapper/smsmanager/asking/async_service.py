"""`AsyncService`: questions to the service, asked by the asynchronous client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack, cast

from smsmanager._plan import follow_async
from smsmanager._privacy import hides_locals
from smsmanager._transport.exchange import AsyncExchange
from smsmanager.asking import _asking_plans as plans
from smsmanager.asking._cancelling import cancel
from smsmanager.asking._downloads import AsyncDownload
from smsmanager.asking._inbox_plans import follow_inbox, inbox
from smsmanager.asking._questions import Found, Question
from smsmanager.asking._service_base import ServiceBase
from smsmanager.asking._settling import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
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


class AsyncService(ServiceBase[AsyncExchange]):
    """The methods of `Service`, asynchronous; `AsyncSmsManager.service` returns one."""

    _exchange = AsyncExchange
    _download = AsyncDownload

    @hides_locals
    async def status(self, message_id: str) -> MessageStatus | None:
        """See `Service.status`."""
        return await self._run(plans.status(self._settings, message_id))

    def sent(
        self,
        day: date | str,
        *,
        tag: str | None = None,
        phone_number: str | None = None,
        subid: str | None = None,
    ) -> AsyncFindings[MessageRow]:
        """See `Service.sent`."""
        given = {"tag": tag, "phone_number": phone_number, "subid": subid}
        return AsyncFindings(self._advance, plans.sent(self._settings, plans.day_of(day), **given))

    @hides_locals
    async def request_totals(
        self, request_id: str, day: date | str, *, subid: str | None = None
    ) -> Totals | None:
        """See `Service.request_totals`."""
        return await self._run(
            plans.request_totals(self._settings, request_id, plans.day_of(day), subid)
        )

    @hides_locals
    async def day_totals(
        self, days: Iterable[date | str], *, tag: str | None = None, subid: str | None = None
    ) -> tuple[DayTotals, ...]:
        """See `Service.day_totals`."""
        return await self._run(
            plans.day_totals(self._settings, map(plans.day_of, days), tag, subid)
        )

    def inbox(self, day: date | str) -> AsyncFindings[Reply | IncomingMessage]:
        """See `Service.inbox`."""
        return AsyncFindings(self._advance, inbox(self._settings, plans.day_of(day)))

    def follow_inbox(
        self, *, since: datetime | None = None, every_s: float = 30, zone: str | None = None
    ) -> AsyncFindings[Reply | IncomingMessage]:
        """See `Service.follow_inbox`."""
        return AsyncFindings(
            self._advance, follow_inbox(self._settings, self._now, since, every_s, zone)
        )

    @hides_locals
    async def credit(self) -> Credit:
        """See `Service.credit`."""
        return await self._run(plans.credit(self._settings))

    @hides_locals
    async def prices(self) -> Prices:
        """See `Service.prices`."""
        return await self._run(plans.prices(self._settings))

    @hides_locals
    async def credit_notice(self) -> CreditNotice | None:
        """See `Service.credit_notice`."""
        return await self._run(plans.credit_notice(self._settings))

    @hides_locals
    async def set_credit_notice(self, *, email: str, value: float, enable: bool = True) -> None:
        """See `Service.set_credit_notice`."""
        return await self._run(plans.set_credit_notice(self._settings, email, value, enable=enable))

    @hides_locals
    async def me(self) -> KeyFacts:
        """See `Service.me`."""
        return await self._run(plans.key_facts(self._settings))

    @hides_locals
    async def update_key(self, *, default_callback_url: str, note: str) -> None:
        """See `Service.update_key`."""
        return await self._run(plans.update_key(self._settings, default_callback_url, note))

    @hides_locals
    async def check(self, messages: Message | Iterable[Message]) -> CheckResult:
        """See `Service.check`."""
        return await self._run(plans.check(self._settings, messages))

    @hides_locals
    async def cancel(self, scheduled: str | SendResult) -> tuple[Cancellation, ...]:
        """See `Service.cancel`."""
        return await self._run(cancel(self._settings, scheduled))

    @hides_locals
    async def settle(
        self, failed: SmsManagerError | SendResult, /, **options: Unpack[SettleOptions]
    ) -> SendResult:
        """See `Service.settle`."""
        return await self._run(settle(self._settings, self._now, failed, options))

    @property
    def optouts(self) -> AsyncList:
        """The opt-out list: its numbers get no promotional messages."""
        return AsyncList(self._run, self._settings, "optout")

    @property
    def blacklist(self) -> AsyncList:
        """The blacklist: its numbers get no messages at all."""
        return AsyncList(self._run, self._settings, "blacklist")

    async def _run(self, steps: Steps[T]) -> T:
        found = await self._advance(steps)
        while isinstance(found, Found):
            found = await self._advance(steps)
        return cast("T", found.value)

    async def _advance(self, steps: Steps[Any]) -> Any:
        """Advance to the next finding; return a `StopIteration` at the end."""

        async def act(step: Question | float) -> Any:
            if isinstance(step, Question):
                exchange, request = self._carrier(step)
                return (await exchange.request(**request)).json()
            return await self._sleep(step)

        return await follow_async(steps, act, (Found,))


class AsyncFindings(AsyncIterator[T], Generic[T]):
    """An asynchronous iterator over findings; it asks when it is advanced."""

    def __init__(self, advance: Callable[[Steps[Any]], Awaitable[Any]], steps: Steps[Any]) -> None:
        self._advance = advance
        self._steps = steps

    def __aiter__(self) -> Self:
        """Return the iterator itself."""
        return self

    @hides_locals
    async def __anext__(self) -> T:
        """Return the next finding."""
        found = await self._advance(self._steps)
        if not isinstance(found, Found):
            raise StopAsyncIteration
        return cast("T", found.item)


class AsyncList:
    """One of the two lists of blocked numbers.

    Source: SmsManager REST API reference, "Opt-out" and "Blacklist".
    """

    def __init__(
        self, run: Callable[[Steps[Any]], Awaitable[Any]], settings: Settings, name: str
    ) -> None:
        self._run = run
        self._settings = settings
        self._name = name

    @hides_locals
    async def add(self, numbers: Numbers, *, subid: str | None = None) -> ListAddition:
        """See `BlockingList.add`."""
        steps = plans.add_to_list(self._settings, self._name, numbers, subid)
        return cast("ListAddition", await self._run(steps))

    @hides_locals
    async def remove(self, numbers: Numbers, *, subid: str | None = None) -> ListRemoval:
        """See `BlockingList.remove`."""
        steps = plans.remove_from_list(self._settings, self._name, numbers, subid)
        return cast("ListRemoval", await self._run(steps))

    @hides_locals
    async def download(self, *, subid: str | None = None) -> DownloadedList:
        """See `BlockingList.download`."""
        steps = plans.download(self._settings, self._name, subid)
        return cast("DownloadedList", await self._run(steps))

    @hides_locals
    async def wipe_the_whole_list(self, *, subid: str | None = None) -> ListRemoval:
        """See `BlockingList.wipe_the_whole_list`."""
        steps = plans.wipe_list(self._settings, self._name, subid)
        return cast("ListRemoval", await self._run(steps))
