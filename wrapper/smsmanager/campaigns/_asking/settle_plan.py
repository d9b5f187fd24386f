"""Find the outcome of open rows; nothing is sent.

The rules are those of `smsmanager.asking._candidates`. The service is asked about a few hundred
rows at a time, and the findings are recorded before the next rows, so an interruption loses little. All rows
that were not found are tried again after growing waits, because it is not documented how soon a message is
listed.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from smsmanager.asking import _asking_plans as plans
from smsmanager.asking._candidates import Case
from smsmanager.asking._open_cases import content_of, due_of, known_ids, open_cases
from smsmanager.asking._settling import Search, codes_of, result_of
from smsmanager.campaigns._asking.question_steps import renewing, waiting
from smsmanager.campaigns._ledger.asked_rows import Answered, Carried, claims_of, note_of
from smsmanager.campaigns._run.run_steps import Work
from smsmanager.campaigns.settlement import Settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime

    from smsmanager._config import Settings
    from smsmanager.asking import SettleOptions
    from smsmanager.asking._candidates import Content
    from smsmanager.asking.evidence import Evidence
    from smsmanager.campaigns._asking.question_steps import Plan
    from smsmanager.campaigns._ledger.asked_rows import AskedRows
    from smsmanager.campaigns._ledger.database import Database

_FIRST_WAIT_S = 2.0
_MOST_WAIT_S = 60.0
UNDATED = "undated"
"""Nothing was asked: an earlier version sent the row without noting when."""


class SettlePlan:
    """Settles the open rows of a campaign.

    Args:
        rows: The rows, on the connection that holds the lock.
        database: Contains the rows, and perhaps other campaigns.
        settings: Where and how to ask the service.
        now: Returns the time.
        options: See `SettleOptions`.
        other_ledgers: Other databases whose campaigns may have sent to the same numbers.
        on_progress: Called with the figures so far.
    """

    def __init__(
        self,
        rows: AskedRows,
        database: Database,
        settings: Settings,
        now: Callable[[], datetime],
        options: SettleOptions,
        other_ledgers: list[Database],
        on_progress: Callable[[Settlement], object] | None,
    ) -> None:
        self._rows, self._settings, self._now = rows, settings, now
        self._databases = [database, *other_ledgers]
        self._options = options
        self._on_progress = on_progress
        early_s, late_s = options.get("clock_difference_s", 120), options.get("late_s", 600)
        self._early_s, self._late_s = early_s, early_s + late_s
        self._between = options.get("called_between")
        others = [result_of(other) for other in options.get("others", ())]
        self._other_cases = [
            case
            for other in others
            for case in open_cases(other, early_s, self._late_s, None, own=False)
        ]
        self._bound = {*options.get("bound", ()), *known_ids(others)}
        self._settled = self._questions = self._states = 0

    def plan(self) -> Plan[Settlement]:
        """Ask until every row is settled or `patience_s` has passed."""
        yield Work(self._rows.begin)
        zone = self._options.get("zone")
        wait_s, left_s = _FIRST_WAIT_S, float(self._options.get("patience_s", 60))
        found: Counter[str] = Counter((yield Work(self._rows.findings)))
        while found:
            if zone is None:
                self._questions += 1
                # An empty zone is not asked for again; the days of every zone are searched then.
                zone = (
                    yield from renewing(plans.credit(self._settings), self._rows)
                ).time_zone or ""
            yield from self._pass(zone)
            found = Counter((yield Work(self._rows.findings)))
            wait_s = min(wait_s, left_s)
            if wait_s <= 0 or not found.total() - found[UNDATED]:
                break
            yield from renewing(waiting(wait_s), self._rows)
            left_s -= wait_s
            wait_s = min(wait_s * 2, _MOST_WAIT_S)
        if self._options.get("states"):
            yield from self._ask_for_states()
        return self._figures(found)

    def _figures(self, found: Counter[str]) -> Settlement:
        return Settlement(self._settled, self._questions, dict(found), self._states)

    def _pass(self, zone: str) -> Generator[Any, Any, None]:
        after, rows = -1, list[Carried]()
        while rows := (yield Work(partial(self._rows.open_rows, after))):
            after = rows[-1].row
            cases, bound = yield Work(partial(self._cases, rows))
            search = Search(self._settings, self._now, cases, bound)
            try:
                if any(case.position is not None for case in cases):
                    yield from renewing(search.settle(0, zone), self._rows)
            finally:
                self._questions += search.questions
            self._settled += yield Work(
                partial(self._rows.settle, list(self._answers(rows, search)))
            )
            if self._on_progress is not None:
                found = yield Work(self._rows.findings)
                self._on_progress(self._figures(Counter(found)))

    def _answers(self, rows: list[Carried], search: Search) -> Iterator[Answered]:
        for each in rows:
            if each.row not in search.found:
                yield Answered(each.row, {"finding": UNDATED})
                continue
            evidence, settled = search.evidence(each.row)
            yield Answered(each.row, evidence, None if settled is None else settled.message_id)

    def _cases(self, rows: list[Carried]) -> tuple[list[Case], set[str]]:
        """Return the cases of rows, those of other sends to the same numbers, and the known ids."""
        contents: dict[str, Content] = {}
        cases = [self._case(row, contents, is_own=True) for row in rows]
        bound = set(self._bound)
        numbers = {row.phone_number for row in rows}
        own = {(row.campaign, row.row) for row in rows}
        for place, database in enumerate(self._databases):
            with database.reading() as connection:
                claims, ids = claims_of(connection, numbers, own if place == 0 else ())
            bound |= ids
            # Ids of campaigns in two databases can be equal by chance.
            cases += [self._case(row, contents, is_own=False, is_here=place == 0) for row in claims]
        cases += [case for case in self._other_cases if case.number in numbers]
        return cases, bound

    def _case(
        self, row: Carried, contents: dict[str, Content], *, is_own: bool, is_here: bool = True
    ) -> Case:
        key = repr(row.fields)
        if key not in contents:
            contents[key] = content_of(row.fields)
        spans = [(s.at - self._early_s, s.at + self._late_s) for s in row.sendings]
        if not row.is_dated and self._between is not None:
            first, last = (moment.timestamp() for moment in self._between)
            spans.append((first - self._early_s, last + self._late_s))
        is_dated = row.is_dated or self._between is not None
        due = due_of(row.fields)
        if due is not None:
            spans.append((due - self._early_s, due + self._late_s))
        # If it was sent more than once, it is not known to which request the message belongs.
        only = row.sendings[0] if is_here and row.is_dated and len(row.sendings) == 1 else None
        return Case(
            number=row.phone_number,
            content=contents[key],
            spans=tuple(spans),
            group=None if only is None else only.key,
            request_id=None if only is None else only.request_id,
            position=row.row if is_own and is_dated else None,
        )

    def _ask_for_states(self) -> Generator[Any, Any, None]:
        """Ask for the state of each accepted row that has no delivery report."""
        after = -1
        while ids := (yield Work(partial(self._rows.accepted_ids, after))):
            after = ids[-1][0]
            found = {}
            for row, message_id in ids:
                self._questions += 1
                asked = plans.status(self._settings, message_id)
                known = yield from renewing(asked, self._rows)
                at = self._now().isoformat()
                evidence: Evidence = {"asked_at": at, "finding": "asked", **codes_of(known)}
                found[row] = note_of(evidence)
                self._states += known is not None
            yield Work(partial(self._rows.note, found))
