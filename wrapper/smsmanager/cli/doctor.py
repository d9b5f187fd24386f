"""`smsmanager doctor`: is everything in place to send?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli import output
from smsmanager.cli.connection import base_url_option, connection, json_option
from smsmanager.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smsmanager.cli.checks import Finding

_EPILOG = """\b
Examples:
  smsmanager doctor
  smsmanager doctor --sender MyLongShopName
  smsmanager doctor --base-url sandbox --json

What it does: one POST /messages with an empty list. There is no message in it,
so that nothing can be sent, whatever the service makes of it. From the answer
it reads that the service can be reached, whether the key was refused, and what
time it is there. What it cannot prove: that the account has credit, that the
sender is set up for it, or that a message will be delivered.

\b
Exit codes: 0 no check failed, 1 a check failed, 2 usage, 3 no key.
"""
_MARKS = {"ok": ("ok", "green"), "warning": ("look", "bold"), "failed": ("FAILED", "red")}


@click.command("doctor", epilog=_EPILOG)
@click.option(
    "--sender",
    "-s",
    metavar="NAME",
    envvar="SMSMANAGER_SENDER",
    help="Sender to check.  [env: SMSMANAGER_SENDER]",
)
@base_url_option
@json_option
@click.pass_context
def command(
    context: click.Context, *, sender: str | None, base_url: str | None, as_json: bool
) -> None:
    """Check key, base URL, TLS, clock and sender. Nothing is sent."""
    from smsmanager.cli.checks import check_all  # noqa: PLC0415 - loads httpx

    with connection(base_url) as target:
        findings = check_all(target, sender)
    failed = any(finding.state == "failed" for finding in findings)
    code = Exit.INCOMPLETE if failed else Exit.OK
    if as_json:
        checks = [finding.to_dict() for finding in findings]
        output.print_json({"ok": not failed, "checks": checks, "exit_code": int(code)})
    else:
        _show(findings)
    context.exit(int(code))


def _show(findings: Sequence[Finding]) -> None:
    from rich.text import Text  # noqa: PLC0415 - slow to import

    from smsmanager.cli.views import grid  # noqa: PLC0415

    table: Any = grid(heads=("check", "", "what was found"))
    for finding in findings:
        mark, style = _MARKS[finding.state]
        table.add_row(finding.check, Text(mark, style=style), finding.text)
    output.console().print(table)
    sys.stdout.flush()
