"""The templates, filled with view objects: no sandbox, no browser."""

from __future__ import annotations

import attrs
import pytest

from smsmanager.sandbox.page._query import Choice
from smsmanager.sandbox.page._render import render, spaced_number
from tests.page import samples


@pytest.mark.parametrize("name", samples.PAGES)
def test_every_template_is_filled(name: str) -> None:
    frame, page = samples.PAGES[name]
    html = render(name, frame, page)
    assert html.startswith("<!doctype html>")
    assert f"<title>{frame.title} · SMS sandbox</title>" in html
    assert " style=" not in html
    assert "<script>" not in html


def test_the_list_shows_what_a_row_holds() -> None:
    html = render("inbox.html", samples.frame(), samples.inbox())
    for row in samples.ROWS:
        assert f'id="{row.key}"' in html
        assert f'href="{row.href}"' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "128 messages, 143.20 CZK" in html
    assert 'href="/?before=4"' in html


def test_an_empty_sandbox_says_how_to_send() -> None:
    html = render("inbox.html", samples.frame(), samples.inbox(rows=(), empty=True))
    assert "SMSMANAGER_BASE_URL=http://127.0.0.1:8025/v2" in html
    assert "curl http://127.0.0.1:8025/v2/message" in html
    assert "from smsmanager import SmsManager" in html


def test_an_empty_list_is_not_an_empty_sandbox() -> None:
    html = render("inbox.html", samples.frame(), samples.inbox(rows=(), filtered=True))
    assert "Show all messages" in html
    assert "SMSMANAGER_BASE_URL" not in html
    html = render("inbox.html", samples.frame(), samples.inbox(rows=()))
    assert "There is no message in this inbox." in html


@pytest.mark.parametrize("name", samples.STEPS)
def test_a_bubble_shows_all_of_a_step(name: str) -> None:
    (bubble,) = (b for b in samples.bubbles() if b.key == f"b-{name}")
    page = attrs.evolve(samples.phones(), bubbles=(bubble,))
    html = " ".join(render("phones.html", samples.frame("phones"), page).split())
    expected = {
        "sms": ['href="https://example.com/track/17"', "GSM-7, 1 part, 68 of 160"],
        "sms_parts": ["UCS-2, 3 parts", "<mark", 'aria-label="Part 3"'],
        "viber": ["Directions", "https://example.com/map"],
        "whatsapp_image": ["not loaded", "https://example.com/receipt.png", "Receipt 17"],
        "whatsapp_buttons": ["Delivery", "Parcels Ltd.", "deliver-yes", "No"],
        "whatsapp_link": ["Open invoice", "https://example.com/invoice/17"],
        "whatsapp_raw": ["&#34;interactive&#34;"],
        "whatsapp_template": [
            "order_shipped (en)",
            "order_number",
            "A-17",
            "4711",
            "sku-1",
            "box.png",
        ],
        "rcs": ["Book", "Menu", "https://example.com/menu"],
        "rcs_carousel": ["Carousel of 2 cards", "Lunch", "Dinner", "lunch.jpg"],
    }
    for piece in expected[name]:
        assert piece in html
    # A file is named and never loaded.
    assert "<img" not in html
    assert 'src="http' not in html


def test_a_phone_without_messages_cannot_be_answered() -> None:
    page = attrs.evolve(samples.phones(), bubbles=(), reply=None, conversations=())
    html = render("phones.html", samples.frame("phones"), page)
    assert "reply-body" not in html


def test_one_inbox_needs_no_choice() -> None:
    one = samples.frame(inboxes=(Choice("All keys", "/", current=True),))
    assert "inbox-list" not in render("inbox.html", one, samples.inbox())


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("420777123456", "+420 777 123 456"),
        ("421905123456", "+421 905 123 456"),
        ("15551234567", "+15551234567"),
        ("12", "+12"),
        ("", ""),
        ("<b>", "<b>"),
    ],
)
def test_numbers_are_spaced(number: str, shown: str) -> None:
    assert spaced_number(number) == shown
