"""Changes by long poll and as server-sent events."""

from __future__ import annotations

import json

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import send


def test_changes_come_by_long_poll_and_as_events(sandbox: Sandbox, api: httpx.Client) -> None:
    latest = api.get("/changes", params={"timeout_s": "0"}).json()["latest"]
    send(sandbox)
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
    with api.stream("GET", "/stream", params={"after": 0, "events": 0}) as stream:
        assert "".join(stream.iter_text()) == ": the changes of the sandbox\n\n"
    # A browser goes on after the last event that it saw.
    headers = {"last-event-id": str(found["latest"] - 1)}
    with api.stream("GET", "/stream", params={"events": 1}, headers=headers) as stream:
        assert f"id: {found['latest']}\n" in "".join(stream.iter_text())


def test_a_reader_that_is_too_far_behind_learns_it(sandbox: Sandbox, api: httpx.Client) -> None:
    feed = sandbox._engine.feed
    before = feed.latest
    for _ in range(10_001):
        feed.publish("settings")

    found = api.get("/changes", params={"after": before}).json()
    assert found["complete"] is False
    with api.stream("GET", "/stream", params={"after": before, "events": 1}) as stream:
        assert "event: incomplete" in "".join(stream.iter_text())


def test_a_silent_stream_stays_open(
    sandbox: Sandbox, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.sandbox.api.changes._SILENCE_S", 0.01)
    feed = sandbox._engine.feed
    with api.stream("GET", "/stream", params={"after": feed.latest, "events": 1}) as stream:
        lines = stream.iter_lines()
        assert [next(lines) for _ in range(4)] == [
            ": the changes of the sandbox",
            "",
            ": nothing new",
            "",
        ]
        feed.publish("settings")
        assert "event: settings" in lines


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
