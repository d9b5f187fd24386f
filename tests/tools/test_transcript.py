"""The pages of sessions are what a user sees today."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from tools import nights, transcript

pytestmark = pytest.mark.thorough


# Some forty processes one after the other: seconds on an idle machine, minutes on a busy one.
@pytest.mark.timeout(900)
def test_the_pages_are_what_the_commands_print_today(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = transcript.pages()
    assert made.keys() == {transcript.PAGE, nights.PAGE}
    for page, text in made.items():
        before = page.read_text(encoding="utf-8").splitlines()
        changed = difflib.unified_diff(before, text.splitlines(), "page", "today", lineterm="")
        assert not list(changed), "run python -m tools.transcript"
    monkeypatch.setattr(transcript, "pages", lambda: made)
    assert transcript.main(["--check"]) == 0
    stale = made | {nights.PAGE: made[nights.PAGE] + "more\n"}
    monkeypatch.setattr(transcript, "pages", lambda: stale)
    assert transcript.main(["--check"]) == 1
    assert capsys.readouterr().err == "nights.txt is stale: run python -m tools.transcript\n"


def commands(page: Path) -> int:
    text = page.read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert "not expected" not in text
    return len(re.findall(r"^\$ ", text, re.MULTILINE))


def test_the_session_comes_to_an_end() -> None:
    assert commands(transcript.PAGE) == len(transcript.SESSION)
    assert "4.20777E+11" in transcript.PAGE.read_text(encoding="utf-8")


def test_three_nights_end_with_one_message_for_everybody() -> None:
    assert commands(nights.PAGE) == len(nights.SESSION)
    text = nights.PAGE.read_text(encoding="utf-8")
    assert "(exit code 137, killed)" in text
    # The states of the real campaign: of two nights, with the crash, before and after the reports.
    told = text.split("\n$ smsmanager campaign ")
    states = [
        dict(re.findall(r"^(accepted|unknown|pending|delivered) +(\d+)", each, re.MULTILINE))
        for each in told
        if each.startswith("status people.csv\n")
    ]
    assert states == [
        {"accepted": "12", "unknown": "40", "pending": "12"},
        {"accepted": "64", "delivered": "64"},
    ]
