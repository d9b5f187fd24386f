"""A small server for webhooks, and how an event looks in one line."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import click
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from smsmanager.cli import output
from smsmanager.cli.wording import visible
from smsmanager.errors import ConfigurationError
from smsmanager.webhooks import DeliveryReport, IncomingMessage, Reply, UnknownEvent

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from smsmanager.campaigns import Campaign
    from smsmanager.webhooks import Event, WebhookReceiver

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


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
    """Print events until Ctrl-C, or until there were enough of them.

    Args:
        receiver: Who checks and reads the requests.
        host: Address to listen on.
        port: Port; 0 takes a free one.
        callback: A callback URL to show; None when requests need no token.
        count: How many events are enough; None for no end.
        campaign: Takes the delivery reports in as well.
        as_json: Whether a line is JSON.

    Raises:
        ConfigurationError: If the port cannot be had.
    """
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        msg = f"Port {port} of {host} cannot be listened on ({error.strerror})."
        raise ConfigurationError(msg) from None
    server = uvicorn.Server(
        uvicorn.Config(_app(receiver), log_config=None, access_log=False, lifespan="off")
    )
    seen = 0

    # Awaited, so that it runs in the one thread of the server and lines never mix.
    @receiver.on()
    async def show(event: Event) -> None:
        nonlocal seen
        seen += 1
        if count is None or seen <= count:
            click.echo(line_of(event, as_json=as_json))
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


def _app(receiver: WebhookReceiver) -> Starlette:
    async def take(request: Request) -> HttpResponse:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > receiver.max_body_bytes:
                break
        answer = await receiver.ahandle(
            request.method, request.headers.raw, request.url.query, bytes(body)
        )
        return HttpResponse(
            answer.body,
            status_code=answer.status,
            headers=dict(answer.headers),
            background=BackgroundTask(answer.afinish),
        )

    return Starlette(routes=[Route("/{path:path}", take, methods=_METHODS)])


def line_of(event: Event, *, as_json: bool) -> str:
    """Return an event as one line; it shows numbers and texts, which is what it is for."""
    if as_json:
        return json.dumps(event.raw, ensure_ascii=False)
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
