"""What the templates make of a message, asked over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smsmanager.sandbox.page._render import spaced_number
from tests.page.conftest import KEY

if TYPE_CHECKING:
    import httpx

    from smsmanager import SmsManager
    from smsmanager.sandbox import Sandbox

NUMBER = "420777123456"
URL = "https://example.com"
STEPS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"sms": {"body": f"Your parcel is on its way. Track it at {URL}/track/17."}},
        [f'href="{URL}/track/17"', "GSM-7, 1 part, 68 of 160"],
    ),
    (
        {"sms": {"body": "Dobrý den, vaše zásilka je na cestě. " * 4}},
        ["UCS-2, 3 parts", "<mark", 'aria-label="Part 3"'],
    ),
    ({"viber": {"buttons": [{"title": "Map", "url": f"{URL}/map"}]}}, ["Map", f"{URL}/map"]),
    (
        {"whatsapp_text": {"image": {"link": f"{URL}/receipt.png", "caption": "Receipt 17"}}},
        ["not loaded", f"{URL}/receipt.png", "Receipt 17"],
    ),
    (
        {
            "whatsapp_text": {
                "header": "Delivery",
                "footer": "Parcels Ltd.",
                "buttons": [{"title": "Yes", "id": "deliver-yes"}, {"title": "No"}],
            }
        },
        ["Delivery", "Parcels Ltd.", "deliver-yes", "No"],
    ),
    (
        {"whatsapp_text": {"url": f"{URL}/invoice/17", "title": "Open invoice"}},
        ["Open invoice", f"{URL}/invoice/17"],
    ),
    ({"whatsapp_text": {"raw": {"interactive": {"type": "list"}}}}, ["&#34;interactive&#34;"]),
    (
        {
            "whatsapp_template": {
                "template_name": "order_shipped",
                "language": "en",
                "params": ["Jana", {"order_number": "A-17"}],
                "params_header": [{"image": f"{URL}/box.png"}],
                "params_buttons": [
                    *(None, "track/A-17", {"payload": "order-17"}, {"code": "4711"}),
                    {"voice_call": {"ttl_minutes": 30}},
                ],
                "params_carousel": [
                    {"product": {"product_retailer_id": "sku-1", "catalog_id": "9001"}}
                ],
                "params_lto": [1767225600000],
            }
        },
        ["order_shipped (en)", "order_number", "A-17", "4711", "sku-1", "box.png"],
    ),
    (
        {
            "rcs": {
                "buttons": [
                    {"type": "reply", "text": "Book", "postback": "book"},
                    {"type": "url", "text": "Menu", "postback": "menu", "url": f"{URL}/menu"},
                ]
            }
        },
        ["Book", "Menu", f"{URL}/menu"],
    ),
    (
        {
            "rcs": {
                "carousel": [
                    {"title": "Lunch", "description": "Soup.", "file": f"{URL}/lunch.jpg"},
                    {"title": "Dinner", "description": "Wine.", "file": f"{URL}/dinner.jpg"},
                ]
            }
        },
        ["Carousel of 2 cards", "Lunch", "Dinner", "lunch.jpg"],
    ),
]


@pytest.mark.parametrize(("step", "shown"), STEPS)
def test_a_bubble_shows_all_of_a_step(
    http: httpx.Client, sandbox: Sandbox, step: dict[str, Any], shown: list[str]
) -> None:
    message = {"to": [{"phone_number": NUMBER}], "body": "Hello", "sender": "Shop", "flow": [step]}
    answer = http.post("/v2/message", json=message, headers={"x-api-key": KEY})
    assert answer.status_code == 200, answer.text
    paths = (f"/phones/{NUMBER}", f"/messages/{sandbox.messages[0].sequence}")
    phone, whole = (" ".join(http.get(path).text.split()) for path in paths)
    for piece in shown:
        assert piece in whole
        assert piece in phone or piece == "<mark"
    # A file is named and never loaded.
    assert "<img" not in phone + whole
    assert 'src="http' not in phone + whole


@pytest.mark.parametrize(
    "name", ["inbox", "phones", "schedule", "requests", "control", "messages/0"]
)
def test_every_page_is_whole_and_has_no_style_or_script_in_it(
    http: httpx.Client, sandbox: Sandbox, name: str
) -> None:
    sandbox.fill_with_demo()
    html = http.get("/" if name == "inbox" else f"/{name}").text
    assert html.startswith("<!doctype html>")
    title = "Not found" if name == "messages/0" else name.capitalize()
    assert f"<title>{title} · SMS sandbox</title>" in html
    assert " style=" not in html
    assert "<script>" not in html


def test_an_empty_sandbox_says_how_to_send(http: httpx.Client, sandbox: Sandbox) -> None:
    html = http.get("/").text
    assert f"SMSMANAGER_BASE_URL={sandbox.base_url}" in html
    assert f"curl {sandbox.base_url}/message" in html
    assert "from smsmanager import SmsManager" in html
    assert "inbox-list" not in html
    assert "reply-body" not in http.get("/phones").text


def test_an_empty_list_is_not_an_empty_sandbox(http: httpx.Client, client: SmsManager) -> None:
    client.send("<script>alert(1)</script>", to=NUMBER)
    html = http.get("/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    html = http.get("/?q=nothing").text
    assert "Show all messages" in html
    assert "SMSMANAGER_BASE_URL" not in html
    assert "There is no message in this inbox." in http.get("/?inbox=ffffffffffff").text


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
