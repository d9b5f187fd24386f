"""Bodies that Hypothesis makes, many per example, and what must hold for each."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from smsmanager.webhooks import DeliveryReport, Event, WebhookParseError, parse_webhook
from smsmanager.webhooks.tracker._delivery_state import state_of
from tests.webhooks.bodies import referring, reply, report, touched

BODIES_AN_EXAMPLE = 50
"""Drawing is expensive and parsing is cheap, so an example makes this many bodies of its values."""

_TEMPLATES = (
    report(),
    referring("order-17", gateway="whatsapp_text", whatsapp_body={"sender": "S", "count": 1}),
    report(gateway="viber", viber={"price_czk": "0.6"}),
    reply(),
    reply(message_id=None),
)
_PLACES = tuple(
    (template, path)
    for template in _TEMPLATES
    for path in (
        *((name,) for name in template),
        *(
            (name, inner)
            for name, value in template.items()
            if isinstance(value, dict)
            for inner in value
        ),
        ("unheard_of",),
        ("notifications",),
    )
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(st.characters(), max_size=40)
    | st.from_regex(r"\s*\[-?[0-9]{1,12}\].{0,9}", fullmatch=True)
    | st.sampled_from(["outgoing", "incoming", "delivered", "whatsapp_text", "1e999999999", "\0"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1")


@st.composite
def many_bodies(draw: st.DrawFn) -> list[bytes]:
    """Draw values, places and bytes, and return `BODIES_AN_EXAMPLE` bodies made of them."""
    values = draw(st.lists(VALUES, min_size=3, max_size=3))
    places = draw(st.lists(st.integers(0, len(_PLACES) - 1), min_size=8, max_size=8))
    chunk = draw(st.binary(max_size=12))
    cuts = draw(st.lists(st.integers(0, 700), min_size=8, max_size=8))
    elements = [_with(*_PLACES[place], value) for place in places for value in values]
    bodies = [_encoded([element]) for element in elements]
    bodies.append(_encoded(elements))
    bodies.append(_encoded({"notifications": elements[:3]}))
    bodies += [_encoded(value) for value in values]
    bodies += [_encoded(elements[0], encoding) for encoding in _ENCODINGS]
    whole = bodies[0]
    bodies += [whole[:cut] + chunk + whole[cut:] for cut in cuts]
    bodies += [whole[:cut] + chunk + whole[cut + 1 + len(chunk) :] for cut in cuts[:4]]
    bodies += [whole[: cuts[0]], whole.replace(b"sms", chunk), chunk, chunk * 50]
    assert len(bodies) == BODIES_AN_EXAMPLE
    return bodies


def _with(template: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    *parents, last = path
    if parents:
        inner: dict[str, Any] = template[parents[0]]
        return {**template, parents[0]: {**inner, last: value}}
    return {**template, last: value}


def _encoded(value: Any, encoding: str = "utf-8") -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode(encoding)
    except ValueError:
        # Half a surrogate pair, or a whole number that Python does not write out.
        return json.dumps(repr(value)).encode(encoding)


def check(body: bytes) -> list[Event] | None:
    """Parse a body and read all of its events; return None if it was refused. Nothing else may happen."""
    try:
        events = parse_webhook(body)
    except WebhookParseError:
        return None
    for event in events:
        touched(event)
        if isinstance(event, DeliveryReport):
            for text in _texts(state_of(event)):
                text.encode()
                assert "\0" not in text
    return events


def _texts(state: Any) -> list[str]:
    channel = state.channel
    candidates = [
        str(state.result),
        state.gateway,
        state.result_info.description,
        state.phone_number,
        state.reference,
        state.request_id,
        state.message_id,
        *((channel.sender, channel.route) if channel else ()),
    ]
    return [text for text in candidates if text is not None]
