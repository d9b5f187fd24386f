"""`smsmanager settle`, and the hint of `smsmanager send` that leads to it. Asking never sends."""

from __future__ import annotations

import re

import pytest

from smsmanager.sandbox import Fault, MagicNumber, Sandbox
from tests.cli.conftest import Finished, Shell

NUMBER = "+420 777 123 456"
OTHER = "+420 777 123 457"
HOUR = ("--between", "2020-01-01T00:00Z", "2099-01-01T00:00Z")
LOST = Fault("reset", when="after")
AT_ONCE = ("--patience", "0")


def between(said: str) -> list[str]:
    """Return the words of a hint that the command takes."""
    found = re.search(r"with 'settle' in place of 'send', and (--between \S+Z \S+Z)$", said.strip())
    assert found is not None, said
    return found[1].split()


def sent(service: Sandbox) -> int:
    """Return how often something was sent."""
    return sum(request.path.startswith("/v2/") for request in service.requests)


def lose(shell: Shell, service: Sandbox, *words: str) -> Finished:
    """Send with a command whose answer is lost."""
    service.inject(LOST, path="/v2/")
    done = shell("send", *words)
    assert done.code == 4
    assert "777" not in done.err
    return done


@pytest.mark.parametrize(
    "words",
    [
        ("Hello", "--to", NUMBER),
        ("Žluť", "-t", NUMBER, "-t", OTHER, "--type", "sms", "--yes"),
        ("Hello", "--to", "777 123 456", "--region", "CZ", "--priority", "--reference", "order-17"),
        ("Hello", "--to", NUMBER, "--sender", "Shop", "--tag", "sale", "--payload", '{"a": 1}'),
        ("Hello", *(word for n in range(9) for word in ("-t", f"42077712345{n}"))),
    ],
)
def test_the_hint_of_a_lost_answer_leads_to_what_became_of_it(
    shell: Shell, service: Sandbox, words: tuple[str, ...]
) -> None:
    done = lose(shell, service, *words)
    before = sent(service)
    found = shell("settle", *words, *between(done.err))
    assert (found.code, found.err) == (0, "")
    taken = {message.to: message.message_id for message in service.messages}
    rows = [line.split() for line in found.lines if line.startswith("420")]
    assert {row[0]: row[2] for row in rows} == taken
    assert found.lines[-1].endswith(f"{len(taken)} accepted. Nothing was sent.")
    assert sent(service) == before


def test_what_an_error_of_one_of_several_requests_left_open(shell: Shell, service: Sandbox) -> None:
    words = ["Hello", *(word for n in range(120) for word in ("-t", f"420777{n:06}"))]
    service.inject(LOST, path="/v2/")
    done = shell("send", *words)
    found = shell("settle", *words, *between(done.err), *AT_ONCE)
    # The second request was not attempted, so the service does not list its recipients.
    assert "100 accepted, 20 unknown. Nothing was sent." in found.out
    assert "not_found: the service lists no matching message" in found.lines


def test_programs_get_the_hint_and_the_answer(shell: Shell, service: Sandbox) -> None:
    done = lose(shell, service, "Hello", "--to", NUMBER, "--json")
    advice = done.document["error"]["advice"]
    found = shell("settle", "Hello", "--to", NUMBER, *between(advice), "--json").document
    assert found["exit_code"] == 0
    [outcome] = found["result"]["outcomes"]
    assert outcome["message_id"] == service.messages[0].message_id
    assert outcome["evidence"]["finding"] == "settled"
    service.clear_faults()
    unconfirmed = str(MagicNumber.UNCONFIRMED)
    document = shell("send", "Hello", "--to", unconfirmed, "--json").document
    assert between(document["advice"])
    assert "advice" not in shell("send", "Hello", "--to", NUMBER, "--json").document


def test_an_answer_that_does_not_mention_a_recipient_has_the_hint_too(
    shell: Shell, service: Sandbox
) -> None:
    words = ("Hello", "--to", str(MagicNumber.UNCONFIRMED))
    done = shell("send", *words)
    before = sent(service)
    assert shell("settle", *words, *between(done.err), *AT_ONCE).code in {0, 4}
    assert sent(service) == before


def test_nobody_can_ask_a_sandbox_that_ended_with_its_command(shell: Shell) -> None:
    number = str(MagicNumber.UNCONFIRMED)
    done = shell("send", "Hello", "--to", number, "--base-url", "sandbox")
    assert done.code == 4
    assert "cannot be asked for" in done.err
    assert "--between" not in done.err


def test_equal_messages_are_told_apart_by_what_the_user_knows(
    shell: Shell, service: Sandbox
) -> None:
    assert shell("send", "Hello", "--to", NUMBER).code == 0
    known = str(service.messages[0].message_id)
    done = lose(shell, service, "Hello", "--to", NUMBER)
    words = ("settle", "Hello", "--to", NUMBER, *between(done.err), *AT_ONCE)
    found = shell(*words)
    assert found.code == 4
    assert any(line.startswith("several: more than one message") for line in found.lines)
    ids = {message.message_id for message in service.messages}
    assert {line.split()[-1] for line in found.lines if " may be " in line[:30]} == ids
    found = shell(*words, "--known", known)
    assert (found.code, known in found.out) == (0, False)


def test_a_time_of_sending_that_has_passed_is_no_news(shell: Shell, service: Sandbox) -> None:
    words = ("Hello", "--to", NUMBER, "--at", "2026-01-07T08:00+01:00")
    found = shell("settle", *words, *HOUR, *AT_ONCE)
    assert (found.code, found.err) == (4, "")
    assert sent(service) == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status_code=503, retry_after=0),
        Fault("status", status_code=401),
        Fault("reset", when="after"),
        Fault("not_json"),
    ],
)
def test_a_question_that_fails_leaves_it_unknown_and_sends_nothing(
    shell: Shell, service: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr("smsmanager.client.time.sleep", lambda _seconds: None)
    done = lose(shell, service, "Hello", "--to", NUMBER)
    service.inject(fault, path="/v1/", times=None)
    found = shell("settle", "Hello", "--to", NUMBER, *between(done.err), *AT_ONCE)
    assert found.code == 4
    assert "777" not in found.err
    assert sent(service) == 1


@pytest.mark.parametrize(
    "times",
    [
        (),
        ("yesterday", "today"),
        ("2026-11-02T08:00", "2026-11-02T09:00"),
        ("2026-11-02T09:00Z", "2026-11-02T08:00Z"),
    ],
)
def test_without_the_times_nothing_is_asked(
    shell: Shell, service: Sandbox, times: tuple[str, ...]
) -> None:
    words = ("--between", *times) if times else ()
    assert shell("settle", "Hello", "--to", NUMBER, *words).code == 2
    assert service.requests == ()
