"""The exit codes; they are stable."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.errors import SmsManagerError


class Exit(IntEnum):
    """What the exit code of a command says."""

    OK = 0
    """Everything was accepted, or there was nothing to complain about."""
    INCOMPLETE = 1
    """Done, but not for all: recipients were rejected, rows refused, or a check failed."""
    USAGE = 2
    """The command line is wrong; nothing was done."""
    NOTHING_SENT = 3
    """Certainly nothing was sent: refused here or by the service, no connection, or the answer was no."""
    UNKNOWN = 4
    """Of some recipients nobody knows: their messages may have been sent."""
    STOPPED = 5
    """Stopped before the end; what is left can be sent with `campaign resume`."""
    INTERRUPTED = 130
    """Ended by Ctrl-C."""
    READER_GONE = 141
    """Whoever read the output went away; what had been sent by then is sent."""


EXPLAINED = """\b
Exit codes:
  0    everything was accepted, or nothing to complain about
  1    done, but not for all: rejected or refused ones, a failed check
  2    the command line is wrong; nothing was done
  3    certainly nothing was sent
  4    of some recipients nobody knows: their messages may have been sent
  5    stopped before the end; 'smsmanager campaign resume' goes on
  130  ended by Ctrl-C
  141  whoever read the output went away"""
"""The list as `--help` shows it."""


def exit_of_counts(counts: Mapping[str, int]) -> Exit:
    """Return the exit code for recipients that were tried, by their states.

    Args:
        counts: How many recipients have which state, as `SendResult.counts` and campaigns tell.
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


def exit_of_error(error: SmsManagerError) -> Exit:
    """Return the exit code for an error."""
    if error.result is not None:
        return exit_of_counts(error.result.counts())
    cause = getattr(error, "error", error)
    taken = getattr(cause, "request_may_be_taken", False)
    return Exit.UNKNOWN if taken else Exit.NOTHING_SENT
