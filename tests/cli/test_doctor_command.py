"""`smsmanager doctor`: what it finds, and that it sends nothing."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from smsmanager.asking import KeyFacts
from smsmanager.cli import doctor_account, doctor_checks
from smsmanager.cli.doctor_checks import Finding
from smsmanager.sandbox import Fault, RestSettings, Sandbox, Settings
from tests.cli.conftest import KEY, Shell


def states(document: Any) -> dict[str, str]:
    return {check["check"]: check["state"] for check in document["checks"]}


def test_all_is_well(shell: Shell, service: Sandbox) -> None:
    done = shell("doctor")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].split() == ["check", "what", "was", "found"]
    document = shell("doctor", "--json").document
    assert document["ok"] is True
    assert states(document) == dict.fromkeys(
        [
            *("version", "sender", "base URL", "connection", "TLS", "key", "clock"),
            *("key may", "senders", "webhooks", "credit"),
        ],
        "ok",
    )


def test_nothing_is_sent(shell: Shell, service: Sandbox) -> None:
    shell("doctor")
    asked = [(request.path, request.recipients) for request in service.requests]
    assert asked == [("/v2/messages", 0), ("/v1/apikey/me", 0), ("/v1/credit", 0)]
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
    """What httpx reports about an encrypted connection."""

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


def texts(document: Any) -> dict[str, tuple[str, str]]:
    return {check["check"]: (check["state"], check["text"]) for check in document["checks"]}


def test_what_the_account_says(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    settings = Settings(
        credit=Decimal("12.5"),
        senders=frozenset({"Shop"}),
        callback="https://me:secret@example.com/hook?token=secret",
        rest=RestSettings(scope="api"),
    )
    with Sandbox(settings=settings) as sandbox:
        done = shell("doctor", "--base-url", sandbox.base_url, "--json", "--sender", "Shop")
        other = shell("doctor", "--base-url", sandbox.base_url, "--json", "--sender", "Other")
        sandbox.configure(credit=0)
        poor = shell("doctor", "--base-url", sandbox.base_url, "--json")
    found = texts(done.document)
    assert found["key may"] == (
        "ok",
        "prepaid; the key may send and ask, but not change settings (scope api)",
    )
    assert found["senders"] == ("ok", "Shop is registered: sms")
    webhooks = "go to https://…@example.com/hook?…, unless a message says otherwise"
    assert found["webhooks"] == ("ok", webhooks)
    assert found["credit"] == ("ok", "12.50 CZK left")
    assert "secret" not in done.out
    state, text = texts(other.document)["senders"]
    assert (state, text) == (
        "warning",
        "Other is not among the registered senders of this key; registered are: Shop (sms)",
    )
    assert texts(poor.document)["credit"][0] == "failed"
    assert poor.code == 1
    assert texts(poor.document)["senders"] == ("ok", "registered: Shop (sms)")


def test_an_account_that_cannot_be_asked(
    shell: Shell, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSMANAGER_BASE_URL", service.base_url + "/elsewhere")
    done = shell("doctor", "--json")
    state, text = texts(done.document)["account"]
    assert state == "warning"
    assert "Nothing was asked" in text


def test_a_key_that_is_blocked() -> None:
    found = list(doctor_account._key(KeyFacts(is_blocked=True, scope="new")))
    assert [(each.check, each.state) for each in found] == [
        ("account", "failed"),
        ("key may", "ok"),
    ]
    assert "not known" in found[1].text
