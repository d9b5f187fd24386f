"""Serve the operations of this API: the description says which there are and what they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from smsmanager.sandbox.api.arguments import Arguments, answer, read
from smsmanager.sandbox.api.changes import ChangeOperations
from smsmanager.sandbox.api.control_operations import ControlOperations
from smsmanager.sandbox.api.description import ApiOperation, description, operations
from smsmanager.sandbox.api.inbox_operations import InboxOperations
from smsmanager.sandbox.engine.records import JsonObject

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox._server.driver import Driver

API_PREFIX = "/sandbox"

Handler: TypeAlias = Callable[[Arguments], Awaitable[JsonObject]]

_STREAM = "streamChanges"


def api_routes(service: Service, driver: Driver) -> Sequence[Route]:
    """Return the routes of the API of a service.

    Args:
        service: The service that is read and controlled.
        driver: Lets time pass.
    """
    stream = ChangeOperations(service, driver)
    handlers = _handlers(service, driver, stream)
    by_path: dict[str, dict[str, ApiOperation]] = {}
    for operation in operations():
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(API_PREFIX + path, _Endpoint(described, handlers, stream))
        for path, described in by_path.items()
    ]


def _handlers(service: Service, driver: Driver, stream: ChangeOperations) -> Mapping[str, Handler]:
    """Return the handler of each operation, by its `operationId`."""
    messages = InboxOperations(service, driver)
    control = ControlOperations(service, driver)
    return {
        "showDescription": _show_description,
        "showHealth": control.health,
        "listMessages": messages.list_messages,
        "clearMessages": messages.clear,
        "showLatestMessage": messages.latest_message,
        "extractFromLatestMessage": messages.extract,
        "waitForMessage": messages.wait_for_message,
        "showMessage": messages.show_message,
        "replyToMessage": messages.reply,
        "listRequests": messages.list_requests,
        "listIncoming": messages.list_incoming,
        "receiveMessage": messages.receive,
        "listDeliveries": messages.list_deliveries,
        "resendDelivery": messages.resend,
        "showClock": control.show_clock,
        "moveClock": control.move_clock,
        "listWaiting": control.list_waiting,
        "listRules": control.list_rules,
        "addRule": control.add_rule,
        "clearRules": control.clear_rules,
        "removeRule": control.remove_rule,
        "listFaults": control.list_faults,
        "injectFault": control.inject_fault,
        "clearFaults": control.clear_faults,
        "listInboxes": control.list_inboxes,
        "changeInbox": control.change_inbox,
        "listChanges": stream.list_changes,
    }


async def _show_description(_arguments: Arguments) -> JsonObject:
    return description()


@attrs.frozen(eq=False)
class _Endpoint:
    """The operations of one path."""

    _operations: Mapping[str, ApiOperation]
    _handlers: Mapping[str, Handler]
    _stream: ChangeOperations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.get(request.method)
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(self._operations)})
        arguments = await read(request, operation)
        if operation.operation_id == _STREAM:
            await self._stream.send(arguments, scope, receive, send)
            return
        content = await self._handlers[operation.operation_id](arguments)
        await answer(content)(scope, receive, send)
