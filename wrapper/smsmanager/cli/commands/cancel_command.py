"""`smsmanager cancel`: cancel scheduled messages by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import exit_of_cancellation
from smsmanager.cli.shared_options import base_url_option, json_option, yes_option
from smsmanager.cli.target import open_target
from smsmanager.cli.terminal_text import plural, visible

if TYPE_CHECKING:
    from smsmanager.cli.exit_codes import Exit

_EPILOG = """\b
Examples:
  smsmanager cancel 1b7c0d5e-0000-4000-8000-000000000000
  smsmanager cancel --json ID ID

What was processed already cannot be cancelled. A campaign is cancelled with
'smsmanager campaign cancel'.

\b
Exit codes: 0 all were cancelled, 1 some could not be, 3 nothing was
cancelled, 4 of some nobody knows: ask for their state before you try again.
"""


@click.command("cancel", epilog=_EPILOG)
@click.argument("message_ids", metavar="ID...", nargs=-1, required=True)
@base_url_option
@yes_option
@json_option
def command(
    message_ids: tuple[str, ...], *, base_url: str | None, yes: bool, as_json: bool
) -> Exit:
    """Cancel scheduled messages by the ids that 'send' printed."""
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

    with open_target(base_url) as target:
        target.confirm(plural(len(message_ids), "message"), yes=yes, verb="Cancel")
        with SmsManager(target.api_key, base_url=target.base_url) as client:
            found = [client.service.cancel(one)[0] for one in message_ids]
    counts = {"cancelled": 0, "refused": 0, "unclear": 0}
    for each in found:
        counts[each.outcome.value] += 1
    code = exit_of_cancellation(counts)
    if as_json:
        each_one = [{"message_id": c.message_id, "outcome": c.outcome.value} for c in found]
        output.print_result_json({"cancellation": counts, "messages": each_one}, code)
    else:
        for each in found:
            output.console().print(visible(f"{each.message_id}: {each.outcome}"), soft_wrap=True)
    return code
