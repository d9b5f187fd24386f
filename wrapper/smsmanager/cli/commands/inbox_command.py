"""`smsmanager inbox`: incoming messages, as the service lists them; for users without a webhook."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from smsmanager.cli import output
from smsmanager.cli.exit_codes import Exit
from smsmanager.cli.shared_options import base_url_option, json_option, positive
from smsmanager.cli.target import open_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager import SmsManager
    from smsmanager.webhooks import IncomingMessage, Reply

_EPILOG = """\b
Examples:
  smsmanager inbox
  smsmanager inbox --day 2026-11-02 --json
  smsmanager inbox --follow --every 10

The service lists replies, matched by number, and anything else that arrives at
your own numbers. The list has no ids: two equal messages in the same second
are shown as two.
"""


@click.command("inbox", epilog=_EPILOG)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Day.  [today]")
@click.option("--follow", "-f", is_flag=True, help="Keep showing new messages until Ctrl-C.")
@click.option(
    "--every",
    "every_s",
    type=positive(float),
    default="30",
    metavar="SECONDS",
    help="How often --follow asks.  [30]",
)
@click.option("--count", type=positive(int), metavar="N", help="Stop after this many.")
@base_url_option("Where to ask")
@json_option
def command(
    *,
    day: datetime | None,
    follow: bool,
    every_s: float,
    count: int | None,
    base_url: str | None,
    as_json: bool,
) -> Exit:
    """Show the replies and messages of a day, one per line; --follow continues.

    With --json, each line is the message as the service lists it.
    """
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import
    from smsmanager.cli.event_lines import line_of  # noqa: PLC0415

    with (
        open_target(base_url) as target,
        SmsManager(target.api_key, base_url=target.base_url) as client,
    ):
        events = _events(client, day, every_s, follow=follow)
        for event in islice(events, count):
            output.write_line(line_of(event, as_json=as_json))
    return Exit.OK


def _events(
    client: SmsManager, day: datetime | None, every_s: float, *, follow: bool
) -> Iterator[Reply | IncomingMessage]:
    if not follow and day is not None:
        return client.service.inbox(day.date())
    if not follow:
        from smsmanager.asking._account_days import days_between  # noqa: PLC0415 - slow to import

        # The documentation does not say in which zone a day is counted: around midnight, today is two days.
        now = datetime.now(UTC)
        today = days_between(now, now, client.service.credit().time_zone)
        return chain.from_iterable(map(client.service.inbox, today))
    begin = None if day is None else day.replace(tzinfo=UTC)
    return client.service.follow_inbox(since=begin, every_s=every_s)
