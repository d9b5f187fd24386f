"""Answer operations on the clock, rules, faults, inboxes and settings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from starlette.exceptions import HTTPException

from smsmanager.sandbox.api.arguments import API_VERSION, Arguments
from smsmanager.sandbox.engine.adjustable_clock import read_jump
from smsmanager.sandbox.engine.records.unix_time import iso, moment
from smsmanager.sandbox.engine.records.webhook_delivery import Delivery

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.schedule import Task


@attrs.frozen(eq=False)
class ControlOperations:
    """The operations that control a service.

    Attributes:
        service: The controlled service.
        driver: Lets time pass.
    """

    service: Service
    driver: Driver

    async def health(self, _arguments: Arguments) -> JsonObject:
        """Say that the sandbox is ready, and how much it holds."""
        messages, requests = self.service.inbox.count()
        return {
            "status": "ok",
            "api_version": API_VERSION,
            "rules": self.service.rule_set,
            "messages": messages,
            "requests": requests,
        }

    async def show_clock(self, _arguments: Arguments) -> JsonObject:
        """Return the time of the clock."""
        state = self.service.engine.clock.state()
        due = self.service.engine.next_due
        return {
            "now": iso(state.now),
            "mode": state.mode,
            "speed": state.speed,
            "next_due": None if due is None else iso(moment(due)),
        }

    async def move_clock(self, arguments: Arguments) -> JsonObject:
        """Jump ahead, and answer when everything due on the way has happened."""
        engine = self.service.engine
        try:
            until = read_jump(arguments.body, engine.clock.now(), engine.next_due)
        except (TypeError, ValueError) as error:
            raise HTTPException(400, str(error)) from None
        await self.driver.advance(until)
        return await self.show_clock(arguments)

    async def list_waiting(self, arguments: Arguments) -> JsonObject:
        """Return what is waiting, in order of time."""
        limit: int = arguments.given.get("limit", 100)
        engine = self.service.engine
        tasks = engine.waiting(limit)
        return {"waiting": [_waiting(task) for task in tasks], "total": engine.waiting_count}

    async def list_rules(self, _arguments: Arguments) -> JsonObject:
        """Return the rules in force, in the order in which they are tried."""
        return {"rules": [active.as_json() for active in self.service.engine.rules]}

    async def add_rule(self, arguments: Arguments) -> JsonObject:
        """Put a rule before the others."""
        try:
            rule_id = self.service.add_rule(arguments.body)
        except (TypeError, ValueError) as error:
            raise HTTPException(400, str(error)) from None
        return {"id": rule_id, **(await self.list_rules(arguments))}

    async def remove_rule(self, arguments: Arguments) -> JsonObject:
        """Remove one rule."""
        if not self.service.engine.rules.remove(arguments.given["id"]):
            raise HTTPException(404, "There is no such rule.")
        return {"deleted": 1}

    async def clear_rules(self, _arguments: Arguments) -> JsonObject:
        """Remove all rules."""
        return {"deleted": self.service.engine.rules.clear()}

    async def list_faults(self, _arguments: Arguments) -> JsonObject:
        """Return the waiting faults, the next one first."""
        return {"faults": [pending.as_json() for pending in self.service.faults.pending()]}

    async def inject_fault(self, arguments: Arguments) -> JsonObject:
        """Inject a fault into the next requests."""
        try:
            self.service.inject_fault(arguments.body)
        except (TypeError, ValueError) as error:
            raise HTTPException(400, str(error)) from None
        return await self.list_faults(arguments)

    async def clear_faults(self, _arguments: Arguments) -> JsonObject:
        """Forget the waiting faults."""
        return {"deleted": self.service.clear_faults()}

    async def list_inboxes(self, _arguments: Arguments) -> JsonObject:
        """Return the inboxes, one for each API key that was used."""
        engine = self.service.engine
        with engine.lock:
            return {"inboxes": [account.as_json() for account in engine.accounts]}

    async def change_inbox(self, arguments: Arguments) -> JsonObject:
        """Set credit, callback and secret of one inbox."""
        engine = self.service.engine
        body: dict[str, Any] = arguments.body
        with engine.lock:
            account = engine.accounts.of(arguments.given["fingerprint"])
            if "credit_czk" in body:
                credit = body["credit_czk"]
                account.credit = None if credit is None else Decimal(str(credit))
            account.callback = body.get("callback", account.callback)
            account.secret = body.get("secret", account.secret)
            account.opted_out.update(body.get("opted_out", ()))
            engine.feed.publish("settings", account.fingerprint)
            return {"inbox": account.as_json()}


def _waiting(task: Task) -> JsonObject:
    subject = task.subject
    is_delivery = isinstance(subject, Delivery)
    return {
        "due": iso(moment(task.due)),
        "kind": task.kind,
        "message_id": None if is_delivery else subject.message_id,
        "delivery": subject.id if is_delivery else None,
        "step": None if is_delivery else task.step,
        "why": None if is_delivery else subject.journey.why,
    }
