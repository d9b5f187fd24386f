"""Find the listed message whose answer was lost; pure, and never a guess.

A *case* is a recipient whose outcome is open. A *candidate* is a listed message that belongs to no known
send. A candidate is *possible* for a case unless it is certainly another message; it *fits* if everything
that can be compared agrees. A case is settled only if exactly one candidate is possible for it, this
candidate fits, and it is possible for no other open case, of this result or of the others that the caller
named.
"""

from __future__ import annotations

import json
import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from smsmanager.ids import same_message, split_message_id

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

_LINK = re.compile(r"\S*(?:://|\w\.\w)\S*")
_PLAIN = "plain "
FAR_S = 3 * 3600
"""A message that was accepted earlier or later than this is another one, however wrong a clock is."""


@attrs.frozen(eq=False)
class Case:
    """A recipient whose outcome is open.

    Attributes:
        number: The number as it was sent.
        content: What was sent, as far as it can be compared; see `Content`.
        spans: When the service may have accepted it: pairs of first and last moment, in Unix seconds.
        group: Shared by the cases of one request; None if it is not known which cases shared a request.
        request_id: Id of the request, if the answer named one.
        position: Position in the result; None for a case of another result.
    """

    number: str = attrs.field(repr=False)
    content: Content
    spans: tuple[tuple[float, float], ...]
    group: Hashable = None
    request_id: str | None = None
    position: int | None = None


@attrs.frozen
class Content:
    """The sent message, as far as it can be compared with what the service lists.

    Attributes:
        texts: The forms of every text that it can have; see `text_forms`.
        is_certain: Whether a message with another text is certainly another one.
        flow: Its steps, as `flow_form` writes them.
        tags: Its tags, as the service writes them.
        own_tag: The tag that no other request has, if there is one.
    """

    texts: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    is_certain: bool = False
    flow: str | None = attrs.field(default=None, repr=False)
    tags: frozenset[str] | None = None
    own_tag: str | None = None


@attrs.frozen(eq=False)
class Candidate:
    """A listed message.

    Attributes:
        message_id: Its id.
        number: Its recipient.
        texts: The forms of its text; None if the service does not say.
        is_detailed: Whether the following attributes are known.
        flow: Its steps, as `flow_form` writes them.
        request_id: Id of its request.
        created_s: When the service accepted it, in Unix seconds.
        tags: Its tags.
    """

    message_id: str
    number: str = attrs.field(repr=False)
    texts: frozenset[str] | None = attrs.field(repr=False)
    is_detailed: bool = False
    flow: str | None = attrs.field(default=None, repr=False)
    request_id: str | None = None
    created_s: float | None = None
    tags: frozenset[str] = frozenset()


class Finding(StrEnum):
    """The finding for a case."""

    SETTLED = "settled"
    """Exactly one listed message is possible."""
    NOTHING = "not_found"
    """No possible message is listed (yet)."""
    SEVERAL = "several"
    """Several messages are possible, or the one is also possible for another open recipient."""
    DOUBTFUL = "doubtful"
    """One message is possible, but not everything agrees."""


AS_IT_IS, WITHOUT_LINKS = "as it is", "without links"


def text_forms(text: str, ways: Sequence[str] = (AS_IT_IS, WITHOUT_LINKS)) -> frozenset[str]:
    """Return the forms of a text that are compared; two texts agree if they have one in common.

    The service may transliterate a text, and how it replaces letters without an ASCII form is not documented.
    So a text has two forms: the text itself, and its letters and digits alone, without case and accents, if
    they all have an ASCII form.

    Args:
        text: The text that was sent, or that is listed.
        ways: With links, without them, or both: the service replaces the links that it shortens.
    """
    found = set()
    for way in ways:
        kept = _LINK.sub(" ", text) if way == WITHOUT_LINKS else text
        letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKD", kept.casefold())))
        exact = " ".join(kept.split())
        found |= {f"{way}: {exact}"} if exact else set()
        found |= {f"{_PLAIN}{way}: {letters}"} if letters and letters.isascii() else set()
    return frozenset(found)


def has_plain_form(forms: frozenset[str]) -> bool:
    """Return whether all letters of a text have an ASCII form."""
    return any(form.startswith(_PLAIN) for form in forms)


def flow_form(flow: object) -> str | None:
    """Return the steps of a message in a form that can be compared; None if there are none."""
    return json.dumps(flow, sort_keys=True) if flow else None


def is_bound(message_id: str, bound: Collection[str]) -> bool:
    """Return whether a message belongs to a known send, in either form of its id."""
    base, _ = split_message_id(message_id)
    forms = {message_id, f"{message_id}-0", base}
    return any(form in bound and same_message(message_id, form) for form in forms)


def is_possible(case: Case, candidate: Candidate) -> bool:
    """Return whether a message may be that of a case: nothing rules it out for certain."""
    content = case.content
    if case.number != candidate.number:
        return False
    if (
        None not in (case.request_id, candidate.request_id)
        and case.request_id != candidate.request_id
    ):
        return False
    if (
        content.own_tag is not None
        and candidate.is_detailed
        and content.own_tag not in candidate.tags
    ):
        return False
    texts = candidate.texts
    if content.is_certain and texts and has_plain_form(texts) and not content.texts & texts:
        return False
    # The clock of another process can be very wrong, so time rules out nothing for its cases.
    if case.position is None or candidate.created_s is None:
        return True
    at = candidate.created_s
    return any(first - FAR_S <= at <= last + FAR_S for first, last in case.spans)


def fits(case: Case, candidate: Candidate) -> bool:
    """Return whether everything agrees: the request, its own tag, or else time, content and tags."""
    content = case.content
    if not candidate.is_detailed:
        return False
    if case.request_id is not None:
        return candidate.request_id == case.request_id
    if content.own_tag is not None:
        return content.own_tag in candidate.tags
    at = candidate.created_s
    if at is None or not any(first <= at <= last for first, last in case.spans):
        return False
    if content.tags is not None and candidate.tags and content.tags != candidate.tags:
        return False
    texts = candidate.texts or frozenset()
    return bool(content.texts & texts) or (
        content.flow is not None and content.flow == candidate.flow
    )


def decide(
    cases: Sequence[Case], candidates: Iterable[Candidate]
) -> dict[Case, tuple[Finding, list[Candidate]]]:
    """Return the finding for each case, and its possible messages.

    A settled case reveals the id of its request. Cases of the same request can then only be messages with
    this id, and all other cases cannot be.

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
    # All recipients of a request share its id. If two ids differ, one belongs to another
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
