"""Settling a result: what it asks, what it reads from the answers, and what it records."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import httpx
import pytest

from smsmanager import (
    ConfigurationError,
    RecipientOutcome,
    SendResult,
    ServiceError,
    SmsManagerError,
    Status,
    WhatsAppTemplate,
)
from smsmanager.asking import _settling
from tests.asking.conftest import Asking, Service

NUMBER, OTHER = "420601000001", "420601000002"
TEXT = "Your parcel is on its way."
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def listed(id_: str = "m-0", number: str = NUMBER, body: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"message_id": id_, "phone_number": number, "body": body, **more}


class Known:
    """What the service lists and knows; it answers every question."""

    def __init__(self, service: Service) -> None:
        self.rows: list[dict[str, Any]] = []
        self.states: dict[str, dict[str, Any]] = {}
        self.service = service
        service.answers |= {
            "GET /messages": self._rows,
            "GET /message": lambda r: httpx.Response(
                200, json={"message": self.states.get(r.url.params["id"])}
            ),
            "GET /credit": {"credit": {"tz": "Europe/Prague"}},
        }

    def add(self, id_: str = "m-0", number: str = NUMBER, body: str = TEXT, **state: Any) -> None:
        """List a message."""
        self.rows.append(listed(id_, number, body))
        created = NOW - timedelta(seconds=30)
        known = {"request_id": "r1", "status_code": "200", "tag": "promotional"}
        self.states[id_] = {**known, "ts_created": created.isoformat(), **state}

    def _rows(self, request: httpx.Request) -> httpx.Response:
        number = request.url.params["phone_number"]
        found = [row for row in self.rows if row["phone_number"] in {number, None}]
        return httpx.Response(200, json={"messages": found, "next_cursor": None})

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the queries of a path."""
        return [
            dict(r.url.params) for r in self.service.requests if r.url.path.endswith(f"/v1/{path}")
        ]


@pytest.fixture
def known(service: Service) -> Known:
    return Known(service)


def lose(
    ask: Asking, service: Service, *numbers: str, text: str | None = TEXT, **options: Any
) -> SendResult:
    """Send, and lose the answer; return the result, as if that had been a minute ago."""
    for path in ("/message", "/messages"):
        service.answers[f"POST /v2{path}"] = httpx.ReadTimeout("late")
    with pytest.raises(SmsManagerError) as caught:
        ask.call("send", text, to=list(numbers or (NUMBER,)), **options)
    service.requests.clear()
    return at_now(caught.value.result)


def at_now(result: SendResult | None) -> SendResult:
    assert result is not None
    return attrs.evolve(result, called=(NOW.timestamp() - 60, NOW.timestamp()))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    from smsmanager.asking._service_base import ServiceBase

    monkeypatch.setattr(ServiceBase, "_now", lambda _: NOW)


def test_two_requests_of_which_one_recipient_each_is_left(
    ask: Asking, service: Service, known: Known
) -> None:
    """Settled again, they would fit into one request, but they were not sent in one."""
    numbers = [f"4206010{n:05}" for n in range(101)]
    lost = lose(ask, service, *numbers)
    outcomes = [
        attrs.evolve(o, status=Status.ACCEPTED, message_id=f"a-{o.index}") for o in lost.outcomes
    ]
    outcomes[99:] = [attrs.evolve(o, status=Status.UNKNOWN) for o in lost.outcomes[99:]]
    known.add("a-99", numbers[99], request_id="r1")
    known.add("b-0", numbers[100], request_id="r2")
    settled = ask.call("settle", attrs.evolve(lost, outcomes=tuple(outcomes)), patience_s=0)
    assert [o.message_id for o in settled][99:] == ["a-99", "b-0"]
    assert [o.request_id for o in settled][99:] == ["r1", "r2"]


def test_one_message_settles(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service)
    known.add(delivery_code="201")
    settled = ask.call("settle", lost)
    [outcome] = settled
    assert (outcome.status, outcome.message_id, outcome.request_id) == (
        Status.ACCEPTED,
        "m-0",
        "r1",
    )
    assert outcome.evidence == {
        "asked_at": "2026-11-02T12:00:00+00:00",
        "finding": "settled",
        "candidates": ["m-0"],
        "state": "delivered",
        "status_code": "200",
        "delivery_code": "201",
    }
    assert settled.find("m-0") is outcome
    assert known.asked("messages") == [{"date": "2026-11-02", "phone_number": NUMBER}]
    assert known.asked("message") == [{"id": "m-0"}]
    assert {r.method for r in service.requests} == {"GET"}


def test_error_can_be_settled_as_well(ask: Asking, service: Service, known: Known) -> None:
    service.answers["POST /v2/message"] = httpx.ReadTimeout("late")
    with pytest.raises(SmsManagerError) as caught:
        ask.call("send", TEXT, to=NUMBER)
    at_now(caught.value.result)
    caught.value.result = at_now(caught.value.result)
    known.add()
    assert ask.call("settle", caught.value).ok


def test_settled_result_keeps_its_evidence(ask: Asking, service: Service, known: Known) -> None:
    known.add()
    settled = ask.call("settle", lose(ask, service))
    assert pickle.loads(pickle.dumps(settled)) == settled  # noqa: S301 - our own
    assert SendResult.from_json(settled.to_json()) == settled
    assert hash(settled[0]) == hash(pickle.loads(pickle.dumps(settled[0])))  # noqa: S301
    assert NUMBER not in repr(settled[0])


class Stored:
    """Pickled as an earlier version pickled an outcome: its fields by name."""

    def __init__(self, outcome: RecipientOutcome) -> None:
        self.outcome = outcome

    def __reduce__(self) -> tuple[Any, ...]:
        fields = attrs.asdict(self.outcome, recurse=False)
        del fields["evidence"]
        return object.__new__, (type(self.outcome),), fields


def test_outcome_of_an_earlier_version_has_no_evidence(ask: Asking, service: Service) -> None:
    outcome = lose(ask, service)[0]
    earlier: Any = pickle.loads(pickle.dumps(Stored(outcome)))  # noqa: S301 - our own
    assert earlier == outcome
    assert pickle.loads(pickle.dumps(earlier)) == outcome  # noqa: S301 - our own
    with pytest.raises(AttributeError):
        _ = earlier.nonsense


def test_nothing_found_stays_unknown(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service)
    settled = ask.call("settle", lost, patience_s=0)
    [outcome] = settled
    assert (outcome.status, outcome.message_id) == (Status.UNKNOWN, None)
    assert outcome.evidence == {
        "asked_at": "2026-11-02T12:00:00+00:00",
        "finding": "not_found",
        "candidates": [],
    }
    assert ask.waits == []


def test_patience_is_the_callers_and_ends(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service)
    ask.call("settle", lost, patience_s=15)
    assert ask.waits == [2, 4, 8, 1]
    assert len(known.asked("messages")) == 5


def test_message_that_becomes_visible_settles(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service)
    empty: dict[str, Any] = {"messages": [], "next_cursor": None}
    service.answers["GET /messages"] = [empty, empty, {"messages": [listed()]}]
    known.states["m-0"] = {"ts_created": NOW.isoformat(), "request_id": "r1"}
    assert ask.call("settle", lost).ok
    assert ask.waits == [2, 4]


@pytest.mark.parametrize(
    ("finding", "change"),
    [
        ("several", lambda known: known.add("m-1")),
        ("doubtful", lambda known: known.states.update({"m-0": {"request_id": "r1"}})),
        ("doubtful", lambda known: known.states.clear()),
        ("doubtful", lambda known: known.states["m-0"].update(tag="sale")),
        (
            "doubtful",
            lambda known: known.states["m-0"].update(ts_created="2026-11-02T10:00:00Z"),
        ),
        (
            "not_found",
            lambda known: known.states["m-0"].update(ts_created="2026-11-02T01:00:00Z"),
        ),
        ("not_found", lambda known: known.rows[0].update(body="Another text.")),
        ("not_found", lambda known: known.rows[0].update(message_id=None)),
        # It is not certain that the service filters by the number.
        ("doubtful", lambda known: known.rows[0].update(phone_number=None)),
        (
            "doubtful",
            lambda known: known.states["m-0"].update(to={"phone_number": "420601000009"}),
        ),
        ("doubtful", lambda known: known.rows[0].update(body=None)),
    ],
)
def test_what_leaves_a_doubt_settles_nothing(
    ask: Asking, service: Service, known: Known, finding: str, change: Callable[[Known], Any]
) -> None:
    lost = lose(ask, service)
    known.add()
    change(known)
    [outcome] = ask.call("settle", lost, patience_s=0)
    assert outcome.status is Status.UNKNOWN
    assert outcome.evidence["finding"] == finding


def test_what_a_row_lacks_is_taken_from_the_details(
    ask: Asking, service: Service, known: Known
) -> None:
    lost = lose(ask, service)
    known.add(body=TEXT, to={"phone_number": NUMBER})
    known.rows[0].update(phone_number=None, body=None)
    known.states["m-0"]["body"] = TEXT
    assert ask.call("settle", lost, patience_s=0).ok


def test_id_that_is_bound_elsewhere_is_not_taken(
    ask: Asking, service: Service, known: Known
) -> None:
    lost = lose(ask, service)
    known.add("m")
    for bound in (["m"], ["m-0"]):
        [outcome] = ask.call("settle", lost, patience_s=0, bound=bound)
        assert outcome.status is Status.UNKNOWN
    accepted = attrs.evolve(lost[0], status=Status.ACCEPTED, message_id="m")
    other = SendResult((accepted,))
    [outcome] = ask.call("settle", lost, patience_s=0, others=[other])
    assert outcome.status is Status.UNKNOWN


def test_what_is_open_elsewhere_is_not_taken_from_it(
    ask: Asking, service: Service, known: Known
) -> None:
    lost, other = lose(ask, service), lose(ask, service)
    known.add()
    [outcome] = ask.call("settle", lost, patience_s=0, others=[other])
    assert (outcome.status, outcome.evidence["finding"]) == (Status.UNKNOWN, "several")
    error = SmsManagerError("x", other)
    [outcome] = ask.call("settle", lost, patience_s=0, others=[error])
    assert outcome.status is Status.UNKNOWN


def test_first_message_of_a_recipient_that_was_sent_to_again_is_not_taken(
    ask: Asking, service: Service, known: Known
) -> None:
    """It belongs to no known recipient: the second message has another id."""
    lost, other = lose(ask, service), lose(ask, service)
    accepted = {"request_id": "r9", "accepted": [{"key": "0", "message_id": "second"}]}
    service.answers["POST /v2/message"] = accepted
    again = at_now(ask.call("resume", other, resend_unknown=True))
    assert again.ok
    known.add("first")
    [outcome] = ask.call("settle", lost, patience_s=0, others=[again])
    assert (outcome.status, outcome.evidence["finding"]) == (Status.UNKNOWN, "several")


def test_sibling_of_the_same_request_settles(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service, NUMBER, OTHER)
    known.add("a", NUMBER, request_id="r2")
    known.add("b", OTHER, request_id="r2")
    known.add("c", OTHER, request_id="r3")
    settled = ask.call("settle", lost, patience_s=0)
    assert [o.message_id for o in settled] == ["a", "b"]


def test_recipients_of_one_request_in_two_requests_settle_nothing(
    ask: Asking, service: Service, known: Known
) -> None:
    lost = lose(ask, service, NUMBER, OTHER)
    known.add("a", NUMBER, request_id="r2")
    known.add("b", OTHER, request_id="r3")
    settled = ask.call("settle", lost, patience_s=0)
    assert [o.evidence["finding"] for o in settled] == ["doubtful", "doubtful"]


def test_unconfirmed_recipient_is_found_by_its_request(
    ask: Asking, service: Service, known: Known
) -> None:
    answer = {"request_id": "r7", "accepted": [], "rejected": []}
    service.answers["POST /v2/message"] = answer
    sent = at_now(ask.call("send", TEXT, to=NUMBER))
    assert sent.unconfirmed
    known.add("a", request_id="r6")
    # The request id makes it certain, so a missing time does not matter.
    known.add("b", request_id="r7", ts_created=None)
    [outcome] = ask.call("settle", sent, patience_s=0)
    assert (outcome.status, outcome.message_id, outcome.request_id) == (Status.ACCEPTED, "b", "r7")


def test_own_tag_settles_with_certainty(
    make: Callable[..., Asking], service: Service, known: Known
) -> None:
    ask = make(settle_by_tag=True)
    sent: list[Any] = []

    def lose_and_keep(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        raise httpx.ReadTimeout("late")

    service.answers["POST /v2/message"] = lose_and_keep
    for tag in (None, "transactional"):
        with pytest.raises(SmsManagerError) as caught:
            ask.call("send", TEXT, to=NUMBER, tag=tag)
        lost = at_now(caught.value.result)
    first, second = (message["tag"] for message in sent)
    assert first.startswith("promotional,sm-")
    assert second.startswith("transactional,sm-")
    # In any order, with several equal texts, at any time.
    known.add("a", tag="transactional")
    known.add("b", tag=",".join(sorted(second.split(","))), ts_created=None)
    [outcome] = ask.call("settle", lost, patience_s=0)
    assert outcome.message_id == "b"


def test_template_is_compared_by_its_flow(ask: Asking, service: Service, known: Known) -> None:
    template = WhatsAppTemplate(template_name="order", language="en", sender="1045", params=["A"])
    lost = lose(ask, service, text=None, flow=[template])
    flow = json.loads(lost.prepared.contents[0].json)["flow"]  # type: ignore[union-attr]
    known.add(body="Your order A", flow=[{"whatsapp_template": {"template_name": "other"}}])
    [outcome] = ask.call("settle", lost, patience_s=0)
    assert outcome.evidence["finding"] == "doubtful"
    known.states["m-0"]["flow"] = flow
    assert ask.call("settle", lost, patience_s=0).ok


def test_shortened_links_are_left_out(ask: Asking, service: Service, known: Known) -> None:
    text = "Track it at https://example.com/track/17 today"
    lost = lose(ask, service, text=text, params={"_url": {"type": "full"}})
    known.add(body="Track it at https://sms.example/x today")
    assert ask.call("settle", lost, patience_s=0).ok
    plain = lose(ask, service, text=text)
    [outcome] = ask.call("settle", plain, patience_s=0)
    assert outcome.evidence["finding"] == "not_found"


@pytest.mark.parametrize(
    ("text", "shown", "finding"),
    [
        ("Žluťoučký kůň, 5 €", "Zlutoucky kun, 5 EUR", "not_found"),
        ("Žluťoučký kůň!", "ZLUTOUCKY KUN", "settled"),
        ("Привет", "Привет", "settled"),
        ("Привет", "Privet", "doubtful"),
        ("👋", "👋", "settled"),
        ("👋", "?", "doubtful"),
        ("Hello", "Hello, Jana", "not_found"),
    ],
)
def test_text_that_the_service_may_rewrite(
    ask: Asking, service: Service, known: Known, text: str, shown: str, finding: str
) -> None:
    lost = lose(ask, service, text=text)
    known.add(body=shown)
    [outcome] = ask.call("settle", lost, patience_s=0)
    assert outcome.evidence["finding"] == finding


def test_days_around_midnight_and_of_the_schedule_are_asked(
    ask: Asking, service: Service, known: Known
) -> None:
    lost = lose(ask, service, at="2026-11-05T22:59:00Z")
    began = datetime(2026, 11, 1, 22, 58, tzinfo=UTC).timestamp()
    result = attrs.evolve(lost, called=(began, began + 1))
    ask.call("settle", result, patience_s=0)
    days = [query["date"] for query in known.asked("messages")]
    # In UTC and in Prague; a promotional message sent in the evening is listed the next day.
    assert days == ["2026-11-01", "2026-11-02", "2026-11-05", "2026-11-06"]


def test_zone_can_be_given(ask: Asking, service: Service, known: Known) -> None:
    ask.call("settle", lose(ask, service), patience_s=0, zone="Europe/Prague")
    assert known.asked("credit") == []


def test_states_of_accepted_recipients(ask: Asking, service: Service, known: Known) -> None:
    accepted = {"request_id": "r", "accepted": [{"key": "0", "message_id": "m"}], "rejected": []}
    service.answers["POST /v2/message"] = accepted
    sent = ask.call("send", TEXT, to=NUMBER)
    service.requests.clear()
    assert ask.call("settle", sent) == sent
    assert not service.requests
    known.states["m"] = {"status_code": "200", "delivery_code": "202"}
    [outcome] = ask.call("settle", sent, states=True)
    assert (outcome.status, outcome.message_id) == (Status.ACCEPTED, "m")
    assert outcome.evidence["state"] == "seen"


def test_error_of_a_question_carries_what_was_found(
    ask: Asking, service: Service, known: Known
) -> None:
    lost = lose(ask, service)
    service.answers["GET /messages"] = httpx.Response(500, json={"message": "trouble"})
    with pytest.raises(ServiceError) as caught:
        ask.call("settle", lost)
    assert caught.value.result == lost
    assert caught.value.safe_to_retry


def test_result_that_cannot_be_settled_says_why(ask: Asking, service: Service) -> None:
    lost = lose(ask, service)
    with pytest.raises(ConfigurationError, match="read from JSON"):
        ask.call("settle", SendResult.from_json(lost.to_json()))
    with pytest.raises(ConfigurationError, match="before there were recipients"):
        ask.call("settle", SmsManagerError("x"))
    timeless = SendResult(lost.outcomes, lost.prepared, None)
    with pytest.raises(ConfigurationError, match="called_between"):
        ask.call("settle", timeless)
    naive = datetime(2026, 11, 2)  # noqa: DTZ001
    with pytest.raises(ConfigurationError, match="aware"):
        ask.call("settle", timeless, called_between=(naive, naive))
    assert not service.requests


def test_time_of_an_older_result_can_be_given(ask: Asking, service: Service, known: Known) -> None:
    lost = lose(ask, service)
    known.add()
    timeless = SendResult(lost.outcomes, lost.prepared, None)
    between = (NOW - timedelta(minutes=1), NOW)
    assert ask.call("settle", timeless, patience_s=0, called_between=between).ok


def test_simple_message_settles(ask: Asking, service: Service, known: Known) -> None:
    service.answers["POST /v2/simple/message"] = httpx.ReadTimeout("late")
    with pytest.raises(SmsManagerError) as caught:
        ask.call("send_simple", TEXT, to=NUMBER, sender="Shop")
    known.add()
    assert ask.call("settle", at_now(caught.value.result), patience_s=0).ok


def test_a_result_remembers_when_its_call_was_made(ask: Asking, service: Service) -> None:
    service.answers["POST /v2/message"] = {"accepted": [{"key": 0, "message_id": "m"}]}
    before = datetime.now(UTC).timestamp()
    result = ask.call("send", TEXT, to=NUMBER)
    after = datetime.now(UTC).timestamp()
    began, ended = result.called
    assert before <= began <= ended <= after
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
    assert copy.called == result.called


def test_options_are_documented() -> None:
    names = _settling.SettleOptions.__annotations__
    documented = str(inspect.getdoc(_settling.SettleOptions))
    assert all(f"\n    {name}: " in documented for name in names)
