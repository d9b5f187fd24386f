"""`smsmanager doctor`: what it finds, and that it sends nothing."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from smsmanager.cli import doctor_checks
from smsmanager.cli.doctor_checks import Finding
from smsmanager.sandbox import Fault, Sandbox
from tests.cli.conftest import KEY, Shell


def states(document: Any) -> dict[str, str]:
    return {check["check"]: check["state"] for check in document["checks"]}


def test_all_is_well(shell: Shell, service: Sandbox) -> None:
    done = shell("doctor")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].split() == ["check", "what", "was", "found"]
    document = shell("doctor", "--json", "--sender", "Shop").document
    assert document["ok"] is True
    assert states(document) == dict.fromkeys(
        ["version", "sender", "base URL", "connection", "TLS", "key", "clock"], "ok"
    )


def test_nothing_is_sent(shell: Shell, service: Sandbox) -> None:
    shell("doctor")
    [request] = service.requests
    assert (request.path, request.recipients) == ("/v2/messages", 0)
    assert service.messages == ()


def test_a_wrong_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    with Sandbox(api_keys=["another"]) as sandbox:
        done = shell("doctor", "--base-url", sandbox.base_url, "--json")
    assert done.code == 1
    assert states(done.document)["key"] == "failed"


def test_a_key_that_no_key_can_be(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", "two words")
    done = shell("doctor", "--json")
    assert done.code == 1
    assert states(done.document)["settings"] == "failed"
    assert "two words" not in done.out


def test_no_key(shell: Shell) -> None:
    assert shell("doctor").code == 3


def test_no_answer(shell: Shell, service: Sandbox) -> None:
    service.inject(Fault("close", when="before"))
    done = shell("doctor")
    assert done.code == 1
    assert "FAILED" in done.out
    assert "no answer (RemoteProtocolError)" in done.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("status", "state"), [(200, "ok"), (400, "ok"), (401, "failed"), (503, "warning")]
)
def test_what_an_answer_says_of_the_key(status: int, state: str) -> None:
    assert doctor_checks._key(httpx.Response(status), b"").state == state


@pytest.mark.parametrize(
    ("sender", "state"),
    [(None, "ok"), ("Shop", "ok"), ("420777123456", "ok"), ("MuchTooLongASender", "failed")],
)
def test_senders(sender: str | None, state: str) -> None:
    assert doctor_checks._sender(sender).state == state


NOW = datetime(2030, 1, 7, 8, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "state", "said"),
    [
        ("Mon, 07 Jan 2030 08:00:00 GMT", "ok", "within 30 s"),
        ("Mon, 07 Jan 2030 08:00:30 GMT", "ok", "within 30 s"),
        ("Mon, 07 Jan 2030 07:59:30 GMT", "ok", "within 30 s"),
        ("Mon, 07 Jan 2030 08:05:00 GMT", "warning", "298 s behind"),
        ("Mon, 07 Jan 2030 07:55:00 GMT", "warning", "300 s ahead of"),
        (None, "warning", "no time"),
        ("yesterday", "warning", "no time"),
        ("Mon, 07 Jan 2030 08:00:00 -0000", "warning", "no time"),
    ],
)
def test_clocks(date: str | None, state: str, said: str) -> None:
    found = doctor_checks._clock(date, NOW, NOW + timedelta(seconds=1))
    assert found.state == state
    assert said in found.text


class Secured:
    """What httpx tells of an encrypted connection."""

    def __init__(self, days: int) -> None:
        self._ends = datetime.now(UTC) + timedelta(days=days, hours=1)

    def version(self) -> str:
        return "TLSv1.3"

    def getpeercert(self) -> dict[str, str]:
        return {"notAfter": self._ends.strftime("%b %d %H:%M:%S %Y GMT")}


@pytest.mark.parametrize(("days", "state"), [(3, "warning"), (90, "ok")])
def test_certificates(days: int, state: str) -> None:
    found = doctor_checks._encryption(Secured(days))
    assert found.state == state
    assert found.text.startswith("TLSv1.3, certificate verified")
    assert (f"only for {days} more days" in found.text) is (state == "warning")


def test_no_encryption_and_no_certificate() -> None:
    assert doctor_checks._encryption(None) == Finding("TLS", "ok", "none: the host is this machine")
    bare = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x"
    )
    with pytest.raises(ValueError, match="handshake"):
        doctor_checks._encryption(bare)
