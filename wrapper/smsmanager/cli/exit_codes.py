"""The exit codes; they are stable."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.campaigns import RowState
    from smsmanager.errors import SmsManagerError
    from smsmanager.outbox import OutboxState


class Exit(IntEnum):
    """The exit code of a command; `EXPLAINED` describes each in words."""

    OK = 0
    INCOMPLETE = 1
    USAGE = 2
    NOTHING_SENT = 3
    UNKNOWN = 4
    STOPPED = 5
    HUNG_UP = 129
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


EXPLAINED = """\b
Exit codes:
  0    everything was accepted, or nothing was wrong
  1    done, but not for all: some were rejected or refused, or a check failed
  2    the command line is wrong; nothing was done
  3    certainly nothing was sent
  4    some outcomes are unknown: those messages may have been sent
  5    stopped before the end; continue with 'smsmanager campaign resume'
  129  ended by SIGHUP, as when a terminal closes
  130  ended by Ctrl-C
  141  the program that read the output ended, and nothing was sent
  143  ended by SIGTERM, as by a service manager"""
"""The list, as `--help` shows it."""


def named(counts: Mapping[RowState, int] | Mapping[OutboxState, int]) -> dict[str, int]:
    """Return counts by the names of their states, as they are printed and decide the exit code."""
    return {state.value: count for state, count in counts.items()}


def exit_of_counts(counts: Mapping[str, int]) -> Exit:
    """Return the exit code for recipients that were sent to.

    Args:
        counts: How many recipients have each state, as in `SendResult.counts` and campaigns.
    """
    if counts.get("unknown") or counts.get("unconfirmed"):
        return Exit.UNKNOWN
    rest = sum(n for state, n in counts.items() if state != "accepted")
    if not rest:
        return Exit.OK
    return Exit.INCOMPLETE if counts.get("accepted") else Exit.NOTHING_SENT


def exit_of_campaign(counts: Mapping[str, int]) -> Exit:
    """Return the exit code for a campaign, by the states of its rows."""
    code = exit_of_counts(counts)
    waiting = counts.get("pending") or counts.get("in_flight")
    return Exit.STOPPED if waiting and code is not Exit.UNKNOWN else code


def exit_of_signal(number: int) -> Exit:
    """Return the exit code of a command that a signal ended."""
    try:
        return Exit(128 + number)
    except ValueError:
        return Exit.INTERRUPTED


def exit_of_error(error: SmsManagerError) -> Exit:
    """Return the exit code for an error."""
    if error.result is not None:
        return exit_of_counts(error.result.counts())
    cause = getattr(error, "error", error)
    taken = getattr(cause, "request_may_be_taken", False)
    return Exit.UNKNOWN if taken else Exit.NOTHING_SENT


def exit_of_cancellation(counts: Mapping[str, int]) -> Exit:
    """Return the exit code of a cancellation.

    Args:
        counts: How many are `cancelled`, `refused` and `unclear`.
    """
    if counts.get("unclear"):
        return Exit.UNKNOWN
    if not counts.get("refused"):
        return Exit.OK
    return Exit.INCOMPLETE if counts.get("cancelled") else Exit.NOTHING_SENT
