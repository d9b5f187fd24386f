"""`smsmanager webhook listen`, as a separate process: which requests it trusts, and what it prints."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsmanager.campaigns import Campaign, RowState, ledger_beside
from smsmanager.cli.event_lines import line_of
from smsmanager.sandbox import Sandbox
from smsmanager.webhooks import SIGNATURE_HEADER, parse_webhook, sign
from tests.cli.conftest import COMMAND, TIME_LIMIT_S, Shell

REPORT = {
    "type": "outgoing",
    "request_id": "r1",
    "message_id": "m1-0",
    "gateway": "sms",
    "timestamp": 1700000000,
    "payload": {},
    "to": {"phone_number": "420777123456"},
    "result": "delivered",
    "result_info": "[0] delivered",
    "sms": {"sender": "Shop", "price_czk": 1.2, "count": 1},
}
REPLY = {
    "type": "incoming",
    "request_id": "r1",
    "message_id": "m1-0",
    "gateway": "sms",
    "timestamp": 1700000001,
    "payload": {},
    "sender": "420777123456",
    "recipient": "420600000000",
    "body": "Thank\nyou \x1b[31m",
}
INCOMING = {name: REPLY[name] for name in ("type", "gateway", "sender", "recipient", "body")}


@contextmanager
def listening(
    *options: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Yield the process, its address, and the callback that it asks for."""
    process = subprocess.Popen(
        [*COMMAND, "webhook", "listen", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env=os.environ | {"PYTHONWARNINGS": "error", "TZ": "UTC"} | environment,
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
        assert found
        callback = process.stderr.readline() if "--url" in options else ""
        yield process, found[0], callback
    finally:
        process.kill()
        process.communicate(timeout=TIME_LIMIT_S)


def test_events_are_printed_until_there_are_enough() -> None:
    with listening("--insecure", "--count", "3") as (process, url, _):
        assert httpx.delete(url).status_code == 405
        assert httpx.post(url, content=b"no json").status_code == 400
        assert httpx.post(url + "any/path", json=[REPORT, REPLY]).status_code == 204
        assert httpx.post(url, json=INCOMING).status_code == 204
        out, err = process.communicate(timeout=TIME_LIMIT_S)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines() == [
        "2023-11-14 22:13:20  delivered  420777123456  sms  m1-0  [0] delivered",
        "2023-11-14 22:13:21  reply  420777123456  sms  m1-0  Thank you \ufffd[31m",
        "-  incoming  420777123456  sms  Thank you \ufffd[31m",
    ]


def test_json_lines_and_ctrl_c() -> None:
    with listening("--insecure", "--json") as (process, url, _):
        assert httpx.post(url, json=[REPORT]).status_code == 204
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == REPORT
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIME_LIMIT_S)
    assert process.returncode in {0, 130}
    assert out == ""
    assert "Traceback" not in err


ODD = "Jana \ud83d \x7f \x9b31m \u2028 Žluťoučký"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_odd_texts_and_times_are_printed(encoding: str) -> None:
    elements = [
        {**REPLY, "body": ODD},
        {**REPORT, "timestamp": -62_135_596_800},
        {**REPORT, "timestamp": 253_402_300_799, "result": "seen", "result_info": ODD},
        {**REPORT, "result": "\ud83d", "to": {"phone_number": ODD}},
        ODD,
    ]
    for options in ((), ("--json",)):
        with listening(
            "--insecure", "--count", "5", *options, PYTHONIOENCODING=encoding, TZ="Etc/GMT+12"
        ) as (process, url, _):
            content = json.dumps(elements).encode()
            assert httpx.post(url, content=content).status_code == 204
            out, err = process.communicate(timeout=TIME_LIMIT_S)
        assert err == ""
        lines = out.splitlines()
        assert len(lines) == 5
        assert not any(character in out for character in "\x7f\x9b\u2028")
        if options:
            assert [json.loads(line) for line in lines] == elements
        if not options:
            assert lines[1].startswith("0001-01-01 00:00:00  delivered")
            assert lines[2].startswith("9999-12-31 11:59:59  seen")


def test_only_what_is_signed_is_believed() -> None:
    body = json.dumps([REPORT]).encode()
    with listening("--count", "1", SMSMANAGER_WEBHOOK_SECRET="secret") as (process, url, _):
        assert httpx.post(url, content=body).status_code == 401
        headers = {SIGNATURE_HEADER: sign(body, "secret")}
        assert httpx.post(url, content=body, headers=headers).status_code == 204
        out, err = process.communicate(timeout=TIME_LIMIT_S)
    assert out.count("\n") == 1
    assert "secret" not in out + err


def test_only_who_knows_the_callback_is_believed() -> None:
    secret = "sixteen bytes or more"
    options = ("--count", "1", "--url", "https://example.com/sms")
    with listening(*options, SMSMANAGER_CALLBACK_SECRET=secret) as (process, url, callback):
        found = re.search(r"--callback 'https://example\.com/sms\?(.+)'", callback)
        assert found
        assert httpx.post(url, json=[REPORT]).status_code == 401
        assert httpx.post(f"{url}?{found[1]}", json=[REPORT]).status_code == 204
        out, _ = process.communicate(timeout=TIME_LIMIT_S)
    assert out.count("\n") == 1


def test_reports_go_into_the_ledger_of_a_campaign(
    shell: Shell, service: Sandbox, people: Path
) -> None:
    shell("campaign", "run", people, "--text", "Hello {name}")
    with Campaign.open(ledger_beside(people, rehearsal=True)) as campaign:
        [row, *_] = campaign.rows(RowState.ACCEPTED)
    report = REPORT | {
        "message_id": row.message_id,
        "to": {"phone_number": row.phone_number},
        "timestamp": -62_135_596_800,
        "result_info": ODD,
    }
    options = ("--insecure", "--count", "1", "--campaign", str(people))
    with listening(*options, PYTHONIOENCODING="ascii") as (process, url, _):
        assert httpx.post(url, content=json.dumps([report]).encode()).status_code == 204
        process.communicate(timeout=TIME_LIMIT_S)
    status = shell("campaign", "status", people, "--json").document
    assert status["campaign"]["deliveries"] == {"delivered": 1}
    assert "Delivery reports" in shell("campaign", "status", people).out


@pytest.mark.parametrize(
    ("environment", "options", "said"),
    [
        ({}, [], "This would trust anyone."),
        ({"SMSMANAGER_CALLBACK_SECRET": "x" * 16}, [], "needs both --url and"),
        ({}, ["--url", "https://example.com"], "needs both --url and"),
        ({"SMSMANAGER_CALLBACK_SECRET": "short"}, ["--url", "https://example.com"], "16"),
        (
            {"SMSMANAGER_CALLBACK_SECRET": "x" * 16},
            ["--url", "https://shop:word@example.com/sms"],
            "--url cannot have a user",
        ),
    ],
)
def test_it_does_not_start_without_a_secret(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: list[str],
    said: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = shell("webhook", "listen", *options)
    assert (done.code, done.out) == (3, "")
    assert said in done.err


def test_a_port_that_is_taken(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = shell("webhook", "listen", "--insecure", "--port", port)
    assert done.code == 3
    assert f"Port {port} of 127.0.0.1 is not available" in done.err


def test_an_event_that_is_not_known() -> None:
    given: Any = [{"type": "new"}]
    [event] = parse_webhook(given)
    assert line_of(event, as_json=False).startswith("-  unknown event  ")
    assert json.loads(line_of(event, as_json=True)) == {"type": "new"}
