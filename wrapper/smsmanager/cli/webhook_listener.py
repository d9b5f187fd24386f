"""A small server for webhooks."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from smsmanager.cli import output
from smsmanager.cli.event_lines import line_of
from smsmanager.errors import ConfigurationError
from smsmanager.webhooks.starlette import WebhookApp

if TYPE_CHECKING:
    from smsmanager.campaigns import Campaign
    from smsmanager.webhooks import Event, WebhookReceiver


def listen_until_interrupted(
    receiver: WebhookReceiver,
    host: str,
    port: int,
    *,
    callback: str | None,
    count: int | None,
    campaign: Campaign | None,
    as_json: bool,
) -> None:
    """Print events until Ctrl-C, or until `count` is reached.

    Args:
        receiver: Checks and reads the requests.
        host: Address to listen on.
        port: Port; 0 picks a free one.
        callback: A callback URL to show; None when requests need no token.
        count: How many events to print; None for no limit.
        campaign: A campaign that also records the delivery reports.
        as_json: Whether to print an event as JSON.

    Raises:
        ConfigurationError: If the port is not available.
    """
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        msg = f"Port {port} of {host} is not available ({error.strerror})."
        raise ConfigurationError(msg) from None
    server = uvicorn.Server(
        uvicorn.Config(
            WebhookApp(receiver), log_config=None, access_log=False, lifespan="off", ws="none"
        )
    )
    seen = 0

    # Asynchronous, so that it runs in the server's thread and lines never mix.
    @receiver.on()
    async def show(event: Event) -> None:
        nonlocal seen
        seen += 1
        if count is None or seen <= count:
            if campaign is not None:
                # First, so that a line that cannot be printed, as to a closed pipe, loses no report.
                campaign.record([event])
            output.write_line(line_of(event, as_json=as_json))
        if seen == count:
            server.should_exit = True

    with listener:
        name = f"[{host}]" if ":" in host else host
        output.note(f"Listening at http://{name}:{listener.getsockname()[1]}/ (Ctrl-C stops)")
        if callback is not None:
            output.note(f"Send with: --callback '{callback}'")
        server.run(sockets=[listener])
