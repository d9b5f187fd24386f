"""Check that a callback URL is valid only for its own message, and cannot be used to fill the store."""

from __future__ import annotations

import base64
import json
import logging
import pickle
from typing import Any
from urllib.parse import urlsplit

import pytest

from smsmanager import (
    ConfigurationError,
    RecipientOutcome,
    SendResult,
    SmsManager,
    Status,
    ValidationError,
    compose,
)
from smsmanager.webhooks import (
    CallbackSigner,
    DeliveryReport,
    DeliveryTracker,
    Reply,
    UnknownEvent,
    WebhookReceiver,
    sign,
)
from smsmanager.webhooks.tracker import Sizes, Store
from smsmanager.webhooks.tracker._tracker import MOST_CLAIMS_PER_ID
from tests.webhooks.bodies import NUMBER, SECRET, collecting, encoded, referring, reply, report

SIGNER = CallbackSigner("https://example.com/sms", SECRET)
OTHER_NUMBER = "420777000002"
LONG = "x" * 250


def sent(reference: str | None, **fields: Any) -> SendResult:
    """Return the result of a send to one recipient."""
    fields = {"status": Status.ACCEPTED, "phone_number": NUMBER, **fields}
    return SendResult((RecipientOutcome(0, "given", reference=reference, **fields),))


class Service:
    """Posts events to a receiver through the callback of a message."""

    def __init__(self, tracker: DeliveryTracker, **options: Any) -> None:
        self.tracker = tracker
        self.receiver = WebhookReceiver(
            callbacks=SIGNER, tracker=tracker, acknowledge="after", **options
        )

    def post(self, reference: str | None, *elements: Any) -> int:
        query = urlsplit(SIGNER.callback_for(reference)).query
        return self.receiver.handle("POST", {}, query, encoded(*elements)).status


@pytest.fixture
def service(store: Store) -> Service:
    """A receiver that runs each handler once, on every store."""
    return Service(DeliveryTracker(store), once=True)


def word(status: Any) -> str | None:
    [one] = status
    return None if one.result is None else str(one.result)


def test_the_state_of_another_message_stays(service: Service) -> None:
    a, b = sent("a", message_id="m-a"), sent("b", message_id="m-b")
    lie = referring("a", message_id="m-b", result="seen", timestamp=1_900_000_000)
    assert service.post("b", referring("b", message_id="m-b", result="sent")) == 204
    assert service.post("a", lie) == 204, "nobody knows yet whose id it is"
    for _ in range(2):
        assert word(service.tracker.status(b)) == "sent"
        assert word(service.tracker.status(a)) is None
        assert str(service.tracker.state("m-b").result) == "sent"  # type: ignore[union-attr]
        service.tracker.record(a)
        service.tracker.record(b)
    assert service.post("a", lie) == 401
    assert word(service.tracker.status("b")) == "sent"


@pytest.mark.parametrize("named", ["m-b", "m-b-0"])
@pytest.mark.parametrize("known", ["m-b", "m-b-0"])
def test_an_id_is_bound_by_the_send_that_knows_it(
    service: Service, caplog: pytest.LogCaptureFixture, named: str, known: str
) -> None:
    seen = collecting(service.receiver)
    service.tracker.record(sent("b", message_id=known))
    for lie in (
        referring("a", message_id=named, result="rejected"),
        reply(message_id=named, payload={"smsmanager_reference": "a"}),
    ):
        assert service.post("a", referring("a", message_id="m-a"), lie) == 401
    assert seen == []
    assert service.tracker.state("m-b") is None
    assert "sent with another reference" in caplog.text
    assert "m-b" not in caplog.text
    assert service.post("b", referring("b", message_id=named)) == 204
    assert str(service.tracker.state("m-b").result) == "delivered"  # type: ignore[union-attr]


def test_a_lie_that_comes_first(service: Service) -> None:
    assert service.post("a", referring("a", message_id="m", result="rejected")) == 204
    service.tracker.record(sent("b", message_id="m"))
    assert service.tracker.state("m") is None
    assert service.post("b", referring("b", message_id="m", result="sent")) == 204
    assert str(service.tracker.state("m").result) == "sent"  # type: ignore[union-attr]
    assert word(service.tracker.status("b")) == "sent"


def test_an_id_stays_with_the_send_that_knew_it_first(service: Service) -> None:
    service.tracker.record(sent("a", message_id="m"))
    service.tracker.record(sent("b", message_id="m"))
    assert service.post("b", referring("b", message_id="m")) == 401
    assert service.post("a", referring("a", message_id="m")) == 204
    assert [one.outcome.reference for one in service.tracker.status("a")] == ["a"]
    assert service.tracker.status("b") == ()


def test_an_id_of_a_send_without_a_reference(service: Service) -> None:
    service.tracker.record(sent(None, message_id="m"))
    assert service.post("a", referring("a", message_id="m")) == 401
    assert service.post(None, report(message_id="m", result="sent")) == 204
    assert word(service.tracker.status(sent(None, message_id="m"))) == "sent"
    assert str(service.tracker.state("m").result) == "sent"  # type: ignore[union-attr]


def test_without_a_recorded_send_an_id_belongs_to_its_first_reporter(store: Store) -> None:
    now_s = 1_000.0
    service = Service(DeliveryTracker(store, clock=lambda: now_s))
    service.post("b", referring("b", message_id="m", result="sent"))
    now_s += 1
    service.post("a", referring("a", message_id="m", result="seen"))
    now_s += 1
    service.post("b", referring("b", message_id="m", result="failed"))
    service.post(None, report(message_id="m", result="delivered", gateway="viber"))
    of = service.tracker.state
    assert str(of("m").result) == str(of("m", reference="b").result) == "delivered"  # type: ignore[union-attr]
    assert of("m").reference == "b"  # type: ignore[union-attr]
    assert str(of("m", reference="a").result) == "seen"  # type: ignore[union-attr]
    assert str(of("m", reference="c").result) == "delivered"  # type: ignore[union-attr]


def test_a_recipient_without_an_id_is_not_found_by_a_foreign_report(service: Service) -> None:
    """The reporter chooses the request id and the number."""
    for status in (Status.UNKNOWN, Status.UNCONFIRMED):
        for reference in ("b", None):
            lost = sent(reference, status=status, request_id="q")
            service.post("a", referring("a", message_id="m", request_id="q"))
            assert [one.was_taken for one in service.tracker.status(lost)] == [None]
    service.post(None, report(message_id="n", request_id="q", result="sent"))
    assert word(service.tracker.status(sent("b", status=Status.UNKNOWN, request_id="q"))) == "sent"


def test_the_handler_of_another_message_still_runs(service: Service) -> None:
    seen = collecting(service.receiver)
    lie = {**referring("a", message_id="m-b"), "payload": {"smsmanager_reference": "a"}}
    assert service.post("a", lie, 17, {"type": "new", "message_id": "m-b"}) == 204
    assert service.post("a", reply(message_id="m-b", payload={"customID": "a"})) == 204
    seen.clear()
    own = (
        referring("b", message_id="m-b"),
        17,
        {"type": "new", "message_id": "m-b"},
        reply(message_id="m-b", payload={"customID": "b"}),
    )
    for _ in range(2):
        assert service.post("b", *own) == 204
    assert [type(event) for event in seen] == [DeliveryReport, UnknownEvent, UnknownEvent, Reply]


def test_an_unknown_event_of_another_message_is_refused(service: Service) -> None:
    foreign = {"type": "new", "payload": {"smsmanager_reference": "b"}}
    assert service.post("a", foreign) == 401
    assert service.post("b", foreign) == 204
    assert service.post("a", {"type": "new", "payload": {"smsmanager_reference": 17}}) == 204


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG + "a", LONG + "b"),
        ("a\0", "a\ufffd"),
        ("x" * 200, LONG),
        ("a", "a "),
        ("é", "e\u0301"),
    ],
)
def test_references_that_look_alike_are_two(service: Service, one: str, other: str) -> None:
    service.post(one, referring(one, message_id="m", result="sent"))
    service.post(other, referring(other, message_id="m", result="seen"))
    for reference, result in ((one, "sent"), (other, "seen")):
        assert word(service.tracker.status(sent(reference, message_id="m"))) == result
        assert word(service.tracker.status(sent(reference, status=Status.UNKNOWN))) == result
    service.tracker.record(sent(one, status=Status.UNKNOWN))
    assert service.tracker.status(other) == ()
    assert len(service.tracker.status(one)) == 1


def test_a_token_without_a_reference_speaks_for_every_message(service: Service) -> None:
    service.tracker.record(sent("b", message_id="m"))
    assert service.post(None, report(message_id="m", result="sent")) == 204
    assert word(service.tracker.status("b")) == "sent"
    assert service.post(None, referring("b", message_id="m")) == 204
    assert word(service.tracker.status("b")) == "delivered"


def test_the_ids_of_one_token_are_bounded(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    service = Service(DeliveryTracker(store, max_ids=3))

    def named(*names: str, **fields: Any) -> list[dict[str, Any]]:
        return [referring("a", message_id=name, **fields) for name in names]

    assert service.post("a", *named("1", "2", "3", "4")) == 401
    assert service.post("a", *named("1", "2", "3")) == 204
    assert service.post("a", *named("4")) == 401
    assert "the maximum that max_ids allows" in caplog.text
    assert service.post("a", *named("1", "2", "3", result="seen")) == 204
    assert service.post("a", *named("1", "4")) == 401
    assert service.tracker.state("4") is None
    assert service.post("b", referring("b", message_id="4")) == 204, "another token has its own"
    service.tracker.record(sent("a", message_id="5"))
    assert service.post("a", *named("5")) == 204, "a send knows it"
    assert service.post("a", *named("6")) == 401
    assert service.post(None, *[report(message_id=f"n{n}") for n in range(9)]) == 204


def test_the_states_of_one_id_are_bounded(service: Service, store: Store) -> None:
    for n in range(30):
        fields = {"gateway": f"gateway {n}", "result": f"result {n}", "timestamp": n}
        assert service.post("a", referring("a", message_id="m", **fields)) == 204
    for gateway in ("sms", "viber", "rcs", "whatsapp", "whatsapp_text", "whatsapp_template", None):
        assert service.post("a", referring("a", message_id="m", gateway=gateway)) == 204
    assert len(store.find(message_ids=["m"])) == 7
    assert store.sizes("a") == Sizes(1, 0, 0)


def test_the_events_of_one_token_are_bounded(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(DeliveryTracker(store, max_ids=2), once=True)
    first, second = collecting(service.receiver), collecting(service.receiver, Reply)
    most = 2 * MOST_CLAIMS_PER_ID * 2
    elements = [reply(body=str(n), payload={"customID": "a"}) for n in range(most)]
    statuses = [service.post("a", element) for element in elements]
    assert statuses == [204] * (most // 2) + [401] * (most // 2)
    assert store.sizes("a").claims == most
    assert len(first) == len(second) == most // 2
    assert "too many different events" in caplog.text
    assert service.post("b", reply(payload={"customID": "b"})) == 204
    assert store.sizes("b").claims == 2
    assert store.forget(1e15) > 0
    assert service.post("a", elements[0]) == 204, "what is forgotten does not count"


@pytest.mark.parametrize("most", [0, -1])
def test_a_bound_that_makes_no_sense(most: int) -> None:
    with pytest.raises(ConfigurationError, match="max_ids"):
        DeliveryTracker(max_ids=most)


# Basic authentication.

USER = "shop:p@ss:word"
RIGHT = "Basic " + base64.b64encode(USER.encode()).decode()


def answer(receiver: WebhookReceiver, authorization: str | None, query: str = "") -> Any:
    headers = {} if authorization is None else {"authorization": authorization}
    return receiver.handle("POST", headers, query, encoded(referring("r")))


def test_basic_authentication_is_enough() -> None:
    receiver = WebhookReceiver(basic_auth=["new:word", USER])
    assert answer(receiver, RIGHT).status == 204
    for wrong in (None, "", "Basic", RIGHT[:-4], RIGHT + "AA==", RIGHT.replace("Basic", "Bearer")):
        refused = answer(receiver, wrong)
        assert refused.status == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
    twice = [("authorization", RIGHT), ("authorization", RIGHT)]
    assert receiver.handle("POST", twice, "", encoded(report())).status == 401


def test_a_base_with_a_user_asks_for_both() -> None:
    signer = CallbackSigner("https://shop:p%40ss%3Aword@example.com/sms", SECRET)
    receiver = WebhookReceiver(callbacks=signer)
    query = urlsplit(signer.callback_for("r")).query
    assert answer(receiver, RIGHT, query).status == 204
    assert answer(receiver, None, query).status == 401
    assert answer(receiver, RIGHT, "").status == 401
    both = WebhookReceiver(callbacks=SIGNER, basic_auth=USER, signature_secrets="s")
    body = encoded(referring("r"))
    headers = {"authorization": RIGHT, "x-request-signature": sign(body, "s")}
    assert both.handle("POST", headers, query, body).status == 204
    for missing in headers:
        left = {name: value for name, value in headers.items() if name != missing}
        assert both.handle("POST", left, query, body).status == 401


@pytest.mark.parametrize("given", ["", "shop", "shop:", ":word", " : ", ["shop:word", "x"], 17, []])
def test_users_and_passwords_that_are_refused(given: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        WebhookReceiver(basic_auth=given)
    assert "word" not in str(caught.value).replace("user:password", "").replace("a password", "")


def test_a_user_and_a_password_are_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    signer = CallbackSigner("https://shop:p%40ss%3Aword@example.com/sms", SECRET)
    receiver = WebhookReceiver(callbacks=signer, basic_auth=USER)
    url = signer.callback_for("r")
    assert url.startswith("https://shop:p%40ss%3Aword@example.com/sms?token=")
    refused = answer(receiver, "Basic eDp5", urlsplit(url).query)
    message = compose("Hi", to=NUMBER, callback=url)
    with pytest.raises(ConfigurationError) as weak:
        CallbackSigner("https://shop:p%40ss%3Aword@example.com/s ms", SECRET)
    with pytest.raises(ValidationError) as long:
        signer.callback_for("x" * 2_000)
    with SmsManager("key", callbacks=signer) as client, pytest.raises(ValidationError) as invalid:
        client.send("Hi", to=NUMBER, callback="shop:p%40ss%3Aword@example.com")
    shown = [repr(signer), repr(receiver), repr(refused), repr(message), repr(client), caplog.text]
    shown += [str(caught.value) for caught in (weak, long, invalid)]
    for text in shown:
        for secret in ("p@ss", "p%40ss", "eDp5", RIGHT[6:], "shop"):
            assert secret not in text
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_events_show_no_reference_in_their_keys() -> None:
    [event] = (
        WebhookReceiver(insecure=True)
        .handle("POST", {}, "", json.dumps(referring("jana@example.com")).encode())
        .events
    )
    assert isinstance(event, DeliveryReport)
    assert "jana" not in event.dedup_key
