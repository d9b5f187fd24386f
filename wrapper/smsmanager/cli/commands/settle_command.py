"""`smsmanager settle`: ask the service for the outcome of a `send` whose answer was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import exit_of_counts
from smsmanager.cli.lost_answers import FINDINGS
from smsmanager.cli.message_options import message_of, message_options
from smsmanager.cli.shared_options import (
    base_url_option,
    between_option,
    json_option,
    patience_option,
    read_moment,
    text_or_stdin,
)
from smsmanager.cli.target import open_target
from smsmanager.cli.terminal_text import visible

if TYPE_CHECKING:
    from datetime import datetime

    from smsmanager import SmsManager
    from smsmanager.cli.exit_codes import Exit
    from smsmanager.results import SendResult
    from smsmanager_jsonapi.models import Message

_EPILOG = """\b
Examples:
  smsmanager settle "Hello" --to 420777123456 \\
    --between 2026-11-02T08:00:00Z 2026-11-02T08:00:31Z
  smsmanager settle "Hello" --to 420777123456 --between TIME TIME --known ID

This only asks; it sends nothing. Repeat the text and the options of the 'send'.
A recipient is settled only if exactly one of the service's messages matches by
number, time and text; the recipient is then accepted under that message's id.
If the same text went to the same number in the same minutes, pass the ids that
'send' printed for the other messages with --known.

\b
Exit codes: 0 everything was accepted, 3 nothing could be asked,
4 some outcomes are still unknown: ask again later.
"""


@click.command("settle", epilog=_EPILOG)
@click.argument("text")
@message_options
@between_option("When 'send' ran; it printed both times.", required=True)
@click.option(
    "--known",
    multiple=True,
    metavar="ID",
    help="Message id of another send, to be left out; can be repeated.",
)
@patience_option("How long to keep asking about messages not listed yet.  [60]")
# So that the arguments of a send can be repeated unchanged.
@click.option("--yes", "-y", is_flag=True, hidden=True, expose_value=False)
@base_url_option("Where to ask")
@json_option
def command(
    text: str,
    *,
    region: str | None,
    between: tuple[datetime, datetime],
    known: tuple[str, ...],
    patience_s: float | None,
    base_url: str | None,
    as_json: bool,
    **options: Any,
) -> Exit:
    """Ask for the outcome of a 'send' whose answer was lost. Nothing is sent.

    TEXT may be - for standard input.
    """
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

    priority = options.pop("priority")
    at = options.pop("at")
    message = message_of(text_or_stdin(text), at=None, **options)
    if at is not None:
        message.datetime_ = read_moment(at)  # It may have passed by now, so it is not checked.
    asked: dict[str, Any] = {"bound": known}
    if patience_s is not None:
        asked["patience_s"] = patience_s
    with (
        open_target(base_url) as target,
        SmsManager(target.api_key, base_url=target.base_url, default_region=region) as client,
    ):
        lost = _lost(client, message, between, priority=priority)
        result = client.settle(lost, **asked)
    code = exit_of_counts(result.counts())
    if as_json:
        output.print_result_json({"result": result.to_dict()}, code)
    else:
        _show(result)
    return code


def _lost(
    client: SmsManager, message: Message, between: tuple[datetime, datetime], *, priority: bool
) -> SendResult:
    from smsmanager._message.prepare import prepare_send  # noqa: PLC0415 - slow to import
    from smsmanager.asking._open_cases import lost_call  # noqa: PLC0415

    settings = client._settings  # noqa: SLF001 - as the client itself prepares it
    prepared = prepare_send(message, {"priority": priority}, settings)
    return lost_call(prepared, between)


def _show(result: SendResult) -> None:
    """Show one line per recipient, the counts, and the meaning of each finding."""
    from smsmanager.cli.terminal_tables import grid, state_text  # noqa: PLC0415 - loads rich
    from smsmanager.errors import counted  # noqa: PLC0415 - loads the package

    table = grid("number", "status", "message id", "finding")
    meanings: dict[str, str] = {}
    candidates: list[tuple[str, str]] = []
    for outcome in result:
        evidence = outcome.evidence or {}
        finding = evidence.get("finding", "-")
        if finding in FINDINGS:
            meanings[finding] = FINDINGS[finding]
            found = evidence.get("candidates", [])
            candidates += [(outcome.phone_number, message_id) for message_id in found]
        status = state_text(outcome.status.value)
        table.add_row(outcome.phone_number, status, outcome.message_id or "-", finding)
    console = output.console()
    console.print(table)
    console.print(f"\nAsked the service: {counted(result.counts())}. Nothing was sent.")
    for finding, meaning in meanings.items():
        console.print(f"{finding}: {meaning}", soft_wrap=True)
    for number, message_id in candidates:
        console.print(f"{number} may be {visible(message_id)}", soft_wrap=True)
