"""`smsmanager outbox`: show an outbox, send due messages, ask about those in doubt, delete old ones."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from smsmanager.cli import interruption, output
from smsmanager.cli.campaign_address import visible_ledger
from smsmanager.cli.exit_codes import Exit, exit_of_counts, exit_of_signal, named
from smsmanager.cli.shared_options import (
    base_url_option,
    json_option,
    positive,
    read_age,
    yes_option,
)
from smsmanager.cli.target import ask, open_target
from smsmanager.cli.terminal_text import duration, plural
from smsmanager.errors import ConfigurationError, SmsManagerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smsmanager import SmsManager
    from smsmanager.cli.target import Target
    from smsmanager.outbox import Outbox

_VARIABLE = "SMSMANAGER_OUTBOX"
_AT_ONCE = 10
"""Messages per request: the outcomes before a request are counted even if that request fails."""
_EPILOG = f"""\b
Examples:
  export {_VARIABLE}=postgresql+psycopg://shop@db/shop
  smsmanager outbox status
  smsmanager outbox drain
  smsmanager outbox drain --follow --yes
  smsmanager outbox settle
  smsmanager outbox purge --older-than 30d

Never put a password on the command line, where other users of the machine could
see it: put it into the URL in {_VARIABLE}, PGPASSWORD, or ~/.pgpass.
No number, text or key of a message is printed.

\b
Exit codes: 0 all is well, 1 some were rejected or too late, 3 nothing was
sent, 4 some may or may not have been sent, 5 stopped before the end: the rest
stays in the outbox; 130 and 143 ended by Ctrl-C or SIGTERM.
"""


def _without_password(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    source = context.get_parameter_source(parameter.name or "")
    is_given = source is click.core.ParameterSource.COMMANDLINE
    if is_given and value is not None and visible_ledger(value) != value:
        text = (
            "holds a password, which other users of this machine can see. Nothing was done. Change it, and "
            f"put the URL into {_VARIABLE}, or the password into PGPASSWORD or ~/.pgpass."
        )
        raise click.BadParameter(text)
    return value


_database_option = click.option(
    "--database",
    metavar="URL|PATH",
    envvar=_VARIABLE,
    callback=_without_password,
    help=f"The outbox: a SQLAlchemy URL without a password, or a SQLite file.  [env: {_VARIABLE}]",
)


@click.group("outbox", epilog=_EPILOG)
def command() -> None:
    """Show an outbox of messages, send those due, and ask about those in doubt."""


@command.command("status")
@_database_option
@json_option
def status_command(*, database: str | None, as_json: bool) -> Exit:
    """Show how many messages are waiting, have failed or are in doubt.

    Accepted messages are not counted, so a large outbox takes no longer.
    """
    with _opened(database) as outbox:
        stats = outbox.stats()
    if as_json:
        output.print_result_json(
            {"outbox": {"counts": named(stats.counts), "age_s": stats.age_s}}, Exit.OK
        )
        return Exit.OK
    _show(named(stats.counts), "No messages are waiting, have failed or are in doubt.")
    if stats.age_s:
        output.console().print(f"The oldest message has been due for {duration(stats.age_s)}.")
    return Exit.OK


@command.command("drain")
@_database_option
@click.option(
    "--most", type=positive(int), metavar="N", help="Maximum number of messages to send.  [all due]"
)
@click.option(
    "--take-over",
    is_flag=True,
    help="Also send messages for another service: use it when the address has changed.",
)
@click.option("--follow", "-f", is_flag=True, help="Keep sending new messages until Ctrl-C.")
@click.option(
    "--every",
    "every_s",
    type=positive(float),
    default="5",
    metavar="SECONDS",
    help="How often to look with --follow.  [5]",
)
@base_url_option("Where to send")
@yes_option("Send")
@json_option
def drain_command(
    *,
    database: str | None,
    most: int | None,
    take_over: bool,
    follow: bool,
    every_s: float,
    base_url: str | None,
    yes: bool,
    as_json: bool,
) -> Exit:
    """Send the messages that are due, most urgent first.

    Run it as often, and in as many processes, as you like: no message is sent
    twice. A later run tries again what was certainly not accepted.
    """
    with _opened(database) as outbox, open_target(base_url) as target:
        target.check()
        _confirm(outbox, target, yes=yes)
        output.sending_begins()
        sent = _Sent(most, takes_over=take_over)
        with _client(target) as client, interruption.on_signals(sent.stop):
            while sent.drain(outbox, client) and follow:
                if sent.failure is not None:
                    output.note(str(sent.failure))
                sent.stopped.wait(every_s)
    with output.after_sending():
        if as_json:
            failure = None if sent.failure is None else type(sent.failure).__name__
            document = {"counts": dict(sent.counts), "failure": failure}
            output.print_result_json({"outbox": document}, sent.exit)
        else:
            _show(sent.counts, "Nothing was due.")
        if sent.failure is not None:
            output.note(f"Stopped: {sent.failure}")
    return sent.exit


@command.command("settle")
@_database_option
@click.option(
    "--most",
    type=positive(int),
    default="100",
    metavar="N",
    help="Maximum number of messages to ask about.  [100]",
)
@base_url_option("Where to ask")
@json_option
def settle_command(*, database: str | None, most: int, base_url: str | None, as_json: bool) -> Exit:
    """Ask the service about messages in doubt; nothing is sent.

    A message that is found becomes accepted. The others stay unchanged.
    """
    with _opened(database) as outbox, open_target(base_url) as target:
        target.check()
        with _client(target) as client:
            found = outbox.settle(client, most=most)
        counts = named(outbox.stats().counts)
    open_ones = counts.get("unknown", 0) + counts.get("unconfirmed", 0)
    code = Exit.UNKNOWN if open_ones else Exit.OK
    if as_json:
        output.print_result_json({"outbox": {"found": found, "in_doubt": open_ones}}, code)
    else:
        console = output.console()
        console.print(f"Found: {plural(found, 'message')}, accepted now.")
        console.print(f"Still in doubt: {plural(open_ones, 'message')}.")
    return code


@command.command("purge")
@_database_option
@click.option(
    "--older-than",
    "older_than_s",
    type=read_age,
    required=True,
    metavar="AGE",
    help="Minimum time since a message was settled: 30d, 12h, 10m or 45s.",
)
@yes_option("Delete")
@json_option
def purge_command(*, database: str | None, older_than_s: float, yes: bool, as_json: bool) -> Exit:
    """Delete messages that were settled long ago; nothing is sent.

    Their numbers, texts and keys are deleted. A deleted key counts as new, so
    keep keys for longer than anything can repeat them. Messages in doubt are
    deleted too; those that are still to be sent, or are being sent, are not.
    """
    with _opened(database) as outbox:
        if not yes:
            question = (
                f"Messages that were settled more than {duration(older_than_s)} ago, with their keys: "
                "a deleted key counts as new."
            )
            ask(question, "Delete", "them", "Nothing was deleted")
        deleted = outbox.purge(older_than_s)
    if as_json:
        output.print_result_json({"outbox": {"deleted": deleted}}, Exit.OK)
    else:
        output.console().print(f"Deleted: {plural(deleted, 'message')}.")
    return Exit.OK


@attrs.define
class _Sent:
    """The outcomes of a drain, and what ended it.

    Attributes:
        most: Maximum number of messages.
        takes_over: Whether to send messages for another service, too.
        counts: How many messages ended in each state.
        failure: Why sending ended before everything was sent.
        stopped: Set by a signal.
        signal: The number of that signal.
    """

    most: int | None
    takes_over: bool
    counts: Counter[str] = attrs.field(factory=Counter)
    failure: SmsManagerError | None = None
    stopped: threading.Event = attrs.field(factory=threading.Event)
    signal: int | None = None

    @property
    def exit(self) -> Exit:
        """The exit code."""
        if self.signal is not None:
            return exit_of_signal(self.signal)
        code = exit_of_counts({state: n for state, n in self.counts.items() if state != "pending"})
        if code is Exit.UNKNOWN or (self.failure is None and not self.counts["pending"]):
            return code
        return Exit.STOPPED if self.counts["accepted"] else Exit.NOTHING_SENT

    def stop(self, number: int) -> None:
        """Stop after the request in flight; a second signal abandons it."""
        if self.signal is not None:
            interruption.end(number)
        self.signal = number
        self.stopped.set()
        output.note(
            "\nEnding: waiting for the answer to the request in flight. Ctrl-C again abandons it."
        )

    def drain(self, outbox: Outbox, client: SmsManager) -> bool:
        """Send due messages, one request at a time; return whether there may be more later.

        Raises:
            SmsManagerError: As raised by `Outbox.drain`, if nothing was sent before.
        """
        while not self.stopped.is_set():
            left = _AT_ONCE if self.most is None else self.most - self.counts.total()
            if left <= 0:
                return False
            try:
                drained = outbox.drain(client, most=min(_AT_ONCE, left), takes_over=self.takes_over)
            except SmsManagerError as error:
                if not self.counts:
                    raise
                self.failure = error
                return False
            self.counts.update(named(drained.counts))
            self.failure = drained.failure
            if self.failure is not None or not drained.counts:
                return True
        return False


def _confirm(outbox: Outbox, target: Target, *, yes: bool) -> None:
    waiting = plural(named(outbox.stats().counts).get("pending", 0), "message")
    if target.is_local and not yes:
        raise ConfigurationError(
            f"Nothing was sent. Of {waiting}, those that are due would go to a sandbox and count as sent. "
            "Add --yes if this outbox is only for tests."
        )
    target.confirm(f"{waiting} of the outbox, as far as they are due", yes=yes)


@contextlib.contextmanager
def _opened(database: str | None) -> Iterator[Outbox]:
    """Yield the outbox.

    Raises:
        click.UsageError: If no outbox is named.
        ConfigurationError: If its SQLite file does not exist.
    """
    if not database:
        msg = f"Name the outbox in {_VARIABLE}, or with --database. Nothing was done."
        raise click.UsageError(msg)
    try:
        from smsmanager.outbox import Outbox  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(f"Nothing was sent. {error}") from error
    url = database if "://" in database else f"sqlite:///{database}"
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        raise ConfigurationError(
            "Nothing was sent: there is no such file. Your program creates the outbox."
        )
    with Outbox(url) as outbox:
        yield outbox


def _client(target: Target) -> SmsManager:
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

    return SmsManager(target.api_key, base_url=target.base_url)


def _show(counts: Mapping[str, int], otherwise: str) -> None:
    from smsmanager.cli.terminal_tables import counts_table  # noqa: PLC0415 - needs rich

    if not counts:
        output.console().print(otherwise)
        return
    output.console().print(counts_table(counts, sum(counts.values())))
