"""Check with drawn attacks that no callback token touches the message of another; see `attack`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.webhooks.attack import in_memory

ROOT = Path(__file__).resolve().parents[2]
POSTS = 20_000


def check(answers: Counter[int], posts: int) -> None:
    """Check that the attack was a real one: enough posts, most of them accepted, and some of them refused."""
    made = sum(count for status, count in answers.items() if status != 503)
    assert made >= posts * 0.98, "Hypothesis draws few examples twice"
    assert set(answers) <= {204, 400, 401, 503}
    assert answers[204] > made / 5
    assert answers[401] > made / 5


def run(target: str, posts: int) -> Counter[int]:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.webhooks.attack", target, "--posts", str(posts)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    answers = json.loads(finished.stdout.splitlines()[-1])["answers"]
    return Counter({int(status): count for status, count in answers.items()})


@pytest.mark.timeout(300)
def test_no_token_touches_another_message_in_memory() -> None:
    check(in_memory(1_000), 1_000)


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_no_token_touches_another_message_on_sqlite(tmp_path: Path) -> None:
    check(run(f"sqlite:///{tmp_path / 'tracker.db'}", 300), 300)


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_twenty_thousand_posts_in_memory() -> None:
    check(run("memory", POSTS), POSTS)


@pytest.mark.thorough
@pytest.mark.timeout(1_800)
@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_twenty_thousand_posts_by_four_processes(database_url: str) -> None:
    check(run(database_url, POSTS), POSTS)
