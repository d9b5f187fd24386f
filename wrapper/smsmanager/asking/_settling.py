"""Ask the service about recipients whose outcome is open; no I/O.

Nothing is sent again. `_candidates` has the rules; this module finds the messages: it asks for the rows of
each day on which a message may be listed, then for the details of each possible message.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

import attrs

from smsmanager._config import call_hook
from smsmanager.asking import _asking_plans as plans
from smsmanager.asking._account_days import days_between
from smsmanager.asking._candidates import (
    Candidate,
    Case,
    Finding,
    decide,
    flow_form,
    is_bound,
    is_possible,
    text_forms,
)
from smsmanager.asking._open_cases import cleaned_tags, known_ids, open_cases
from smsmanager.errors import ConfigurationError, SmsManagerError
from smsmanager.results import RecipientOutcome, SendResult, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from smsmanager._config import Settings
    from smsmanager.asking._questions import Steps
    from smsmanager.asking.evidence import Evidence
    from smsmanager.asking.message_states import MessageRow, MessageStatus

_FIRST_WAIT_S = 2.0
_MOST_WAIT_S = 60.0
# A promotional message accepted in the evening is sent, and listed, the next morning.
_LISTED_WITHIN = timedelta(days=1)


class SettleOptions(TypedDict, total=False):
    """Options of `settle`.

    Attributes:
        patience_s: Maximum seconds to wait, over all repetitions, for messages to become visible; how long
            that takes is not documented. Default: 60. 0 asks once.
        others: Results and errors of other calls that may have sent to the same numbers, from any worker
            or process. Their ids are ruled out, and a message that may belong to one of their open recipients
            settles nothing here. Without them, the same text sent to the same number by another call at the
            same time can be mistaken for this one.
        bound: More ids of messages that are known to belong to other sends.
        states: Whether to ask for the state of each accepted recipient too. Default: False.
        clock_difference_s: Maximum seconds between the clocks of this machine and the service. Default: 120.
        late_s: Seconds after a call in which the service may still accept its requests. Default: 600.
        zone: IANA name of the account's time zone. Default: ask the service.
        called_between: When the call began and ended, as aware datetimes, for a result of an earlier
            version that does not say.
    """

    patience_s: float
    others: Iterable[SmsManagerError | SendResult]
    bound: Iterable[str]
    states: bool
    clock_difference_s: float
    late_s: float
    zone: str | None
    called_between: tuple[datetime, datetime] | None


def result_of(failed: SmsManagerError | SendResult) -> SendResult:
    """Return the result of a call or of its error.

    Raises:
        ConfigurationError: If the error has no result.
    """
    result = failed.result if isinstance(failed, SmsManagerError) else failed
    if result is None:
        raise ConfigurationError(
            "There is nothing to settle: the error came before there were recipients."
        )
    return result


def settle(
    settings: Settings,
    now: Callable[[], datetime],
    failed: SmsManagerError | SendResult,
    options: SettleOptions,
) -> Steps[SendResult]:
    """Return a result, completed with what the service knows; see `Service.settle`."""
    result = result_of(failed)
    others = [result_of(other) for other in options.get("others", ())]
    span = options.get("called_between")
    early_s, late_s = options.get("clock_difference_s", 120), options.get("late_s", 600)
    cases = open_cases(result, early_s, early_s + late_s, span, own=True)
    for other in others:
        cases += open_cases(other, early_s, early_s + late_s, None, own=False)
    bound = {*options.get("bound", ()), *known_ids([result, *others])}
    search = Search(settings, now, cases, bound)
    try:
        if options.get("states"):
            yield from search.ask_for_states(result)
        if any(case.position is not None for case in cases):
            yield from search.settle(options.get("patience_s", 60), options.get("zone"))
    except SmsManagerError as error:
        error.result = search.applied_to(result)
        raise
    applied = search.applied_to(result)
    if settings.observer is not None:
        call_hook(settings.observer.settled, result, applied)
    return applied


@attrs.define
class Search:
    """A search for the messages of open cases.

    Attributes:
        cases: Every open case; those with a position are to be settled.
        bound: Ids of messages that are known to belong to other sends.
        questions: The number of questions asked.
        found: The finding for each case with a position.
    """

    settings: Settings
    now: Callable[[], datetime]
    cases: list[Case]
    bound: set[str]
    found: dict[int, tuple[Finding, list[Candidate]]] = attrs.field(factory=dict)
    states: dict[int, MessageStatus | None] = attrs.field(factory=dict)
    asked_at: datetime | None = None
    questions: int = 0
    _candidates: dict[str, Candidate] = attrs.field(factory=dict)
    _details: dict[str, MessageStatus] = attrs.field(factory=dict)
    _numbered: set[str] = attrs.field(factory=set)

    def settle(self, patience_s: float, zone: str | None) -> Steps[None]:
        """Ask until every case is settled, or `patience_s` has passed."""
        if zone is None:
            self.questions += 1
            zone = (yield from plans.credit(self.settings)).time_zone
        left_s, wait_s = float(patience_s), _FIRST_WAIT_S
        while True:
            yield from self._look(zone)
            self._decide()
            wait_s = min(wait_s, left_s)
            if not self._open() or wait_s <= 0:
                return
            yield wait_s
            left_s -= wait_s
            wait_s = min(wait_s * 2, _MOST_WAIT_S)

    def _open(self) -> list[Case]:
        own = [case for case in self.cases if case.position is not None]
        return [
            c for c in own if self.found.get(c.position or 0, (None,))[0] is not Finding.SETTLED
        ]

    def _look(self, zone: str | None) -> Steps[None]:
        """Ask for the rows of every open number, and for the details of the possible messages."""
        wanted: dict[tuple[str, date], None] = {}
        for case in self._open():
            for day in self._days(case, zone):
                wanted[case.number, day] = None
        for number, day in wanted:
            yield from self._list(number, day)
        self.asked_at = self.now()
        for candidate in list(self._candidates.values()):
            if not candidate.is_detailed and any(
                is_possible(case, candidate) for case in self.cases
            ):
                yield from self._detail(candidate)

    def _days(self, case: Case, zone: str | None) -> list[date]:
        found: set[date] = set()
        for first, last in case.spans:
            begin = datetime.fromtimestamp(first, UTC)
            end = datetime.fromtimestamp(last, UTC)
            end = max(end, min(end + _LISTED_WITHIN, self.now()))
            found.update(days_between(begin, end, zone))
        return sorted(found)

    def _list(self, number: str, day: date) -> Steps[None]:
        cursor: str | None = None
        cursors: set[str | None] = set()
        while cursor not in cursors:
            cursors.add(cursor)
            self.questions += 1
            page = plans.rows(self.settings, day, cursor, phone_number=number)
            found, cursor = yield from page
            for row in found:
                self._note(number, row)
            if cursor is None:
                return

    def _note(self, number: str, row: MessageRow) -> None:
        if (
            row.message_id
            and row.message_id not in self._candidates
            and not is_bound(row.message_id, self.bound)
        ):
            texts = None if row.body is None else text_forms(row.body)
            listed = _digits(row.phone_number)
            self._candidates[row.message_id] = Candidate(row.message_id, listed or number, texts)
            if listed:
                self._numbered.add(row.message_id)

    def _detail(self, candidate: Candidate) -> Steps[None]:
        self.questions += 1
        known = yield from plans.status(self.settings, candidate.message_id)
        if known is None:
            return
        self._details[candidate.message_id] = known
        # A row without a number may be about another number than the one in the question.
        named = _digits(known.phone_number)
        agrees = named in {"", candidate.number}
        self._candidates[candidate.message_id] = attrs.evolve(
            candidate,
            is_detailed=agrees and bool(named or candidate.message_id in self._numbered),
            texts=candidate.texts or (text_forms(known.body) if known.body else None),
            request_id=known.request_id,
            created_s=None if known.created_at is None else known.created_at.timestamp(),
            tags=frozenset(cleaned_tags(",".join(known.tags))),
            flow=flow_form(known.raw.get("flow")),
        )

    def _decide(self) -> None:
        for case, found in decide(self.cases, [*self._candidates.values()]).items():
            if case.position is not None:
                self.found[case.position] = found

    def ask_for_states(self, result: SendResult) -> Steps[None]:
        """Ask for the state of each accepted recipient."""
        for outcome in result:
            if outcome.status is Status.ACCEPTED and outcome.message_id:
                self.questions += 1
                state = yield from plans.status(self.settings, outcome.message_id)
                self.states[outcome.index] = state
                self.asked_at = self.now()

    def applied_to(self, result: SendResult) -> SendResult:
        """Return the result with the findings."""
        outcomes = tuple(map(self._applied, result.outcomes))
        return attrs.evolve(result, outcomes=outcomes)

    def _applied(self, outcome: RecipientOutcome) -> RecipientOutcome:
        at = "" if self.asked_at is None else self.asked_at.isoformat()
        if outcome.index in self.states:
            known = self.states[outcome.index]
            return attrs.evolve(
                outcome, evidence={"asked_at": at, "finding": "asked", **codes_of(known)}
            )
        if outcome.index not in self.found:
            return outcome
        evidence, settled = self.evidence(outcome.index)
        if settled is None:
            return attrs.evolve(outcome, evidence=evidence)
        return attrs.evolve(
            outcome,
            status=Status.ACCEPTED,
            message_id=settled.message_id,
            request_id=settled.request_id or outcome.request_id,
            evidence=evidence,
        )

    def evidence(self, position: int) -> tuple[Evidence, Candidate | None]:
        """Return the finding for a case, and its message if it is settled."""
        finding, candidates = self.found[position]
        evidence: Evidence = {
            "asked_at": "" if self.asked_at is None else self.asked_at.isoformat(),
            "finding": finding.value,
            "candidates": [candidate.message_id for candidate in candidates],
        }
        if finding is not Finding.SETTLED:
            return evidence, None
        evidence.update(codes_of(self._details.get(candidates[0].message_id)))
        return evidence, candidates[0]


def _digits(number: str | None) -> str:
    return "".join(filter(str.isdigit, number or "")).lstrip("0")


def codes_of(known: MessageStatus | None) -> Evidence:
    """Return the evidence of the state of a message."""
    if known is None:
        return {}
    return {
        "state": known.state.value,
        "status_code": known.status_code,
        "delivery_code": known.delivery_code,
    }
