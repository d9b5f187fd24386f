"""`smsmanager cancel`: cancel scheduled messages by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import exit_of_cancellation
from smsmanager.cli.shared_options import base_url_option, json_option, yes_option
from smsmanager.cli.target import open_target
from smsmanager.cli.terminal_text import plural, visible
from smsmanager.errors import SmsManagerError

if TYPE_CHECKING:
    from smsmanager import SmsManager
    from smsmanager.asking import Cancellation
    from smsmanager.cli.exit_codes import Exit

_EPILOG = """\b
Examples:
  smsmanager cancel 1b7c0d5e-0000-4000-8000-000000000000
  smsmanager cancel --json ID ID

Messages that were already processed cannot be cancelled. To cancel a campaign,
use 'smsmanager campaign cancel'.

\b
Exit codes: 0 all were cancelled, 1 some could not be, 3 nothing was
cancelled, 4 some are unclear: check their state before you try again.
"""


@click.command("cancel", epilog=_EPILOG)
@click.argument("message_ids", metavar="ID...", nargs=-1, required=True)
@base_url_option("Where to cancel")
@yes_option("Cancel")
@json_option
def command(
    message_ids: tuple[str, ...], *, base_url: str | None, yes: bool, as_json: bool
) -> Exit:
    """Cancel scheduled messages by the ids that 'send' printed."""
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

    with open_target(base_url) as target:
        target.confirm(plural(len(message_ids), "message"), yes=yes, verb="Cancel")
        with SmsManager(target.api_key, base_url=target.base_url) as client:
            found, failure = _cancelled(client, message_ids)
    counts = {"cancelled": 0, "refused": 0, "unclear": 0}
    for each in found:
        counts[each.outcome.value] += 1
    untried = message_ids[len(found) :]
    code = exit_of_cancellation({**counts, "refused": counts["refused"] + len(untried)})
    outcomes = [(c.message_id, c.outcome.value) for c in found]
    outcomes += [(message_id, "not tried") for message_id in untried]
    if failure is not None:
        output.note(f"Error: {failure}")
    if as_json:
        each_one = [{"message_id": own, "outcome": outcome} for own, outcome in outcomes]
        output.print_result_json({"cancellation": counts, "messages": each_one}, code)
    else:
        for own, outcome in outcomes:
            output.console().print(visible(f"{own}: {outcome}"), soft_wrap=True)
    return code


def _cancelled(
    client: SmsManager, message_ids: tuple[str, ...]
) -> tuple[list[Cancellation], SmsManagerError | None]:
    """Return the outcome of each, and the error that ended the cancellation, if any."""
    found: list[Cancellation] = []
    for message_id in message_ids:
        try:
            found += client.service.cancel(message_id)
        except SmsManagerError as error:
            if not found:
                raise
            return found, error
    return found, None
