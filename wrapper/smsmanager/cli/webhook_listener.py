"""A small server for webhooks, and how an event looks in one line."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from smsmanager.cli import output
from smsmanager.cli.terminal_text import visible
from smsmanager.errors import ConfigurationError
from smsmanager.webhooks import DeliveryReport, IncomingMessage, Reply, UnknownEvent
from smsmanager.webhooks.starlette import WebhookApp

if TYPE_CHECKING:
    from datetime import datetime

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
    """Print events until Ctrl-C, or until there are enough.

    Args:
        receiver: Checks and reads the requests.
        host: Address to listen on.
        port: Port; 0 takes a free one.
        callback: A callback URL to show; None when requests need no token.
        count: How many events are enough; None for no limit.
        campaign: Also records the delivery reports.
        as_json: Whether to print an event as JSON.

    Raises:
        ConfigurationError: If the port is not available.
    """
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        msg = f"Port {port} of {host} cannot be listened on ({error.strerror})."
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
            output.write_line(line_of(event, as_json=as_json))
            if campaign is not None:
                campaign.record([event])
        if seen == count:
            server.should_exit = True

    with listener:
        name = f"[{host}]" if ":" in host else host
        output.note(f"Listening at http://{name}:{listener.getsockname()[1]}/ (Ctrl-C ends)")
        if callback is not None:
            output.note(f"Send with: --callback '{callback}'")
        server.run(sockets=[listener])


def line_of(event: Event, *, as_json: bool) -> str:
    """Return an event as one line; with numbers and texts, which the user asked to see."""
    if as_json:
        return output.json_text(event.raw)
    at = None if isinstance(event, UnknownEvent) else event.at
    moment = _moment(at)
    match event:
        case DeliveryReport():
            facts = [str(event.result), event.phone_number, event.gateway, event.message_id]
            info = event.raw.get("result_info")
            facts.append(info if isinstance(info, str) else None)
        case Reply():
            facts = ["reply", event.sender, event.gateway, event.message_id, event.body]
        case IncomingMessage():
            facts = ["incoming", event.sender, event.gateway, event.body]
        case _:
            facts = ["unknown event", event.reason]
    shown = "  ".join(str(fact) for fact in (moment, *facts) if fact)
    return visible(shown.replace("\n", " "))


def _moment(at: datetime | None) -> str:
    """Return a time in this machine's zone, to the second."""
    return "-" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
