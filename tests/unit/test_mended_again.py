"""Defects that were found in a second review, and are mended: each test failed first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from smsmanager import (
    AuthenticationError,
    DeliveryWindow,
    InvalidNumberError,
    Message,
    Recipient,
    ValidationError,
    message_parts,
    normalise_number,
)
from smsmanager._message.prepare import Rules, prepare_send
from smsmanager._message.times import to_utc
from smsmanager._transport.statuses import error_for_status

TO = "420777123456"


def send(text: str | Message, rules: Rules | None = None, **fields: Any) -> dict[str, Any]:
    """Return the message that goes out."""
    prepared = prepare_send(text, fields, rules or Rules())
    return prepared.requests()[0].messages[0].to_dict()


@pytest.mark.parametrize("offset", ["UTC +1", "GMT +1", "GMT +01:00", "Z+1", "UT+1"])
def test_an_offset_behind_a_zone_name_is_kept_or_refused(offset: str) -> None:
    """With a space before it the offset is dropped; behind `Z` and `UT` it is still turned round."""
    try:
        moment = to_utc(f"2027-01-04 08:00 {offset}")
    except ValidationError:
        return
    assert moment == datetime(2027, 1, 4, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("national", "region", "canonical"),
    [
        ("01512 3456789", "DE", "4915123456789"),
        ("08-12 34 56", "SE", "468123456"),
        ("0812-345-678", "ID", "62812345678"),
        ("028 012 345", "XK", "38328012345"),
    ],
)
def test_the_canonical_form_of_the_regions_own_number_stays(
    national: str, region: str, canonical: str
) -> None:
    """What a result holds, sent to again, becomes the number of somebody else."""
    assert normalise_number(national, region) == canonical
    assert normalise_number(canonical, region) == canonical


@pytest.mark.parametrize("number", ["420 777 123 456.0", "420777123456.0\u200b"])
def test_a_quantity_is_refused_in_any_dress(number: str) -> None:
    with pytest.raises(InvalidNumberError):
        normalise_number(number)


@pytest.mark.parametrize("key", ["access", "e"])
def test_a_short_key_does_not_change_what_an_answer_means(key: str) -> None:
    """The key is replaced in the bytes before they are read: `e` leaves no JSON behind."""
    said = b'{"Message": "User is not authorized to access this resource with an explicit deny"}'
    error = error_for_status(400, {}, said, private=[key], now_s=0)
    assert isinstance(error, AuthenticationError)


@pytest.mark.parametrize(
    "window",
    [
        {"start": "08:00", "end": None},
        DeliveryWindow(start="08:00", end=None),  # type: ignore[arg-type]
    ],
    ids=["mapping", "model"],
)
def test_none_in_a_window_never_goes_out_as_null(window: Any) -> None:
    try:
        sent = send("Hi", to=TO, window=window)
    except ValidationError:
        return
    assert sent["delivery_time"] == {"start": "08:00"}


def test_checks_of_a_window_can_be_turned_off_like_the_others() -> None:
    """A `DeliveryWindow` goes out unchecked, the same window as a dict is refused."""
    rules = Rules(validate=False)
    window: dict[str, Any] = {"start": "8:00", "tz": "Nowhere/At-All"}
    whole = Message(
        to=[Recipient(phone_number=TO)], body="Hi", delivery_time=DeliveryWindow(**window)
    )
    assert send(whole, rules)["delivery_time"] == window
    assert send("Hi", rules, to=TO, window=window)["delivery_time"] == window


@pytest.mark.parametrize("text", ["\u200b", "\u0301", "\ufe0f\ufe0f"])
def test_room_behind_an_invisible_text_is_what_it_says(text: str) -> None:
    """A text of invisible characters counts as one `?`, which goes as soon as anything follows."""
    room = message_parts(text, "sms").characters_left
    filled = message_parts(text + "a" * room, "sms")
    assert (filled.parts, filled.characters_left) == (1, 0)
