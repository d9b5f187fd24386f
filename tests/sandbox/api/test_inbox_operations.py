"""Messages, requests, incoming messages and webhooks over HTTP."""

from __future__ import annotations

import re
import threading
from typing import Any

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Sandbox
from tests.sandbox.conftest import NUMBER, message_to, post, send

SECOND = "421905123456"


def test_a_message_is_shown_whole(sandbox: Sandbox, api: httpx.Client) -> None:
    sent = {
        "to": [{"phone_number": "777 123 456"}],
        "body": "Hello",
        "sender": "Shop",
        "tag": "News",
        "flow": [{"viber": {}}, {"sms": {"type": "sms"}}],
        "payload": {"any": ["thing", None, 1.5]},
    }
    content = post(sandbox, sent).json()
    (item,) = api.get("/messages").json()["messages"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["received_at"])
    (message,) = sandbox.messages
    shared = {"body": "Hello", "text": "Hello", "sender": "Shop"}
    priced = {"result": "sending", "price_czk": 0.6, "price_eur": 0.024}
    sms = {"parts": 1, "encoding": "gsm-7"}
    assert item == {
        "sequence": message.sequence,
        "received_at": item["received_at"],
        "request_id": content["request_id"],
        "message_id": content["accepted"][0]["message_id"],
        "operation": "sendMessage",
        "status": "accepted",
        "to": NUMBER,
        "to_given": "777 123 456",
        "channels": ["viber", "sms"],
        "body": "Hello",
        **sms,
        "tags": ["news"],
        "state": "sending",
        "result_info": "",
        "waits_until": None,
        "waits_for": None,
        "price_czk": 0.6,
        "price_eur": 0.024,
        "notes": [],
        "steps": [
            {"channel": "viber", **shared, **dict.fromkeys(sms), **priced},
            {"channel": "sms", **shared, **sms, **dict.fromkeys(priced)},
        ],
        "message": sent,
        "key_fingerprint": message.key_fingerprint,
    }


def test_messages_are_filtered(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox, NUMBER, SECOND, body="Your code", tag="login")
    send(sandbox, NUMBER, body="Sale")

    def found(**query: str) -> list[tuple[str, str]]:
        messages = api.get("/messages", params=query).json()["messages"]
        return [(message["to"], message["body"]) for message in messages]

    assert found() == [(NUMBER, "Your code"), (SECOND, "Your code"), (NUMBER, "Sale")]
    assert found(to="777123456") == [(NUMBER, "Your code"), (NUMBER, "Sale")]
    assert found(containing="CODE") == [(NUMBER, "Your code"), (SECOND, "Your code")]
    assert found(tag="login", to=SECOND) == [(SECOND, "Your code")]


@pytest.mark.parametrize("resource", ["messages", "requests"])
def test_lists_come_in_pages(sandbox: Sandbox, api: httpx.Client, resource: str) -> None:
    for number in range(5):
        send(sandbox, body=str(number))
    everything = api.get(f"/{resource}").json()
    assert len(everything[resource]) == 5
    assert everything["next_after"] is None

    pages = []
    query: dict[str, Any] = {"limit": 2}
    for _ in range(3):
        page = api.get(f"/{resource}", params=query).json()
        pages.append(page[resource])
        query["after"] = page["next_after"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert query["after"] is None
    assert [item for page in pages for item in page] == everything[resource]
    last = everything[resource][-1]["sequence"]
    assert api.get(f"/{resource}", params={"after": last}).json()[resource] == []


def test_a_page_has_100_items_by_default_and_1000_at_most(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    for _ in range(11):
        batch = [message_to(*[NUMBER] * 10)] * 10
        assert post(sandbox, batch, path="/messages").status_code == 200

    assert len(api.get("/messages").json()["messages"]) == 100
    assert len(api.get("/messages", params={"limit": 1000}).json()["messages"]) == 1000
    for limit in (0, 1001):
        assert api.get("/messages", params={"limit": limit}).status_code == 400


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "\N{SUPERSCRIPT TWO}", "9" * 5000])
@pytest.mark.parametrize("name", ["limit", "after"])
def test_a_limit_that_is_no_number_is_refused(api: httpx.Client, name: str, text: str) -> None:
    answer = api.get("/messages", params={name: text})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"/{name}: this value is ")


def test_one_message_is_shown_by_both_forms_of_its_id(sandbox: Sandbox, api: httpx.Client) -> None:
    batch = [message_to(NUMBER, SECOND)]
    answered = post(sandbox, batch, path="/messages").json()["accepted"][0]["message_id"]

    def found(message_id: str) -> list[str]:
        return [item["to"] for item in api.get(f"/messages/{message_id}").json()["messages"]]

    assert found(answered) == [NUMBER, SECOND]
    assert found(f"{answered}-1") == [SECOND]
    missing = api.get(f"/messages/{answered}-2")
    assert missing.status_code == 404
    assert missing.json() == {"message": "There is no such message."}


def test_delete_clears(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox, NUMBER, SECOND, body="Hello")

    answer = api.delete("/messages")
    assert (answer.status_code, answer.json()) == (200, {"deleted": 2})
    assert (sandbox.messages, sandbox.requests) == ((), ())


def test_requests_tell_why_they_were_refused(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox)
    post(sandbox, {"to": [{"phone_number": NUMBER}]})
    taken, refused = api.get("/requests").json()["requests"]

    assert (taken["status_code"], taken["reason"], taken["recipients"]) == (200, None, 1)
    received_at = refused.pop("received_at")
    assert received_at.endswith("Z")
    assert refused == {
        "sequence": taken["sequence"] + 1,
        "method": "POST",
        "path": "/v2/message",
        "operation": "sendMessage",
        "status_code": 400,
        "reason": "/body: is missing, and there is no flow",
        "pointer": "/body",
        "content": '{"to":[{"phone_number":"420777123456"}]}',
        "request_id": None,
        "recipients": 0,
        "key_fingerprint": sandbox.requests[0].key_fingerprint,
    }


def test_the_api_is_not_recorded_itself(sandbox: Sandbox, api: httpx.Client) -> None:
    for path in ("/health", "/messages", "/requests", "/nothing"):
        api.get(path)

    assert sandbox.requests == ()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/", 404),
        ("POST", "/messages", 405),
        ("DELETE", "/requests", 405),
    ],
)
def test_what_the_api_does_not_have(api: httpx.Client, method: str, path: str, status: int) -> None:
    answer = api.request(method, path)

    assert answer.status_code == status
    assert answer.json().keys() == {"message"}


def test_the_newest_message_with_its_code_and_link(sandbox: Sandbox, api: httpx.Client) -> None:
    assert api.get("/messages/latest").status_code == 404
    send(sandbox, body="Old code 1111")
    send(sandbox, body="Your code is 481 516, or https://example.com/login?a=1.")
    send(sandbox, "421905123456", body="Sale: 1290 CZK from 2027-01-01")

    query = {"to": "777123456"}
    latest = api.get("/messages/latest", params=query).json()["message"]
    assert latest["body"].startswith("Your code")
    assert [entry["kind"] for entry in latest["timeline"]] == ["received", "step", "report"]
    assert api.get("/messages/latest/extract", params=query).json() == {
        "message_id": latest["message_id"],
        "code": "481516",
        "link": "https://example.com/login?a=1",
    }


def test_waiting_ends_with_the_message(sandbox: Sandbox, api: httpx.Client) -> None:
    query = {"containing": "code", "timeout_s": "60"}
    found: list[Any] = []

    def wait() -> None:
        found.append(
            httpx.get(f"{sandbox.url}/sandbox/messages/wait", params=query, timeout=60).json()
        )

    thread = threading.Thread(target=wait)
    thread.start()
    send(sandbox, body="Something else")
    send(sandbox, body="Your code is 4711")
    thread.join()

    assert found[0]["message"]["body"] == "Your code is 4711"
    after = found[0]["message"]["sequence"]
    query = {"containing": "code", "timeout_s": "0", "after": str(after)}
    assert api.get("/messages/wait", params=query).json() == {"message": None}


def test_replies_and_unsolicited_messages(sandbox: Sandbox, api: httpx.Client) -> None:
    missing = api.post("/incoming", json={"text": "Hi", "sender": NUMBER})
    assert missing.status_code == 400
    (message_id,) = send(sandbox, flow=[{"viber": {}}, {"sms": {}}])
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


def test_webhooks_are_listed_and_sent_again(sandbox: Sandbox, api: httpx.Client) -> None:
    # Nobody listens there.
    send(sandbox, MagicNumber.NO_CREDIT, callback="http://127.0.0.1:9/")
    (delivery,) = api.get("/deliveries").json()["deliveries"]
    again = api.post(f"/deliveries/{delivery['id']}/attempts").json()["delivery"]

    assert again["attempts"][-1]["by_hand"] is True
    assert again["events"][0]["result"] == "rejected"
    assert api.post("/deliveries/1000000/attempts").status_code == 404


def test_refused_requests_are_listed_apart(sandbox: Sandbox, api: httpx.Client) -> None:
    send(sandbox)
    post(sandbox, {"to": []})

    (refused,) = api.get("/requests", params={"refused": "true"}).json()["requests"]
    assert refused["pointer"] == "/to"
    assert len(api.get("/requests").json()["requests"]) == 2
