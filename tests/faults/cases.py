"""What Hypothesis draws: a call, the options of its client, and how the service handles each request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

from hypothesis import strategies as st

from tests.faults.answers import head, whole
from tests.faults.script import ENDLESS, TRANSIENT, Content, Fault, Late, Step, Way

T = TypeVar("T")

ROUTES = ("send", "priority", "batch", "simple")
DOCUMENTED = (400, 401, 403, 415, 429, 500, 503)
PROXIED = (204, 408, 502, 504, 520, 599)
ODD = (
    b"",
    b"null",
    b"true",
    b'"accepted"',
    b"[]",
    b'[{"accepted": []}]',
    b"{}",
    b'{"a": ' * 3_000,
    b"\xff\xfe{}",
    b"<html>login</html>",
    b'{"accepted": [{"key": "0", "mess',
    b'{"accepted": null, "rejected": null}',
    b'{"accepted": {"0": "m"}, "rejected": {}}',
    b'{"accepted": "all", "rejected": 0}',
    b'{"accepted": [null, 1, "0", [], {"message_id": "m"}], "rejected": []}',
    b'{"accepted": [{"key": -1}, {"key": 10}, {"key": "99999999999999999999"}]}',
    b'{"accepted": [{"key": true}, {"key": 0.0}, {"key": " 0"}, {"key": "0x0"}]}',
    b'{"accepted": [{"key": "0"}], "rejected": [{"key": "0"}]}',
    b'{"request_id": {}, "accepted": [{"key": 0, "message_id": null}, {"key": 0}]}',
    b'{"request_id": 5, "accepted": [{"key": "\xc2\xb2"}, {"key": "\xd9\xa0"}]}',
)
"""Bodies of a 200. None rejects a recipient that it does not accept as well: the service took them all."""

ODD_LOCATIONS = (
    *(b"https:foo", b"about:blank", b"http:login", b"mailto:x@y", b"//", b"http://", b"/"),
    *(b"\xff\xfe", b"http://[", b"http://a:99999999/", b"https://user:pass@/x", b"x" * 9000),
)
"""Where a redirect can point that leads nowhere."""


SURPLUS = (
    b"",
    b"",
    whole(503, b"{}"),
    whole(400, b"{}"),
    head(200, "Content-Length: 9"),
    b"HTTP/1.",
)
"""What can follow an acceptance; an empty string means the acceptance once more."""

BURST_TURNS = (1, 7, 10, 20)
"""Turns of the event loop after which a burst is cancelled; each of these has lost a connection in a pool."""


@dataclass(frozen=True)
class Resumption:
    """A `resume` after the call.

    Attributes:
        resend_unknown: What the caller asks for.
        script: How the service handles its requests.
        pickled: Whether the error or the result goes through `pickle` first.
    """

    resend_unknown: bool
    script: tuple[Step, ...]
    pickled: bool


@dataclass(frozen=True)
class Case:
    """One call and its resumptions.

    Attributes:
        route: One of `ROUTES`.
        sizes: Recipients of each message.
        script: How the service handles each request.
        retries: Option of the client.
        deadline_s: Option of the client.
        max_response_bytes: Option of the client.
        reference: Whether the messages have references.
        way: How the client reaches the service.
        proxied: Whether the environment names a proxy, although the service is on this machine.
        burst: Turns of the event loop after which a burst of sends is cancelled before the call; 0 for none.
        turns: How often the event loop runs before each call.
        hooked: Whether the client has a hook that fails on every answer.
        resumptions: The resumptions after the call.
    """

    route: str
    sizes: tuple[int, ...]
    script: tuple[Step, ...]
    retries: int
    deadline_s: float | None
    max_response_bytes: int
    reference: bool
    way: Way
    proxied: bool
    burst: int
    turns: int
    hooked: bool
    resumptions: tuple[Resumption, ...]

    @property
    def steps(self) -> list[Step]:
        """Every step of the case."""
        return [*self.script, *(step for r in self.resumptions for step in r.script)]


def _weighted(*choices: tuple[int, T]) -> st.SearchStrategy[T]:
    return st.sampled_from([choice for weight, choice in choices for _ in range(weight)])


def _retry_after() -> st.SearchStrategy[str | None]:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    past = "Mon, 01 Jan 2001 00:00:00 GMT"
    absurd = ("999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "3600")
    garbage = ("soon", "-5", "nan", "1e9", "0x10", "Mon, 99 Foo 2026 00:00:00 GMT", "")
    return _weighted((12, None), (3, "0"), (3, "7"), (2, soon), (1, past)) | st.sampled_from(
        (*absurd, *garbage)
    )


_KEYS = st.frozensets(st.integers(0, 9), min_size=1, max_size=5)
_FEW_KEYS = _weighted((1, st.just(frozenset[int]())), (1, _KEYS)).flatmap(lambda keys: keys)
_KEPT = _weighted((4, True), (1, False))
_OWN = set(Content) - {Content.GIVEN}
_CONTENT = _weighted((5, Content.JSON), (3, Content.EMPTY), *((1, c) for c in sorted(_OWN)))
_ANSWERED = _weighted(
    (6, Fault.ACCEPT), (1, Fault.SLOW), (1, Fault.EARLY_HINTS), (4, Fault.SURPLUS)
)
_LOST = (
    *(Fault.RESET_UNREAD, Fault.RESET_AFTER_HEAD, Fault.RESET, Fault.CLOSE, Fault.HALF_HEAD),
    *(Fault.NOT_HTTP, Fault.CUT_LENGTH, Fault.CUT_CHUNKS, Fault.ODD, Fault.ODD, Fault.REDIRECT),
)
_ENDS = _weighted(
    (12, Fault.STATUS),
    (2, Fault.EARLY_STATUS),
    *((2, fault) for fault in _LOST),
    *((1, fault) for fault in sorted(ENDLESS)),
)
_REFUSALS = (400, 401, 403, 413, 415)
_LATE = _weighted((8, Late.NEVER), *((1, late) for late in Late if late is not Late.NEVER))
_WAYS = _weighted(
    *((11, Way.PLAIN), (8, Way.TLS), (3, Way.TUNNEL), (1, Way.NO_TLS), (1, Way.NO_TUNNEL))
)


@st.composite
def going_on(draw: st.DrawFn) -> Step:
    """Draw a step after which the call continues: an acceptance, or a failure that is retried."""
    kind = draw(_weighted((5, "answer"), (3, "transient"), (2, "refuse")))
    if kind == "refuse":
        return Step(Fault.REFUSE)
    if kind == "answer":
        return Step(
            draw(_ANSWERED),
            rejected=draw(_FEW_KEYS),
            omitted=draw(_FEW_KEYS),
            taken=draw(st.booleans()),
            numeric_keys=draw(st.booleans()),
            keep=draw(_KEPT),
            surplus=draw(st.sampled_from(SURPLUS)),
            apart=draw(_weighted((1, False), (2, True))),
            held=draw(_weighted((2, 0), (1, 20))),
            late=draw(_LATE),
        )
    return Step(
        draw(_weighted((6, Fault.STATUS), (1, Fault.EARLY_STATUS))),
        draw(st.sampled_from(sorted(TRANSIENT))),
        draw(_CONTENT),
        retry_after=draw(_retry_after()),
        keep=draw(_KEPT),
        late=draw(_LATE),
    )


@st.composite
def ending(draw: st.DrawFn) -> Step:
    """Draw a step after which the call ends."""
    fault = draw(_ENDS)
    keep, taken = draw(_KEPT), draw(st.booleans())
    if fault is Fault.STATUS:
        status = draw(
            st.sampled_from(DOCUMENTED) | st.sampled_from(PROXIED) | st.integers(200, 599)
        )
        return Step(fault, status, draw(_CONTENT), taken=taken, keep=keep)
    if fault is Fault.EARLY_STATUS:
        return Step(fault, draw(st.sampled_from(_REFUSALS)), keep=False)
    if fault is Fault.REDIRECT:
        status = draw(st.sampled_from((301, 302, 303, 307, 308)))
        nowhere = draw(_weighted((2, b""), (1, draw(st.sampled_from(ODD_LOCATIONS)))))
        return Step(fault, status, odd=nowhere, taken=taken, keep=keep)
    if fault is Fault.ODD:
        return Step(fault, odd=draw(st.sampled_from(ODD)), keep=keep)
    return Step(fault)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[Step, ...]:
    """Draw how the service handles each request; at most one step takes real time."""
    # Few calls make more than two requests; later steps are never played.
    before = draw(st.lists(going_on(), max_size=draw(_weighted((3, 0), (2, 1), (1, 4)))))
    return (*before, draw(ending())) if draw(_weighted((3, True), (1, False))) else (*before,)


_SIZES: dict[str, st.SearchStrategy[tuple[int, ...]]] = {
    "send": st.tuples(
        st.integers(1, 12) | st.integers(9, 40) | st.sampled_from((100, 101, 110, 205))
    ),
    "priority": st.tuples(st.integers(1, 12) | st.integers(11, 45)),
    "batch": st.lists(_weighted((6, 1), (2, 2), (1, 10), (1, 11)), min_size=1, max_size=24).map(
        tuple
    ),
    "simple": st.just((1,)),
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a call and its resumptions."""
    route = draw(_weighted((4, "send"), (4, "priority"), (4, "batch"), (1, "simple")))
    script = draw(scripts())
    resumptions = tuple(
        Resumption(draw(_weighted((3, False), (1, True))), draw(scripts()), draw(st.booleans()))
        for _ in range(draw(_weighted((4, 0), (3, 1), (1, 2))))
    )
    used = {step.fault for step in script} | {s.fault for r in resumptions for s in r.script}
    drips = used & ENDLESS - {Fault.HANG}
    hooked = draw(_weighted((24, False), (1, True)))
    return Case(
        route=route,
        sizes=draw(_SIZES[route]),
        script=script,
        retries=draw(st.integers(0, 3)),
        deadline_s=0.06 if drips else draw(_weighted((4, None), (1, 30.0))),
        max_response_bytes=draw(_weighted((5, 1024 * 1024), (1, 300))),
        reference=draw(st.booleans()),
        way=Way.PLAIN if hooked else draw(_WAYS),
        proxied=draw(_weighted((3, False), (1, True))),
        # A caller's own client loses places in httpx's pool for good: its later cases would only wait.
        burst=0 if hooked else draw(_weighted((60, 0), (1, draw(st.sampled_from(BURST_TURNS))))),
        turns=draw(st.sampled_from((0, 3))),
        hooked=hooked,
        resumptions=resumptions,
    )
