"""Run a campaign from a terminal: progress, Ctrl-C, and what is said at the end."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from smsmanager import Sms, SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignNotFoundError,
    LedgerError,
    Phase,
)
from smsmanager.campaigns._run.campaign_options import RunChanges
from smsmanager.campaigns.rows import OPEN, UNSENT, UNSETTLED, RowState
from smsmanager.cli import output, views
from smsmanager.cli.exits import Exit, exit_of_campaign
from smsmanager.cli.windows import read_window
from smsmanager.cli.wording import duration, plural, visible_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.progress import Progress, TaskID

    from smsmanager.campaigns import Update
    from smsmanager.cli.connection import Connection

PACE: Final = ("concurrency", "rate", "stop_after", "window")
"""The options of a single run, as the command line names them."""
_ROOM = 28
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


def pace(
    *,
    concurrency: int | None,
    rate: float | None,
    stop_after: int | None,
    window: str | None,
) -> RunChanges:
    """Return what the user set of a run's options, as campaigns name them."""
    given = RunChanges()
    if concurrency is not None:
        given["concurrency"] = concurrency
    if rate is not None:
        given["requests_per_s"] = rate
    if stop_after is not None:
        given["stop_after"] = stop_after
    if window is not None:
        given["window"] = read_window(window)
    return given


def flow_of(sms_type: str | None) -> Any:
    """Return the flow for a type of SMS; None when none was chosen, so that nothing is sent about it."""
    return None if sms_type is None else Sms.from_dict({"type": sms_type})


def refuse_existing(ledger: str, name: str | None, address: str) -> None:
    """Say at once, not after a long preview, that there is a campaign already.

    Raises:
        CampaignExistsError: If there is.
    """
    if "://" in ledger:
        return
    try:
        with Campaign.open(ledger, name=name) as campaign:
            made = campaign.status().created_at
    except (CampaignNotFoundError, LedgerError):
        # What is wrong with a ledger is told by the attempt to write it, which mends what can be mended.
        return
    msg = (
        f"{ledger} holds a campaign of {made:%Y-%m-%d %H:%M} UTC already. Nothing was sent. Go on with it: "
        f"smsmanager campaign resume {address}; or name another ledger with --ledger."
    )
    raise CampaignExistsError(msg)


def left(counts: Mapping[RowState, int], *, resend_unknown: bool) -> int:
    """Return how many rows a run would send to."""
    states = UNSETTLED | UNSENT | (OPEN if resend_unknown else frozenset())
    return sum(counts[state] for state in states)


def send(
    campaign: Campaign,
    target: Connection,
    *,
    as_json: bool,
    resend_unknown: bool = False,
    changes: RunChanges | None = None,
) -> End:
    """Run a campaign until it ends, is stopped, or Ctrl-C."""
    last: Update | None = None
    with (
        SmsManager(target.api_key, base_url=target.base_url) as client,
        _ctrl_c(campaign) as interrupted,
        _progress(quiet=as_json) as show,
    ):
        for last in campaign.run(
            client, resend_unknown=resend_unknown, **(changes or RunChanges())
        ):
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
            "\nEnding: waiting for the answers to what is out. Ctrl-C again gives up on them."
        )

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    """Yield what shows an update: a bar in a terminal, nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield lambda _update: None
        return
    bar, task = progress_bar()
    with bar:
        yield lambda update: show_update(bar, task, update)


def progress_bar() -> tuple[Progress, TaskID]:
    """Return a bar: phase, share, rows, rate and remaining time within 80 columns."""
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
        pace=_pace_of(update)[:_ROOM],
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


def exit_of(end: End, counts: Mapping[RowState, int]) -> Exit:
    """Return the exit code of a run."""
    if end.interrupted:
        return Exit.INTERRUPTED
    code = exit_of_campaign({state.value: n for state, n in counts.items()})
    stopped = end.update is not None and end.update.phase is Phase.STOPPED
    return Exit.STOPPED if stopped and code is not Exit.UNKNOWN else code


def tell(
    campaign: Campaign,
    end: End,
    ledger: str,
    address: str,
    *,
    as_json: bool,
    beside: Mapping[str, Any] | None = None,
) -> Exit:
    """Say how a run ended and what comes next; return the exit code."""
    status = campaign.status()
    code = exit_of(end, status.counts)
    if as_json:
        document = {
            **(beside or {}),
            "campaign": {
                "ledger": visible_ledger(ledger),
                "phase": None if end.update is None else end.update.phase.value,
                "reason": None if end.update is None else end.update.reason,
                "interrupted": end.interrupted,
                "counts": {state.value: n for state, n in status.counts.items()},
                "total": status.total,
            },
            "exit_code": int(code),
        }
        output.print_json(document)
        return code
    console = output.console()
    console.print(views.title(_headline(end)))
    console.print(views.counts_table(status.counts, status.total))
    for line in next_steps(status.counts, address):
        console.print(line, soft_wrap=True)
    return code


def _headline(end: End) -> str:
    if end.interrupted:
        return "Stopped by you"
    if end.update is not None and end.update.phase is Phase.STOPPED:
        return f"Stopped: {end.update.reason or 'too many failures'}"
    return "Sent"


def next_steps(counts: Mapping[RowState, int], name: str) -> Iterator[str]:
    """Yield what can be done next, as commands to copy.

    Args:
        counts: How many rows are in each state.
        name: How a command names the campaign.
    """
    waiting = sum(counts[state] for state in UNSETTLED | UNSENT)
    doubtful = [state for state in RowState if state in OPEN and counts[state]]
    yield ""
    if waiting:
        yield f"{plural(waiting, 'row')} certainly got nothing. Go on:"
        yield f"  smsmanager campaign resume {name}"
    if doubtful:
        rows = plural(sum(counts[state] for state in doubtful), "row")
        yield f"Of {rows} nobody knows whether the message went out. Look at them:"
        for state in doubtful:
            yield f"  smsmanager campaign status {name} --list {state.value}"
        yield "Send to them again only if a second message does no harm:"
        yield f"  smsmanager campaign resume {name} --resend-unknown"
    yield "What became of each row:"
    yield f"  smsmanager campaign report {name}"


def state_of(name: str) -> RowState:
    """Return a state by its name.

    Raises:
        click.UsageError: If there is none of that name.
    """
    try:
        return RowState(name.strip().lower().replace(" ", "_"))
    except ValueError:
        listed = ", ".join(state.value for state in RowState)
        raise click.UsageError(f"There is no state {name}. The states are: {listed}.") from None
