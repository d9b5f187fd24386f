"""Check the receiver without any framework: what it refuses, and when handlers run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from smsmanager import ConfigurationError
from smsmanager.webhooks import (
    CallbackSigner,
    DeliveryReport,
    DeliveryTracker,
    Event,
    IncomingMessage,
    Reply,
    Response,
    UnknownEvent,
    WebhookReceiver,
    sign,
)
from smsmanager.webhooks.tracker import Claims, MemoryStore
from tests.webhooks.bodies import (
    MESSAGE_ID,
    NUMBER,
    SECRET,
    collecting,
    encoded,
    referring,
    reply,
    report,
)

SIGNER = CallbackSigner("https://example.com/sms", SECRET)


class FailingError(RuntimeError):
    """Raised by a handler."""


def receiver(**options: Any) -> WebhookReceiver:
    options.setdefault("insecure", True)
    return WebhookReceiver(**options)


@pytest.fixture(params=["handle", "ahandle"])
def post(request: pytest.FixtureRequest) -> Callable[..., Response]:
    """Post a body to a receiver, blocking or asynchronously, and finish the answer."""

    def posted(
        to: WebhookReceiver,
        body: bytes,
        *,
        headers: Any = (),
        query: str | bytes = "",
        method: str = "POST",
        finish: bool = True,
    ) -> Response:
        if request.param == "handle":
            response = to.handle(method, headers, query, body)
            if finish:
                response.finish()
            return response

        async def main() -> Response:
            response = await to.ahandle(method, headers, query, body)
            if finish:
                await response.afinish()
            return response

        return asyncio.run(main())

    return posted


Post = Callable[..., Response]


def test_it_refuses_to_start_unprotected() -> None:
    with pytest.raises(ConfigurationError, match="believe anyone"):
        WebhookReceiver()
    with pytest.raises(ConfigurationError, match="secret is missing"):
        WebhookReceiver(signature_secrets="")
    WebhookReceiver(signature_secrets="s")
    WebhookReceiver(callbacks=SIGNER)
    WebhookReceiver(insecure=True)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"acknowledge": "never"}, '^acknowledge must be "before" or "after"'),
        ({"once": True}, "^once=True needs a tracker"),
        ({"max_body_bytes": 0}, "^max_body_bytes must be a positive number"),
        ({"max_body_bytes": -1}, "^max_body_bytes must be a positive number"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        receiver(**options)


def test_events_reach_the_handlers_of_their_kind(post: Post) -> None:
    own = receiver()
    reports, incoming, everything = (
        collecting(own, DeliveryReport),
        collecting(own, Reply, IncomingMessage),
        collecting(own),
    )
    body = encoded(report(), reply(), reply(message_id=None), 17)
    response = post(own, body)
    assert (response.status, response.body, response.headers) == (204, b"", {})
    assert [type(e) for e in everything] == [DeliveryReport, Reply, IncomingMessage, UnknownEvent]
    assert reports == everything[:1]
    assert incoming == everything[1:3]
    assert response.events == tuple(everything)


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "OPTIONS", "TRACE", ""])
def test_other_methods(post: Post, method: str) -> None:
    response = post(receiver(), encoded(report()), method=method)
    assert response.status == 405
    assert response.headers["allow"] == "GET, PATCH, POST, PUT"


def test_large_bodies(post: Post) -> None:
    body = encoded(report())
    assert post(receiver(max_body_bytes=len(body)), body).status == 204
    assert post(receiver(max_body_bytes=len(body) - 1), body).status == 413


def test_a_bound_above_the_usual_one() -> None:
    body = encoded(report(payload={"x": "x" * 5_000_000}))
    assert receiver(max_body_bytes=6_000_000).handle("POST", {}, "", body).status == 204
    assert receiver().handle("POST", {}, "", body).status == 413


@pytest.mark.parametrize("body", [b"", b"secret-body", b"17", b'"secret-body"', b"[" * 100_000])
def test_a_body_that_is_not_json(post: Post, body: bytes) -> None:
    response = post(receiver(), body)
    assert response.status == 400
    assert b"secret-body" not in response.body


@pytest.mark.parametrize(
    "headers",
    [
        {"x-request-signature": sign(encoded(report()), "new")},
        {"X-Request-Signature": sign(encoded(report()), "old")},
        [("X-REQUEST-SIGNATURE", sign(encoded(report()), "old"))],
        [(b"x-request-signature", sign(encoded(report()), "old").encode())],
    ],
)
def test_signed_requests(post: Post, headers: Any) -> None:
    own = receiver(signature_secrets=["new", "old"])
    assert post(own, encoded(report()), headers=headers).status == 204


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-request-signature": ""},
        {"x-request-signature": sign(encoded(report()), "other")},
        {"x-request-signature": sign(encoded(report()) + b" ", "old")},
        [("x-request-signature", sign(encoded(report()), "old"))] * 2,
    ],
)
def test_forged_requests(post: Post, headers: Any, caplog: pytest.LogCaptureFixture) -> None:
    own = receiver(signature_secrets=["new", "old"])
    seen = collecting(own)
    response = post(own, encoded(report()), headers=headers)
    assert response.status == 401
    assert seen == []
    assert "its signature is missing or wrong" in caplog.text


def test_a_body_that_a_proxy_encoded_again(post: Post) -> None:
    """Only a signature covers the bytes; a token in the URL does not."""
    body = encoded(report(), reply()).replace(b'"', b' "')
    signature = {"x-request-signature": sign(encoded(report(), reply()), "old")}
    assert post(receiver(signature_secrets="old"), body, headers=signature).status == 401
    url = SIGNER.callback_for(None)
    query = urlsplit(url).query
    assert post(WebhookReceiver(callbacks=SIGNER), body, query=query).status == 204


def test_a_token_allows_reports_on_its_message_only(post: Post) -> None:
    own = WebhookReceiver(callbacks=SIGNER)
    seen = collecting(own)
    query = urlsplit(SIGNER.callback_for("order-17")).query
    assert post(own, encoded(referring("order-17"), 17), query=query).status == 204
    assert len(seen) == 2
    for other in (referring("order-18"), report(), report(payload=None), reply(message_id=None)):
        assert post(own, encoded(referring("order-17"), other), query=query).status == 401
    assert len(seen) == 2


@pytest.mark.parametrize("query", ["", "token=x", "token=1..x", b"token=\xff"])
def test_a_token_that_is_missing_or_forged(post: Post, query: Any) -> None:
    assert post(WebhookReceiver(callbacks=SIGNER), encoded(report()), query=query).status == 401


def test_an_expired_token(post: Post) -> None:
    now_s = 1e9
    signer = CallbackSigner("https://example.com/sms", SECRET, expires_days=1, clock=lambda: now_s)
    own = WebhookReceiver(callbacks=signer)
    query = urlsplit(signer.callback_for("r")).query
    assert post(own, encoded(referring("r")), query=query).status == 204
    now_s += 2 * 86_400
    assert post(own, encoded(referring("r")), query=query).status == 401


def test_signature_and_token_together(post: Post) -> None:
    own = WebhookReceiver(callbacks=SIGNER, signature_secrets="s")
    body = encoded(report())
    signature = {"x-request-signature": sign(body, "s")}
    query = urlsplit(SIGNER.callback_for()).query
    assert post(own, body, headers=signature, query=query).status == 204
    assert post(own, body, query=query).status == 401
    assert post(own, body, headers=signature).status == 401


def test_handlers_run_after_the_answer_by_default(post: Post) -> None:
    own = receiver()
    seen = collecting(own)
    assert post(own, encoded(report()), finish=False).status == 204
    assert seen == []
    own = receiver(acknowledge="after")
    seen = collecting(own)
    assert post(own, encoded(report()), finish=False).status == 204
    assert len(seen) == 1


def test_an_answer_is_finished_once() -> None:
    own = receiver()
    seen = collecting(own)
    response = own.handle("POST", {}, "", encoded(report()))
    response.finish()
    response.finish()
    assert len(seen) == 1
    own.handle("HEAD", {}, "", b"").finish()


@pytest.mark.parametrize(("acknowledge", "status"), [("before", 204), ("after", 500)])
def test_a_handler_that_fails(
    post: Post, acknowledge: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[Event, Exception]] = []
    own = receiver(
        acknowledge=acknowledge, on_error=lambda event, error: told.append((event, error))
    )

    @own.on(DeliveryReport)
    def fail(event: DeliveryReport) -> None:
        raise FailingError(f"cannot store {event.phone_number}")

    seen = collecting(own)
    response = post(own, encoded(report(), report(result="seen")))
    assert response.status == status
    assert len(seen) == 2, "the other handlers run all the same"
    assert [type(error) for _, error in told] == [FailingError, FailingError]
    assert "FailingError" in caplog.text
    assert "test_receiver.py" in caplog.text
    assert NUMBER not in caplog.text
    assert NUMBER.encode() not in response.body


def test_an_on_error_that_fails_itself(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    def worse(_: Event, error: Exception) -> None:
        raise error

    own = receiver(acknowledge="after", on_error=worse)

    @own.on()
    def fail(event: Event) -> None:
        raise FailingError(NUMBER)

    assert post(own, encoded(report(), reply())).status == 500
    assert caplog.text.count("on_error failed with FailingError") == 2
    assert NUMBER not in caplog.text


def test_async_handlers() -> None:
    own = receiver(acknowledge="after")
    seen: list[Event] = []

    @own.on(DeliveryReport)
    async def keep(event: DeliveryReport) -> None:
        await asyncio.sleep(0)
        seen.append(event)

    class Keeper:
        async def __call__(self, event: Event) -> None:
            seen.append(event)

    own.on()(Keeper())
    assert asyncio.run(own.ahandle("POST", {}, "", encoded(report()))).status == 204
    assert len(seen) == 2
    with pytest.raises(ConfigurationError, match="asynchronous adapter"):
        own.handle("POST", {}, "", encoded(report()))


def test_what_cannot_be_registered() -> None:
    with pytest.raises(ConfigurationError, match="not a class of webhook events"):
        receiver().on(str)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigurationError, match="must be a function"):
        receiver().on()(17)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


def test_the_tracker_knows_before_the_answer(post: Post) -> None:
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker)
    assert post(own, encoded(report()), finish=False).status == 204
    state = tracker.state(MESSAGE_ID)
    assert state is not None
    assert state.is_delivered


class BrokenStore(MemoryStore):
    """A store whose database is gone."""

    def fold(self, states: Any, now_s: float) -> None:
        raise OSError(f"cannot write {states}")

    def claim(self, keys: Any, now_s: float, until_s: float) -> Claims:
        raise OSError(NUMBER)


def test_a_store_that_fails(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    tracker = DeliveryTracker(BrokenStore())
    own = receiver(tracker=tracker, once=True)
    seen = collecting(own)
    response = post(own, encoded(report()))
    assert response.status == 503
    assert post(own, encoded(reply())).status == 204, "only its handlers needed the store"
    assert post(receiver(tracker=tracker, once=True, acknowledge="after"), b"[]").status == 204
    assert seen == []
    assert "store failed with OSError" in caplog.text
    assert NUMBER not in caplog.text
    assert MESSAGE_ID not in caplog.text


@pytest.mark.parametrize("acknowledge", ["before", "after"])
def test_events_are_stored_before_any_handler_sees_them(post: Post, acknowledge: str) -> None:
    """If a process dies in a handler, nothing is lost: unhandled events are still in the store."""
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker, acknowledge=acknowledge)
    known: list[bool] = []

    @own.on()
    def look(event: Event) -> None:
        known.append(tracker.state(MESSAGE_ID) is not None and tracker.state("other") is not None)

    assert post(own, encoded(report(), report(message_id="other"))).status == 204
    assert known == [True, True]


def test_what_each_answer_says(post: Post) -> None:
    """Someone who reads the log of a proxy must understand it; it contains nothing of the request."""

    class Failing(MemoryStore):
        def fold(self, states: Any, now_s: float) -> None:
            raise OSError

    trusting, busy = receiver(acknowledge="after"), receiver(tracker=DeliveryTracker(Failing()))

    @trusting.on()
    def fail(event: Event) -> None:
        raise FailingError

    body = encoded(report())
    answers = {
        400: (post(trusting, b"x"), "There are no readable webhook events."),
        401: (post(WebhookReceiver(signature_secrets="s"), body), "The request is not trusted."),
        405: (post(trusting, body, method="HEAD"), "Webhooks do not use this method."),
        413: (post(receiver(max_body_bytes=1), body), "The body is too large."),
        500: (post(trusting, body), "A handler failed; send the events again."),
        503: (post(busy, body), "The events could not be stored; send them again."),
    }
    for status, (response, text) in answers.items():
        assert (response.status, response.body) == (status, text.encode())
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.events == ()


def test_an_event_in_the_query_needs_a_get(post: Post) -> None:
    query = "message_id=m&result=sent"
    assert post(receiver(), b"", query=query).status == 400
    assert post(receiver(), b"", query=query, method="PUT").status == 400
    assert post(receiver(), b" \n", query=query, method="GET").status == 204


def test_a_store_that_fails_keeps_handlers_from_running(post: Post) -> None:
    for acknowledge in ("before", "after"):
        own = receiver(tracker=DeliveryTracker(BrokenStore()), acknowledge=acknowledge)
        seen = collecting(own)
        assert post(own, encoded(report())).status == 503
        assert seen == []


class ForgetfulStore(MemoryStore):
    """A store whose database goes away while handlers run."""

    def settle(self, keys: Any) -> None:
        raise OSError(NUMBER)


@pytest.mark.parametrize(("acknowledge", "status"), [("before", 204), ("after", 503)])
def test_a_store_that_fails_after_the_handlers(
    post: Post, acknowledge: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The claim is neither settled nor released, so the event is handled again when the claim ends."""
    now_s = 1_000.0
    tracker = DeliveryTracker(ForgetfulStore(), clock=lambda: now_s)
    own = receiver(tracker=tracker, once=True, acknowledge=acknowledge)
    seen = collecting(own)
    assert post(own, encoded(report())).status == status
    assert len(seen) == 1
    assert "store failed with OSError" in caplog.text
    assert NUMBER not in caplog.text
    assert post(own, encoded(report())).status in {204, 503}
    assert len(seen) == 1
    now_s += 301
    post(own, encoded(report()))
    assert len(seen) == 2


def test_no_event_in_a_repr() -> None:
    """A framework may log the answer, and an error tracker all variables of a frame."""
    own = receiver(tracker=DeliveryTracker(), once=True)
    collecting(own)
    body = encoded(
        referring("order-17", result_info="secret-text"),
        reply(body="secret-text"),
        reply(message_id=None, body="secret-text"),
        {"type": "secret-text"},
    )
    response = own.handle("POST", {}, "", body)
    assert len(response.events) == 4
    shown = repr(response) + repr(response._work) + repr(own._trusted("POST", {}, "", body))
    for private in (NUMBER, "secret-text", MESSAGE_ID, "order-17", "420900123", "campaign"):
        assert private not in shown


def test_each_handler_gets_an_event_once(post: Post) -> None:
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker, once=True, acknowledge="after")
    one, other = collecting(own, DeliveryReport), collecting(own)
    for _ in range(3):
        assert post(own, encoded(report(), report(), reply())).status == 204
    assert len(one) == 1
    assert len(other) == 2


def test_a_handler_that_failed_gets_the_event_again(post: Post) -> None:
    own = receiver(tracker=DeliveryTracker(), once=True, acknowledge="after")
    seen, attempts = collecting(own), []

    @own.on()
    def fail_once(event: Event) -> None:
        attempts.append(event)
        if len(attempts) == 1:
            raise FailingError

    assert [post(own, encoded(report())).status for _ in range(3)] == [500, 204, 204]
    assert len(attempts) == 2
    assert len(seen) == 1


def test_an_event_that_another_process_has_in_hand(post: Post) -> None:
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker, once=True, acknowledge="after")
    statuses: list[int] = []
    bodies: list[bytes] = []

    @own.on()
    def nested(event: Event) -> None:
        other = receiver(tracker=tracker, once=True, acknowledge="after")
        other.on()(nested)
        response = other.handle("POST", {}, "", encoded(report()))
        statuses.append(response.status)
        bodies.append(response.body)

    assert post(own, encoded(report())).status == 204
    assert statuses == [503]
    assert bodies == [b"An event is being handled; send the events again."]
    assert post(own, encoded(report())).status == 204
    assert statuses == [503]


def test_an_interrupt_gives_claims_back() -> None:
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker, once=True, acknowledge="after")
    seen: list[Event] = []

    @own.on()
    def interrupted(event: Event) -> None:
        seen.append(event)
        if len(seen) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.handle("POST", {}, "", encoded(report(), reply()))
    assert own.handle("POST", {}, "", encoded(report(), reply())).status == 204
    assert len(seen) == 3


def test_a_cancelled_task_gives_claims_back() -> None:
    tracker = DeliveryTracker()
    own = receiver(tracker=tracker, once=True, acknowledge="after")

    async def main() -> None:
        began = asyncio.Event()

        @own.on()
        async def endless(event: Event) -> None:
            began.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(own.ahandle("POST", {}, "", encoded(report())))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    [event] = own._trusted("POST", {}, "", encoded(report())).events
    claims = tracker.claim(call.key for call in own._handlers.calls([event]))
    assert len(claims.won) == 1


def test_nothing_secret_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    own = WebhookReceiver(callbacks=SIGNER, signature_secrets=SECRET)
    assert SECRET not in repr(own)
    url = SIGNER.callback_for("r")
    query = urlsplit(url).query
    response = own.handle("POST", {"x-request-signature": "f" * 64}, query, encoded(report()))
    assert response.status == 401
    for secret in (SECRET, query, url, NUMBER, MESSAGE_ID, "f" * 64):
        assert secret not in caplog.text
        assert secret not in repr(response)
        assert secret.encode() not in response.body
