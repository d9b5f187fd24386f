"""The open recipients of a result, and what the service would list for each; pure."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from smsmanager._plan import Outcomes
from smsmanager.asking._candidates import (
    AS_IT_IS,
    WITHOUT_LINKS,
    Case,
    Content,
    flow_form,
    has_plain_form,
    text_forms,
)
from smsmanager.errors import ConfigurationError
from smsmanager.ids import OWN_TAG
from smsmanager.results import SendResult, Status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from smsmanager._message.wire_requests import Prepared

_OPEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))
_WITH_A_PLAIN_TEXT = frozenset(("sms", "viber", "whatsapp_text"))
_NO_PLAIN_TEXT = frozenset(("raw", "card", "carousel"))
_NOT_KEPT = re.compile(r"[^a-z0-9._-]")


def lost_call(prepared: Prepared, called_between: tuple[datetime, datetime]) -> SendResult:
    """Return a result for a call of which only the message is known: every recipient is *unknown*.

    Args:
        prepared: What was sent.
        called_between: When the call began and ended, as aware datetimes.
    """
    outcomes = Outcomes(prepared)
    for request in prepared.requests():
        outcomes.in_flight(request)
    begin, end = called_between
    return attrs.evolve(outcomes.result(), called=(begin.timestamp(), end.timestamp()))


def known_ids(results: Iterable[SendResult]) -> set[str]:
    """Return the message ids of known sends."""
    return {o.message_id for result in results for o in result if o.message_id}


def open_cases(
    result: SendResult,
    early_s: float,
    late_s: float,
    called_between: tuple[datetime, datetime] | None,
    *,
    own: bool,
) -> list[Case]:
    """Return the open recipients of a result.

    Args:
        result: The result.
        early_s: Seconds before the call in which the service may seem to have accepted a request.
        late_s: Seconds after the call, likewise.
        called_between: When the call began and ended, if the result does not say.
        own: Whether to settle them. Those of another result only claim what may be theirs.

    Raises:
        ConfigurationError: If the result does not say what was sent, or when, and so cannot be settled.
    """
    # An accepted recipient without an id has a message too, and a recipient who was sent to again may have
    # two: which ones is not known.
    again = result.sent_again or frozenset()
    claiming = [
        outcome
        for outcome in result
        if outcome.status in _OPEN
        or outcome.index in again
        or (outcome.status is Status.ACCEPTED and not outcome.message_id)
    ]
    wanted = [o for o in claiming if own and o.status in _OPEN]
    if not claiming:
        return []
    prepared = result.prepared
    if wanted and prepared is None:
        raise ConfigurationError(
            "Nothing was asked: the result was read from JSON, which does not keep messages, so it is not "
            "known what to look for. Store results with pickle."
        )
    call = _call_span(result, called_between)
    if wanted and call is None:
        raise ConfigurationError(
            "Nothing was asked: the result does not say when its call was made. Pass "
            "called_between=(begin, end)."
        )
    begin, end = call or (0.0, 0.0)
    contents = [json.loads(content.json) for content in prepared.contents] if prepared else []
    group = _group(result)
    cases: list[Case] = []
    for outcome in claiming:
        content: Mapping[str, Any] = contents[outcome.message_index] if contents else {}
        spans = [(begin - early_s, end + late_s)]
        if due := due_of(content):
            spans.append((due - early_s, due + late_s))
        is_wanted = own and outcome.status in _OPEN
        # It may be in two requests, so the id of one says nothing about the other recipients.
        is_again = outcome.index in again
        request_id = None if is_again else outcome.request_id
        cases.append(
            Case(
                number=outcome.phone_number,
                content=content_of(content) if contents else Content(),
                spans=tuple(spans),
                group=None if is_again else (request_id,) if request_id else group,
                request_id=request_id,
                position=outcome.index if is_wanted else None,
            )
        )
    return cases


def _call_span(
    result: SendResult, called_between: tuple[datetime, datetime] | None
) -> tuple[float, float] | None:
    if called_between is not None:
        begin, end = called_between
        if begin.tzinfo is None or end.tzinfo is None:
            raise ConfigurationError(
                "called_between must be two aware datetimes. Nothing was asked."
            )
        return begin.timestamp(), end.timestamp()
    return None if result.called is None else (result.called[0], max(result.called))


def _group(result: SendResult) -> Hashable:
    """Return the group of the unknown recipients, if one request can have contained them all."""
    unknown = {o.index for o in result if o.status is Status.UNKNOWN}
    prepared = result.prepared
    # Look at the requests of the whole call: recipients of two of them could fit into one request.
    if prepared is None or not any(unknown <= {*r.positions} for r in prepared.requests()):
        return None
    return id(result)


def due_of(content: Mapping[str, Any]) -> float | None:
    """Return when a scheduled message is due, in Unix seconds; None for one that is not scheduled."""
    at = content.get("datetime")
    try:
        return datetime.fromisoformat(at).timestamp() if isinstance(at, str) else None
    except (ValueError, OverflowError):
        return None


def content_of(content: Mapping[str, Any]) -> Content:
    """Return the parts of a message that can be compared with what the service lists.

    Args:
        content: The message as it was sent, without its recipients, as JSON.
    """
    params, tag = content.get("params"), content.get("tag", content.get("messageTag"))
    links_differ = isinstance(params, dict) and "_url" in params
    own = content.get("body", content.get("message"))
    steps: list[dict[str, dict[str, Any]]] = content.get("flow") or [{"sms": {}}]
    bodies, is_certain = {own}, not links_differ
    for step in steps:
        for channel, fields in step.items():
            if channel not in _WITH_A_PLAIN_TEXT or _NO_PLAIN_TEXT & fields.keys():
                is_certain = False
            bodies.add(fields.get("body", own))
    ways = (WITHOUT_LINKS if links_differ else AS_IT_IS,)
    found = [text_forms(body, ways) for body in bodies if isinstance(body, str)]
    texts = frozenset(form for forms in found for form in forms)
    tags = frozenset(cleaned_tags(tag if isinstance(tag, str) else "promotional"))
    last = tag.rpartition(",")[2] if isinstance(tag, str) else ""
    return Content(
        texts=texts,
        # A text without an ASCII form can be listed as anything.
        is_certain=is_certain and bool(found) and all(map(has_plain_form, found)),
        flow=None if is_certain else flow_form(content.get("flow")),
        tags=tags,
        own_tag=last if last.startswith(OWN_TAG) else None,
    )


def cleaned_tags(tags: str) -> set[str]:
    """Return tags as the service keeps them. Source: SmsManager API reference, field `tag`."""
    return {_NOT_KEPT.sub("", tag) for tag in tags.lower().split(",")} - {""}
