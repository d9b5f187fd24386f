"""After settling, each outcome is right or still open, never wrong, and nothing was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from smsmanager.asking import _candidates, _open_cases, _settling
from tests.asking.settling_world import WrongError, play
from tests.marks import thorough

# Chunks, so that workers share them; together 2,000. What the clients add is the same for every case.
CHUNKS = [
    ("plan", 800, 1_000),
    ("plan", 400, 1_002),
    ("plan", 400, 1_003),
    ("sync", 200, 2_000),
    ("asyncio", 150, 3_000),
    ("trio", 50, 4_000),
]


def test_there_are_enough_cases() -> None:
    assert sum(examples for _, examples, _ in CHUNKS) >= 2000


@pytest.mark.parametrize(("kind", "examples", "seed"), CHUNKS[2:] + thorough(CHUNKS[:2]))
def test_each_outcome_is_right_or_open(kind: str, examples: int, seed: int) -> None:
    worlds = [play(kind, seed * 1_000 + number) for number in range(examples)]
    settled = sum(world.counts["settled"] for world in worlds)
    # Also check that not everything stayed open.
    assert settled > examples / 4


Patch = pytest.MonkeyPatch


def accept_one_of_several(patch: Patch) -> None:
    original = _candidates.decide

    def decide(cases: Any, candidates: Any) -> Any:
        found = original(cases, candidates)
        return {
            case: (_candidates.Finding.SETTLED, possible[:1]) if possible else (finding, possible)
            for case, (finding, possible) in found.items()
        }

    patch.setattr(_settling, "decide", decide)


def take_the_id_of_a_neighbour(patch: Patch) -> None:
    patch.setattr(_settling, "is_bound", lambda *_: False)


def forget_what_is_open_elsewhere(patch: Patch) -> None:
    original = _open_cases.open_cases

    def open_cases(*arguments: Any, own: bool, **more: Any) -> Any:
        return original(*arguments, own=own, **more) if own else []

    patch.setattr(_settling, "open_cases", open_cases)


def take_another_text(patch: Patch) -> None:
    patch.setattr(_candidates, "fits", lambda _, candidate: candidate.is_detailed)


SABOTAGE: list[Callable[[Patch], None]] = [
    accept_one_of_several,
    take_the_id_of_a_neighbour,
    forget_what_is_open_elsewhere,
    take_another_text,
]


def play_many(seeds: Iterable[int]) -> None:
    for seed in seeds:
        play("plan", seed)


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=lambda sabotage: sabotage.__name__)
def test_sabotage_is_found(sabotage: Callable[[Patch], None], monkeypatch: Patch) -> None:
    sabotage(monkeypatch)
    with pytest.raises(WrongError):
        play_many(range(1_000_000, 1_001_000))
