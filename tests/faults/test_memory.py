"""Endless answers: memory stays constant."""

from __future__ import annotations

import sys

import pytest

from tests.faults.answers import bomb
from tests.faults.callers import KINDS
from tests.faults.processes import played
from tests.faults.script import Content, Fault, Step
from tests.faults.server import FaultServer

HUGE = 2**28
MOST_KIB = 20 * 1024

HOSTILE = [
    (Step(Fault.STATUS, 200, Content.LONG, size=HUGE), "ResponseParseError"),
    (Step(Fault.STATUS, 400, Content.LONG, size=HUGE), "BadRequestError"),
    (Step(Fault.STATUS, 503, Content.LONG, size=HUGE), "ServiceError"),
    (Step(Fault.STATUS, 502, Content.LONG, size=HUGE), "OutcomeUnknownError"),
    (Step(Fault.STATUS, 200, Content.BOMB, size=HUGE), "ResponseParseError"),
    (Step(Fault.STATUS, 400, Content.BOMB, size=HUGE), "BadRequestError"),
    (Step(Fault.STATUS, 503, Content.BOMB, size=HUGE), "ServiceError"),
    (Step(Fault.LONG_HEAD), "OutcomeUnknownError"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_memory_stays_flat(
    server: FaultServer, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    normal = Step()
    server.play(normal, normal, *(step for step, _ in HOSTILE))
    seen = played("measured", server.url, kind, str(len(HOSTILE) + 2), strict=False)
    assert [came for came, _ in seen] == ["returned"] * 2 + [came for _, came in HOSTILE]
    base = seen[1][1]
    lines = [f"{kind}: peak of a normal call {base} KiB"]
    for (step, _), (_, peak) in zip(HOSTILE, seen[2:], strict=True):
        lines.append(f"{kind}: {step!r} {peak - base:+d} KiB")
        assert peak - base < MOST_KIB, lines[-1]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    # The bodies were not read to the end either: most of the written data stayed in socket buffers.
    bombs = sum(len(bomb(HUGE)) for step, _ in HOSTILE if step.content is Content.BOMB)
    assert server.sent < bombs + HUGE / 4


def test_the_bomb_is_one() -> None:
    assert len(bomb(HUGE)) < HUGE / 900
