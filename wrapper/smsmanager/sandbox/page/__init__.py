"""Show the sandbox in a browser: the messages, the phones, the timelines, and the controls.

The server makes the HTML; there is one style sheet and one script, and nothing is loaded from elsewhere.
The page is complete without the script. With it, the page follows the sandbox.

| module | job |
| --- | --- |
| `_site` | which function answers which address |
| `_actions`, `_forms` | what a form does; reading it |
| `_control_forms` | the fields of the forms for rules and faults |
| `_change_stream` | tells an open page that something changed |
| `_unread`, `_undo` | what was not opened yet; what can be undone |
| `_query` | what a list shows, and addresses |
| `_frame` | what surrounds the content of every page |
| `_inbox_page`, `_message_page`, `_phones_page` | what these pages show, as plain values |
| `_schedule_page`, `_requests_page`, `_control_page`, `_account_page` | the same for the other pages |
| `_conversation` | what was said between the account and a phone |
| `_timeline` | what happened to a message, for its page |
| `_bubbles`, `_text` | a step of a message as the phone shows it |
| `_tones` | states in words, each with its tone |
| `_render` | turns all of these into HTML |
| `_export` | messages as JSON and CSV |
| `templates`, `assets` | HTML, style sheet, script |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver

__all__ = ["page_routes"]

_PATHS = (
    "/",
    "/account",
    "/assets/{name}",
    "/clear",
    "/clock",
    "/control",
    "/events",
    "/export.csv",
    "/export.json",
    "/faults",
    "/faults/clear",
    "/faults/{fault:int}",
    "/messages/{sequence:int}",
    "/messages/{sequence:int}/delete",
    "/messages/{sequence:int}/webhooks/{delivery:int}",
    "/phones",
    "/phones/{number}",
    "/read",
    "/requests",
    "/rules",
    "/rules/{rule:int}",
    "/schedule",
    "/theme",
    "/undo/{number:int}",
)


def page_routes(service: Service, driver: Driver) -> Sequence[Route]:
    """Return the routes of the page.

    Args:
        service: What is shown.
        driver: Lets time pass.
    """
    page = _Late(service, driver)
    return [Route(path, page) for path in _PATHS]


@attrs.define(eq=False)
class _Late:
    """The page, created on first use, so that a test that never opens it does not pay for it."""

    service: Service
    driver: Driver
    _app: ASGIApp | None = attrs.field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._app is None:
            from smsmanager.sandbox.page._site import Site  # noqa: PLC0415 - see above

            self._app = Site(self.service, self.driver).app()
        await self._app(scope, receive, send)
