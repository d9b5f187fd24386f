"""The service of a message: a send to a sandbox says nothing about the real service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from smsmanager import BadRequestError, ConfigurationError, OutcomeUnknownError, ServiceError
from smsmanager.outbox import OutboxTargetError
from smsmanager.outbox.outbox_table import table
from tests.outbox.conftest import BASE_URL, Office

REAL = "https://real.example/v2"
GATEWAY = {"base_url": REAL}


def forget_targets(office: Office) -> None:
    """Make the rows look like those of a version that did not record where they went."""
    with office.outbox._store.engine.begin() as connection:
        for row in connection.execute(sa.select(table)).all():
            kept = {
                name: text and text.replace('"target": "this machine", ', "")
                for name, text in (("message", row.message), ("sent", row.sent))
            }
            assert "target" not in "".join(filter(None, kept.values()))
            connection.execute(sa.update(table).where(table.c.key == row.key).values(kept))


def test_only_a_client_for_the_service_that_add_names_drains_a_message(
    either_office: Office,
) -> None:
    office = either_office
    for place in range(12):
        office.add(f"real {place:02}", base_url=f"{REAL}/", rank=0)
    office.add("here", base_url=BASE_URL)
    drained = office.drain()
    assert drained.counts == {"accepted": 1}
    assert isinstance(drained.failure, OutboxTargetError)
    assert REAL in str(drained.failure)
    assert "this machine" in str(drained.failure)
    assert office.service.taken == {"here": 1}
    assert office.outbox.stats().counts == {"pending": 12}
    drained = office.drain(options=GATEWAY)
    assert (drained.counts, drained.failure) == ({"accepted": 12}, None)
    assert set(office.service.taken.values()) == {1}


def test_a_message_that_names_no_service_goes_where_the_outbox_sent_before(
    either_office: Office,
) -> None:
    office = either_office
    office.add("first")
    assert office.drain(options=GATEWAY).counts == {"accepted": 1}
    office.add("second")
    drained = office.drain()
    assert drained.counts == {}
    assert isinstance(drained.failure, OutboxTargetError)
    assert office.drain(options=GATEWAY).counts == {"accepted": 1}
    # As after a rehearsal: nothing is left that could be mistaken for a message to the other service.
    office.time.seconds += 1
    assert office.outbox.purge(older_than_s=0) == 2
    office.add("third")
    assert office.drain().counts == {"accepted": 1}


def test_a_new_address_takes_over(either_office: Office) -> None:
    office = either_office
    office.add("before")
    office.drain()
    office.time.seconds += 1
    office.add("named", base_url=BASE_URL)
    office.add("nameless")
    assert office.drain(options=GATEWAY).counts == {}
    assert office.drain(options=GATEWAY, takes_over=True, most=1).counts == {"accepted": 1}
    assert office.drain(options=GATEWAY, takes_over=True).counts == {"accepted": 1}
    office.time.seconds += 1
    office.add("after")
    assert office.drain(options=GATEWAY).counts == {"accepted": 1}


def test_what_certainly_was_not_taken_may_go_to_another_service(office: Office) -> None:
    office.add("moved")
    office.service.script = [httpx.Response(503)]
    assert office.drain().counts == {"pending": 1}
    office.time.seconds += 300
    assert office.drain(options=GATEWAY).counts == {"accepted": 1}


def test_messages_for_another_service_that_are_not_due_are_no_failure(office: Office) -> None:
    office.add("later", base_url=REAL, not_before="2031-01-01T00:00:00Z")
    office.add("too late", base_url=REAL, expires_at="2029-01-01T00:00:00Z")
    assert office.drain().failure is None


@pytest.mark.parametrize("answer", [None, httpx.ReadTimeout("late")])
def test_an_outcome_of_another_service_is_not_returned(
    any_office: Office, answer: httpx.ReadTimeout | None
) -> None:
    office = any_office
    office.service.script = [answer] if answer else []
    try:
        office.send_once("Hello", key="a")
    except OutcomeUnknownError:
        assert answer
    with pytest.raises(OutboxTargetError, match=f"this machine.*{REAL}"):
        office.send_once("Hello", key="a", options=GATEWAY)
    with pytest.raises(OutboxTargetError):
        office.add("Hello", key="a", base_url=REAL)
    assert not office.add("Hello", key="a", base_url=BASE_URL)
    assert not office.add("Hello", key="a")
    assert office.send_once("Hello", key="a")
    assert len(office.service.requests) == 1


def test_a_key_that_was_not_sent_may_be_sent_by_another_service(office: Office) -> None:
    for answer in (httpx.Response(503), httpx.Response(400)):
        office.service.script = [answer]
        with pytest.raises((ServiceError, BadRequestError)):
            office.send_once("Hello", key="a")
    assert office.send_once("Hello", key="a", options=GATEWAY).ok


def test_a_key_that_was_added_for_another_service_is_not_sent(office: Office) -> None:
    office.add("Hello", base_url=REAL)
    with pytest.raises(OutboxTargetError):
        office.send_once("Hello", key="Hello")
    with pytest.raises(OutboxTargetError):
        office.add("Hello", base_url=BASE_URL)
    assert not office.service.requests
    assert office.state("Hello") == "pending"
    assert office.send_once("Hello", key="Hello", options=GATEWAY).ok


def test_the_target_of_a_key_is_shown(office: Office) -> None:
    def target(key: str) -> str | None:
        entry = office.outbox.find(key)
        assert entry is not None
        return entry.target

    office.add("named", base_url=REAL)
    office.add("unnamed")
    assert (target("named"), target("unnamed")) == (REAL, None)
    office.drain()
    office.drain(options=GATEWAY)
    assert (target("named"), target("unnamed")) == (REAL, "this machine")
    office.send_once("once", key="once", options=GATEWAY)
    assert target("once") == REAL


@pytest.mark.parametrize("base_url", ["http://real.example/v2", "real.example", 7])
def test_an_address_that_no_client_could_have_is_refused(office: Office, base_url: Any) -> None:
    with pytest.raises(ConfigurationError):
        office.add("Hello", base_url=base_url)
    assert office.state("Hello") == "none"


def test_rows_of_an_earlier_version_are_sent_and_returned_to_any_client(
    either_office: Office,
) -> None:
    office = either_office
    office.add("sent")
    office.drain()
    office.add("due")
    forget_targets(office)
    assert office.send_once("sent", key="sent", options=GATEWAY).ok
    assert office.drain(options=GATEWAY).counts == {"accepted": 1}


def test_the_text_of_a_message_names_no_service(office: Office) -> None:
    told = f'{{"target": "{REAL}"}}'
    office.add(told, key="a", payload={"target": REAL})
    assert office.drain().counts == {"accepted": 1}
    assert office.send_once(told, key="a", payload={"target": REAL}).ok


def test_a_service_is_not_asked_about_messages_of_another(office: Office) -> None:
    """Marked ones too, which may have gone to both."""
    for text in ("a", "b"):
        office.add(text)
    for _ in range(2):
        office.service.script = [httpx.ReadTimeout("late")]
        office.drain()
        again = [office.outbox.send_again(key, resend_unknown=True) for key in ("a", "b")]
        assert again == [True, True]
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    asked: list[Any] = []

    class Asked:
        base_url = BASE_URL

        def resume(self) -> None: ...

        def settle(self, result: Any, **_: Any) -> Any:
            asked.append(result)
            return result

    stranger = Asked()
    stranger.base_url = REAL
    assert office.outbox.settle(stranger) == 0  # type: ignore[call-overload]
    assert asked == []
    assert office.outbox.settle(Asked()) == 0  # type: ignore[call-overload]
    assert len(asked) == 2
