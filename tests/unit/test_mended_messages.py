"""Defects of messages that were found in review, and are mended: each test failed first."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from smsmanager import (
    InvalidNumberError,
    Message,
    Payload,
    Recipient,
    ResponseParseError,
    SmsManager,
    SmsManagerError,
    ValidationError,
    compose,
    normalise_number,
)
from smsmanager._message.prepare import Rules, prepare_batch, prepare_send
from smsmanager._message.requests import MAX_REQUEST_BYTES, encode
from smsmanager._message.times import to_utc

TO = "420777123456"
KEY = "key-0123456789abcdef"


def send(text: str | Message | None, rules: Rules | None = None, **fields: Any) -> dict[str, Any]:
    """Return the message that goes out."""
    prepared = prepare_send(text, fields, rules or Rules())
    return prepared.requests()[0].messages[0].to_dict()


def message(**fields: Any) -> Message:
    return Message(**{"to": [Recipient(phone_number=TO)], "body": "Hi", **fields})


def never_called(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} went out")


@pytest.mark.parametrize("at", ["2027-01-04T08:00:00+01:00", "2027-01-04T07:00:00Z"])
def test_a_scheduled_message_never_goes_out_at_once(at: Any) -> None:
    """A text in `datetime_` is dropped without a word, and the message is sent now."""
    try:
        sent = send(message(datetime_=at))
    except ValidationError as error:
        assert error.field == "datetime"  # noqa: PT017 - refusing is right as well
    else:
        assert sent["datetime"] == "2027-01-04T07:00:00Z"


@pytest.mark.parametrize("at", [1798963200, datetime(2027, 1, 4, tzinfo=UTC).date(), ["soon"]])
def test_what_is_no_time_in_a_message_is_refused(at: Any) -> None:
    with pytest.raises(ValidationError, match="datetime"):
        send(message(datetime_=at))


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("421905123456", "CZ"),
        ("491701234567", "CZ"),
        ("48501234567", "CZ"),
        ("420777123456", "AT"),
    ],
)
def test_a_canonical_number_is_not_dialled_as_a_national_one(number: str, region: str) -> None:
    """The canonical form of a foreign number becomes another number; `+` keeps it right."""
    assert normalise_number(f"+{number}", region) == number
    try:
        assert normalise_number(number, region) == number
    except InvalidNumberError:
        return


@pytest.mark.parametrize(
    ("number", "region"), [("420777123456", "US"), ("420777123456", "SK"), ("421905123456", "PL")]
)
def test_a_number_of_a_result_can_be_sent_to_again(number: str, region: str) -> None:
    """A client with a region refuses the canonical numbers that its own results hold."""
    assert normalise_number(number, region) == number


@pytest.mark.parametrize("number", ["420777123456.0", "777123456.0", "+420777123456.00"])
def test_a_number_that_went_through_a_float_is_refused(number: str) -> None:
    """A spreadsheet or data frame writes `420777123456.0`, which becomes a number of 13 digits."""
    with pytest.raises(InvalidNumberError):
        normalise_number(number)


@pytest.mark.parametrize("number", ["777123\n456789", "123456\r\n654321", "123456\u2028654321"])
def test_two_lines_are_not_one_number(number: str) -> None:
    with pytest.raises(InvalidNumberError):
        normalise_number(number)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2027-01-04 08:00 GMT+1", 7),
        ("2027-01-04 08:00 UTC+1", 7),
        ("2027-01-04 08:00 UTC+01:00", 7),
        ("2027-01-04 08:00 CET+1", 7),
        ("2027-01-04 08:00 UTC-5", 13),
    ],
)
def test_an_offset_behind_a_zone_name_is_not_turned_round(text: str, hour: int) -> None:
    """`dateutil` reads `GMT+1` as one hour *behind*: the message goes out two hours late."""
    try:
        moment = to_utc(text)
    except ValidationError:
        return
    assert moment == datetime(2027, 1, 4, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["08:00 UTC", "8 am +01:00", "Monday 08:00 UTC", "4 Jan 08:00Z"])
def test_a_time_without_its_whole_date_is_refused(text: str) -> None:
    """`dateutil` takes today for what is missing: a time that has passed is sent at once."""
    with pytest.raises(ValidationError, match="at: "):
        to_utc(text)


@pytest.mark.parametrize("text", ["4.1.2027 08:00 +01:00", "01/04/2027 8:00Z", "04-01-27 08:00Z"])
def test_a_date_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    """The fourth of January, as Czechs write it, is sent on the first of April."""
    with pytest.raises(ValidationError, match="at: "):
        to_utc(text)


@pytest.mark.parametrize("name", ["timezone", "stop", "from", "Start"])
def test_a_window_drops_nothing_that_the_caller_wrote(name: str) -> None:
    """A misspelt key of `window` is dropped, and the message goes out at another hour."""
    with pytest.raises(ValidationError, match=r"window|delivery_time"):
        send("Hi", to=TO, window={"start": "08:00", name: "20:00"})


def test_days_of_a_window_are_explained() -> None:
    with pytest.raises(ValidationError, match="monday to sunday"):
        send("Hi", to=TO, window={"days": ["Monday"]})


def test_an_unchecked_number_has_a_json_form_or_is_refused() -> None:
    """Half a surrogate pair fails when the request is built, and is reported as an answer of 200."""
    prepared = None
    with pytest.raises(ValidationError):
        prepared = prepare_send("Hi", {"to": "\ud800"}, Rules(validate=False))
    assert prepared is None


def test_a_request_that_could_not_be_built_is_not_reported_as_taken() -> None:
    """Whatever fails while the request is built ends as "answered 200 ... was taken": status *unknown*.

    A payload nested so deep that it fails only inside the request does so with checks, too.
    """
    transport = httpx.MockTransport(never_called)
    options: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v2", "validate": False}
    client = SmsManager(KEY, transport=transport, **options)
    with client, pytest.raises(SmsManagerError) as caught:
        client.send("Hi", to="\ud800")
    assert not isinstance(caught.value, ResponseParseError)
    assert caught.value.result is None or not caught.value.result.unknown


NESTED = """
from smsmanager import Message
message = Message.from_dict({
    "to": [{"phone_number": "420777123456"}], "flow": [{"sms": {"body": "Heslo"}}],
})
print(message, message.to, message.flow)
"""


def test_what_a_message_holds_is_as_silent_as_the_message() -> None:
    """Only classes that were asked for by name are masked: `Message.from_dict(...).to` prints numbers."""
    run = subprocess.run(
        [sys.executable, "-c", NESTED], check=True, capture_output=True, encoding="utf-8"
    )
    assert "Message(" in run.stdout
    assert TO not in run.stdout
    assert "Heslo" not in run.stdout


def test_a_number_given_as_an_integer_is_not_printed() -> None:
    number: Any = int(TO)
    assert TO not in repr(Recipient(phone_number=number))


@pytest.mark.parametrize("payload", [["a"], "a", 5])
def test_a_payload_of_another_type_is_refused_beside_a_reference(payload: Any) -> None:
    """`payload.to_dict` raises AttributeError, which reaches the user."""
    with pytest.raises(ValidationError):
        send("Hi", to=TO, payload=payload, reference="order-17")


@pytest.mark.parametrize("reference", [17, "", ["order-17"]])
def test_a_reference_that_cannot_come_back_is_refused(reference: Any) -> None:
    """It goes out, but neither the result nor `reference_of` of a webhook ever shows it."""
    with pytest.raises(ValidationError, match="reference"):
        send("Hi", to=TO, reference=reference)


def test_none_keeps_the_payload_beside_a_reference_too() -> None:
    """`payload=None` means unset, yet with `reference=` the message's own payload is lost."""
    own = message(payload=Payload.from_dict({"order": 17}))
    sent = send(own, payload=None, reference="order-17")
    assert sent["payload"] == {"order": 17, "smsmanager_reference": "order-17"}


@pytest.mark.parametrize("field", ["sender", "tag", "message_tag"])
def test_none_in_a_message_never_goes_out_as_null(field: str) -> None:
    """`sender=None` goes out as null and keeps the client's sender from being used."""
    try:
        sent = send(message(**{field: None}), Rules(sender="Shop"))
    except ValidationError:
        return
    assert None not in sent.values()
    assert sent["sender"] == "Shop"


@pytest.mark.parametrize("text", [5, ["Hi"], {"a": "b"}])
def test_a_body_that_is_no_text_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError, match="body"):
        send(message(body=text))


def test_every_problem_of_a_message_is_told_at_once() -> None:
    """A naive time or a wrong step hides the wrong numbers and texts of the same message."""
    naive = datetime(2027, 1, 4, 8)  # noqa: DTZ001 - naive on purpose
    wrong = message(to=["12"], body="x" * 1001, datetime_=naive)
    with pytest.raises(ValidationError) as caught:
        prepare_batch([wrong], Rules())
    fields = [field for field, _ in caught.value.problems]
    assert sorted(fields) == ["messages[0].body", "messages[0].datetime", "messages[0].to"]


def test_one_message_is_not_a_batch() -> None:
    """`send_batch(message)` ends in TypeError: 'Message' object is not iterable."""
    single: Any = message()
    with pytest.raises(ValidationError, match="messages"):
        prepare_batch(single, Rules())


def test_the_text_can_be_given_by_its_name() -> None:
    """`send(body=..., to=...)` ends in TypeError: compose() got multiple values for 'body'."""
    assert send(None, body="Hi", to=TO)["body"] == "Hi"


def filled(size: int, first: int) -> Message:
    """Return a message to ten recipients that takes this many bytes of a request."""
    to = [f"4207771{n:05d}" for n in range(first, first + 10)]
    empty = len(encode({**compose("Hi", to=to, payload={"x": ""}).to_dict()}))
    return compose("Hi", to=to, payload={"x": "y" * (size - empty)})


def test_a_request_is_filled_to_the_last_byte() -> None:
    """Each message is counted up to 11 bytes too large, so that two which fit take two requests."""
    half = (MAX_REQUEST_BYTES - len("[,]")) // 2
    prepared = prepare_batch([filled(half, 0), filled(half, 50)], Rules())
    body = [part.to_dict() for request in prepared.requests() for part in request.messages]
    assert len(encode(body)) <= MAX_REQUEST_BYTES
    assert len(prepared.requests()) == 1
