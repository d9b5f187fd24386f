"""`smsmanager doctor`: is everything ready for sending?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.shared_options import base_url_option, json_option, sender_option
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.cli.doctor_checks import Finding

_EPILOG = """\b
Examples:
  smsmanager doctor
  smsmanager doctor --sender MyLongShopName
  smsmanager doctor --base-url sandbox --json

It makes one POST /messages with an empty list. The list has no message, so
nothing can be sent, whatever the service does with it. The answer shows
whether the service can be reached, whether the key was refused, and what the
service's time is. Then it asks the REST API what the key may do, which senders it
has, where webhooks go, and how much credit is left. It cannot prove that a
message will be delivered.

\b
Exit codes: 0 no check failed, 1 a check failed, 2 usage, 3 no key.
"""
_MARKS = {"ok": ("ok", "green"), "warning": ("look", "bold"), "failed": ("FAILED", "red")}


@click.command("doctor", epilog=_EPILOG)
@sender_option("Sender to check.")
@base_url_option("What to check")
@json_option
def command(*, sender: str | None, base_url: str | None, as_json: bool) -> Exit:
    """Check key, connection, clock, sender, webhooks and credit. Nothing is sent."""
    from smsmanager.cli.doctor_account import check_account  # noqa: PLC0415 - loads httpx
    from smsmanager.cli.doctor_checks import check_all  # noqa: PLC0415

    with open_target(base_url) as target:
        findings = check_all(target, sender)
        if all(finding.check != "settings" for finding in findings):
            findings += check_account(target, sender)
    failed = any(finding.state == "failed" for finding in findings)
    code = Exit.INCOMPLETE if failed else Exit.OK
    if as_json:
        checks = [attrs.asdict(finding) for finding in findings]
        output.print_result_json({"ok": not failed, "checks": checks}, code)
    else:
        _show(findings)
    return code


def _show(findings: Sequence[Finding]) -> None:
    from rich.text import Text  # noqa: PLC0415 - slow to import

    from smsmanager.cli.terminal_tables import grid  # noqa: PLC0415

    table = grid("check", "", "what was found")
    for finding in findings:
        mark, style = _MARKS[finding.state]
        table.add_row(finding.check, Text(mark, style=style), finding.text)
    output.console().print(table)
