"""docs/transcript.txt is what a user sees today."""

from __future__ import annotations

import difflib

import pytest

from tools import transcript

pytestmark = pytest.mark.thorough


# A dozen processes one after the other: seconds on an idle machine, minutes on a busy one.
@pytest.mark.timeout(600)
def test_the_transcript_is_what_the_commands_print_today(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = transcript.transcript()
    page = transcript.PAGE.read_text(encoding="utf-8")
    changed = difflib.unified_diff(
        page.splitlines(), made.splitlines(), "page", "today", lineterm=""
    )
    assert not list(changed), "run python -m tools.transcript"
    monkeypatch.setattr(transcript, "transcript", lambda: made)
    assert transcript.main(["--check"]) == 0
    monkeypatch.setattr(transcript, "transcript", lambda: made + "more\n")
    assert transcript.main(["--check"]) == 1
    assert "is stale" in capsys.readouterr().err


def test_the_session_comes_to_an_end() -> None:
    page = transcript.PAGE.read_text(encoding="utf-8")
    assert page.count("\n$ ") + page.startswith("$ ") == len(transcript.SESSION)
    assert "Traceback" not in page
    assert "not expected" not in page
    assert "4.20777E+11" in page
