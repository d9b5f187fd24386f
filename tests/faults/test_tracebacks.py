"""A canary key, number and text: no traceback shows them, not even one with local variables."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import httpx
import pytest

import smsmanager
from smsmanager import (
    ConfigurationError,
    Retry,
    SendResult,
    SmsManager,
    SmsManagerError,
    Viber,
    compose,
)
from smsmanager_jsonapi.api.messages import send_message
from tests.faults import callers
from tests.faults.callers import Caller
from tests.faults.canaries import LIBRARY, LOGGERS, shown
from tests.faults.script import Content, Fault, Step
from tests.faults.server import FaultServer
from tests.marks import thorough

Make = Callable[..., Caller]
KEY = "canary-key-7f3a9"
NUMBER = "420601987654"
TEXT = "canary text 5b1e"
# An endless answer ends at a deadline: the test waits for every second of it, and any length is enough.
SOON_S = 0.05
SECRETS = (KEY, NUMBER, "601987", TEXT, "text 5b1e")

ECHO = f'{{"Message": "no: {KEY} +{NUMBER} {TEXT}", "request_id": "{NUMBER}"}}'.encode()
_NEED_MORE = {Fault.LONG_HEAD, Fault.SURPLUS, Fault.UNREAD, Fault.EARLY_STATUS, Fault.REDIRECT}
SCRIPTS: list[tuple[Step, ...]] = [
    *((Step(fault),) for fault in Fault if fault not in _NEED_MORE),
    *((Step(Fault.EARLY_STATUS, 413),), (Step(Fault.REDIRECT, 307),)),
    *((Step(Fault.STATUS, status),) for status in (204, 302, 400, 429, 503)),
    *((Step(Fault.STATUS, s, Content.GIVEN, odd=ECHO),) for s in (200, 400, 401, 415, 429, 503)),
    *((Step(Fault.ODD, odd=odd),) for odd in (ECHO, ECHO[:-3], b"", b"[]", b'{"accepted": {}}')),
    *((Step(Fault.STATUS, 400, content),) for content in (Content.LONG, Content.BAD_GZIP)),
    (Step(), Step(Fault.STATUS, 503, Content.GIVEN, odd=ECHO)),
    (Step(), Step(Fault.RESET)),
]
MORE_STATUSES = [
    (Step(Fault.STATUS, status),) for status in (401, 403, 404, 415, 418, 500, 502, 504, 520, 599)
]


def _named(script: tuple[Step, ...]) -> str:
    last = script[-1]
    return f"{len(script)}-{last.fault.name}-{last.status}-{last.content.name}-{len(last.odd)}"


@pytest.fixture(autouse=True)
def _canary_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "KEY", KEY)


@pytest.fixture(autouse=True)
def _everything_is_logged(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Log everything at DEBUG, and check that nothing holds a canary."""
    echoes = request.node.get_closest_marker("echoes_outside_http")
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield
    # At DEBUG, httpcore logs the head of an answer as received; our requests cannot prevent that.
    records = [r for r in caplog.records if not (echoes and r.name.startswith("httpcore"))]
    said = [*(record.getMessage() for record in records), *(str(w.message) for w in warned)]
    holds_none("\n".join(said), "the log")


def holds_none(text: str, where: str) -> None:
    found = [secret for secret in SECRETS if secret in text]
    if found:
        at = text.index(found[0])
        around = text[max(0, at - 100) : at + 60]
        raise AssertionError(f"{where} holds {found}: ...{around}... {text[-200:]}")


def hides(error: BaseException) -> None:
    lines = shown(error)
    assert any("locals" in line or "smsmanager" in line for line in lines)
    for line in lines:
        holds_none(line, "a frame")
    holds_none(repr(error), "the repr")
    if isinstance(error, SmsManagerError):
        holds_none(repr(error.result), "the result")


def refused(call: Callable[[], object], *kinds: type[BaseException]) -> BaseException:
    """Return what a call raises; the error hides the arguments."""
    with pytest.raises(kinds or SmsManagerError) as caught:
        call()
    hides(caught.value)
    return caught.value


CALLS: dict[str, Callable[[Caller], SendResult]] = {
    "send": lambda c: c.send(TEXT, to=NUMBER, deadline_s=SOON_S),
    "many": lambda c: c.send(TEXT, to=[NUMBER] * 105, deadline_s=SOON_S),
    "send_priority": lambda c: c.call("send_priority", TEXT, to=[NUMBER] * 15),
    "send_batch": lambda c: c.call("send_batch", [compose(TEXT, to=NUMBER)] * 12),
    "send_simple": lambda c: c.call(
        "send_simple", TEXT, to=NUMBER, sender="Shop", deadline_s=SOON_S
    ),
    "flow": lambda c: c.send(to=NUMBER, sender="Shop", flow=Viber(body=TEXT), deadline_s=SOON_S),
}
READS_TEXT = [name for name in CALLS if name != "flow"]


@pytest.mark.parametrize(
    "script", [*SCRIPTS, *thorough((script,) for script in MORE_STATUSES)], ids=_named
)
def test_no_failure_shows_what_was_sent(
    make: Make, server: FaultServer, script: tuple[Step, ...]
) -> None:
    caller = make(retries=0, deadline_s=SOON_S)
    failed = 0
    for name in READS_TEXT:
        server.play(*script)
        try:
            result = CALLS[name](caller)
        except SmsManagerError as error:
            failed += 1
            hides(error)
            try:
                server.play(*script)
                caller.call("resume", error, resend_unknown=True)
            except SmsManagerError as again:
                hides(again)
        else:
            holds_none(repr(result) + repr([*result]), "the result")
    assert failed or script[0].accepts or script[0].fault in {Fault.ODD, Fault.STATUS}


HEADS = (
    f"{KEY} {NUMBER} {TEXT}\r\n\r\n".encode(),
    f"HTTP/1.1 200 {KEY}\r\n{NUMBER} {TEXT}\r\n\r\n".encode(),
    f"HTTP/1.1 {KEY}\r\nX-Echo: {NUMBER} {TEXT}\r\n\r\n".encode(),
    f"HTTP/1.1 503 {TEXT}\r\nX-Echo: {NUMBER} {TEXT}\r\nContent-Length: {KEY}\r\n\r\n".encode(),
    f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY} {NUMBER}\r\n{TEXT}".encode(),
    f"HTTP/1.1 302 Found\r\nLocation: {KEY}:{NUMBER}\r\n\r\n".encode(),
)


@pytest.mark.echoes_outside_http
@pytest.mark.parametrize("head", HEADS, ids=range(len(HEADS)))
def test_no_failure_shows_what_a_peer_echoes_outside_its_body(
    make: Make, server: FaultServer, head: bytes
) -> None:
    server.play(Step(Fault.SURPLUS, odd=head))
    error = refused(lambda: make(retries=0, deadline_s=2).send(TEXT, to=NUMBER))
    printed = "".join(traceback.format_exception(error))
    holds_none(printed.partition("smsmanager.errors")[2], "the traceback")
    holds_none(repr(error.__cause__) + repr(error.__context__), "the chain")


def frames_of_ours(error: BaseException) -> list[str]:
    ours = str(Path(smsmanager.__file__).parent)
    return [line for line in shown(error) if f"at {ours}" in line]


@pytest.mark.echoes_outside_http
@pytest.mark.parametrize("odd", [ECHO, HEADS[0]], ids=["body", "head"])
def test_no_frame_of_ours_shows_what_raw_sent(make: Make, server: FaultServer, odd: bytes) -> None:
    step = Step(Fault.STATUS, 400, Content.GIVEN, odd=odd)
    server.play(step if odd is ECHO else Step(Fault.SURPLUS, odd=odd))
    caller = make()
    given: Any = {"client": caller.client.raw, "body": compose(TEXT, to=NUMBER)}
    with pytest.raises(SmsManagerError) as caught:
        caller.raw(send_message, **given)
    assert caught.value.__traceback__ is not None
    lines = frames_of_ours(caught.value)
    assert lines
    for line in lines:
        holds_none(line, "a frame")
    holds_none(str(caught.value) + repr(caught.value.__cause__), "the error")


def test_a_value_that_raw_cannot_write_shows_no_key(server: FaultServer) -> None:
    body = compose(TEXT, to=NUMBER, payload={"a": float("nan")})
    with SmsManager(KEY, base_url=server.url) as client, pytest.raises(SmsManagerError) as caught:
        send_message.sync(client=client.raw, body=body)
    for line in frames_of_ours(caught.value):
        holds_none(line, "a frame")


def test_what_the_caller_was_handling_keeps_its_traceback(make: Make, server: FaultServer) -> None:
    server.play(Step(Fault.STATUS, 400))

    def send_while_handling() -> None:
        try:
            int("what the message is about")
        except ValueError:
            make().send(TEXT, to=NUMBER)

    chain: BaseException | None = refused(send_while_handling)
    while chain is not None and not isinstance(chain, ValueError):
        chain = chain.__context__
    assert chain is not None
    assert chain.__traceback__ is not None


def test_ctrl_c_while_preparing_shows_nothing(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("smsmanager._message.prepare.normalise_number", interrupted)
    with SmsManager(KEY, base_url=server.url) as client:
        calls: list[Callable[[], SendResult]] = [
            lambda: client.send(TEXT, to=NUMBER),
            lambda: client.send_batch([compose(TEXT, to=NUMBER)]),
            lambda: client.send_simple(TEXT, to=NUMBER, sender="Shop"),
        ]
        for call in calls:
            refused(call, KeyboardInterrupt)


def test_no_retry_shows_what_was_sent(make: Make, server: FaultServer) -> None:
    told: list[Any] = []
    server.play(*[Step(Fault.STATUS, 503, Content.GIVEN, odd=ECHO), Step(Fault.REFUSE)] * 2)
    caller = make(retries=3, on_retry=told.append, on_result=told.append)
    fields = {"sender": "Shop", "tag": "x" * 5, "payload": {"a": TEXT}, "at": TEXT}
    refused(lambda: caller.send(TEXT, to=NUMBER, **fields))
    once = make(retries=1, on_retry=told.append, on_result=told.append)
    refused(lambda: once.send(TEXT, to=NUMBER))
    assert len(told) == 2
    holds_none(repr(told), "a hook")


def everything_below(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything it refers to, even what no traceback shows."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if item is not None and id(item) not in seen:
            seen.add(id(item))
            yield item
            pending += [item.__cause__, item.__context__]


def keeps_none(error: BaseException) -> None:
    for kept in everything_below(error):
        holds_none(f"{kept!r} {kept} {kept.args} {vars(kept)}", "what it keeps")


def in_finished_frames(error: BaseException) -> str:
    """Return the variables of every finished frame of the library, for an error that is still raised."""
    running: list[FrameType] = []
    here: FrameType | None = sys._getframe()
    while here is not None:
        running.append(here)
        here = here.f_back
    frames = [f for e in everything_below(error) for f, _ in traceback.walk_tb(e.__traceback__)]
    ended = [f for f in frames if f not in running and f.f_code.co_filename.startswith(LIBRARY)]
    assert ended
    return repr([frame.f_locals for frame in ended])


def fail_before() -> None:
    mine = "a variable of the caller's"
    raise ValueError(len(mine))


@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.REFUSE, Fault.CLOSE], ids=lambda f: f.name)
def test_no_error_that_a_hook_sees_shows_what_was_sent(
    make: Make, server: FaultServer, fault: Fault
) -> None:
    step = Step(fault, 503, Content.GIVEN, odd=ECHO)
    server.play(step, step)
    held: list[str] = []

    def on_retry(retry: Retry) -> None:
        held.append(in_finished_frames(retry.error))

    def on_result(_: SendResult) -> None:
        error = sys.exception()
        assert error is not None
        held.append(in_finished_frames(error))

    caller = make(retries=1, on_retry=on_retry, on_result=on_result)
    try:
        fail_before()
    except ValueError as handled:
        with pytest.raises(SmsManagerError):
            caller.send(TEXT, to=NUMBER)
        *_, (own, _) = traceback.walk_tb(handled.__traceback__)
        assert own.f_locals == {"mine": "a variable of the caller's"}
    assert len(held) == (1 if fault is Fault.CLOSE else 2)
    for variables in held:
        holds_none(variables, "a frame")


@pytest.mark.parametrize("validate", [True, False])
def test_what_is_hidden_of_a_text_that_cannot_be_sent_is_not_kept_either(
    make: Make, *, validate: bool
) -> None:
    half = f"{TEXT} \ud83d"
    caller = make(validate=validate)
    calls: list[Callable[[], SendResult]] = [
        lambda: caller.send(half, to=NUMBER),
        lambda: caller.call("send_batch", [compose(half, to=NUMBER)]),
        lambda: caller.call("send_simple", half, to=NUMBER, sender="Shop"),
    ]
    for call in calls:
        keeps_none(refused(call))


@pytest.mark.parametrize("given", ["argument", "HTTPS_PROXY"])
@pytest.mark.parametrize(
    # A character that ends the address, so that the password is read as a port.
    "proxy",
    [f"http://user:{KEY}{rest}" for rest in ("#x@proxy:3128", "/x@proxy", "@proxy:99999999")],
)
def test_what_is_hidden_of_a_proxy_is_not_kept_either(
    monkeypatch: pytest.MonkeyPatch, given: str, proxy: str
) -> None:
    if given != "argument":
        monkeypatch.setenv(given, proxy)
    options: dict[str, Any] = {"proxy": proxy} if given == "argument" else {}
    url = "https://sms.example"
    keeps_none(refused(lambda: SmsManager("another", base_url=url, **options), ConfigurationError))


@pytest.mark.parametrize("field", ["colour", "at", "flow"])
def test_no_message_that_cannot_be_made_shows_what_was_given(field: str) -> None:
    fields: dict[str, Any] = {field: TEXT}
    refused(lambda: compose(TEXT, to=NUMBER, **fields), SmsManagerError, TypeError)


LOCAL: dict[str, Callable[[Caller], SendResult]] = {
    "long text": lambda c: c.send(TEXT * 100, to=NUMBER),
    "bad number": lambda c: c.send(TEXT, to=[NUMBER, NUMBER + "x"]),
    "priority": lambda c: c.call("send_priority", TEXT * 100, to=NUMBER),
    "batch": lambda c: c.call("send_batch", [compose(TEXT * 100, to=NUMBER)]),
    "no message": lambda c: c.call("send_batch", [TEXT, NUMBER]),
    "simple": lambda c: c.call("send_simple", TEXT, to=NUMBER),
    "window": lambda c: c.send(TEXT, to=NUMBER, window={"days": [TEXT]}),
    "params": lambda c: c.send(TEXT, to=NUMBER, params={"_url": TEXT}),
    "flow": lambda c: c.send(TEXT, to=NUMBER, flow=[TEXT]),
    "payload": lambda c: c.send(TEXT, to=NUMBER, payload={"a": {NUMBER}}),
    "unknown field": lambda c: c.send(TEXT, to=NUMBER, colour=TEXT),
    "recipients that raise": lambda c: c.send(TEXT, to=_raises()),
}


def _raises() -> Iterator[str]:
    yield NUMBER
    raise LookupError("the caller's own generator failed")


@pytest.mark.parametrize("name", LOCAL)
def test_no_local_refusal_shows_what_was_given(make: Make, name: str) -> None:
    refused(lambda: LOCAL[name](make()), SmsManagerError, TypeError, LookupError)


def test_no_refused_option_shows_the_key(server: FaultServer) -> None:
    client = SmsManager(KEY, base_url=server.url)
    client.close()
    calls: list[Callable[[], object]] = [
        lambda: SmsManager(KEY, base_url="http://example.com"),
        lambda: SmsManager(KEY, retries=-1),
        lambda: SmsManager(KEY, timeout=1e999),
        lambda: SmsManager(KEY + "\n " + KEY),
        lambda: client.send(TEXT, to=NUMBER),
    ]
    for call in calls:
        refused(call, ConfigurationError)


def test_no_interruption_shows_what_was_sent(server: FaultServer) -> None:
    class Interrupting(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert request.content
            raise KeyboardInterrupt

    with SmsManager(KEY, base_url=server.url, transport=Interrupting()) as client:
        for number in (1, 30):
            send = partial(client.send, TEXT, to=[NUMBER] * number, priority=True)
            refused(send, KeyboardInterrupt)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("deadline_s", [None, 30.0])
def test_no_cancellation_shows_what_was_sent(
    server: FaultServer, backend: str, deadline_s: float | None
) -> None:
    server.play(Step(Fault.HANG))
    seen: list[BaseException] = []

    async def main() -> None:
        async with smsmanager.AsyncSmsManager(KEY, base_url=server.url) as client:
            with anyio.move_on_after(0.1):
                try:
                    await client.send(TEXT, to=NUMBER, deadline_s=deadline_s)
                except BaseException as error:
                    seen.append(error)
                    raise

    anyio.run(main, backend=backend)
    [error] = seen
    assert not isinstance(error, Exception) or isinstance(error, asyncio.CancelledError)
    hides(error)
