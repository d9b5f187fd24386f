"""Matching listed messages with recipients: in any order, each message for at most one recipient."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.asking._candidates import (
    Candidate,
    Case,
    Content,
    Finding,
    decide,
    is_bound,
    text_forms,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = st.sampled_from(["1", "2"])
TEXTS = st.sampled_from(["Hello", "Ahoj"])
SPAN = ((1_000.0, 2_000.0),)


def content(text: str) -> Content:
    return Content(texts=text_forms(text), is_certain=True, tags=frozenset({"promotional"}))


CASES = st.builds(
    Case,
    number=NUMBERS,
    content=TEXTS.map(content),
    spans=st.just(SPAN),
    group=st.sampled_from([None, "a", "b"]),
    request_id=st.sampled_from([None, None, "r1"]),
    position=st.sampled_from([None, 0]),
)
CANDIDATES = st.builds(
    Candidate,
    message_id=st.text(min_size=1),
    number=NUMBERS,
    texts=TEXTS.map(text_forms),
    is_detailed=st.booleans(),
    request_id=st.sampled_from([None, "r1", "r2"]),
    created_s=st.sampled_from([None, 1_500.0, 2_500.0, 90_000.0]),
    tags=st.just(frozenset({"promotional"})),
)
drawn = settings(deadline=None, database=None, max_examples=300)


def found(
    cases: Sequence[Case], candidates: Sequence[Candidate]
) -> dict[Case, tuple[Finding, frozenset[Candidate]]]:
    return {
        case: (finding, frozenset(of)) for case, (finding, of) in decide(cases, candidates).items()
    }


@drawn
@given(st.lists(CASES, max_size=5), st.lists(CANDIDATES, max_size=5), st.randoms())
def test_order_makes_no_difference(
    cases: list[Case], candidates: list[Candidate], shuffled: random.Random
) -> None:
    expected = found(cases, candidates)
    shuffled.shuffle(cases)
    shuffled.shuffle(candidates)
    assert found(cases, candidates) == expected


@drawn
@given(st.lists(CASES, max_size=5), st.lists(CANDIDATES, max_size=5))
def test_message_is_taken_once_and_only_by_its_recipient(
    cases: list[Case], candidates: list[Candidate]
) -> None:
    settled = [
        (case, of[0])
        for case, (finding, of) in decide(cases, candidates).items()
        if finding is Finding.SETTLED
    ]
    assert len({id(candidate) for _, candidate in settled}) == len(settled)
    for case, candidate in settled:
        assert case.number == candidate.number
        assert case.content.texts & (candidate.texts or set())
        assert case.request_id in {None, candidate.request_id}
        assert candidate.is_detailed
    groups = {case.group for case, _ in settled if case.group}
    for group in groups:
        assert len({c.request_id for case, c in settled if case.group == group}) == 1


@drawn
@given(CASES, CANDIDATES)
def test_second_message_like_the_first_settles_nothing(case: Case, candidate: Candidate) -> None:
    twin = attrs.evolve(candidate, message_id=candidate.message_id + "x")
    [(finding, _)] = decide([case], [candidate, twin]).values()
    assert finding in {Finding.SEVERAL, Finding.NOTHING}


@drawn
@given(CASES, CANDIDATES)
def test_second_recipient_like_the_first_settles_nothing(case: Case, candidate: Candidate) -> None:
    twin = attrs.evolve(case)
    for finding, _ in decide([case, twin], [candidate]).values():
        assert finding in {Finding.SEVERAL, Finding.NOTHING}


@pytest.mark.parametrize(
    ("message_id", "bound", "expected"),
    [
        ("a", {"a"}, True),
        ("a-0", {"a"}, True),
        ("a", {"a-0"}, True),
        ("a-0", {"a-0"}, True),
        ("a-1", {"a"}, False),
        ("a-1", {"a-0"}, False),
        ("a-1", {"a-1"}, True),
        ("a", set(), False),
        ("a", {"b", "a-1"}, False),
    ],
)
def test_both_forms_of_an_id_are_one(message_id: str, bound: set[str], expected: object) -> None:
    assert is_bound(message_id, bound) is expected


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Hello", "hello!", True),
        ("Příliš žluťoučký", "Prilis zlutoucky", True),
        ("a  b\nc", "a b c", True),
        ("Hello", "Hello Jana", False),
        ("", "", False),
        ("👋", "👋", True),
        ("👋", "🙂", False),
        ("ŁÓDŹ", "LODZ", False),
        ("Привет", "Привет", True),
    ],
)
def test_texts_agree(one: str, other: str, agree: object) -> None:
    assert bool(text_forms(one) & text_forms(other)) is agree
