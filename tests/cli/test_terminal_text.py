"""Counts, durations and foreign text as a terminal shows them."""

from __future__ import annotations

from smsmanager.cli.terminal_text import duration, plural, visible


def test_counts_and_durations() -> None:
    assert [plural(count, "row") for count in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert [duration(s) for s in (0.4, 119, 125, 7300)] == ["0 s", "119 s", "2 min", "2 h 1 min"]


def test_control_characters_do_not_get_through() -> None:
    assert visible("a\nb\x1b[31m\u202e") == "a\nb\ufffd[31m\ufffd"
