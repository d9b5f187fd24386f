"""Turn a request into checked arguments, and a result into an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import Response

from smsmanager.sandbox._operations.request_content import (
    RefusedError,
    media_type,
    read_fields,
    read_json,
)
from smsmanager.sandbox._operations.service import fingerprint
from smsmanager.sandbox._operations.violations import violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from smsmanager.sandbox._operations.contract import Validator
    from smsmanager.sandbox.api.description import ApiOperation
    from smsmanager.sandbox.engine.records import JsonObject

# Counts up with each incompatible change.
API_VERSION = 1

_MAX_BODY_BYTES = 65_536
DEFAULT_LIMIT = 100
_MAX_DIGITS = 15
_JSON = "application/json"


class Listed(Protocol):
    """An item of a list: something with a number that only grows."""

    @property
    def sequence(self) -> int:
        """Position in the order of arrival."""
        ...

    def as_json(self) -> JsonObject:
        """Return it as the JSON API shows it."""
        ...


_Item = TypeVar("_Item", bound=Listed)


@attrs.frozen(eq=False)
class Arguments:
    """The arguments of a request, checked against the description.

    Attributes:
        given: Parameters of path and query.
        body: JSON of the body; `None` if the operation takes none.
        key: Fingerprint of the API key whose inbox it is about; `None` for all.
    """

    given: Mapping[str, Any] = attrs.field(repr=False)
    body: Any = attrs.field(repr=False)
    key: str | None

    def chosen(self, *names: str) -> dict[str, Any]:
        """Return some of the parameters, as far as given."""
        return {name: self.given[name] for name in names if name in self.given}


async def read(request: Request, operation: ApiOperation) -> Arguments:
    """Return the arguments of a request.

    Raises:
        HTTPException: If the description does not allow it.
    """
    types = operation.parameter_types
    try:
        query = read_fields(request.url.query.encode(), types)
    except RefusedError as error:
        raise HTTPException(400, error.reason) from None
    path = read_path(request.path_params, types)
    if query.keys() & path.keys():
        raise HTTPException(400, "/: a parameter of the path is in the query")
    given = {**query, **path}
    last_event = request.headers.get("last-event-id", "")
    if (
        "after" in types
        and last_event.isascii()
        and last_event.isdecimal()
        and len(last_event) <= _MAX_DIGITS
    ):
        # How a browser continues after a lost connection.
        given.setdefault("after", int(last_event))
    _check(operation.parameters, given)
    body = None
    if operation.body is not None:
        body = await _body(request)
        _check(operation.body, body)
        for name in operation.whole_numbers & body.keys():
            body[name] = int(body[name])
    header = request.headers.get("x-api-key", "").strip()
    key = given.get("key") or (fingerprint(header) if header else None)
    return Arguments(given, body, key)


def read_path(values: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a path, as their types."""
    return {
        name: int(value)
        if types[name] == "integer"
        and value.isascii()
        and value.isdecimal()
        and len(value) <= _MAX_DIGITS
        else value
        for name, value in values.items()
    }


def answer(content: JsonObject, status_code: int = 200) -> Response:
    """Return an answer as JSON."""
    headers = {"x-sandbox-api": str(API_VERSION), "cache-control": "no-store"}
    return Response(json.dumps(content), status_code, headers, _JSON)


def page_of(name: str, found: Iterable[_Item], arguments: Arguments) -> JsonObject:
    """Return the items after `after`, `limit` of them at most, and where to go on.

    Args:
        name: Name of the list.
        found: The items, in ascending order of `sequence`.
        arguments: With `after` and `limit`.
    """
    after: int = arguments.given.get("after", 0)
    limit: int = arguments.given.get("limit", DEFAULT_LIMIT)
    items: list[_Item] = []
    for item in found:
        if item.sequence <= after:
            continue
        if len(items) == limit:
            return {name: [i.as_json() for i in items], "next_after": items[-1].sequence}
        items.append(item)
    return {name: [item.as_json() for item in items], "next_after": None}


def _check(validator: Validator, value: Any) -> None:
    found = violation(validator, value)
    if found is not None:
        raise HTTPException(400, found)


async def _body(request: Request) -> Any:
    # A page in a browser can post anywhere, but JSON only where it is allowed to.
    if media_type(request.headers.get("content-type", "")) != _JSON:
        raise HTTPException(415, f"The body is sent as {_JSON}.")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_BODY_BYTES:
            raise HTTPException(413, f"The body has at most {_MAX_BODY_BYTES} bytes.")
    try:
        return read_json(content)
    except RefusedError as error:
        raise HTTPException(400, error.reason) from None
