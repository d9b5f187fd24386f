"""Show the controls: rules, faults, credit and opt-outs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records.message_outcome import MAGIC_OUTCOMES, MagicNumber
from smsmanager.sandbox.page._bubbles import channel_name
from smsmanager.sandbox.page._control_forms import (
    FAULT_FIELDS,
    FAULTS,
    OUTCOMES,
    RULE_FIELDS,
    Field,
)
from smsmanager.sandbox.page._render import spaced_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smsmanager.sandbox._operations.faults import PendingFault
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.outcome_rules import ActiveRule
    from smsmanager.sandbox.engine.records.message_outcome import Outcome
    from smsmanager.sandbox.page._query import Query

_OPTED_OUT_SHOWN = 20

_RULE_EXAMPLE = """\
{"outcome": "undelivered", "to": "420777123456", "channel": "viber"}"""
_FAULT_EXAMPLE = """\
{"kind": "status", "status_code": 503, "retry_after": 2, "times": 3}"""


@attrs.frozen(kw_only=True)
class RuleRow:
    """A rule or a waiting fault: what it does, to what, and how often."""

    key: str
    what: str
    when: str = attrs.field(repr=False)
    times: str
    remove: str


@attrs.frozen(kw_only=True)
class ControlPage:
    """The controls: clock, rules, faults, credit and opt-outs."""

    rules: tuple[RuleRow, ...]
    faults: tuple[RuleRow, ...]
    magic: tuple[tuple[str, str], ...]
    credit: str
    opted_out: tuple[str, ...] = attrs.field(repr=False)
    rule_fields: tuple[Field, ...] = RULE_FIELDS
    fault_fields: tuple[Field, ...] = FAULT_FIELDS
    rule_example: str = _RULE_EXAMPLE
    fault_example: str = _FAULT_EXAMPLE


def control_page(service: Service, query: Query) -> ControlPage:
    """Return the controls."""
    engine = service.engine
    chosen = engine.accounts.chosen(query.key)
    return ControlPage(
        rules=tuple(_rule(active, query) for active in engine.rules),
        faults=tuple(_fault(pending, query) for pending in service.faults.pending()),
        magic=tuple((number.value, _meaning(number)) for number in MagicNumber),
        credit=_credit(chosen),
        opted_out=tuple(_opted_out(chosen)),
    )


def _credit(chosen: Iterable[Account]) -> str:
    left = [account.credit for account in chosen if account.credit is not None]
    return words.price(sum(left, Decimal(0))) if left else "unlimited"


def _opted_out(chosen: Iterable[Account]) -> list[str]:
    numbers = sorted(frozenset().union(*(account.opted_out for account in chosen)))
    return numbers[:_OPTED_OUT_SHOWN]


def _rule(active: ActiveRule, query: Query) -> RuleRow:
    rule = active.rule
    conditions = [
        f"{name} {value}"
        for name, value in (
            ("to", rule.to and spaced_number(active.number or rule.to)),
            ("on", rule.channel and channel_name(rule.channel)),
            ("with the tag", rule.tag),
            ("that contain", rule.containing),
        )
        if value is not None
    ]
    return RuleRow(
        key=f"r-{active.id}",
        what=_worded(rule.outcome),
        when=_share(rule.probability, "messages", conditions),
        times=_times(active.left, "time"),
        remove=query.elsewhere(f"/rules/{active.id}"),
    )


def _share(probability: float, what: str, conditions: Iterable[str] = ()) -> str:
    share = f"all {what}" if probability >= 1 else f"{probability:.0%} of {what}"
    return " ".join((share, *conditions))


def _times(left: int | None, what: str) -> str:
    return "until you remove it" if left is None else words.counted(left, f"more {what}")


def _worded(outcome: Outcome) -> str:
    found = [OUTCOMES[outcome.kind]]
    if outcome.code is not None or outcome.info is not None:
        found.append(f"[{outcome.result_code}] {outcome.result_text}")
    if outcome.delay_s is not None:
        found.append(f"after {words.duration(outcome.delay_s)}")
    if outcome.reply is not None:
        found.append(f"then replies {outcome.reply}")
    return ", ".join(found)


def _meaning(number: MagicNumber) -> str:
    if number is MagicNumber.SMS_ONLY:
        return "SMS is delivered; every other channel is undelivered"
    if number is MagicNumber.TEST:
        return "The service's own test number: evaluated as invalid, no webhook, no charge"
    outcome = MAGIC_OUTCOMES[number]
    if outcome.kind == "rejected":
        return f"Rejected, reported by webhook: [{outcome.result_code}] {outcome.result_text}"
    return _worded(outcome)


def _fault(pending: PendingFault, query: Query) -> RuleRow:
    fault = pending.fault
    what = FAULTS[fault.kind]
    if fault.status_code is not None:
        what = f"Answer with status {fault.status_code}"
    details = {
        "Location": fault.location,
        "Retry-After": fault.retry_after,
        "seconds": fault.delay_s,
        "body": fault.body,
        "path": pending.path,
    }
    found = [f"{name} {value}" for name, value in details.items() if value is not None]
    stored = "not stored" if fault.when == "before" else "stored"
    return RuleRow(
        key=f"f-{pending.id}",
        what=what,
        when=", ".join((_share(pending.probability, "requests"), *found, f"messages are {stored}")),
        times=_times(pending.times, "request"),
        remove=query.elsewhere(f"/faults/{pending.id}"),
    )
