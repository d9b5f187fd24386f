"""Clock, rules, inboxes and settings over HTTP."""

from __future__ import annotations

import json

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NUMBER, send


def test_health_counts(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox, NUMBER, "421905123456")

    answer = api.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "api_version": 1,
        "rules": "docs",
        "messages": 2,
        "requests": 1,
    }
    assert answer.headers["x-sandbox-api"] == "1"


def test_the_clock_jumps_and_everything_happens_on_the_way(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    (message_id,) = send(sandbox, datetime="2099-01-01T08:00:00Z")
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


def test_rules_are_added_listed_and_removed(sandbox: Sandbox, api: httpx.Client) -> None:
    added = api.post("/rules", json={"outcome": "rejected", "code": 307, "to": NUMBER}).json()
    assert added["rules"][0]["id"] == added["id"]
    (message_id,) = send(sandbox)
    (message,) = api.get(f"/messages/{message_id}").json()["messages"]
    assert message["result_info"] == "[307] Insufficient credit"

    assert api.delete(f"/rules/{added['id']}").json() == {"deleted": 1}
    assert api.delete(f"/rules/{added['id']}").status_code == 404
    assert api.get("/rules").json() == {"rules": []}
    api.post("/rules", json={"outcome": "failed"})
    assert api.delete("/rules").json() == {"deleted": 1}


def test_an_inbox_belongs_to_one_key(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox, body="One", key="one")
    send(sandbox, body="Two", key="two")

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


def test_an_inbox_is_given_credit_callback_and_secret(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox)
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
