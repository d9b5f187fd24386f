"""What tests in other languages do over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Sandbox

NUMBER = "420777123456"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock="manual", now=NOON) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.base_url, headers={"x-api-key": "k"}) as client:
        yield client


@pytest.fixture(scope="session")
def api_connection(running: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{running.url}/sandbox") as client:
        yield client


@pytest.fixture(autouse=True)
def _no_rules(running: Sandbox) -> None:
    running.rules.clear()


def send(service: httpx.Client, *numbers: str, key: str = "k", **fields: Any) -> list[str]:
    to = [{"phone_number": number} for number in numbers or [NUMBER]]
    message = {"to": to, "body": "Hello", **fields}
    answer = service.post("/message", json=message, headers={"x-api-key": key})
    return [item["message_id"] for item in answer.json()["accepted"]]


def test_the_newest_message_with_its_code_and_link(
    service: httpx.Client, api: httpx.Client
) -> None:
    assert api.get("/messages/latest").status_code == 404
    send(service, body="Old code 1111")
    send(service, body="Your code is 481 516, or https://example.com/login?a=1.")
    send(service, "421905123456", body="Sale: 1290 CZK from 2027-01-01")

    query = {"to": "777123456"}
    latest = api.get("/messages/latest", params=query).json()["message"]
    assert latest["body"].startswith("Your code")
    assert [entry["kind"] for entry in latest["timeline"]] == ["received", "step", "report"]
    assert api.get("/messages/latest/extract", params=query).json() == {
        "message_id": latest["message_id"],
        "code": "481516",
        "link": "https://example.com/login?a=1",
    }


def test_waiting_ends_with_the_message(
    sandbox: Sandbox, service: httpx.Client, api: httpx.Client
) -> None:
    query = {"containing": "code", "timeout_s": "60"}
    found: list[Any] = []

    def wait() -> None:
        found.append(
            httpx.get(f"{sandbox.url}/sandbox/messages/wait", params=query, timeout=60).json()
        )

    thread = threading.Thread(target=wait)
    thread.start()
    send(service, body="Something else")
    send(service, body="Your code is 4711")
    thread.join()

    assert found[0]["message"]["body"] == "Your code is 4711"
    after = found[0]["message"]["sequence"]
    query = {"containing": "code", "timeout_s": "0", "after": str(after)}
    assert api.get("/messages/wait", params=query).json() == {"message": None}


def test_the_clock_jumps_and_everything_happens_on_the_way(
    service: httpx.Client, api: httpx.Client
) -> None:
    (message_id,) = send(service, datetime="2099-01-01T08:00:00Z")
    waiting = api.get("/waiting").json()
    assert waiting["total"] == 1
    assert waiting["waiting"][0] == {
        "due": "2099-01-01T08:00:00.000Z",
        "kind": "start",
        "message_id": message_id,
        "delivery": None,
        "step": 0,
        "why": "datetime",
    }
    assert api.get("/clock").json()["next_due"] == "2099-01-01T08:00:00.000Z"

    assert api.post("/clock", json={}).json()["now"] == "2099-01-01T08:00:00.000Z"
    assert api.post("/clock", json={"seconds": 2.5}).json()["now"] == "2099-01-01T08:00:02.500Z"
    moved = api.post("/clock", json={"to": "2099-01-01T10:00:00+01:00"}).json()
    assert moved == {
        "now": "2099-01-01T09:00:00.000Z",
        "mode": "manual",
        "speed": 0.0,
        "next_due": None,
    }
    assert api.post("/clock", json={"to": "2027-01-01T00:00:00Z"}).json() == moved
    (message,) = api.get(f"/messages/{message_id}").json()["messages"]
    assert message["state"] == "delivered"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {"seconds": -1}),
        ("/clock", {"seconds": "1"}),
        ("/clock", {"seconds": 1, "to": "2099-01-01T08:00:00Z"}),
        ("/clock", {"to": "monday"}),
        ("/clock", {"minutes": 1}),
        ("/clock", []),
        ("/rules", {"outcome": "lost"}),
        ("/incoming", {"text": "Hi"}),
        ("/faults", {"kind": "lost"}),
        ("/messages/none/replies", {}),
    ],
)
def test_what_is_not_described_is_refused(
    sandbox: Sandbox, api: httpx.Client, path: str, body: object
) -> None:
    answer = api.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json().keys() == {"message"}
    assert api.get("/messages", params={"nothing": "1"}).status_code == 400


def test_rules_are_added_listed_and_removed(service: httpx.Client, api: httpx.Client) -> None:
    added = api.post("/rules", json={"outcome": "rejected", "code": 307, "to": NUMBER}).json()
    assert added["rules"][0]["id"] == added["id"]
    (message_id,) = send(service)
    (message,) = api.get(f"/messages/{message_id}").json()["messages"]
    assert message["result_info"] == "[307] Insufficient credit"

    assert api.delete(f"/rules/{added['id']}").json() == {"deleted": 1}
    assert api.delete(f"/rules/{added['id']}").status_code == 404
    assert api.get("/rules").json() == {"rules": []}
    api.post("/rules", json={"outcome": "failed"})
    assert api.delete("/rules").json() == {"deleted": 1}


def test_an_inbox_belongs_to_one_key(
    sandbox: Sandbox, service: httpx.Client, api: httpx.Client
) -> None:
    send(service, body="One", key="one")
    send(service, body="Two", key="two")

    own = api.get("/messages", headers={"x-api-key": "one"}).json()["messages"]
    assert [message["body"] for message in own] == ["One"]
    key = own[0]["key_fingerprint"]
    assert api.get("/messages", params={"key": key}).json()["messages"] == own
    assert len(api.get("/requests", params={"key": key}).json()["requests"]) == 1
    inboxes = api.get("/inboxes").json()["inboxes"]
    assert [(inbox["messages"], inbox["states"]) for inbox in inboxes] == [(1, {"sending": 1})] * 2
    assert [message.body for message in sandbox.inbox("two").messages] == ["Two"]

    assert api.delete("/messages", params={"key": key}).json() == {"deleted": 1}
    assert [message.body for message in sandbox.messages] == ["Two"]


def test_an_inbox_is_given_credit_callback_and_secret(
    sandbox: Sandbox, service: httpx.Client, api: httpx.Client
) -> None:
    send(service)
    key = sandbox.messages[0].key_fingerprint
    body = {
        "credit_czk": 1,
        "callback": "http://127.0.0.1:1/",
        "secret": "s",
        "opted_out": [NUMBER],
    }
    inbox = api.patch(f"/inboxes/{key}", json=body).json()["inbox"]

    assert (inbox["credit_czk"], inbox["callback"], inbox["signed"]) == (
        1,
        "http://127.0.0.1:1/",
        True,
    )
    assert inbox["opted_out"] == [NUMBER]
    assert '"s"' not in json.dumps(inbox)
    again = api.patch(f"/inboxes/{key}", json={"credit_czk": None}).json()["inbox"]
    assert (again["credit_czk"], again["signed"]) == (None, True)


def test_replies_and_unsolicited_messages(
    sandbox: Sandbox, service: httpx.Client, api: httpx.Client
) -> None:
    missing = api.post("/incoming", json={"text": "Hi", "sender": NUMBER})
    assert missing.status_code == 400
    (message_id,) = send(service, flow=[{"viber": {}}, {"sms": {}}])
    reply = api.post(f"/messages/{message_id}/replies", json={"text": "YES"}).json()["incoming"]
    assert (reply["gateway"], reply["reply_to"]) == ("viber", message_id)
    by_sms = api.post(f"/messages/{message_id}/replies", json={"text": "YES", "step": 1})
    assert by_sms.json()["incoming"]["gateway"] == "sms"
    assert (
        api.post(f"/messages/{message_id}/replies", json={"text": "", "step": 2}).status_code == 400
    )
    assert api.post("/messages/none/replies", json={"text": "YES"}).status_code == 404

    hello = api.post("/incoming", json={"text": "Hi", "sender": "777 123 456"}).json()["incoming"]
    assert (hello["sender"], hello["reply_to"]) == (NUMBER, None)
    texts = [item["body"] for item in api.get("/incoming").json()["incoming"]]
    assert texts == ["YES", "YES", "Hi"]


def test_webhooks_are_listed_and_sent_again(service: httpx.Client, api: httpx.Client) -> None:
    # Nobody listens there.
    send(service, MagicNumber.NO_CREDIT, callback="http://127.0.0.1:9/")
    (delivery,) = api.get("/deliveries").json()["deliveries"]
    again = api.post(f"/deliveries/{delivery['id']}/attempts").json()["delivery"]

    assert again["attempts"][-1]["by_hand"] is True
    assert again["events"][0]["result"] == "rejected"
    assert api.post("/deliveries/1000000/attempts").status_code == 404


def test_refused_requests_stand_apart(service: httpx.Client, api: httpx.Client) -> None:
    send(service)
    service.post("/message", json={"to": []})

    (refused,) = api.get("/requests", params={"refused": "true"}).json()["requests"]
    assert refused["pointer"] == "/to"
    assert len(api.get("/requests").json()["requests"]) == 2


def test_changes_are_told_by_long_poll_and_as_events(
    service: httpx.Client, api: httpx.Client
) -> None:
    latest = api.get("/changes", params={"timeout_s": "0"}).json()["latest"]
    send(service)
    found = api.get("/changes", params={"after": latest, "timeout_s": "60"}).json()
    kinds = [change["kind"] for change in found["changes"]]
    assert kinds[:2] == ["request", "message"]
    assert found["complete"] is True
    assert found["latest"] == found["changes"][-1]["sequence"]

    with api.stream("GET", "/stream", params={"after": latest, "events": len(kinds)}) as stream:
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        text = "".join(stream.iter_text())
    events = [block for block in text.split("\n\n") if block.startswith("id: ")]
    assert [event.splitlines()[1] for event in events] == [f"event: {kind}" for kind in kinds]
    data = json.loads(events[0].splitlines()[2].removeprefix("data: "))
    assert data == found["changes"][0]
    # A browser goes on behind the last event that it saw.
    headers = {"last-event-id": str(found["latest"] - 1)}
    with api.stream("GET", "/stream", params={"events": 1}, headers=headers) as stream:
        assert f"id: {found['latest']}\n" in "".join(stream.iter_text())


def test_whoever_is_too_far_behind_is_told_so(sandbox: Sandbox, api: httpx.Client) -> None:
    feed = sandbox._engine.feed
    before = feed.latest
    for _ in range(10_001):
        feed.publish("settings")

    found = api.get("/changes", params={"after": before}).json()
    assert found["complete"] is False
    with api.stream("GET", "/stream", params={"after": before, "events": 1}) as stream:
        assert "event: incomplete" in "".join(stream.iter_text())


def test_an_open_stream_does_not_hold_up_the_stop() -> None:
    with httpx.Client() as client:
        with Sandbox() as sandbox:
            request = client.build_request("GET", f"{sandbox.url}/sandbox/stream")
            stream = client.send(request, stream=True)
            assert stream.status_code == 200
        with pytest.raises(httpx.HTTPError):
            for _ in stream.iter_raw():
                ...
        stream.close()
