"""Write what is kept as JSON, and read it back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager.sandbox.engine.outcome_rules import Rule
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.journey import Entry, Journey, Price, StepRun
from smsmanager.sandbox.engine.records.message_outcome import State, Status
from smsmanager.sandbox.engine.records.received_message import ReceivedMessage, ReceivedStep
from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
from smsmanager.sandbox.engine.records.short_link import ShortLink
from smsmanager.sandbox.engine.records.webhook_delivery import Attempt, Delivery, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.webhook_delivery import Subject

_VALUES = ("sequence", "request_id", "message_id", "operation", "to", "to_given", "key_fingerprint")
_OF_A_REQUEST = (
    "sequence",
    "method",
    "path",
    "operation",
    "status_code",
    "reason",
    "request_id",
    "recipients",
    "key_fingerprint",
    "content",
)
_OF_INCOMING = (
    "sequence",
    "key_fingerprint",
    "gateway",
    "sender",
    "recipient",
    "body",
    "at",
    "auto_reply",
    "email_to",
    "is_opt_out",
)
_OF_A_DELIVERY = ("id", "key_fingerprint", "request_id", "due", "state", "retries")
_OF_A_LINK = ("code", "original", "target", "shown", "expires_at", "clicks")


def message_as_json(message: ReceivedMessage) -> JsonObject:
    """Return a message with its journey."""
    journey = message.journey
    return {
        **{name: getattr(message, name) for name in _VALUES},
        "status": message.status,
        "steps": [[s.channel, s.body, s.sender, s.fields] for s in message.steps],
        "message": message.message,
        "received_at": message.received_at.isoformat(),
        "notes": message.notes,
        "state": journey.state,
        "due": journey.due,
        "why": journey.why,
        "runs": [[run.started_at, run.result, _price_as_json(run.price)] for run in journey.runs],
        "entries": journey.entries,
        "links": [[getattr(link, name) for name in _OF_A_LINK] for link in journey.links],
    }


def message_from_json(content: JsonObject) -> ReceivedMessage:
    """Return a message with its journey."""
    journey = Journey()
    journey.state = State(content["state"])
    journey.due, journey.why = content["due"], content["why"]
    runs = []
    for started_at, result, price in content["runs"]:
        run = StepRun(started_at, _price(price))
        run.result = result
        runs.append(run)
    journey.runs = tuple(runs)
    journey.entries = [Entry(*entry) for entry in content["entries"]]
    journey.links = tuple(
        ShortLink(**dict(zip(_OF_A_LINK, link, strict=True))) for link in content["links"]
    )
    return ReceivedMessage(
        **{name: content[name] for name in _VALUES},
        status=Status(content["status"]),
        steps=tuple(ReceivedStep(*step) for step in content["steps"]),
        message=content["message"],
        received_at=datetime.fromisoformat(content["received_at"]),
        notes=tuple(content["notes"]),
        journey=journey,
    )


def request_as_json(request: ReceivedRequest) -> JsonObject:
    """Return a request."""
    values = {name: getattr(request, name) for name in _OF_A_REQUEST}
    return {**values, "received_at": request.received_at.isoformat()}


def request_from_json(content: JsonObject) -> ReceivedRequest:
    """Return a request."""
    received_at = datetime.fromisoformat(content["received_at"])
    return ReceivedRequest(**{**content, "received_at": received_at})


def incoming_as_json(incoming: IncomingMessage) -> JsonObject:
    """Return an incoming message."""
    answered = incoming.reply_to.message_id if incoming.reply_to else None
    return {**{name: getattr(incoming, name) for name in _OF_INCOMING}, "reply_to": answered}


def restore_incoming(engine: Engine, content: JsonObject) -> None:
    """Put an incoming message into its inbox."""
    answered = engine.inbox.find(content.pop("reply_to") or "")
    incoming = IncomingMessage(**content, reply_to=answered[0] if answered else None)
    account = engine.accounts.of(incoming.key_fingerprint)
    account.incoming.append(incoming)
    account.wrote_at[incoming.sender] = incoming.at
    engine.inbox.count_from(incoming.sequence + 1)


def delivery_as_json(delivery: Delivery) -> JsonObject:
    """Return a webhook with its attempts; what it is about is named by its number."""
    return {
        **{name: getattr(delivery, name) for name in _OF_A_DELIVERY},
        "target": attrs.asdict(delivery.target),
        "attempts": [attrs.astuple(attempt) for attempt in delivery.attempts],
        "items": [[subject.sequence, entry] for subject, entry in delivery.items],
    }


def restore_deliveries(
    engine: Engine, contents: Iterable[JsonObject], messages: Sequence[ReceivedMessage]
) -> None:
    """Put webhooks back; one whose messages are no longer kept is left out."""
    # Messages and incoming ones are numbered together.
    subjects: tuple[Subject, ...] = (*messages, *engine.incoming())
    known = {subject.sequence: subject for subject in subjects}
    for content in contents:
        target = content["target"]
        target["headers"] = tuple((name, value) for name, value in target["headers"])
        target["templates"] = target["templates"] and tuple(target["templates"])
        delivery = Delivery(
            **{name: content[name] for name in _OF_A_DELIVERY},
            target=Target(**target),
            attempts=[Attempt(*attempt) for attempt in content["attempts"]],
        )
        for number, entry in content["items"]:
            subject = known.get(number)
            if subject is not None:
                delivery.items.append((subject, entry and _entry(subject, entry)))
        if delivery.items:
            engine.webhooks.restore(delivery)


def _entry(subject: Subject, content: list[Any]) -> Entry:
    """Return the very entry of the timeline: a reader looks up what reports it."""
    entry = Entry(*content)
    kept = subject.journey.entries if isinstance(subject, ReceivedMessage) else ()
    return next((found for found in kept if found == entry), entry)


def restore_rules(engine: Engine, contents: Sequence[JsonObject]) -> None:
    """Put rules back, after those that are there: the program has just added these."""
    for content in contents:
        rule = {name: value for name, value in content.items() if name != "id"}
        if rule.get("times") is None:
            rule.pop("times", None)
        engine.rules.add(Rule.from_json(rule), last=True)


def account_as_json(account: Account) -> JsonObject:
    """Return an account."""
    return {
        "fingerprint": account.fingerprint,
        "credit": _amount(account.credit),
        "callback": account.callback,
        "secret": account.secret,
        "opted_out": sorted(account.opted_out),
        "blacklisted": sorted(account.blacklisted),
        "note": account.note,
        "notice": account.notice,
        "spent": [str(account.spent_czk), str(account.spent_eur)],
    }


def restore_account(account: Account, content: JsonObject) -> None:
    """Set what was kept of an account."""
    credit: str | None = content["credit"]
    account.credit = None if credit is None else Decimal(credit)
    account.callback = content["callback"]
    # The first version did not keep it.
    account.secret = content.get("secret", account.secret)
    account.opted_out = set(content["opted_out"])
    # Earlier versions had none of these.
    account.blacklisted |= set(content.get("blacklisted", ()))
    account.note, account.notice = content.get("note", ""), content.get("notice")
    account.spent_czk, account.spent_eur = map(Decimal, content["spent"])


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _price_as_json(price: Price | None) -> list[Any] | None:
    return None if price is None else [str(price.czk), str(price.eur), price.count]


def _price(content: list[Any] | None) -> Price | None:
    return None if content is None else Price(Decimal(content[0]), Decimal(content[1]), content[2])
