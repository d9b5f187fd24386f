"""Any number of recipients and messages: each goes out once, in order, in as few requests as possible."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import (
    Message,
    PartialSendError,
    Recipient,
    SmsManagerError,
    ValidationError,
    compose,
)
from smsmanager._message.prepare import prepare_batch, prepare_send
from smsmanager._message.wire_requests import (
    MAX_MESSAGES,
    MAX_RECIPIENTS,
    MAX_REQUEST_BYTES,
    Operation,
    Prepared,
    Request,
    WireMessage,
    encode,
)
from tests.unit import stored_errors
from tests.unit.client_settings import settings_with

few = settings(max_examples=40)


def numbers(count: int, first: int = 0) -> list[str]:
    return [f"4207{n:08d}" for n in range(first, first + count)]


def body_bytes(request: Request) -> bytes:
    batch = request.operation is Operation.BATCH
    return encode(request.messages if batch else request.messages[0])


def value(message: WireMessage) -> dict[str, Any]:
    """Return the JSON object of a message as sent."""
    read: dict[str, Any] = json.loads(encode(message.to_dict()))
    return read


def recipients(message: WireMessage) -> int:
    return len(value(message)["to"])


def sent(prepared: Prepared) -> list[str]:
    return [
        recipient["phone_number"]
        for request in prepared.requests()
        for message in request.messages
        for recipient in value(message)["to"]
    ]


def fewest(sizes: list[int]) -> int:
    """Return how many arrays messages of these sizes need, in order."""
    arrays, used, held = 0, MAX_REQUEST_BYTES, MAX_MESSAGES
    for size in sizes:
        if held == MAX_MESSAGES or used + size + 1 > MAX_REQUEST_BYTES:
            arrays, used, held = arrays + 1, 1, 0
        used += size + 1
        held += 1
    return arrays


def check(prepared: Prepared, given_numbers: list[str]) -> None:
    """Check what is true for every prepared call."""
    assert prepared.given == prepared.numbers == given_numbers
    assert sent(prepared) == given_numbers
    place = 0
    for request in prepared.requests():
        assert 1 <= len(request.messages) <= MAX_MESSAGES
        assert len(body_bytes(request)) <= MAX_REQUEST_BYTES
        for message in request.messages:
            count = recipients(message)
            assert list(message.positions) == list(range(place, place + count))
            assert 1 <= count <= MAX_RECIPIENTS
            place += count


@pytest.mark.parametrize(
    ("count", "operation", "sizes"),
    [
        (1, Operation.PRIORITY, [[1]]),
        (11, Operation.PRIORITY, [[10], [1]]),
        (30, Operation.PRIORITY, [[10], [10], [10]]),
        (1, Operation.SEND, [[1]]),
        (10, Operation.SEND, [[10]]),
        (11, Operation.BATCH, [[10, 1]]),
        (20, Operation.BATCH, [[10, 10]]),
        (25, Operation.BATCH, [[10, 10, 5]]),
        (100, Operation.BATCH, [[10] * 10]),
        (101, Operation.BATCH, [[10] * 10, [1]]),
        (205, Operation.BATCH, [[10] * 10, [10] * 10, [5]]),
    ],
)
def test_one_text_to_many(count: int, operation: Operation, sizes: list[list[int]]) -> None:
    fields: dict[str, Any] = {"to": numbers(count), "priority": operation is Operation.PRIORITY}
    prepared = prepare_send("Hi", fields, settings_with())
    check(prepared, numbers(count))
    requests = prepared.requests()
    assert {request.operation for request in requests} == {operation}
    for request in requests:
        of_one = operation is not Operation.BATCH
        assert request.arguments["json"] == (request.messages[0] if of_one else request.messages)
    assert [[*map(recipients, request.messages)] for request in requests] == sizes
    assert prepared.message_of == [0] * count


def test_a_batch_of_one_is_still_a_batch() -> None:
    [request] = prepare_batch([compose("Hi", to=numbers(1))], settings_with()).requests()
    assert request.operation is Operation.BATCH
    assert request.arguments["json"] == request.messages


def test_messages_of_a_batch_share_no_recipient_list() -> None:
    one, other = numbers(12), numbers(3, first=50)
    prepared = prepare_batch([compose("A", to=one), compose("B", to=other)], settings_with())
    check(prepared, one + other)
    [request] = prepared.requests()
    assert [value(m)["body"] for m in request.messages] == ["A", "A", "B"]
    assert [recipients(m) for m in request.messages] == [10, 2, 3]
    assert prepared.message_of == [0] * 12 + [1] * 3


def test_preparing_leaves_the_message_as_it_was() -> None:
    message = Message(to=[Recipient(phone_number=n) for n in numbers(15)], body="Hi")
    before = message.to_dict()
    prepare_send(message, {"sender": "Shop", "tag": "x"}, settings_with(sender="Else"))
    prepare_batch([message, message], settings_with(sender="Shop"))
    assert message.to_dict() == before


@st.composite
def a_message(draw: st.DrawFn) -> tuple[int, int]:
    """Return the recipients of a message and the bytes of its filler."""
    near = st.sampled_from([12_000, 12_600, 25_000, 42_000, 63_000, 63_800, 100_000, 127_000])
    filler = st.one_of(st.integers(0, 200), st.builds(int.__add__, near, st.integers(-300, 300)))
    return draw(st.one_of(st.integers(1, 35), st.integers(1, 3))), draw(filler)


@few
@given(st.lists(a_message(), min_size=1, max_size=25))
def test_any_batch(shapes: list[tuple[int, int]]) -> None:
    messages: list[Message] = []
    everyone: list[str] = []
    for count, filler in shapes:
        to = numbers(count, first=len(everyone))
        everyone += to
        messages.append(compose("Hi", to=to, payload={"x": "é" * (filler // 2)}))
    prepared = prepare_batch(messages, settings_with())
    check(prepared, everyone)
    assert all(request.operation is Operation.BATCH for request in prepared.requests())
    sizes = [len(encode(m)) for request in prepared.requests() for m in request.messages]
    assert len(prepared.requests()) == fewest(sizes)
    expected = [place for place, (count, _) in enumerate(shapes) for _ in range(count)]
    assert prepared.message_of == expected


@few
@given(st.integers(1, 320), st.integers(0, 127_000), st.booleans())
def test_any_send(count: int, filler: int, priority: bool) -> None:  # noqa: FBT001
    fields: dict[str, Any] = {"to": iter(numbers(count)), "payload": {"x": "y" * filler}}
    prepared = prepare_send("Hi", {**fields, "priority": priority}, settings_with())
    check(prepared, numbers(count))
    if priority or count <= MAX_RECIPIENTS:
        assert len(prepared.requests()) == -(-count // MAX_RECIPIENTS)
        return
    sizes = [len(encode(m)) for request in prepared.requests() for m in request.messages]
    assert len(prepared.requests()) == fewest(sizes)


@few
@given(st.lists(st.text(max_size=20), min_size=1, max_size=25))
def test_numbers_that_are_not_checked_go_out_as_given(given_numbers: list[str]) -> None:
    prepared = prepare_send("Hi", {"to": given_numbers}, settings_with(validate=False))
    assert prepared.given == given_numbers
    assert sent(prepared) == prepared.numbers


@few
@given(
    st.lists(st.integers(1, 25), min_size=1, max_size=6),
    st.sampled_from([Operation.SEND, Operation.PRIORITY, Operation.BATCH]),
    st.data(),
)
def test_some_of_the_recipients_can_be_sent_to_later(
    counts: list[int], route: Operation, data: st.DataObject
) -> None:
    everyone: list[str] = []
    messages = []
    for position, count in enumerate(counts if route is Operation.BATCH else counts[:1]):
        to = numbers(count, first=len(everyone))
        everyone += to
        messages.append(compose(f"Text {position}", to=to))
    if route is Operation.BATCH:
        prepared = prepare_batch(messages, settings_with())
    else:
        fields = {"priority": route is Operation.PRIORITY}
        prepared = prepare_send(messages[0], fields, settings_with())
    assert prepared.route is route
    wanted = [p for p in range(len(everyone)) if data.draw(st.booleans())]
    if not wanted:
        wanted = [data.draw(st.integers(0, len(everyone) - 1))]
    requests = prepared.requests(wanted)
    carried = [
        (position, recipient["phone_number"], value(message)["body"])
        for request in requests
        for message in request.messages
        for position, recipient in zip(message.positions, value(message)["to"], strict=True)
    ]
    assert carried == [(p, everyone[p], f"Text {prepared.message_of[p]}") for p in wanted]
    again = pickle.loads(pickle.dumps(prepared))  # noqa: S301
    assert [*map(body_bytes, again.requests(wanted))] == [*map(body_bytes, requests)]


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (Operation.SEND, "/message"),
        (Operation.PRIORITY, "/message/priority"),
        (Operation.BATCH, "/messages"),
        (Operation.SIMPLE, "/simple/message"),
    ],
)
def test_each_operation_has_its_module(operation: Operation, name: str) -> None:
    prepared = prepare_send("Hi", {"to": numbers(1)}, settings_with())
    [message] = prepared.requests()[0].messages
    arguments = Request(operation, [message]).arguments
    assert (arguments["method"], arguments["url"]) == ("post", name)


def filled(size: int) -> Message:
    """Return a message to ten recipients whose part without them has this many bytes."""
    empty = len(b'{"to":[],"body":"Hi","payload":{"x":""}}')
    return compose("Hi", to=numbers(10), payload={"x": "y" * (size - empty)})


def test_a_request_is_filled_to_the_last_byte() -> None:
    to = encode([{"phone_number": number} for number in numbers(10)])
    half = filled((MAX_REQUEST_BYTES - len("[,]")) // 2 - len(to) + len("[]"))
    [request] = prepare_batch([half, half], settings_with()).requests()
    assert MAX_REQUEST_BYTES - 1 <= len(body_bytes(request)) <= MAX_REQUEST_BYTES


def test_a_message_that_fills_a_request_fits_and_a_larger_one_is_refused() -> None:
    nearly = MAX_REQUEST_BYTES - 400
    check(prepare_batch([filled(nearly)], settings_with()), numbers(10))
    check(prepare_send(filled(nearly), {}, settings_with()), numbers(10))
    too_large = filled(MAX_REQUEST_BYTES + 1)
    reason = r"takes \d+ bytes, a request has at most 128000"
    with pytest.raises(ValidationError, match=reason):
        prepare_batch([filled(1000), too_large], settings_with())
    with pytest.raises(ValidationError, match=reason):
        prepare_send(too_large, {}, settings_with())


def test_without_checks_a_message_may_be_larger() -> None:
    prepared = prepare_batch(
        [filled(1000), filled(200_000), filled(1000)], settings_with(validate=False)
    )
    assert [len(request.messages) for request in prepared.requests()] == [1, 1, 1]
    assert sent(prepared) == numbers(10) * 3


def stored(text: str) -> tuple[SmsManagerError, Prepared]:
    error = pickle.loads(base64.b64decode(text))  # noqa: S301
    assert isinstance(error, SmsManagerError)
    assert error.result is not None
    assert error.result.prepared is not None
    return error, error.result.prepared


def numbered(first: int, count: int) -> list[dict[str, str]]:
    return [{"phone_number": number} for number in numbers(count, first=first)]


TWO = {"body": "Ahoj €", "payload": {"x": "y", "smsmanager_reference": "o-17"}}
FORM = {"phone_number": numbers(1)[0], "message": "Hi", "sender": "Shop", "customID": "c-1"}
STORED: dict[str, tuple[str, Operation, list[dict[str, Any]]]] = {
    "PARTIAL": ("o-17", Operation.PRIORITY, [{"to": numbered(10, 2), **TWO}]),
    "BATCH": (
        "a",
        Operation.BATCH,
        [
            {"to": numbered(0, 2), "body": "A", "payload": {"smsmanager_reference": "a"}},
            {"to": numbered(2, 1), "body": "B"},
        ],
    ),
    "SIMPLE": ("c-1", Operation.SIMPLE, [FORM]),
}


@pytest.mark.parametrize("name", STORED)
def test_what_an_earlier_version_pickled_goes_on_and_is_pickled_again(name: str) -> None:
    reference, operation, messages = STORED[name]
    error, prepared = stored(getattr(stored_errors, name))
    assert isinstance(error, PartialSendError) is (name == "PARTIAL")
    assert error.references == (reference,)
    assert error.result is not None
    unknown = [outcome.index for outcome in error.result.unknown]
    [request] = prepared.requests(unknown)
    assert (prepared.route, request.operation) == (operation, operation)
    assert [*map(value, request.messages)] == messages
    assert [place for message in request.messages for place in message.positions] == unknown
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.result == error.result
    assert [*map(body_bytes, again.result.prepared.requests())] == (
        [*map(body_bytes, prepared.requests())]
    )
