"""Who may read and change something: this machine, this site, or a client with the token."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import message_to, post

TOKEN = "a token of the tests"
TO = [{"phone_number": "420777123456"}]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "",
        "[2001:db8::1]",
        "[::2]",
        "[::1",
        "10.0.0.1",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/messages"),
        ("DELETE", "/messages"),
        ("GET", "/health"),
        ("GET", "/openapi.json"),
        ("GET", "/stream"),
    ],
)
def test_another_name_for_this_machine_is_refused(
    sandbox: Sandbox, api: httpx.Client, host: str, method: str, path: str
) -> None:
    post(sandbox, message_to(body="SECRET"))
    answer = api.request(method, path, headers={"host": host})

    assert answer.status_code == 403
    assert answer.json().keys() == {"message"}
    assert len(sandbox.messages) == 1


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]", "[::1]:80", "127.1.2.3"]
)
def test_names_of_this_machine_are_let_in(api: httpx.Client, host: str) -> None:
    assert api.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/messages"),
        ("POST", "/rules"),
        ("POST", "/clock"),
        ("PATCH", "/inboxes/0123456789ab"),
        ("POST", "/deliveries/1/attempts"),
    ],
)
def test_another_site_cannot_change_anything(
    sandbox: Sandbox, api: httpx.Client, method: str, path: str, headers: dict[str, str]
) -> None:
    post(sandbox, message_to())
    body = {"outcome": "failed"} if path == "/rules" else {}
    answer = api.request(method, path, json=body, headers=headers)

    assert answer.status_code == 403
    assert len(sandbox.messages) == 1
    assert len(sandbox.rules) == 0


def test_the_own_site_can(sandbox: Sandbox, api: httpx.Client) -> None:
    own = {"origin": sandbox.url, "sec-fetch-site": "same-origin"}
    assert api.delete("/messages", headers=own).status_code == 200


@pytest.fixture(scope="module")
def guarded() -> Iterator[Sandbox]:
    with Sandbox(token=TOKEN) as sandbox:
        yield sandbox


def test_with_a_token_nothing_is_shown_without_it(guarded: Sandbox) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
            answer = client.get("/sandbox/messages", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert TOKEN not in answer.text
        right = {"authorization": f"Bearer {TOKEN}", "host": "sandbox.example"}
        assert client.get("/sandbox/messages", headers=right).status_code == 200


def test_the_token_in_the_address_becomes_a_cookie(guarded: Sandbox) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        query = {"token": TOKEN, "limit": "1"}
        login = client.get("/sandbox/messages", params=query)
        assert (login.status_code, login.headers["location"]) == (303, "/sandbox/messages?limit=1")
        cookie = login.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert client.get("/sandbox/messages").status_code == 200
        # Other sites can make the browser send cookies, so their `Origin` is checked.
        evil = {"origin": "http://evil.example"}
        assert client.delete("/sandbox/messages", headers=evil).status_code == 403


def test_the_login_does_not_lead_to_another_site(guarded: Sandbox) -> None:
    answer = httpx.get(f"{guarded.url}//evil.example/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/evil.example/")


def test_a_wrong_token_in_the_address_is_refused(guarded: Sandbox) -> None:
    answer = httpx.get(f"{guarded.url}/sandbox/messages", params={"token": "wrong"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_service_itself_asks_for_the_key_only(guarded: Sandbox) -> None:
    message = message_to()
    url = f"{guarded.base_url}/message"
    assert httpx.post(url, json=message, headers={"x-api-key": "k"}).status_code == 200
    # A name that leads to this machine, in a browser or through a proxy.
    headers = {"x-api-key": "k", "host": "sms.example"}
    assert httpx.post(url, json=message, headers=headers).status_code == 403
    headers |= {"authorization": f"Bearer {TOKEN}"}
    assert httpx.post(url, json=message, headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104
def test_another_address_than_loopback_needs_a_token(host: str) -> None:
    with pytest.raises(ValueError, match=r"loopback only.*or set a token"):
        Sandbox(host=host)
    with pytest.raises(ValueError, match="at least 12 characters"):
        Sandbox(host=host, token="short")
    Sandbox(host=host, token=TOKEN)


@pytest.mark.parametrize(
    "host", ["[127.0.0.1x", "127.0.0.1x", "[127.0.0.1", "127.0.0.1]", "localhost.x"]
)
def test_what_only_begins_like_a_name_of_this_machine_is_refused(
    api: httpx.Client, host: str
) -> None:
    assert api.get("/health", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/message"),
        ("GET", "/v2/simple/message"),
        ("POST", "/v2/nothing"),
        ("GET", "/l/abcdefg"),
        ("GET", "/"),
        ("GET", "/events"),
        ("GET", "/nothing"),
    ],
)
def test_the_host_is_checked_on_every_path(sandbox: Sandbox, method: str, path: str) -> None:
    headers = {"host": "evil.example", "x-api-key": "k"}
    body = {"to": TO, "body": "Hello"}
    answer = httpx.request(method, sandbox.url + path, json=body, headers=headers)
    assert answer.status_code == 403
    assert sandbox.messages == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/sandbox/stream?after=0&events=0", "/sandbox/messages", "/v2/simple/message", "/l/a", "/"],
)
def test_another_site_cannot_read_or_hold_anything_open(
    sandbox: Sandbox, headers: dict[str, str], path: str
) -> None:
    answer = httpx.get(sandbox.url + path, headers=headers)
    assert (answer.status_code, answer.json().keys()) == (403, {"message"})


def test_a_link_on_another_site_may_lead_here(sandbox: Sandbox) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert httpx.get(sandbox.url, headers=headers).status_code == 200
    posted = httpx.post(f"{sandbox.url}/clear", headers=headers, data={"here": "/"})
    assert posted.status_code == 403


def test_a_token_in_the_address_changes_nothing(guarded: Sandbox) -> None:
    for method in ("POST", "DELETE", "PATCH"):
        answer = httpx.request(method, f"{guarded.url}/sandbox/rules", params={"token": TOKEN})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


def test_the_login_is_neither_stored_nor_named_to_others(guarded: Sandbox) -> None:
    login = httpx.get(guarded.url, params={"token": TOKEN})
    assert login.headers["cache-control"] == "no-store"
    assert login.headers["referrer-policy"] == "no-referrer"


def test_beyond_the_loopback_any_name_may_lead_to_the_service() -> None:
    with Sandbox(host="0.0.0.0", token=TOKEN) as sandbox:  # noqa: S104 - what a container does
        url = sandbox.base_url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        message = {"to": TO, "body": "Hello"}
        headers = {"x-api-key": "k", "host": "sms.example"}
        assert httpx.post(f"{url}/message", json=message, headers=headers).status_code == 200
