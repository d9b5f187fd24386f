"""Do what a form of the page asks: write as a phone, move the clock, set rules and faults, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.page._control_forms import FAULT_FIELDS, RULE_FIELDS, given, in_words
from smsmanager.sandbox.page._forms import FormError, moment_of, text_of, whole_number
from smsmanager.sandbox.page._frame import THEMES
from smsmanager.sandbox.page._message_page import NO_MESSAGE, find
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._render import spaced_number
from smsmanager.sandbox.page._schedule_page import next_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.page._undo import Undo
    from smsmanager.sandbox.page._unread import Unread


@attrs.frozen(eq=False)
class Actions:
    """The actions behind the forms of the page. Each raises `FormError` for a form that it cannot use.

    Attributes:
        service: What is changed.
        driver: Lets time pass.
        unread: Which messages were not opened yet.
        undo: Stores what can be undone.
    """

    service: Service
    driver: Driver
    unread: Unread
    undo: Undo

    async def receive(self, form: Mapping[str, str], request: Request) -> None:
        """Send a message from a phone to the account."""
        engine = self.service.engine
        text = text_of(form)
        number = form.get("number", "")
        if not any(char.isdecimal() for char in number):
            raise FormError("Enter the number that the message comes from.")
        inbox = Query.read(request.query_params).inbox or form.get("inbox", "")
        account = engine.accounts.get(inbox) or engine.accounts.only()
        if account is None:
            raise FormError("Choose the inbox of one API key first, at the top of the page.")
        engine.receive(
            text,
            key=account.fingerprint,
            sender=number,
            recipient=form.get("recipient", "").strip() or None,
            gateway=form.get("channel", "sms"),
        )
        await self.driver.flush()

    async def reply(self, form: Mapping[str, str], request: Request) -> None:
        """Answer a message as its recipient, with a text or with one of its buttons."""
        text = text_of(form)
        message = find(self.service.engine, whole_number(form.get("to", "")))
        if message is None:
            raise FormError(NO_MESSAGE, 404)
        if message.to != request.path_params["number"] or message.message_id is None:
            raise FormError("This message did not go to this phone.")
        step = whole_number(form["step"]) if "step" in form else None
        if step is not None and step >= len(message.journey.runs):
            raise FormError("This part of the message was not sent yet.")
        self.service.engine.reply(text, to=message, step=step)
        await self.driver.flush()

    async def delete(self, _form: Mapping[str, str], request: Request) -> None:
        """Delete one message, with its waiting tasks."""
        engine = self.service.engine
        message = find(engine, request.path_params["sequence"])
        removed = engine.removal.remove(message) if message else None
        if message is None or removed is None:
            raise FormError(NO_MESSAGE, 404)
        text = f"The message to {spaced_number(message.to or message.to_given)} was deleted."
        self.undo.offer(text, lambda: engine.removal.put_back(removed))

    async def take_back(self, form: Mapping[str, str], request: Request) -> None:
        """Undo the last removal, or withdraw the offer."""
        offer = self.undo.take(request.path_params["number"])
        if "keep" in form:
            return
        if offer is None:
            raise FormError("This can no longer be undone.", 404)
        offer.restore()
        await self.driver.flush()

    async def read_all(self, _form: Mapping[str, str], _request: Request) -> None:
        """Count every message as opened."""
        newest = next(self.service.engine.inbox.newest(), None)
        if newest is not None:
            self.unread.open_all(newest.sequence)

    async def resend(self, _form: Mapping[str, str], request: Request) -> None:
        """Send a webhook again."""
        if self.service.engine.resend(request.path_params["delivery"]) is None:
            raise FormError("This webhook is no longer kept.", 404)
        await self.driver.flush()

    async def jump(self, form: Mapping[str, str], _request: Request) -> None:
        """Jump ahead."""
        engine = self.service.engine
        task = next_task(engine)
        await self.driver.advance(moment_of(form, engine.clock.now(), task.due if task else None))

    async def add_rule(self, form: Mapping[str, str], _request: Request) -> None:
        """Add a rule."""
        try:
            self.service.add_rule(given(form, "rule", RULE_FIELDS))
        except (TypeError, ValueError) as error:
            raise FormError(in_words(error, form, RULE_FIELDS)) from None

    async def remove_rule(self, _form: Mapping[str, str], request: Request) -> None:
        """Remove a rule."""
        rules, number = self.service.engine.rules, request.path_params["rule"]
        before = list(rules)
        found = next((active for active in before if active.id == number), None)
        if found is None or not rules.remove(number):
            raise FormError("This rule no longer exists.", 404)
        behind = len(before) - before.index(found) - 1
        self._offer("The rule was removed.", lambda: rules.put_back(found, behind))

    async def add_fault(self, form: Mapping[str, str], _request: Request) -> None:
        """Inject a fault into the next requests."""
        try:
            self.service.inject_fault(given(form, "fault", FAULT_FIELDS))
        except (TypeError, ValueError) as error:
            raise FormError(in_words(error, form, FAULT_FIELDS)) from None

    async def remove_fault(self, _form: Mapping[str, str], request: Request) -> None:
        """Remove a fault."""
        faults, number = self.service.faults, request.path_params["fault"]
        found = next((pending for pending in faults.pending() if pending.id == number), None)
        if found is None or not self.service.remove_fault(number):
            raise FormError("This fault no longer exists.", 404)
        self._offer("The fault was removed.", lambda: faults.put_back(found))

    def _offer(self, text: str, restore: Callable[[], object]) -> None:
        def restored() -> None:
            restore()
            self.service.engine.feed.publish("settings")

        self.undo.offer(text, restored)

    async def clear_faults(self, _form: Mapping[str, str], _request: Request) -> None:
        """Forget the waiting faults."""
        self.service.clear_faults()

    async def clear(self, _form: Mapping[str, str], request: Request) -> None:
        """Forget everything in one inbox, or in all."""
        self.service.clear(Query.read(request.query_params).key)

    async def theme(self, form: Mapping[str, str], _request: Request) -> None:
        """Check the requested theme; the answer keeps it."""
        if form.get("theme") not in THEMES:
            raise FormError("There is no such theme.")
