"""The exit codes, and the meaning of each."""

from __future__ import annotations

from smsmanager.cli.exit_codes import EXPLAINED, Exit, exit_of_counts


def test_all_exit_codes_are_explained() -> None:
    for code in Exit:
        assert f"\n  {code.value:<4} " in EXPLAINED


def test_exit_codes_of_counts() -> None:
    assert exit_of_counts({}) is Exit.OK
    assert exit_of_counts({"accepted": 2, "rejected": 0}) is Exit.OK
    assert exit_of_counts({"accepted": 1, "rejected": 1}) is Exit.INCOMPLETE
    assert exit_of_counts({"rejected": 1, "not_sent": 1}) is Exit.NOTHING_SENT
    assert exit_of_counts({"accepted": 1, "unconfirmed": 1}) is Exit.UNKNOWN
    assert exit_of_counts({"unknown": 1}) is Exit.UNKNOWN
