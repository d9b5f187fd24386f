"""Show the requests, and the controls: clock, rules, faults, account."""

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from smsmanager.sandbox._faults import PendingFault
from smsmanager.sandbox._outcomes import MAGIC_OUTCOMES, MagicNumber, Outcome
from smsmanager.sandbox._received import ReceivedRequest
from smsmanager.sandbox._service import Service
from smsmanager.sandbox.engine.accounts import Account
from smsmanager.sandbox.engine.rules import ActiveRule
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page import _words as words
from smsmanager.sandbox.page._list import accounts
from smsmanager.sandbox.page._query import Query

_ROWS: Final = 50
_OPTED_OUT_SHOWN: Final = 20
_REFUSED_FROM: Final = 300

_RULE_EXAMPLE: Final = """\
{"outcome": "undelivered", "to": "420777123456", "channel": "viber"}"""
_FAULT_EXAMPLE: Final = """\
{"kind": "status", "status_code": 503, "retry_after": 2, "times": 3}"""


def is_refused(request: ReceivedRequest) -> bool:
    """Tell whether a request was not answered with a 2xx as it should."""
    return request.reason is not None or (request.status_code or 0) >= _REFUSED_FROM


def requests_page(service: Service, query: Query, *, everything: bool) -> views.RequestsPage:
    """Return the requests, newest first.

    Args:
        service: What recorded them.
        query: Of which inbox, and from where on. Requests without a key are shown in each.
        everything: Whether those that were taken are shown as well.
    """
    requests = service.inbox.requests()
    of_inbox = (
        request
        for request in reversed(requests)
        if query.inbox in ("", request.key_fingerprint) or request.key_fingerprint is None
    )
    behind = (r for r in of_inbox if not query.before or r.sequence < query.before)
    found = list(itertools.islice((r for r in behind if everything or is_refused(r)), _ROWS + 1))
    shown = found[:_ROWS]
    refused = query.elsewhere("/requests")
    taken_too = query.elsewhere("/requests", all="1")
    older = query.elsewhere(
        "/requests", all="1" if everything else "", before=shown[-1].sequence if shown else 0
    )
    return views.RequestsPage(
        rows=tuple(map(_request_row, shown)),
        filters=(
            views.Choice("Refused", refused, current=not everything, tone="bad"),
            views.Choice("All", taken_too, current=everything, count=len(requests)),
        ),
        older=older if len(found) > _ROWS else None,
    )


def _request_row(request: ReceivedRequest) -> views.RequestRow:
    state = words.answered(request.status_code)
    reason = request.reason or ""
    pointer = request.pointer or ""
    if is_refused(request) and state.tone == "good":
        # A fault spoiled the answer to a request that was taken.
        state = views.State(state.word, "waiting")
    return views.RequestRow(
        key=f"q-{request.sequence}",
        at=words.iso(request.received_at.timestamp()),
        method=request.method,
        path=request.path,
        status=state.word,
        state=state,
        pointer=pointer,
        reason=reason.removeprefix(f"{pointer}: ") if pointer else reason,
        recipients=request.recipients,
        request_id=request.request_id or "",
        body=request.content or "",
    )


def control_page(service: Service, query: Query) -> views.ControlPage:
    """Return the controls."""
    engine = service.engine
    chosen = accounts(engine, query.inbox)
    return views.ControlPage(
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


def _rule(active: ActiveRule, query: Query) -> views.Rule:
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
    return views.Rule(
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
        return "the service's test number: stays sent, no webhook, no charge"
    outcome = MAGIC_OUTCOMES[number]
    if outcome.kind == "rejected":
        return f"reported as rejected, [{outcome.result_code}] {outcome.result_text}"
    words_of = {
        "never": "stays sent",
        "not_taken": "in rejected of the answer",
        "unconfirmed": "in neither list of the answer",
    }
    return words_of.get(outcome.kind, _worded(outcome))


def _fault(pending: PendingFault, number: int) -> views.Rule:
    fields = pending.as_json()
    times = fields.pop("times", None)
    kind = fields.pop("kind")
    fields = {name: value for name, value in fields.items() if value is not None}
    return views.Rule(
        key=f"f-{number}",
        what=str(kind).replace("_", " "),
        when=", ".join(f"{name} {value}" for name, value in fields.items()),
        times="until it is removed" if times is None else f"{times:,} left",
        remove="",
    )
