"""What crosses process boundaries: requests, results and errors come back equal, and hold no key."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import smsmanager
from smsmanager import (
    DeliveryWindow,
    FlowStep,
    IncompleteSendError,
    Message,
    PartialSendError,
    Rcs,
    RcsButton,
    Recipient,
    Sms,
    SmsManagerError,
    ValidationError,
    Viber,
    WhatsAppTemplate,
    WhatsAppText,
    compose,
)
from tests.faults.callers import KEY, Caller
from tests.faults.script import Fault, Step
from tests.faults.server import FaultServer

TO = ["420777123456", "420777123457"]
MANY = [f"4207770{n:05d}" for n in range(30)]


def through_pickle(value: Any) -> Any:
    data = pickle.dumps(value)
    assert KEY.encode() not in data
    return pickle.loads(data)  # noqa: S301


@pytest.fixture(params=[through_pickle, copy.deepcopy], ids=["pickle", "deepcopy"])
def through(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    way: Callable[[Any], Any] = request.param
    return way


REQUESTS = [
    Message(to=[Recipient("420777123456")]),
    compose("Hello", to=TO, sender="Shop", payload={"a": [1, None]}, reference="order-17"),
    compose("Hello", to=TO, window={"start": "08:00"}, callback="https://example.com/hook"),
    compose("Hello", to=TO, params={"_url": {"type": "all"}}, at="2027-01-04T08:00:00Z"),
    compose(to=TO, sender="Shop", flow=[Viber(body="Hello"), Sms(body="Hello")]),
    Sms(),
    Sms(body="Hello", ttl=5),
    Viber(),
    WhatsAppText(),
    WhatsAppTemplate(template_name="t", language="cs"),
    Rcs(buttons=[RcsButton(type_="url", text="Go", postback="go")]),
    FlowStep(),
    FlowStep(sms=Sms()),
    DeliveryWindow(),
]


@pytest.mark.parametrize("value", REQUESTS, ids=lambda value: type(value).__name__)
def test_requests(through: Callable[[Any], Any], value: Any) -> None:
    twin = through(value)
    assert twin == value
    assert twin.to_dict() == value.to_dict()


FAILURES = [
    *((Step(Fault.STATUS, status),) for status in (400, 401, 404, 415, 429, 500, 502, 503, 204)),
    (Step(Fault.STATUS, 429, retry_after="7"),),
    *((Step(fault),) for fault in (Fault.CLOSE, Fault.CUT_LENGTH, Fault.REFUSE)),
    (Step(), Step(Fault.RESET)),
    (Step(), Step(Fault.STATUS, 503)),
]


def equal_errors(one: BaseException, other: BaseException) -> None:
    assert type(one) is type(other)
    assert (str(one), one.args) == (str(other), other.args)
    ours, theirs = dict(vars(one)), dict(vars(other))
    inner, twin = ours.pop("error", None), theirs.pop("error", None)
    assert ours == theirs
    if inner is not None:
        equal_errors(inner, twin)


def rest(result: smsmanager.SendResult) -> list[tuple[str, Any]]:
    """Return what the equality of results ignores: what is still to be sent."""
    prepared = result.prepared
    assert prepared is not None
    return [(field.name, getattr(prepared, field.name)) for field in attrs.fields(type(prepared))]


@pytest.mark.parametrize("script", FAILURES, ids=repr)
@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_errors_can_be_resumed_elsewhere(
    server: FaultServer, kind: str, through: Callable[[Any], Any], script: tuple[Step, ...]
) -> None:
    with Caller(kind, server.url, retries=0) as caller:
        server.play(*script)
        with pytest.raises(SmsManagerError) as caught:
            caller.send("picked Hello", to=MANY, priority=True, reference="order-17")
        error = caught.value
        twin = through(error)
        equal_errors(twin, error)
        assert twin.result == error.result
        assert twin.references == ("order-17",)
        assert rest(twin.result) == rest(error.result) if error.result else False
        server.play()
        result = caller.call("resume", twin)
    assert error.result is not None
    unknown = len(error.result.unknown)
    assert result.counts() == (
        {"accepted": 30 - unknown, "unknown": unknown} if unknown else {"accepted": 30}
    )
    server.settle()
    assert all(len(ids) == 1 for ids in server.ledger.taken.values())


def test_results(server: FaultServer, through: Callable[[Any], Any]) -> None:
    server.play(Step(rejected=frozenset((1,))))
    with Caller("sync", server.url) as caller:
        result = caller.send("picked Hello", to=TO)
        twin = through(result)
        assert twin == result
        assert [*twin] == [*result]
        assert rest(twin) == rest(result)
        assert caller.call("resume", twin).ok
    with pytest.raises(IncompleteSendError) as caught:
        twin.raise_if_incomplete()
    equal_errors(through(caught.value), caught.value)


def test_local_errors(server: FaultServer, through: Callable[[Any], Any]) -> None:
    with Caller("sync", server.url) as caller, pytest.raises(ValidationError) as caught:
        caller.send("x" * 2000, to=["1", "2"])
    equal_errors(through(caught.value), caught.value)
    assert through(caught.value).problems == caught.value.problems


def test_every_kind_of_error_is_covered() -> None:
    partial = PartialSendError.__name__
    assert partial in smsmanager.__all__
    kinds = [getattr(smsmanager, name) for name in smsmanager.__all__ if name.endswith("Error")]
    made = [kind.__new__(kind, "text") for kind in kinds if issubclass(kind, SmsManagerError)]
    assert len(made) >= 13
    for error in made:
        error.args = ("text",)
        equal_errors(through_pickle(error), error)


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_clients_hold_the_key_and_are_not_pickled(server: FaultServer, kind: str) -> None:
    with Caller(kind, server.url) as caller:
        for value in (caller.client, caller.client._settings):
            with pytest.raises(TypeError, match="cannot be pickled"):
                pickle.dumps(value)
            with pytest.raises(TypeError, match="cannot be pickled"):
                copy.deepcopy(value)
