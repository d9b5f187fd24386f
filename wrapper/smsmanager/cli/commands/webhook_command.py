"""`smsmanager webhook`: receive delivery reports and replies."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import click

from smsmanager.cli.campaign_address import CampaignAddress
from smsmanager.cli.shared_options import json_option, place_option, positive
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from smsmanager.webhooks import CallbackSigner

SIGNATURE_VARIABLE = "SMSMANAGER_WEBHOOK_SECRET"
CALLBACK_VARIABLE = "SMSMANAGER_CALLBACK_SECRET"
_EPILOG = f"""\b
Examples:
  smsmanager webhook listen --insecure
  {SIGNATURE_VARIABLE}=... smsmanager webhook listen
  {CALLBACK_VARIABLE}=... smsmanager webhook listen \\
      --url https://example.com/sms --campaign people.xlsx

The service is not on this machine: a tunnel or a web server must forward its
requests to the port, unless the sandbox sends them.

\b
What proves that a request is genuine is set in the environment, never by an
argument:
  {SIGNATURE_VARIABLE}   the callback secret of your API key; requests
                              without a valid signature are refused
  {CALLBACK_VARIABLE}  a secret of your own, 16 bytes or more; with
                              --url a callback URL with a token is printed,
                              and requests without the token are refused
Without either it does not start, unless you pass --insecure.
"""


@click.group("webhook", epilog="\b\nExample:\n  smsmanager webhook listen --insecure")
def command() -> None:
    """Receive delivery reports and replies."""


@command.command("listen", epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8026,
    metavar="PORT",
    help="Port; 0 picks a free one.  [8026]",
)
@click.option("--url", metavar="URL", help="Public URL of this listener, for callback URLs.")
@click.option("--count", type=positive(int), metavar="N", help="Stop after this many events.")
@click.option("--campaign", metavar="FILE", help="Also record reports in the ledger of this file.")
@place_option
@click.option("--insecure", is_flag=True, help="Trust anyone who can reach the port.")
@json_option
def listen(
    *,
    host: str,
    port: int,
    url: str | None,
    count: int | None,
    campaign: str | None,
    base_url: str | None,
    insecure: bool,
    as_json: bool,
) -> None:
    """Print every event that comes in, one per line, until Ctrl-C.

    With --json, each line is the event as the service sent it.
    """
    from smsmanager.cli.webhook_listener import listen_until_interrupted  # noqa: PLC0415 - an extra
    from smsmanager.webhooks import WebhookReceiver  # noqa: PLC0415

    signature = os.environ.get(SIGNATURE_VARIABLE) or None
    signer = _signer(url)
    if signature is None and signer is None and not insecure:
        msg = (
            f"This would trust anyone. Set {SIGNATURE_VARIABLE} (the callback secret of your API key), or "
            f"{CALLBACK_VARIABLE} and --url, or pass --insecure."
        )
        raise ConfigurationError(msg)
    receiver = WebhookReceiver(
        signature_secrets=signature, callbacks=signer, insecure=insecure, acknowledge="after"
    )
    with (
        contextlib.nullcontext()
        if campaign is None
        else CampaignAddress.of(campaign, base_url=base_url).open() as ledger
    ):
        listen_until_interrupted(
            receiver,
            host,
            port,
            callback=None if signer is None else signer.callback_for(),
            count=count,
            campaign=ledger,
            as_json=as_json,
        )


def _signer(url: str | None) -> CallbackSigner | None:
    from smsmanager.webhooks import CallbackSigner  # noqa: PLC0415

    secret = os.environ.get(CALLBACK_VARIABLE)
    if not secret and not url:
        return None
    if not (secret and url):
        msg = f"A callback URL needs both --url and {CALLBACK_VARIABLE} (16 bytes or more)."
        raise ConfigurationError(msg)
    if "@" in url.partition("://")[2].partition("/")[0]:
        # Everyone on the machine can read arguments; that is why the secret stays in the environment.
        raise ConfigurationError("--url cannot have a user and a password.")
    try:
        return CallbackSigner(url, secret)
    except ConfigurationError as error:
        raise ConfigurationError(f"{CALLBACK_VARIABLE} or --url: {error}") from None
