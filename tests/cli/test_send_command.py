"""`smsmanager send`: outcomes, exit codes, the question, and what never leaves."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from smsmanager.cli import target
from smsmanager.sandbox import Fault, MagicNumber, Sandbox
from tests.cli.conftest import KEY, Shell

NUMBER = "+420 777 123 456"


def test_everyone_accepted(shell: Shell, service: Sandbox) -> None:
    done = shell("send", "Hello", "--to", NUMBER, "-t", "421905123456")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].split() == ["number", "status", "message", "id"]
    assert done.lines[1].split() == ["420777123456", "accepted", service.messages[0].message_id]
    assert done.lines[-1] == "2 accepted."
    assert [message.to for message in service.messages] == ["420777123456", "421905123456"]
    assert all(message.tags == ("promotional",) for message in service.messages)
    assert service.messages[0].message.keys() == {"to", "body"}


def test_everything_that_can_be_set(shell: Shell, service: Sandbox) -> None:
    options = ["--sender", "Shop", "--tag", "sale", "--at", "2030-01-07T08:00+01:00"]
    options += ["--type", "sms", "--gateway", "direct", "--callback", "https://example.com/hook"]
    options += ["--payload", '{"order": 17}', "--reference", "order-17", "--region", "cz"]
    done = shell("send", "Hello", "--to", "777 123 456", *options)
    assert done.code == 0
    [message] = service.messages
    assert message.message == {
        "to": [{"phone_number": "420777123456"}],
        "body": "Hello",
        "sender": "Shop",
        "tag": "sale",
        "datetime": "2030-01-07T07:00:00Z",
        "flow": [{"sms": {"type": "sms", "gateway": "direct"}}],
        "callback": "https://example.com/hook",
        "payload": {"order": 17, "smsmanager_reference": "order-17"},
    }


def test_the_priority_queue_and_standard_input(shell: Shell, service: Sandbox) -> None:
    done = shell("send", "-", "--to", NUMBER, "--priority", stdin="Your code\nis 1.\n")
    assert done.code == 0
    [message] = service.messages
    assert (message.operation, message.body) == ("sendPriorityMessage", "Your code\nis 1.")


@pytest.mark.parametrize(
    ("numbers", "code", "counts"),
    [
        ([NUMBER, MagicNumber.REJECTED], 1, "1 accepted, 1 rejected."),
        ([MagicNumber.REJECTED], 3, "1 rejected."),
        ([NUMBER, MagicNumber.UNCONFIRMED], 4, "1 accepted, 1 unconfirmed."),
    ],
)
def test_exit_codes_of_outcomes(
    shell: Shell, service: Sandbox, numbers: list[str], code: int, counts: str
) -> None:
    to = [word for number in numbers for word in ("--to", number)]
    done = shell("send", "Hello", *to)
    assert (done.code, done.lines[-1]) == (code, counts)
    document = shell("send", "Hello", *to, "--json").document
    assert document["exit_code"] == code
    assert len(document["result"]["outcomes"]) == len(numbers)


@pytest.mark.parametrize(
    ("fault", "code", "sent", "said"),
    [
        (Fault("status", status_code=400), 3, "nothing", "the same request would be refused again"),
        (Fault("status", status_code=401), 3, "nothing", "smsmanager doctor"),
        (Fault("status", status_code=502), 4, "unknown", "the message may have been sent"),
        (Fault("reset", when="after"), 4, "unknown", "the message may have been sent"),
        (Fault("not_json"), 4, "unknown", "do not send again"),
    ],
)
def test_exit_codes_of_failures(
    shell: Shell, service: Sandbox, fault: Fault, code: int, sent: str, said: str
) -> None:
    service.inject(fault)
    done = shell("send", "Hello", "--to", NUMBER)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("Error: ")
    assert said in done.err
    assert len(done.err.splitlines()) == 2
    assert "777" not in done.err
    service.clear()
    service.inject(fault)
    done = shell("send", "Hello", "--to", NUMBER, "--json")
    assert (done.code, done.document["exit_code"]) == (code, code)
    assert done.document["error"]["advice"]
    assert done.document["error"]["sent"] == (sent if sent == "unknown" else "see result")


def test_no_connection(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("SMSMANAGER_API_KEY", KEY)
    monkeypatch.setattr("smsmanager.client.time.sleep", lambda _seconds: None)
    done = shell("send", "Hello", "--to", NUMBER, "--base-url", f"http://127.0.0.1:{port}")
    assert done.code == 3
    assert "Nothing was sent" in done.err
    assert "smsmanager doctor" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "12"], "to: has 2 digits"),
        (["--to", NUMBER, "--sender", "MuchTooLongASender"], "sender: has 18 characters"),
    ],
)
def test_what_is_refused_here(
    shell: Shell, service: Sandbox, arguments: list[str], said: str
) -> None:
    done = shell("send", "Hello", *arguments)
    assert done.code == 3
    assert said in done.err
    assert service.requests == ()


def test_a_payload_that_is_no_object(shell: Shell, service: Sandbox) -> None:
    for payload in ("[1]", "{"):
        done = shell("send", "Hello", "--to", NUMBER, "--payload", payload)
        assert done.code == 2
        assert "--payload takes a JSON object" in done.err


def test_no_key(shell: Shell) -> None:
    done = shell("send", "Hello", "--to", NUMBER)
    assert done.code == 3
    assert "Set SMSMANAGER_API_KEY" in done.err
    assert shell("send", "Hello", "--to", NUMBER, "--json").document["error"]["sent"] == "nothing"


def test_the_key_is_never_an_option(shell: Shell) -> None:
    for command in ([], ["send"], ["preview"], ["campaign", "run"], ["doctor"]):
        help_text = shell(*command, "--help").out
        assert "--api-key" not in help_text
        assert "--key" not in help_text


def test_a_real_send_asks_first(
    shell: Shell, abroad: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    replies = [False, True]

    def confirm(question: str, **_: Any) -> bool:
        asked.append(question)
        return replies.pop(0)

    done = shell("send", "Žluť", "--to", NUMBER, "-t", "420777123457")
    assert done.code == 3
    assert "no terminal to ask" in done.err
    assert "--yes" in done.err
    monkeypatch.setattr(target, "_at_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", confirm)
    done = shell("send", "Žluť", "--to", NUMBER, "-t", "420777123457")
    assert (done.code, done.err) == (3, "Error: Nothing was sent, as you chose.\n")
    assert asked == [f"2 recipients, 2 parts in UCS-2, through {abroad.base_url}. Send?"]
    assert abroad.requests == ()
    assert shell("send", "Žluť", "--to", NUMBER).code == 0
    assert asked[1].startswith("1 recipient, 1 part in UCS-2")
    assert shell("send", "Hello", "--to", NUMBER, "--yes").code == 0
    assert len(asked) == 2


def test_the_key_is_asked_for_at_a_terminal(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def prompt(_text: str, **options: Any) -> str:
        asked.update(options)
        return KEY

    monkeypatch.setattr(target, "_at_terminal", lambda: True)
    monkeypatch.setattr("click.prompt", prompt)
    done = shell("send", "Hello", "--to", NUMBER, "--base-url", sandbox.base_url)
    assert done.code == 0
    assert asked == {"hide_input": True, "err": True}
    assert len(sandbox.messages) == 1


def test_a_sandbox_of_the_command_itself(shell: Shell) -> None:
    done = shell("send", "Hello", "--to", NUMBER, "--base-url", "sandbox")
    assert done.code == 0
    assert "Started a sandbox for this command" in done.err


def test_a_sandbox_that_runs_is_found(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "SANDBOX_PORT", int(sandbox.url.rpartition(":")[2]))
    done = shell("send", "Hello", "--to", NUMBER, "--base-url", "sandbox")
    assert done.code == 0
    assert f"Using the sandbox at {sandbox.base_url}" in done.err
    assert len(sandbox.messages) == 1
    assert sandbox.messages[0].to == "420777123456"


def test_something_else_at_the_port_is_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(target, "SANDBOX_PORT", other.getsockname()[1])
        monkeypatch.setattr(target, "_HEALTH_S", 0.05)
        assert target._running_sandbox() is None
