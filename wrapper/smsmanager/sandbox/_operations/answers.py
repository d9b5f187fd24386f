"""Define a request, its answer, and the shapes in which the service refuses.

Source of the shapes: SmsManager references of the JSON API v2 and of the REST API, answers of the operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox._operations.contract import REST
from smsmanager.sandbox.engine.records.message_outcome import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from smsmanager.sandbox._operations.contract import Operation
    from smsmanager.sandbox._operations.request_content import RefusedError
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage

WRONG_KEY = "User is not authorized to access this resource with an explicit deny"

_UNSUPPORTED_MEDIA_TYPE = 415
_BAD_REQUEST = 400
_LISTS = frozenset({"/optout", "/blacklist"})


@attrs.frozen(kw_only=True, eq=False)
class Call:
    """One HTTP request to an operation.

    Attributes:
        origin: Scheme, host and port by which it came.
        path: Path, without the query.
        header_key: API key from the header; empty if there is none.
        content_type: `Content-Type`; empty if there is none.
        query: Query string, still encoded.
        body: `None` if it is larger than the operation allows.
    """

    origin: str
    path: str
    header_key: str = attrs.field(repr=False)
    content_type: str
    query: bytes = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)


@attrs.frozen(eq=False)
class Arrival:
    """The data that all messages of one request share.

    Attributes:
        operation: Operation that was called.
        request_id: Id that is answered.
        key_fingerprint: See `fingerprint`; empty without a key.
        received_at: Time of arrival, UTC.
    """

    operation: Operation
    request_id: str
    key_fingerprint: str
    received_at: datetime


@attrs.frozen(eq=False)
class Answer:
    """Status and JSON of an answer, and the messages to store.

    Attributes:
        reason: Why the request was refused; `None` if it was taken.
    """

    status_code: int
    content: JsonObject = attrs.field(repr=False)
    messages: Sequence[ReceivedMessage] = ()
    reason: str | None = None


def send_response(arrival: Arrival, results: Sequence[tuple[Status, str | None]]) -> JsonObject:
    """Return the content of a 200 to one of the JSON operations.

    Args:
        arrival: The request.
        results: Status and message id of each message or recipient, in the order of the request.
    """
    accepted = [
        {"key": str(index), "message_id": message_id}
        for index, (status, message_id) in enumerate(results)
        if status is Status.ACCEPTED
    ]
    rejected = [
        {"key": str(i)} for i, (status, _) in enumerate(results) if status is Status.REJECTED
    ]
    return {"request_id": arrival.request_id, "accepted": accepted, "rejected": rejected}


def refusal(error: RefusedError, arrival: Arrival) -> Answer:
    """Return the answer to a refused request, in the shape of its operation."""
    content: JsonObject
    if arrival.operation.api is REST:
        content = _refused_question(error, arrival.operation)
    elif error.status_code == _UNSUPPORTED_MEDIA_TYPE:
        content = {"message": "Unsupported Media Type"}
    elif arrival.operation.takes == "application/json":
        content = {"Message": error.reason}
    else:
        content = {"request_id": arrival.request_id, "accepted": False}
    return Answer(error.status_code, content, reason=error.reason)


def _refused_question(error: RefusedError, operation: Operation) -> JsonObject:
    """Return the content of a refusal of the REST API: `message` with a small `m`."""
    if operation.path not in _LISTS or error.status_code != _BAD_REQUEST:
        return {"message": error.reason}
    if operation.method == "DELETE":
        return {"success": False, operation.path[1:]: {"message": error.reason}}
    return {"success": False, "message": error.reason}


def without_key(operation: Operation, *, documented: bool) -> Answer:
    """Return the answer to a request without a key: as documented, or as other clients saw it."""
    reason = "the API key is missing"
    if documented and operation.api is not REST:
        return Answer(400, {"Message": WRONG_KEY}, reason=reason)
    return Answer(401, {"message": "Unauthorized"}, reason=reason)


def wrong_key(operation: Operation, *, documented: bool) -> Answer:
    """Return the answer to a key that is not accepted: as documented, or as other clients saw it.

    For the REST API a 401 is documented, for one operation.
    """
    reason = "the API key is none of those that were set"
    if operation.api is REST and documented:
        return Answer(401, {"message": "Unauthorized"}, reason=reason)
    name = "message" if operation.api is REST else "Message"
    return Answer(400 if documented else 403, {name: WRONG_KEY}, reason=reason)
