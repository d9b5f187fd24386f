"""One message on the command line: the options of `send` and of `settle`, which asks about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from smsmanager.cli.shared_options import add_options, read_time, region_option, sender_option

if TYPE_CHECKING:
    from smsmanager_jsonapi.models import Message

message_options = add_options(
    click.option(
        "--to", "-t", multiple=True, required=True, metavar="NUMBER", help="Can be repeated."
    ),
    sender_option("Sender name or virtual number; else the account's."),
    click.option("--tag", metavar="TAG", help="Such as transactional; else the service's default."),
    click.option("--priority", is_flag=True, help="The queue for one-time codes."),
    click.option(
        "--at",
        type=read_time,
        metavar="TIME",
        help="When to send, with its zone: 2030-01-07T08:00+01:00.",
    ),
    click.option("--type", "kind", type=click.Choice(["utf", "sms"]), help="sms transliterates."),
    click.option(
        "--gateway", metavar="NAME", help="How the SMS is routed; else the service chooses."
    ),
    click.option("--callback", metavar="URL", help="Where delivery reports go."),
    click.option("--payload", metavar="JSON", help="An object that every report repeats."),
    click.option("--reference", metavar="ID", help="Your own id; it comes back in every report."),
    region_option("Country of numbers without + or 00, such as CZ."),
)


def message_of(
    text: str, *, kind: str | None, gateway: str | None, payload: str | None, **fields: Any
) -> Message:
    """Return the message that the options describe: only what was set.

    Args:
        text: Its text.
        kind: The type of the SMS.
        gateway: Its gateway.
        payload: A JSON object.
        fields: Other keywords of `compose`; None means unset.

    Raises:
        click.UsageError: If the payload is not an object.
    """
    from smsmanager import Sms, compose  # noqa: PLC0415 - slow to import

    arguments = {name: value for name, value in fields.items() if value is not None}
    if payload is not None:
        arguments["payload"] = _object(payload)
    step = {name: value for name, value in (("type", kind), ("gateway", gateway)) if value}
    if step:
        arguments["flow"] = [Sms.from_dict(step)]
    return compose(text, **arguments)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise click.UsageError('--payload takes a JSON object, such as {"order": 17}.')
    return found
