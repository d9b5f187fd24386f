"""Show the controls: rules, faults, credit and opt-outs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records.message_outcome import MAGIC_OUTCOMES, MagicNumber

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
    """A rule or a fault that waits: what it does, to what, and how often."""

    key: str
    what: str
    when: str = attrs.field(repr=False)
    times: str
    remove: str
    raw: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class ControlPage:
    """The controls: clock, rules, faults, credit and opt-outs."""

    rules: tuple[RuleRow, ...]
    faults: tuple[RuleRow, ...]
    magic: tuple[tuple[str, str], ...]
    credit: str
    opted_out: tuple[str, ...] = attrs.field(repr=False)
    rule_example: str = ""
    fault_example: str = ""


def control_page(service: Service, query: Query) -> ControlPage:
    """Return the controls."""
    engine = service.engine
    chosen = engine.accounts.chosen(query.key)
    return ControlPage(
        rules=tuple(_rule(active, query) for active in engine.rules),
        faults=tuple(
            _fault(pending, number) for number, pending in enumerate(service.faults.pending())
        ),
        magic=tuple((number.value, _meaning(number)) for number in MagicNumber),
        credit=_credit(chosen),
        opted_out=tuple(_opted_out(chosen)),
        rule_example=_RULE_EXAMPLE,
        fault_example=_FAULT_EXAMPLE,
    )


def _credit(chosen: Iterable[Account]) -> str:
    left = [account.credit for account in chosen if account.credit is not None]
    return words.price(sum(left, Decimal(0))) if left else "never runs out"


def _opted_out(chosen: Iterable[Account]) -> list[str]:
    numbers = sorted(frozenset().union(*(account.opted_out for account in chosen)))
    return numbers[:_OPTED_OUT_SHOWN]


def _rule(active: ActiveRule, query: Query) -> RuleRow:
    rule = active.rule
    conditions = [
        f"{name} {value}"
        for name, value in (
            ("to", rule.to),
            ("tag", rule.tag),
            ("containing", rule.containing),
            ("channel", rule.channel),
        )
        if value is not None
    ]
    if rule.probability < 1:
        conditions.append(f"{rule.probability:.0%} of them")
    return RuleRow(
        key=f"r-{active.id}",
        what=_worded(rule.outcome),
        when=", ".join(conditions) or "every message",
        times="" if active.left is None else f"{active.left:,} left",
        remove=query.elsewhere(f"/rules/{active.id}"),
    )


def _worded(outcome: Outcome) -> str:
    found = [outcome.kind.replace("_", " ")]
    if outcome.code is not None or outcome.info is not None:
        found.append(f"[{outcome.result_code}] {outcome.result_text}")
    if outcome.delay_s is not None:
        found.append(f"after {words.duration(outcome.delay_s)}")
    if outcome.reply is not None:
        found.append(f"then replies {outcome.reply}")
    return ", ".join(found)


def _meaning(number: MagicNumber) -> str:
    if number is MagicNumber.SMS_ONLY:
        return "SMS are delivered, every other channel is undelivered"
    if number is MagicNumber.TEST:
        return "the service's test number: evaluated as invalid, no webhook, no charge"
    outcome = MAGIC_OUTCOMES[number]
    if outcome.kind == "rejected":
        return f"reported as rejected, [{outcome.result_code}] {outcome.result_text}"
    words_of = {
        "never": "stays sent",
        "not_taken": "in rejected of the answer",
        "unconfirmed": "in neither list of the answer",
    }
    return words_of.get(outcome.kind, _worded(outcome))


def _fault(pending: PendingFault, number: int) -> RuleRow:
    fields = pending.as_json()
    times = fields.pop("times", None)
    kind = fields.pop("kind")
    fields = {name: value for name, value in fields.items() if value is not None}
    return RuleRow(
        key=f"f-{number}",
        what=str(kind).replace("_", " "),
        when=", ".join(f"{name} {value}" for name, value in fields.items()),
        times="until it is removed" if times is None else f"{times:,} left",
        remove="",
    )
