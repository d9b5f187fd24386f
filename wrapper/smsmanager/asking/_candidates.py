"""Which message that the service lists is the one whose answer was lost; pure, and never a guess.

A *case* is a recipient whose outcome is open. A *candidate* is a listed message that no known send is bound
to. A candidate is *possible* for a case unless it certainly is another message; it *fits* if everything
that can be compared agrees. A case is settled only if exactly one candidate is possible for it, that one
fits, and it is possible for no other open case: neither of this result nor of the others that the caller
named.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.ids import same_message, split_message_id

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

FAR_S = 3 * 3600
"""A message that was taken longer before or after than this is another one, however wrong a clock is."""


@attrs.frozen(eq=False)
class Case:
    """A recipient whose outcome is open.

    Attributes:
        number: The number as it was sent.
        texts: What the service may list as its text, as `comparable` returns it; None if that cannot be
            known.
        spans: When the service may have taken it, in Unix seconds: pairs of first and last.
        group: What the cases of one request have in common; None if it is not known who shared a request.
        request_id: Id of the request, if the answer named one.
        tag: The tag that no other request has, if there is one.
        position: Position in the result; None for a case of another result.
    """

    number: str = attrs.field(repr=False)
    texts: frozenset[str] | None = attrs.field(repr=False)
    spans: tuple[tuple[float, float], ...]
    group: Hashable = None
    request_id: str | None = None
    tag: str | None = None
    position: int | None = None


@attrs.frozen(eq=False)
class Candidate:
    """A listed message.

    Attributes:
        message_id: Its id.
        number: Its recipient.
        text: Its text, as `comparable` returns it; None if the service does not say.
        is_detailed: Whether what follows is known.
        request_id: Id of its request.
        created_s: When the service took it, in Unix seconds.
        tags: Its tags.
    """

    message_id: str
    number: str = attrs.field(repr=False)
    text: str | None = attrs.field(repr=False)
    is_detailed: bool = False
    request_id: str | None = None
    created_s: float | None = None
    tags: tuple[str, ...] = ()


class Finding(StrEnum):
    """What was found for a case."""

    SETTLED = "settled"
    """Exactly one message can be it."""
    NOTHING = "not_found"
    """Nothing that can be it is listed (yet)."""
    SEVERAL = "several"
    """More than one message can be it, or the one can be that of another open recipient as well."""
    DOUBTFUL = "doubtful"
    """One message can be it, but not everything agrees."""


def comparable(text: str) -> str | None:
    """Return a text as it is compared: letters and digits alone, without case and accents.

    The service may transliterate a text. None for one with letters that have no plain form, because it is not
    documented what it makes of them.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(filter(str.isalnum, folded))
    return letters if letters.isascii() else None


def is_bound(message_id: str, bound: Collection[str]) -> bool:
    """Return whether a message belongs to a known send, in either form of its id."""
    base, _ = split_message_id(message_id)
    forms = {message_id, f"{message_id}-0", base}
    return any(form in bound and same_message(message_id, form) for form in forms)


def is_possible(case: Case, candidate: Candidate) -> bool:
    """Return whether a message can be that of a case: nothing rules it out for certain."""
    if case.number != candidate.number:
        return False
    if (
        None not in (case.request_id, candidate.request_id)
        and case.request_id != candidate.request_id
    ):
        return False
    if case.tag is not None and candidate.is_detailed and case.tag not in candidate.tags:
        return False
    if case.texts is not None and candidate.text is not None and candidate.text not in case.texts:
        return False
    # Another process can have quite another clock, so time rules out nothing for its cases.
    if case.position is None or candidate.created_s is None:
        return True
    at = candidate.created_s
    return any(first - FAR_S <= at <= last + FAR_S for first, last in case.spans)


def fits(case: Case, candidate: Candidate) -> bool:
    """Return whether everything agrees that can be compared."""
    if not candidate.is_detailed:
        return False
    if case.request_id is not None:
        return candidate.request_id == case.request_id
    if case.tag is not None:
        return case.tag in candidate.tags
    at = candidate.created_s
    return at is not None and any(first <= at <= last for first, last in case.spans)


def decide(
    cases: Sequence[Case], candidates: Iterable[Candidate]
) -> dict[Case, tuple[Finding, list[Candidate]]]:
    """Return for each case what was found, and the messages that can be it.

    One that is settled tells the id of its request: it settles the others of its request, and rules out the
    messages of that request for everybody else.

    Args:
        cases: Every open case, those of other results included.
        candidates: Every listed message that belongs to no known send.
    """
    by_number: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_number.setdefault(candidate.number, []).append(candidate)
    possible = {
        case: [one for one in by_number.get(case.number, ()) if is_possible(case, one)]
        for case in cases
    }
    settled: dict[Case, Candidate] = {}
    while new := _newly_settled(possible, settled):
        settled |= new
        for case, candidate in new.items():
            _learn(case, candidate, possible, settled)
    return {case: _finding(case, possible, settled) for case in cases}


def _newly_settled(
    possible: dict[Case, list[Candidate]], settled: dict[Case, Candidate]
) -> dict[Case, Candidate]:
    claims: dict[Candidate, int] = {}
    for found in possible.values():
        for candidate in found:
            claims[candidate] = claims.get(candidate, 0) + 1
    alone = {
        case: found[0]
        for case, found in possible.items()
        if len(found) == 1 and claims[found[0]] == 1 and fits(case, found[0])
    }
    # Recipients of one request have one id of the request. Where two would not, one of them is another
    # message.
    requests: dict[Hashable, set[str | None]] = {}
    for case, candidate in (settled | alone).items():
        if case.group is not None:
            requests.setdefault(case.group, set()).add(candidate.request_id)
    return {
        case: candidate
        for case, candidate in alone.items()
        if case not in settled and len(requests.get(case.group, {None})) == 1
    }


def _learn(
    case: Case,
    candidate: Candidate,
    possible: dict[Case, list[Candidate]],
    settled: dict[Case, Candidate],
) -> None:
    """Narrow down what is possible for the other cases."""
    request_id = candidate.request_id
    if case.group is None or request_id is None:
        return
    for other, found in possible.items():
        if other in settled:
            continue
        ours = other.group == case.group
        possible[other] = [
            one for one in found if one.request_id is None or (one.request_id == request_id) is ours
        ]


def _finding(
    case: Case, possible: dict[Case, list[Candidate]], settled: dict[Case, Candidate]
) -> tuple[Finding, list[Candidate]]:
    if case in settled:
        return Finding.SETTLED, [settled[case]]
    found = possible[case]
    if not found:
        return Finding.NOTHING, []
    shared = any(found[0] in theirs for other, theirs in possible.items() if other is not case)
    return (Finding.SEVERAL if len(found) > 1 or shared else Finding.DOUBTFUL), found
