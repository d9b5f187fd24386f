"""What a page of another site, a stranger or a careless program may try: nothing gets through."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON, NUMBER

pytestmark = pytest.mark.thorough

TOKEN = "a token of the tests"
KNOWN = ("127.0.0.1", "localhost", "[::1]", "127.9.9.9")
STRANGE = (
    "evil.example",
    "127.0.0.1.evil.example",
    "[127.0.0.1x",
    "127.0.0.1x",
    "localhost.evil",
    "0.0.0.0",  # noqa: S104
    "[::2]",
    "",
    "a@127.0.0.1",
)
PATHS = (
    "/",
    "/phones",
    "/messages/1",
    "/control",
    "/events?after=99999999",
    "/clear",
    "/clock",
    "/rules",
    "/faults",
    "/export.json",
    "/export.csv",
    "/v2/message",
    "/v2/messages",
    "/v2/simple/message",
    "/v2/nothing",
    "/l/abcdefg",
    "/sandbox/messages",
    "/sandbox/rules",
    "/sandbox/clock",
    "/sandbox/faults",
    "/sandbox/inboxes/0123456789ab",
    "/sandbox/stream?events=0",
    "/sandbox/openapi.json",
    "//evil.example/",
    "/../etc/passwd",
    "/%2e%2e/%00",
    "/sandbox/messages?after=" + "9" * 400,
)
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"9" * 5000,
    b"[" * 5000,
    b'{"to": [{"phone_number": "420777123456"}], "body": "Hello"}',
    b'{"outcome": "failed"}',
    b'{"kind": "hang"}',
    b'{"seconds": 1e308}',
    b'{"secret": "x"}',
    b"here=///evil.example&theme=dark",
    b"phone_number=420777123456&message=Hello&sender=Shop",
    b"\xff\xfe\x00",
)
TYPES = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")


class Canary(NamedTuple):
    url: str
    calls: list[str]


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """Yield a service of this machine that must not be reachable through the sandbox."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            calls.append(self.command)
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Canary(f"http://127.0.0.1:{server.server_port}/", calls)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def local() -> Iterator[Sandbox]:
    with Sandbox(clock="manual", now=NOON) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def beyond() -> Iterator[Sandbox]:
    with Sandbox(host="0.0.0.0", token=TOKEN, clock="manual", now=NOON) as sandbox:  # noqa: S104
        yield sandbox


def state(sandbox: Sandbox) -> tuple[object, ...]:
    """Return what must not change."""
    service = sandbox._service
    return (
        len(sandbox.messages),
        sandbox.clock,
        len(sandbox.rules),
        service.faults.pending(),
        [account.as_json() for account in service.engine.accounts],
    )


SETTINGS = settings(
    max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(
            ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
        ),
        "path": st.sampled_from(PATHS),
        "content": st.sampled_from(BODIES) | st.binary(max_size=50),
    }
)


def ask(
    client: httpx.Client, sandbox: Sandbox, given: dict[str, Any], headers: dict[str, str]
) -> httpx.Response:
    url = sandbox.url.replace("0.0.0.0", "127.0.0.1") + given["path"]  # noqa: S104
    with client.stream(given["method"], url, content=given["content"], headers=headers) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
    return answer


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as found:
        yield found


@SETTINGS
@given(given=requests, host=st.sampled_from(STRANGE), kind=st.sampled_from(TYPES))
def test_nothing_is_shown_or_changed_under_another_name(
    local: Sandbox, client: httpx.Client, given: dict[str, Any], host: str, kind: str
) -> None:
    before = state(local)
    headers = {"host": host, "content-type": kind, "x-api-key": "k"}
    answer = ask(client, local, given, headers)
    assert answer.status_code in {400, 403}
    assert state(local) == before


@SETTINGS
@given(
    given=requests,
    kind=st.sampled_from(TYPES),
    site=st.sampled_from(["cross-site", "same-site", "", "odd"]) | st.none(),
    origin=st.sampled_from(["null", "http://evil.example", "", "http://127.0.0.1:1"]) | st.none(),
    mode=st.sampled_from(["cors", "no-cors", "navigate", "websocket", ""]) | st.none(),
)
def test_another_site_changes_nothing_and_reads_nothing_but_by_a_link(
    local: Sandbox,
    client: httpx.Client,
    given: dict[str, Any],
    kind: str,
    site: str | None,
    origin: str | None,
    mode: str | None,
) -> None:
    if site is None and origin is None:
        origin = "http://evil.example"
    named = {"sec-fetch-site": site, "origin": origin, "sec-fetch-mode": mode}
    headers = {name: value for name, value in named.items() if value is not None}
    before = state(local)
    answer = ask(client, local, given, {**headers, "content-type": kind, "x-api-key": "k"})
    follows = given["method"] in {"GET", "HEAD"} and site is not None and mode == "navigate"
    assert answer.status_code == 403 or (follows and answer.status_code < 500)
    assert state(local) == before


@SETTINGS
@given(
    given=requests,
    kind=st.sampled_from(TYPES),
    host=st.sampled_from(STRANGE + KNOWN),
    guess=st.sampled_from(["", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]),
    where=st.sampled_from(["authorization", "cookie", "x-token"]),
)
def test_without_the_token_only_the_service_answers(
    beyond: Sandbox,
    client: httpx.Client,
    given: dict[str, Any],
    kind: str,
    host: str,
    guess: str,
    where: str,
) -> None:
    value = f"smsmanager_sandbox={guess}" if where == "cookie" else guess
    before = state(beyond)
    # Without a key the service answers, and takes nothing.
    answer = ask(client, beyond, given, {"host": host, "content-type": kind, where: value})
    if given["path"].startswith(("/v2/", "/l/")):
        assert answer.status_code < 500
    else:
        assert answer.status_code in {400, 401}
    assert TOKEN not in str(answer.headers)
    assert state(beyond) == before


@SETTINGS
@given(given=requests, kind=st.sampled_from(TYPES), host=st.sampled_from(KNOWN))
def test_whatever_comes_in_is_no_error_of_the_sandbox(
    local: Sandbox, client: httpx.Client, given: dict[str, Any], kind: str, host: str
) -> None:
    if b"hang" in given["content"]:
        given["content"] = given["content"].replace(b"hang", b"none")
    headers = {
        "host": host,
        "content-type": kind,
        "x-api-key": "k",
        "sec-fetch-site": "same-origin",
    }
    answer = ask(client, local, given, headers)
    assert answer.status_code < 500
    assert (
        "evil.example"
        not in answer.headers.get("location", "").split("?")[0].lstrip("/").split("/")[0]
    )


hosts = st.sampled_from(
    ["127.0.0.1", "localhost", "[::1]", "127.1", "0.0.0.0", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]  # noqa: S104
)  # fmt: skip


@SETTINGS
@given(
    host=hosts,
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH"]),
    operation=st.sampled_from(["message", "messages"]),
    item=st.sampled_from([None, {"a": 1}, [{"b": "{{message_id}}"}]]),
    kind=st.sampled_from(["text", "object"]),
)
def test_no_callback_reaches_a_service_of_a_machine_whose_sandbox_others_reach(
    beyond: Sandbox,
    client: httpx.Client,
    canary: Canary,
    host: str,
    method: str,
    operation: str,
    item: object,
    kind: str,
) -> None:
    url = canary.url.replace("127.0.0.1", host)
    callback: Any = url
    if kind == "object":
        callback = {"url": url, "method": method, "headers": {"x-admin": "1"}}
        if item is not None:
            callback["item"] = item
    message = {
        "to": [{"phone_number": NUMBER}],
        "body": "Hello",
        "callback": callback,
        "params": {"_incoming": {"callback": url}},
    }
    base_url = beyond.base_url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
    body = json.dumps([message] if operation == "messages" else message).encode()
    headers = {"content-type": "application/json", "x-api-key": "k"}
    answer = client.post(f"{base_url}/{operation}", content=body, headers=headers)
    assert answer.status_code == 200
    beyond.advance(5)
    beyond.reply("Yes", to=NUMBER)
    assert beyond.deliveries
    assert {delivery.state for delivery in beyond.deliveries} == {"blocked"}
    assert canary.calls == []
    beyond.reset()
