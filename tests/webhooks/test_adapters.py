"""Check each framework's adapter in this process: bodies, answers, and when handlers run."""

from __future__ import annotations

import asyncio
import base64
import io
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import path
from fastapi import Depends, FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from smsmanager.webhooks import CallbackSigner, Event, WebhookReceiver, sign
from smsmanager.webhooks.django import async_webhook_view, webhook_view
from smsmanager.webhooks.fastapi import webhook_events
from smsmanager.webhooks.flask import webhook_blueprint
from smsmanager.webhooks.starlette import WebhookApp
from tests.webhooks.bodies import SECRET, collecting, encoded, referring, report

SIGNER = CallbackSigner("https://example.com/sms", SECRET)


@pytest.fixture
def django_urls(django_project: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Set the one view of a Django project."""

    def serve(view: Any) -> None:
        module = ModuleType(django_project)
        module.__dict__["urlpatterns"] = [path("sms", view)]
        monkeypatch.setitem(sys.modules, django_project, module)
        from django.urls import clear_url_caches

        clear_url_caches()

    return serve


def mounted(receiver: WebhookReceiver) -> Any:
    return Starlette(routes=[Mount("/", WebhookApp(receiver))])


def starlette(receiver: WebhookReceiver) -> Any:
    return Starlette(routes=[Route("/sms", WebhookApp(receiver))])


def fastapi(receiver: WebhookReceiver) -> Any:
    app = FastAPI()
    trusted = Depends(webhook_events(receiver))

    @app.api_route("/sms", methods=["GET", "PATCH", "POST", "PUT"], status_code=204)
    async def sms(events: Any = trusted) -> None:
        assert isinstance(events, list)

    return app


def flask(receiver: WebhookReceiver) -> Any:
    app = Flask(__name__)
    app.register_blueprint(webhook_blueprint(receiver, "/sms"))
    return app


def posting_wsgi(app: Any, method: str, url: str, body: bytes, headers: Any) -> httpx.Response:
    """Post to a WSGI application like a server: the answer is sent, then closed."""
    target = urlsplit(url)
    answer: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        answer.update(status=int(status[:3]), headers=headers)

    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": target.path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": target.query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    chunks = app(environ, start_response)
    content = b"".join(chunks)
    chunks.close()
    return httpx.Response(answer["status"], headers=answer["headers"], content=content)


def posting_asgi(app: Any, method: str, url: str, body: bytes, headers: Any) -> httpx.Response:
    async def main() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(
                method, f"http://testserver{url}", content=body, headers=headers
            )

    return asyncio.run(main())


Post = Callable[..., httpx.Response]


@pytest.fixture(params=["starlette", "mounted", "fastapi", "flask", "django", "async django"])
def serve(
    request: pytest.FixtureRequest, django_urls: Callable[[Any], None]
) -> Callable[[WebhookReceiver], Post]:
    """Serve a receiver with one of the adapters; return a function that posts to it."""

    def served(receiver: WebhookReceiver) -> Post:
        if request.param in {"flask", "django"}:
            if request.param == "flask":
                app = flask(receiver)
            else:
                django_urls(webhook_view(receiver))
                app = get_wsgi_application()
            call = posting_wsgi
        elif request.param == "async django":
            django_urls(async_webhook_view(receiver))
            app, call = get_asgi_application(), posting_asgi
        else:
            app = {"starlette": starlette, "mounted": mounted, "fastapi": fastapi}[request.param](
                receiver
            )
            call = posting_asgi

        def post(
            body: bytes, *, query: str = "", method: str = "POST", **headers: str
        ) -> httpx.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return call(app, method, f"/sms?{query}", body, named)

        return post

    return served


Serve = Callable[[WebhookReceiver], Post]


def test_events_arrive(serve: Serve) -> None:
    receiver = WebhookReceiver(callbacks=SIGNER, signature_secrets="s")
    seen = collecting(receiver)
    body = encoded(referring("order-17")).replace(b"{", b"{ ")
    query = urlsplit(SIGNER.callback_for("order-17")).query
    answer = serve(receiver)(body, query=query, x_request_signature=sign(body, "s"))
    assert answer.status_code == 204, answer.text
    assert answer.content == b""
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        (encoded(report()), "f" * 64, 401),
        (encoded(report()), "", 401),
        (b"secret-body", None, 400),
        (encoded(report(payload={"x": "x" * 3_000})), None, 413),
        (encoded(*[report()] * 500), None, 413),
    ],
)
def test_refusals(serve: Serve, body: bytes, signature: str | None, status: int) -> None:
    receiver = WebhookReceiver(signature_secrets="s", max_body_bytes=2_000)
    seen = collecting(receiver)
    signature = sign(body, "s") if signature is None else signature
    answer = serve(receiver)(body, x_request_signature=signature)
    assert answer.status_code == status
    assert len(answer.content) < 100
    assert b"secret-body" not in answer.content
    assert seen == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST", "PUT"])
def test_every_method_of_a_callback(serve: Serve, method: str) -> None:
    signer = CallbackSigner("https://shop:p%40ss@example.com/sms", SECRET)
    receiver = WebhookReceiver(callbacks=signer)
    seen = collecting(receiver)
    query = urlsplit(signer.callback_for("r")).query
    form = urlencode({"message_id": "m", "result": "sent", "payload": '{"customID": "r"}'})
    body = b"" if method == "GET" else encoded(referring("r", message_id="m", result="sent"))
    if method == "GET":
        query += f"&{form}"
    user = "Basic " + base64.b64encode(b"shop:p@ss").decode()
    answer = serve(receiver)(body, method=method, query=query, authorization=user)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers.get("cache-control") == ("no-store" if method == "GET" else None)
    assert [str(getattr(event, "result", None)) for event in seen] == ["sent"]
    refused = serve(receiver)(body, method=method, query=query)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert len(seen) == 1


def test_another_method(serve: Serve) -> None:
    answer = serve(WebhookReceiver(insecure=True))(b"", method="DELETE")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(("acknowledge", "status"), [("before", 204), ("after", 500)])
def test_a_handler_that_fails(serve: Serve, acknowledge: Any, status: int) -> None:
    receiver = WebhookReceiver(insecure=True, acknowledge=acknowledge)
    seen = collecting(receiver)

    @receiver.on()
    def fail(event: Event) -> None:
        raise RuntimeError

    assert serve(receiver)(encoded(report())).status_code == status
    assert len(seen) == 1


def test_large_bodies_of_the_service_are_taken(serve: Serve) -> None:
    """Django's own limit is 2.5 MB."""
    receiver = WebhookReceiver(insecure=True)
    seen = collecting(receiver)
    body = encoded(*[report(payload={"x": "x" * 7_000})] * 450)
    assert len(body) > 3_000_000
    assert serve(receiver)(body).status_code == 204
    assert len(seen) == 450


@pytest.mark.parametrize("app", [starlette, fastapi])
def test_a_sender_that_goes_away(app: Any) -> None:
    receiver = WebhookReceiver(insecure=True)
    seen, sent = collecting(receiver), []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/sms",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
    }
    try:
        asyncio.run(app(receiver)(scope, receive, send))
    except Exception as error:  # noqa: BLE001 - FastAPI leaves it to the server
        assert type(error).__name__ == "ClientDisconnect"  # noqa: PT017 - or nothing
    assert seen == []


def test_the_starlette_application_is_for_http() -> None:
    app = WebhookApp(WebhookReceiver(insecure=True))

    async def nothing(*_: Any) -> Any:
        return None

    with pytest.raises(RuntimeError, match="HTTP"):
        asyncio.run(app({"type": "websocket"}, nothing, nothing))
