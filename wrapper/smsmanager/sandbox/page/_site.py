"""Answer the requests of a browser."""

import importlib.resources
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from smsmanager.sandbox._driver import Driver
from smsmanager.sandbox._faults import PendingFault
from smsmanager.sandbox._received import ReceivedMessage
from smsmanager.sandbox._service import Service
from smsmanager.sandbox.engine.rules import Rule
from smsmanager.sandbox.page import _export as export
from smsmanager.sandbox.page import _forms as forms
from smsmanager.sandbox.page import _views as views
from smsmanager.sandbox.page._forms import FormError
from smsmanager.sandbox.page._frame import THEMES, frame
from smsmanager.sandbox.page._guard import HEADERS, is_own, own_path
from smsmanager.sandbox.page._list import inbox_page, newest
from smsmanager.sandbox.page._live import stream
from smsmanager.sandbox.page._message import find, message_page
from smsmanager.sandbox.page._panels import control_page, requests_page
from smsmanager.sandbox.page._phone import phones_page
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._render import render
from smsmanager.sandbox.page._waiting import next_task, schedule_page

_SERVICE_PATH: Final = "/v2"
_THEME_COOKIE: Final = "theme"
_YEAR_S: Final = 365 * 24 * 3600
_MAX_DIGITS: Final = 18
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

_Action = Callable[[Mapping[str, str], Request], Awaitable[None]]


@attrs.frozen(eq=False)
class Site:
    """Show a service, and do what its page asks for.

    Attributes:
        service: What is shown.
        driver: Lets time pass.
    """

    service: Service
    driver: Driver

    def app(self) -> ASGIApp:
        """Return the ASGI application of all pages."""
        pages = {
            "/": self.inbox,
            "/phones": self.phones,
            "/phones/{number}": self.phones,
            "/messages/{sequence:int}": self.message,
            "/schedule": self.schedule,
            "/requests": self.requests,
            "/control": self.control,
            "/export.json": self.export_json,
            "/export.csv": self.export_csv,
            "/assets/{name}": asset,
        }
        actions: Mapping[str, _Action] = {
            "/phones": self.receive,
            "/phones/{number}": self.reply,
            "/messages/{sequence:int}/webhooks/{delivery:int}": self.resend,
            "/clock": self.jump,
            "/rules": self.add_rule,
            "/rules/{rule:int}": self.remove_rule,
            "/faults": self.add_fault,
            "/faults/clear": self.clear_faults,
            "/clear": self.clear,
            "/theme": self.theme,
        }
        return Router(
            routes=[
                *(Route(path, self._page(show), methods=["GET"]) for path, show in pages.items()),
                *(
                    Route(path, self._action(act), methods=["POST"])
                    for path, act in actions.items()
                ),
                Route("/events", _Events(self.service)),
            ],
            redirect_slashes=False,
        )

    # What is read

    def inbox(self, request: Request) -> Response:
        """Show the messages."""
        query = Query.read(request.query_params)
        page = inbox_page(self.service.engine, query)
        return self._html("inbox.html", request, query, page, "Inbox", "inbox")

    def phones(self, request: Request) -> Response:
        """Show the phones, and one of them."""
        query = Query.read(request.query_params)
        number: str = request.path_params.get("number", "")
        if number and not (number.isascii() and number.isdecimal()):
            raise HTTPException(404, "This is no phone number.")
        page = phones_page(self.service.engine, query, number)
        return self._html("phones.html", request, query, page, "Phones", "phones")

    def message(self, request: Request) -> Response:
        """Show one message."""
        query = Query.read(request.query_params)
        message = self._message(request.path_params["sequence"])
        page = message_page(self.service.engine, query, message)
        return self._html("message.html", request, query, page, "Message", "inbox")

    def schedule(self, request: Request) -> Response:
        """Show what waits."""
        query = Query.read(request.query_params)
        page = schedule_page(self.service.engine, query)
        return self._html("schedule.html", request, query, page, "Schedule", "schedule")

    def requests(self, request: Request) -> Response:
        """Show the requests."""
        query = Query.read(request.query_params)
        everything = "all" in request.query_params
        page = requests_page(self.service, query, everything=everything)
        return self._html("requests.html", request, query, page, "Requests", "requests")

    def control(self, request: Request) -> Response:
        """Show the controls."""
        query = Query.read(request.query_params)
        page = control_page(self.service, query)
        return self._html("control.html", request, query, page, "Control", "control")

    def export_json(self, request: Request) -> Response:
        """Send the messages as a file of JSON."""
        return _file(export.as_json(self._found(request)), "application/json", "messages.json")

    def export_csv(self, request: Request) -> Response:
        """Send the messages as a file of CSV."""
        return _file(export.as_csv(self._found(request)), "text/csv", "messages.csv")

    # What is done

    async def receive(self, form: Mapping[str, str], request: Request) -> None:
        """Let a phone write to the account."""
        engine = self.service.engine
        text = forms.text_of(form)
        number = form.get("number", "")
        if not any(char.isdecimal() for char in number):
            raise FormError("Write the number that the message comes from.")
        inbox = Query.read(request.query_params).inbox or form.get("inbox", "")
        known = [account.fingerprint for account in engine.accounts]
        if inbox not in known:
            if len(known) != 1:
                raise FormError("Choose the inbox of one API key first, at the top of the page.")
            inbox = known[0]
        engine.receive(
            text,
            key=inbox,
            sender=number,
            recipient=form.get("recipient", "").strip() or None,
            gateway=form.get("channel", "sms"),
        )
        await self.driver.flush()

    async def reply(self, form: Mapping[str, str], request: Request) -> None:
        """Let the recipient of a message answer it."""
        text = forms.text_of(form)
        message = self._message(_whole_number(form.get("to", "")))
        if message.to != request.path_params["number"] or message.message_id is None:
            raise FormError("This message did not go to this phone.")
        self.service.engine.reply(text, to=message)
        await self.driver.flush()

    async def resend(self, _form: Mapping[str, str], request: Request) -> None:
        """Send a webhook again."""
        if not self.service.engine.resend(request.path_params["delivery"]):
            raise FormError("This webhook is no longer kept.", 404)
        await self.driver.flush()

    async def jump(self, form: Mapping[str, str], _request: Request) -> None:
        """Let the clock jump ahead."""
        engine = self.service.engine
        task = next_task(engine)
        await self.driver.advance(
            forms.moment_of(form, engine.clock.now(), task.due if task else None)
        )

    async def add_rule(self, form: Mapping[str, str], _request: Request) -> None:
        """Put a rule in force."""
        try:
            self.service.engine.rules.add(Rule.from_json(forms.json_of(form, "rule")))
        except (TypeError, ValueError) as error:
            raise FormError(str(error)) from None
        self.service.engine.feed.publish("settings")

    async def remove_rule(self, _form: Mapping[str, str], request: Request) -> None:
        """Remove a rule."""
        self.service.engine.rules.remove(request.path_params["rule"])
        self.service.engine.feed.publish("settings")

    async def add_fault(self, form: Mapping[str, str], _request: Request) -> None:
        """Let something go wrong with the next requests."""
        try:
            self.service.faults.inject(PendingFault.from_json(forms.json_of(form, "fault")))
        except (TypeError, ValueError) as error:
            raise FormError(str(error)) from None
        self.service.engine.feed.publish("settings")

    async def clear_faults(self, _form: Mapping[str, str], _request: Request) -> None:
        """Forget the faults that wait."""
        self.service.faults.clear()
        self.service.engine.feed.publish("settings")

    async def clear(self, _form: Mapping[str, str], request: Request) -> None:
        """Forget everything of an inbox, or of all."""
        inbox = Query.read(request.query_params).inbox
        if inbox:
            self.service.engine.clear(inbox)
        else:
            self.service.clear()

    async def theme(self, form: Mapping[str, str], _request: Request) -> None:
        """Check the theme that is asked for; the answer keeps it."""
        if form.get("theme") not in THEMES:
            raise FormError("There is no such theme.")

    # How it is answered

    def _message(self, sequence: int) -> ReceivedMessage:
        message = find(self.service.engine, sequence)
        if message is None:
            raise HTTPException(404, "There is no such message; perhaps it was pruned or cleared.")
        return message

    def _found(self, request: Request) -> Iterator[ReceivedMessage]:
        return newest(self.service.inbox.messages(), Query.read(request.query_params))

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
            url=f"{request.url.scheme}://{request.url.netloc}{_SERVICE_PATH}",
            theme=request.cookies.get(_THEME_COOKIE, THEMES[0]),
        )
        return HTMLResponse(render(template, around, page), status_code)

    def _error(self, request: Request, message: str, status_code: int, back: str = "/") -> Response:
        if _is_quiet(request):
            return PlainTextResponse(message, status_code)
        title = "Not found" if status_code == HTTPStatus.NOT_FOUND else "This did not work"
        page = views.ErrorPage(title, message, own_path(back))
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

    def _action(self, act: _Action) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not is_own(request):
                text = "Only a page of the sandbox itself may do this; programs have /sandbox."
                return _guarded(PlainTextResponse(text, 403))
            form: Mapping[str, str] = {}
            try:
                form = await forms.read_form(request)
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
        after = _whole_number(request.query_params.get("after", ""))
        headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        await stream(self._service.engine.feed, after, headers, scope, receive, send)


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


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        return 0
    return int(text)
