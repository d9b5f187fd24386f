"""Only the sandbox's own page can write, and only this machine can read."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from smsmanager.sandbox import Rule, Sandbox
from smsmanager.sandbox.page._forms import own_path

NUMBER = "420777123456"
READS = (
    "/",
    "/phones",
    f"/phones/{NUMBER}",
    "/messages/1",
    "/schedule",
    "/requests",
    "/control",
    "/export.json",
    "/export.csv",
    "/assets/page.css",
    "/events",
)
WRITES = (
    "/phones",
    f"/phones/{NUMBER}",
    "/messages/1/delete",
    "/messages/1/webhooks/1",
    "/clock",
    "/rules",
    "/rules/1",
    "/faults",
    "/faults/1",
    "/faults/clear",
    "/clear",
    "/read",
    "/theme",
    "/undo/1",
)


@pytest.mark.parametrize("path", READS)
def test_another_name_of_this_machine_reads_nothing(outside: httpx.Client, path: str) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        answer = outside.get(path, headers={"host": host})
        assert answer.status_code in {400, 403}, host
        assert NUMBER not in answer.text


@pytest.mark.parametrize("path", WRITES)
def test_other_sites_write_nothing(outside: httpx.Client, sandbox: Sandbox, path: str) -> None:
    message = {"to": [{"phone_number": NUMBER}], "body": "Hello"}
    outside.post("/v2/message", json=message, headers={"x-api-key": "k"})
    before = sandbox._service.engine.feed.latest
    form = {"body": "x", "to": "next", "number": NUMBER, "rule": '{"outcome": "failed"}'}
    for headers in (
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": sandbox.url},
    ):
        answer = outside.post(path, data=form, headers=headers)
        assert answer.status_code == 403, headers
        assert sandbox._service.engine.feed.latest == before
        assert len(sandbox.messages) == 1


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "OWN"}], ids=str)
def test_a_page_of_the_sandbox_writes(
    outside: httpx.Client, sandbox: Sandbox, headers: dict[str, str]
) -> None:
    own = {name: value.replace("OWN", sandbox.url) for name, value in headers.items()}
    form = {"rule": '{"outcome": "failed"}', "here": "/control"}
    answer = outside.post("/rules", data=form, headers=own)
    assert (answer.status_code, answer.headers["location"]) == (303, "/control")
    assert len(sandbox.rules) == 1


@pytest.mark.parametrize("path", [path for path in READS if path != "/events"])
def test_every_answer_is_guarded(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert f"{rule};" in f"{policy};"
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_events_are_guarded_too(http: httpx.Client) -> None:
    with http.stream("GET", "/events") as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert next(answer.iter_text()).startswith("retry:")
    assert http.post("/events").status_code == 405


def test_a_silent_stream_stays_open(
    http: httpx.Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.sandbox.page._change_stream._KEEP_ALIVE_S", 0.01)
    latest = sandbox._service.engine.feed.latest
    with http.stream("GET", f"/events?after={latest}") as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(4)] == ["retry: 1000", "", ":", ""]
        sandbox.rules.add(Rule("failed"))
        sandbox._service.engine.feed.publish("settings")
        assert "event: change" in lines


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/phones?inbox=a", "/phones?inbox=a"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("////evil.example/a", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nset-cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/phones/ž?a=%20", "/phones/ž?a=%20"),
        ("", "/"),
    ],
)
def test_a_form_leads_nowhere_else(http: httpx.Client, given: str, led_to: str) -> None:
    assert own_path(given) == led_to
    answer = http.post("/theme", data={"theme": "dark", "here": given})
    assert (answer.status_code, answer.headers["location"]) == (303, quote(led_to, safe="/?=%"))
