"""Show the requests: what was answered, and why some were refused."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records import hidden_passwords
from smsmanager.sandbox.page._query import Choice
from smsmanager.sandbox.page._tones import Label, label_of_answer

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.service import Service
    from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
    from smsmanager.sandbox.page._query import Query

_ROWS = 50
_REFUSED_FROM = 300


@attrs.frozen(kw_only=True)
class RequestRow:
    """One request to the service."""

    key: str
    at: str
    method: str
    path: str = attrs.field(repr=False)
    status: str
    state: Label
    pointer: str
    reason: str
    recipients: int
    request_id: str
    body: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class RequestsPage:
    """The requests, newest first."""

    rows: tuple[RequestRow, ...]
    filters: tuple[Choice, ...]
    older: str | None


def is_refused(request: ReceivedRequest) -> bool:
    """Return whether a request did not get the 2xx answer that it should have got."""
    return request.reason is not None or (request.status_code or 0) >= _REFUSED_FROM


def requests_page(service: Service, query: Query, *, everything: bool) -> RequestsPage:
    """Return the requests, newest first.

    Args:
        service: Recorded the requests.
        query: Which inbox, and where to begin. Requests without a key are shown in every inbox.
        everything: Whether to show requests that were taken as well.
    """
    requests = service.inbox.requests()
    of_inbox = (
        request
        for request in reversed(requests)
        if query.inbox in ("", request.key_fingerprint) or request.key_fingerprint is None
    )
    behind = (r for r in of_inbox if not query.before or r.sequence < query.before)
    found = list(itertools.islice((r for r in behind if everything or is_refused(r)), _ROWS + 1))
    shown = found[:_ROWS]
    refused = query.elsewhere("/requests")
    taken_too = query.elsewhere("/requests", all="1")
    older = query.elsewhere(
        "/requests", all="1" if everything else "", before=shown[-1].sequence if shown else 0
    )
    return RequestsPage(
        rows=tuple(map(_request_row, shown)),
        filters=(
            Choice("Refused or spoiled", refused, current=not everything, tone="bad"),
            Choice("All", taken_too, current=everything, count=len(requests)),
        ),
        older=older if len(found) > _ROWS else None,
    )


def _request_row(request: ReceivedRequest) -> RequestRow:
    state = label_of_answer(request.status_code)
    reason = request.reason or ""
    pointer = request.pointer or ""
    if is_refused(request) and state.tone == "good":
        # A fault spoiled the answer to a request that was taken.
        state = Label(state.word, "waiting")
    return RequestRow(
        key=f"q-{request.sequence}",
        at=words.iso(request.received_at.timestamp()),
        method=request.method,
        path=request.path,
        status=state.word,
        state=state,
        pointer=pointer,
        reason=reason.removeprefix(f"{pointer}: ") if pointer else reason,
        recipients=request.recipients,
        request_id=request.request_id or "",
        body=hidden_passwords.text(request.content or ""),
    )
