"""Answer the requests of a browser."""

from __future__ import annotations

import importlib.resources
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from smsmanager.sandbox._operations.service import SERVICE_PREFIX
from smsmanager.sandbox._server.event_stream import send_events
from smsmanager.sandbox.page import _export as export
from smsmanager.sandbox.page._actions import Actions
from smsmanager.sandbox.page._control_page import control_page
from smsmanager.sandbox.page._forms import FormError, read_form, whole_number
from smsmanager.sandbox.page._frame import THEMES, frame
from smsmanager.sandbox.page._inbox_page import inbox_page, newest
from smsmanager.sandbox.page._live import changes
from smsmanager.sandbox.page._message_page import NO_MESSAGE, find, message_page
from smsmanager.sandbox.page._own_site import HEADERS, is_own, own_path
from smsmanager.sandbox.page._phones_page import phones_page
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._render import ErrorPage, render
from smsmanager.sandbox.page._requests_page import requests_page
from smsmanager.sandbox.page._schedule_page import schedule_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

_THEME_COOKIE = "theme"
_YEAR_S = 365 * 24 * 3600
_MEDIA_TYPES: Mapping[str, str] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

Action: TypeAlias = "Callable[[Mapping[str, str], Request], Awaitable[None]]"
Show: TypeAlias = "Callable[[Request], Response]"


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
            "/": self._inbox,
            "/phones": self._phones,
            "/phones/{number}": self._phones,
            "/messages/{sequence:int}": self._message,
            "/schedule": self._schedule,
            "/requests": self._requests,
            "/control": self._control,
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

    def _inbox(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        page = inbox_page(self.service.engine, query)
        return self._html("inbox.html", request, query, page, "Inbox", "inbox")

    def _phones(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        number: str = request.path_params.get("number", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise HTTPException(404, "This is no phone number.")
        page = phones_page(self.service.engine, query, number)
        return self._html("phones.html", request, query, page, "Phones", "phones")

    def _message(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        message = find(self.service.engine, request.path_params["sequence"])
        if message is None:
            raise HTTPException(404, NO_MESSAGE)
        page = message_page(self.service.engine, query, message)
        return self._html("message.html", request, query, page, "Message", "inbox")

    def _schedule(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        page = schedule_page(self.service.engine, query)
        return self._html("schedule.html", request, query, page, "Schedule", "schedule")

    def _requests(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        everything = "all" in request.query_params
        page = requests_page(self.service, query, everything=everything)
        return self._html("requests.html", request, query, page, "Requests", "requests")

    def _control(self, request: Request) -> Response:
        query = Query.read(request.query_params)
        page = control_page(self.service, query)
        return self._html("control.html", request, query, page, "Control", "control")

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
    """Answer with a stream of events."""

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
        events = changes(self._service.engine.feed, after)
        await send_events(events, headers, scope, receive, send)


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
    return StreamingResponse(lines, 200, headers, media_type)


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("cache-control", "no-store")
    return response


def _is_quiet(request: Request) -> bool:
    return request.headers.get("accept") == "text/plain"
