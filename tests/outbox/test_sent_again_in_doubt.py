"""A message that was sent again while in doubt stays in doubt until there is proof that it was taken."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from smsmanager import BadRequestError
from tests.outbox.conftest import NUMBER, Office
from tests.outbox.test_outbox_reports import report, results
from tests.outbox.test_send_once import at

NO = httpx.Response(400, json={"Message": "no"})


def lose(office: Office, key: str, **fields: Any) -> None:
    """Send a message whose answer is lost, and send it again on request."""
    office.add(key, **fields)
    office.service.script = [httpx.ReadTimeout("late")]
    office.drain()
    assert office.outbox.send_again(key, resend_unknown=True)


def test_what_is_refused_afterwards_is_unknown(either_office: Office) -> None:
    office = either_office
    lose(office, "a")
    office.add("b")
    office.service.script = [NO, NO, NO]
    assert office.drain().counts == {"unknown": 1, "not_sent": 1}
    assert (office.state("a"), office.state("b")) == ("unknown", "not_sent")
    requests = len(office.service.requests)
    assert office.send_once("a", key="a").counts() == {"unknown": 1}
    assert not office.outbox.send_again("a")
    assert len(office.service.requests) == requests
    # The mark survives every later attempt.
    assert office.outbox.send_again("a", resend_unknown=True)
    office.service.script = [NO]
    with pytest.raises(BadRequestError):
        office.send_once("a", key="a")
    assert office.state("a") == "unknown"


def test_what_is_rejected_afterwards_is_unknown(office: Office) -> None:
    lose(office, "a")
    office.service.script = [lambda messages: office.service.answer(messages, [], [0])] * 5
    for _ in range(5):
        office.drain()
        office.time.seconds += 1000
    assert office.state("a") == "unknown"


@pytest.mark.parametrize("by", ["drain", "send_once"])
def test_what_expires_afterwards_is_unknown(either_office: Office, by: str) -> None:
    office = either_office
    lose(office, "a", expires_at=at(10), reference="r-17")
    office.add("b", expires_at=at(10))
    office.time.seconds += 10
    if by == "send_once":
        assert office.send_once("a", key="a", reference="r-17").counts() == {"unknown": 1}
    office.drain()
    assert (office.state("a"), office.state("b")) == ("unknown", "expired")
    assert len(office.service.requests) == 1
    assert office.outbox.record(report("m", reference="r-17")) == 1
    assert office.state("a") == "accepted"


def test_what_the_client_refuses_afterwards_is_unknown(office: Office) -> None:
    lose(office, "a", to="777123")
    assert office.drain(options={"default_region": "CZ"}).counts == {"unknown": 1}


def test_a_report_of_the_first_request_keeps_the_second_from_leaving(
    either_office: Office,
) -> None:
    office = either_office
    lose(office, "a", reference="r-17")
    office.add("b", reference="r-18", to=NUMBER)
    entry = office.outbox.find("a")
    assert entry is not None
    assert entry.result is not None
    assert entry.result.counts() == {"unknown": 1}
    assert office.outbox.record(report("m", reference="r-18")) == 0
    assert office.outbox.record(report("m", reference="r-17")) == 1
    assert (office.state("a"), results(office, "a")) == ("accepted", ["delivered"])
    assert office.drain().counts == {"accepted": 1}
    assert office.service.taken == {"b": 1}
