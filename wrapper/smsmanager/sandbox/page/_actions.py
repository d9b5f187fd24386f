"""Do what a form of the page says: write as a phone, turn the clock, set rules and faults, clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox.page._forms import FormError, json_of, moment_of, text_of, whole_number
from smsmanager.sandbox.page._frame import THEMES
from smsmanager.sandbox.page._message_page import NO_MESSAGE, find
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._schedule_page import next_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver


@attrs.frozen(eq=False)
class Actions:
    """What the forms of the page do. Each raises `FormError` for a form that it cannot work with.

    Attributes:
        service: What is changed.
        driver: Lets time pass.
    """

    service: Service
    driver: Driver

    async def receive(self, form: Mapping[str, str], request: Request) -> None:
        """Send a message from a phone to the account."""
        engine = self.service.engine
        text = text_of(form)
        number = form.get("number", "")
        if not any(char.isdecimal() for char in number):
            raise FormError("Write the number that the message comes from.")
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
        """Answer a message as its recipient."""
        text = text_of(form)
        message = find(self.service.engine, whole_number(form.get("to", "")))
        if message is None:
            raise FormError(NO_MESSAGE, 404)
        if message.to != request.path_params["number"] or message.message_id is None:
            raise FormError("This message did not go to this phone.")
        self.service.engine.reply(text, to=message)
        await self.driver.flush()

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
        """Put a rule in force."""
        try:
            self.service.add_rule(json_of(form, "rule"))
        except (TypeError, ValueError) as error:
            raise FormError(str(error)) from None

    async def remove_rule(self, _form: Mapping[str, str], request: Request) -> None:
        """Remove a rule."""
        self.service.engine.rules.remove(request.path_params["rule"])

    async def add_fault(self, form: Mapping[str, str], _request: Request) -> None:
        """Inject a fault into the next requests."""
        try:
            self.service.inject_fault(json_of(form, "fault"))
        except (TypeError, ValueError) as error:
            raise FormError(str(error)) from None

    async def clear_faults(self, _form: Mapping[str, str], _request: Request) -> None:
        """Forget the waiting faults."""
        self.service.clear_faults()

    async def clear(self, _form: Mapping[str, str], request: Request) -> None:
        """Forget everything of an inbox, or of all."""
        self.service.clear(Query.read(request.query_params).key)

    async def theme(self, form: Mapping[str, str], _request: Request) -> None:
        """Check the requested theme; the answer keeps it."""
        if form.get("theme") not in THEMES:
            raise FormError("There is no such theme.")
