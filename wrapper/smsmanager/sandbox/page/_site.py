"""Answer a browser's requests."""

from __future__ import annotations

import functools
import importlib.resources
import itertools
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route, Router

from smsmanager.sandbox._operations.service import SERVICE_PREFIX
from smsmanager.sandbox.page import _export as export
from smsmanager.sandbox.page._account_page import account_page
from smsmanager.sandbox.page._actions import Actions
from smsmanager.sandbox.page._change_stream import ChangeStream
from smsmanager.sandbox.page._control_page import control_page
from smsmanager.sandbox.page._forms import FormError, is_own, own_path, read_form
from smsmanager.sandbox.page._frame import THEMES, frame
from smsmanager.sandbox.page._inbox_page import inbox_page, newest
from smsmanager.sandbox.page._message_page import NO_MESSAGE, find, message_page
from smsmanager.sandbox.page._phones_page import phones_page
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._render import ErrorPage, render
from smsmanager.sandbox.page._requests_page import requests_page
from smsmanager.sandbox.page._schedule_page import schedule_page
from smsmanager.sandbox.page._undo import Undo
from smsmanager.sandbox.page._unread import Unread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
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
class _Visit:
    """The input of a page: what it shows, of which inbox, and the request."""

    service: Service
    query: Query
    unread: Unread
    request: Request


@attrs.frozen
class _Page:
    """One page: its template, its entry in the navigation, and the function that makes its content."""

    name: str
    place: str
    make: Callable[[_Visit], attrs.AttrsInstance]

    @property
    def title(self) -> str:
        return self.name.capitalize()


def _inbox(visit: _Visit) -> attrs.AttrsInstance:
    return inbox_page(visit.service.engine, visit.query, visit.unread)


def _phones(visit: _Visit) -> attrs.AttrsInstance:
    number: str = visit.request.path_params.get("number", "")
    if number and not (number.isascii() and number.isdecimal()):
        raise HTTPException(404, "This is not a phone number.")
    return phones_page(visit.service.engine, visit.query, number, visit.unread)


def _message(visit: _Visit) -> attrs.AttrsInstance:
    message = find(visit.service.engine, visit.request.path_params["sequence"])
    if message is None:
        raise HTTPException(404, NO_MESSAGE)
    return message_page(visit.service.engine, visit.query, message, visit.unread)


def _requests(visit: _Visit) -> attrs.AttrsInstance:
    everything = "all" in visit.request.query_params
    return requests_page(visit.service, visit.query, everything=everything)


_PAGES = {
    "/": _Page("inbox", "inbox", _inbox),
    "/phones": _Page("phones", "phones", _phones),
    "/phones/{number}": _Page("phones", "phones", _phones),
    "/messages/{sequence:int}": _Page("message", "inbox", _message),
    "/schedule": _Page(
        "schedule", "schedule", lambda visit: schedule_page(visit.service.engine, visit.query)
    ),
    "/requests": _Page("requests", "requests", _requests),
    "/account": _Page("account", "control", lambda visit: account_page(visit.service, visit.query)),
    "/control": _Page("control", "control", lambda visit: control_page(visit.service, visit.query)),
}


@attrs.frozen(eq=False)
class Site:
    """The page of a service.

    Attributes:
        service: What is shown.
        driver: Lets time pass.
        unread: Which messages were not opened yet.
        undo: What can be undone.
    """

    service: Service
    driver: Driver
    unread: Unread = attrs.field(factory=Unread)
    undo: Undo = attrs.field(
        default=attrs.Factory(lambda site: Undo(site.service.engine.feed), takes_self=True)
    )

    def app(self) -> ASGIApp:
        """Return the ASGI application of all pages."""
        actions = Actions(self.service, self.driver, self.unread, self.undo)
        shown: Mapping[str, Show] = {
            **{path: functools.partial(self._shown, page) for path, page in _PAGES.items()},
            "/export.json": self._export_json,
            "/export.csv": self._export_csv,
            "/assets/{name}": asset,
        }
        done: Mapping[str, Action] = {
            "/phones": actions.receive,
            "/phones/{number}": actions.reply,
            "/messages/{sequence:int}/delete": actions.delete,
            "/messages/{sequence:int}/webhooks/{delivery:int}": actions.resend,
            "/read": actions.read_all,
            "/undo/{number:int}": actions.take_back,
            "/clock": actions.jump,
            "/rules": actions.add_rule,
            "/rules/{rule:int}": actions.remove_rule,
            "/faults": actions.add_fault,
            "/faults/{fault:int}": actions.remove_fault,
            "/faults/clear": actions.clear_faults,
            "/clear": actions.clear,
            "/theme": actions.theme,
        }
        return Router(
            routes=[
                *(Route(path, self._page(show), methods=["GET"]) for path, show in shown.items()),
                *(Route(path, self._action(act), methods=["POST"]) for path, act in done.items()),
                Route("/events", ChangeStream(self.service.engine.feed, HEADERS)),
            ],
            redirect_slashes=False,
        )

    def _shown(self, page: _Page, request: Request) -> Response:
        query = Query.read(request.query_params)
        content = page.make(_Visit(self.service, query, self.unread, request))
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
            self.unread,
            self.undo.offered,
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
                text = (
                    "Only the sandbox's own page may do this; programs use the API under /sandbox."
                )
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
                else RedirectResponse(own_path(form.get("here", "/")), 303)
            )
            if request.url.path == "/theme":
                response.set_cookie(
                    _THEME_COOKIE, form["theme"], max_age=_YEAR_S, httponly=True, samesite="strict"
                )
            return _guarded(response)

        return answer


def asset(request: Request) -> Response:
    """Send the style sheet, the script or the icon."""
    name: str = request.path_params["name"]
    media_type = _MEDIA_TYPES.get(name)
    if media_type is None:
        raise HTTPException(404, "There is no such file.")
    content = importlib.resources.files("smsmanager.sandbox.page") / "assets" / name
    # A newer version of the package uses the same address.
    return Response(content.read_bytes(), 200, {"cache-control": "no-cache"}, media_type)


def _file(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(lines), 200, headers, media_type)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Join lines: each piece is made in a thread, and starting one takes longer than making a line."""
    while piece := "".join(itertools.islice(lines, _LINES_OF_A_PIECE)):
        yield piece


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("cache-control", "no-store")
    return response


def _is_quiet(request: Request) -> bool:
    return request.headers.get("accept") == "text/plain"
