"""Eight processes deliver the same events to one tracker; `make soak` delivers twenty times as many."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.webhooks.crowd import PROCESSES

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]
EVENTS = 500


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_each_handler_runs_once_and_each_state_is_right(database_url: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.webhooks.crowd", database_url, "--events", str(EVENTS)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=110,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    found = json.loads(finished.stdout)
    assert found["deliveries"] == PROCESSES * 3 * EVENTS
    assert found["handled_once"] == EVENTS
    assert found["handled_more"] == found["wrong_states"] == 0
