"""Sending a campaign: the progress bar, and the handling of Ctrl-C and other signals."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Unpack

import attrs

from smsmanager import SmsManager
from smsmanager.campaigns import Phase
from smsmanager.cli import interruption, output
from smsmanager.cli.terminal_text import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from smsmanager.campaigns import Campaign, Update
    from smsmanager.campaigns._run.campaign_options import RunChanges
    from smsmanager.cli.target import Target


@attrs.frozen
class End:
    """How a run ended.

    Attributes:
        update: The last update; None when there was nothing to do.
        signal: The signal that ended it, such as that of Ctrl-C; None if there was none.
    """

    update: Update | None
    signal: int | None = None


def send(
    campaign: Campaign,
    target: Target,
    *,
    quiet: bool,
    resend_unknown: bool = False,
    **changes: Unpack[RunChanges],
) -> End:
    """Run a campaign until it ends, is stopped, or a signal such as that of Ctrl-C arrives.

    Args:
        campaign: The campaign.
        target: Where requests go.
        quiet: Whether to show no progress in a terminal.
        resend_unknown: Whether to send again to rows whose outcome is unknown.
        changes: Options for this run.
    """
    last: Update | None = None
    output.sending_begins()
    with (
        SmsManager(target.api_key, base_url=target.base_url) as client,
        _ends_cleanly(campaign) as received,
        _progress(quiet=quiet) as show,
    ):
        for last in campaign.run(client, resend_unknown=resend_unknown, **changes):
            show(last)
    return End(last, next(iter(received), None))


@contextlib.contextmanager
def _ends_cleanly(campaign: Campaign) -> Iterator[list[int]]:
    """Let the first Ctrl-C, or a signal like it, end the run cleanly, and a second one at once."""
    received: list[int] = []

    def stop(number: int) -> None:
        if received:
            interruption.end(number)
        received.append(number)
        campaign.stop()
        output.note(
            "\nEnding: waiting for the answers to requests in flight. Ctrl-C again abandons them."
        )

    with interruption.on_signals(stop):
        yield received


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Update], None]]:
    """Yield a function that shows an update: a bar in a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _update: None
        return
    bar, task = progress_bar()

    def show(update: Update) -> None:
        # A terminal that is gone is no reason to stop sending.
        with contextlib.suppress(OSError, ValueError):
            show_update(bar, task, update)

    with contextlib.suppress(OSError, ValueError):
        bar.start()
    try:
        yield show
    finally:
        with contextlib.suppress(OSError, ValueError):
            bar.stop()


def progress_bar() -> tuple[Progress, TaskID]:
    """Return a bar within 80 columns: phase, share, rows, rate and remaining time."""
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - slow to import
    from rich.table import Column  # noqa: PLC0415

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16, complete_style="green", finished_style="green"),
        TextColumn("{task.percentage:3.0f}%"),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        # A long reason continues on the next line.
        TextColumn("{task.fields[pace]}", table_column=Column(overflow="fold", no_wrap=False)),
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
        pace=_pace_of(update),
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
