"""Answer a browser's requests."""

from __future__ import annotations

import functools
import importlib.resources
import itertools
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

import anyio
import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from smsmanager.sandbox._operations.service import SERVICE_PREFIX
from smsmanager.sandbox._server.event_stream import next_change, send_events
from smsmanager.sandbox.page import _export as export
from smsmanager.sandbox.page._account_page import account_page
from smsmanager.sandbox.page._actions import Actions
from smsmanager.sandbox.page._control_page import control_page
from smsmanager.sandbox.page._forms import FormError, is_own, own_path, read_form, whole_number
from smsmanager.sandbox.page._frame import THEMES, frame
from smsmanager.sandbox.page._inbox_page import inbox_page, newest
from smsmanager.sandbox.page._message_page import NO_MESSAGE, find, message_page
from smsmanager.sandbox.page._phones_page import phones_page
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._render import ErrorPage, render
from smsmanager.sandbox.page._requests_page import requests_page
from smsmanager.sandbox.page._schedule_page import schedule_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.feed import Feed
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_THEME_COOKIE = "theme"
# A program can send a thousand messages in a second; nobody reads a page that often.
_PAUSE_S = 0.2
_KEEP_ALIVE_S = 15
_LINES_OF_A_PIECE = 500
_YEAR_S = 365 * 24 * 3600
_MEDIA_TYPES: Mapping[str, str] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

Action: TypeAlias = "Callable[[Mapping[str, str], Request], Awaitable[None]]"
Show: TypeAlias = "Callable[[Request], Response]"


@attrs.frozen
class _Page:
    """One page: its template, its entry of the navigation, and what makes its content."""

    name: str
    place: str
    make: Callable[[Service, Query, Request], attrs.AttrsInstance]

    @property
    def title(self) -> str:
        return self.name.capitalize()


def _phones(service: Service, query: Query, request: Request) -> attrs.AttrsInstance:
    number: str = request.path_params.get("number", "")
    if number and not (number.isascii() and number.isdecimal()):
        raise HTTPException(404, "This is not a phone number.")
    return phones_page(service.engine, query, number)


def _message(service: Service, query: Query, request: Request) -> attrs.AttrsInstance:
    message = find(service.engine, request.path_params["sequence"])
    if message is None:
        raise HTTPException(404, NO_MESSAGE)
    return message_page(service.engine, query, message)


_PAGES = {
    "/": _Page("inbox", "inbox", lambda service, query, _: inbox_page(service.engine, query)),
    "/phones": _Page("phones", "phones", _phones),
    "/phones/{number}": _Page("phones", "phones", _phones),
    "/messages/{sequence:int}": _Page("message", "inbox", _message),
    "/schedule": _Page(
        "schedule", "schedule", lambda service, query, _: schedule_page(service.engine, query)
    ),
    "/requests": _Page(
        "requests",
        "requests",
        lambda service, query, request: requests_page(
            service, query, everything="all" in request.query_params
        ),
    ),
    "/account": _Page("account", "control", lambda service, query, _: account_page(service, query)),
    "/control": _Page("control", "control", lambda service, query, _: control_page(service, query)),
}


@attrs.frozen(eq=False)
class Site:
    """The page of a service.

    Attributes:
        service: What is shown.
        driver: Lets time pass.
    """

    service: Service
    driver: Driver

    def app(self) -> ASGIApp:
        """Return the ASGI application of all pages."""
        actions = Actions(self.service, self.driver)
        shown: Mapping[str, Show] = {
            **{path: functools.partial(self._shown, page) for path, page in _PAGES.items()},
            "/export.json": self._export_json,
            "/export.csv": self._export_csv,
            "/assets/{name}": asset,
        }
        done: Mapping[str, Action] = {
            "/phones": actions.receive,
            "/phones/{number}": actions.reply,
            "/messages/{sequence:int}/webhooks/{delivery:int}": actions.resend,
            "/clock": actions.jump,
            "/rules": actions.add_rule,
            "/rules/{rule:int}": actions.remove_rule,
            "/faults": actions.add_fault,
            "/faults/clear": actions.clear_faults,
            "/clear": actions.clear,
            "/theme": actions.theme,
        }
        return Router(
            routes=[
                *(Route(path, self._page(show), methods=["GET"]) for path, show in shown.items()),
                *(Route(path, self._action(act), methods=["POST"]) for path, act in done.items()),
                Route("/events", _Events(self.service)),
            ],
            redirect_slashes=False,
        )

    def _shown(self, page: _Page, request: Request) -> Response:
        query = Query.read(request.query_params)
        content = page.make(self.service, query, request)
        return self._html(f"{page.name}.html", request, query, content, page.title, page.place)

    def _export_json(self, request: Request) -> Response:
        return _file(export.as_json(self._found(request)), "application/json", "messages.json")

    def _export_csv(self, request: Request) -> Response:
        return _file(export.as_csv(self._found(request)), "text/csv", "messages.csv")

    def _found(self, request: Request) -> Iterator[ReceivedMessage]:
        return newest(self.service.engine, Query.read(request.query_params))

    def _html(
        self,
        template: str,
        request: Request,
        query: Query,
        page: attrs.AttrsInstance,
        title: str,
        place: str,
        status_code: int = 200,
    ) -> Response:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        around = frame(
            self.service,
            query,
            title=title,
            place=place,
            here=here,
            url=f"{request.url.scheme}://{request.url.netloc}{SERVICE_PREFIX}",
            theme=request.cookies.get(_THEME_COOKIE, THEMES[0]),
        )
        return HTMLResponse(render(template, around, page), status_code)

    def _error(self, request: Request, message: str, status_code: int, back: str = "/") -> Response:
        if _is_quiet(request):
            return PlainTextResponse(message, status_code)
        title = "Not found" if status_code == HTTPStatus.NOT_FOUND else "This did not work"
        page = ErrorPage(title, message, own_path(back))
        return self._html(
            "error.html", request, Query.read(request.query_params), page, title, "", status_code
        )

    def _page(
        self, show: Callable[[Request], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                async with self.driver.turn():
                    response = show(request)
            except HTTPException as error:
                response = self._error(request, error.detail, error.status_code)
            return _guarded(response)

        return answer

    def _action(self, act: Action) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not is_own(request):
                text = "Only a page of the sandbox itself may do this; programs have /sandbox."
                return _guarded(PlainTextResponse(text, 403))
            form: Mapping[str, str] = {}
            try:
                form = await read_form(request)
                await act(form, request)
            except (FormError, HTTPException) as error:
                back = form.get("here", "/")
                return _guarded(self._error(request, error.detail, error.status_code, back))
            response = (
                Response(None, 204)
                if _is_quiet(request)
                else Response(None, 303, {"location": own_path(form.get("here", "/"))})
            )
            if request.url.path == "/theme":
                response.set_cookie(
                    _THEME_COOKIE, form["theme"], max_age=_YEAR_S, httponly=True, samesite="strict"
                )
            return _guarded(response)

        return answer


@attrs.frozen(eq=False)
class _Events:
    """The stream of events."""

    _service: Service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send an event for each change."""
        request = Request(scope)
        if request.method != "GET":
            await PlainTextResponse("GET", 405, {"allow": "GET"})(scope, receive, send)
            return
        after = whole_number(request.query_params.get("after", ""))
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
        ]
        events = _changes(self._service.engine.feed, after)
        await send_events(events, headers, scope, receive, send)


async def _changes(feed: Feed, after: int) -> AsyncIterator[str]:
    """Yield an event for each change, or for several in a row.

    Args:
        feed: What changes.
        after: Number of the newest change that the page shows.
    """
    # At once, so that the browser knows that it is connected.
    yield "retry: 1000\n\n"
    # The page may be older than the sandbox, which counts from 1 again when it is started.
    known = after if after <= feed.latest else -1
    while True:
        latest = await next_change(feed, known, _KEEP_ALIVE_S)
        if latest == known:
            yield ":\n\n"
            continue
        known = latest
        yield f"event: change\ndata: {known}\n\n"
        await anyio.sleep(_PAUSE_S)


def asset(request: Request) -> Response:
    """Send the style sheet, the script or the drawing."""
    name: str = request.path_params["name"]
    media_type = _MEDIA_TYPES.get(name)
    if media_type is None:
        raise HTTPException(404, "There is no such file.")
    content = importlib.resources.files("smsmanager.sandbox.page") / "assets" / name
    # A newer version of the package comes under the same address.
    return Response(content.read_bytes(), 200, {"cache-control": "no-cache"}, media_type)


def _file(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(lines), 200, headers, media_type)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Join lines: each piece is made in a thread, which takes longer than a line."""
    while piece := "".join(itertools.islice(lines, _LINES_OF_A_PIECE)):
        yield piece


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("cache-control", "no-store")
    return response


def _is_quiet(request: Request) -> bool:
    return request.headers.get("accept") == "text/plain"
