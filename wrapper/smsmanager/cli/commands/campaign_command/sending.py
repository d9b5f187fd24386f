"""A campaign while it is sent: the progress bar, and what Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Unpack

import attrs

from smsmanager import SmsManager
from smsmanager.campaigns import Phase
from smsmanager.cli import output
from smsmanager.cli.terminal_text import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from smsmanager.campaigns import Campaign, Update
    from smsmanager.campaigns._run.campaign_options import RunChanges
    from smsmanager.cli.target import Target

_PACE_COLUMNS = 28
"""Columns for the rate, or for the reason of a pause."""


@attrs.frozen
class End:
    """How a run ended.

    Attributes:
        update: The last update; None when there was nothing to do.
        interrupted: Whether Ctrl-C ended it.
    """

    update: Update | None
    interrupted: bool


def send(
    campaign: Campaign,
    target: Target,
    *,
    quiet: bool,
    resend_unknown: bool = False,
    **changes: Unpack[RunChanges],
) -> End:
    """Run a campaign until it ends, is stopped, or Ctrl-C.

    Args:
        campaign: The campaign.
        target: Where requests go.
        quiet: Whether to show no progress in a terminal.
        resend_unknown: Whether to send again to rows whose outcome is unknown.
        changes: Options for this run.
    """
    last: Update | None = None
    with (
        SmsManager(target.api_key, base_url=target.base_url) as client,
        _ctrl_c(campaign) as interrupted,
        _progress(quiet=quiet) as show,
    ):
        for last in campaign.run(client, resend_unknown=resend_unknown, **changes):
            show(last)
    return End(last, interrupted.is_set())


@contextlib.contextmanager
def _ctrl_c(campaign: Campaign) -> Iterator[threading.Event]:
    """Let the first Ctrl-C end the run cleanly, and a second one at once."""
    interrupted = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()
        campaign.stop()
        output.note(
            "\nEnding: waiting for the answers to requests in flight. Ctrl-C again abandons them."
        )

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Update], None]]:
    """Yield a function that shows an update: a bar in a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _update: None
        return
    bar, task = progress_bar()
    with bar:
        yield lambda update: show_update(bar, task, update)


def progress_bar() -> tuple[Progress, TaskID]:
    """Return a bar within 80 columns: phase, share, rows, rate and remaining time."""
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - slow to import

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16, complete_style="green", finished_style="green"),
        TextColumn("{task.percentage:3.0f}%"),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TextColumn("{task.fields[pace]}"),
        console=output.console(error=True),
        transient=True,
    )
    return bar, bar.add_task("sending", total=0, pace="")


def show_update(bar: Progress, task: TaskID, update: Update) -> None:
    """Show an update in the bar."""
    bar.update(
        task,
        description=update.phase.value,
        completed=update.done,
        total=update.total,
        pace=_pace_of(update)[:_PACE_COLUMNS],
    )


def _pace_of(update: Update) -> str:
    if update.phase is Phase.PAUSED:
        until = update.resumes_at
        when = "" if until is None else f"until {until.astimezone():%H:%M:%S}, "
        return f"{when}{update.reason or ''}"
    if update.rate is None:
        return ""
    left = "" if update.remaining_s is None else f", {duration(update.remaining_s)} left"
    return f"{update.rate:,.0f}/s{left}"
