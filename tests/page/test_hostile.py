"""Anything that someone writes is shown as text, in a browser and in the HTML."""

from __future__ import annotations

import csv
import html.parser
import io
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from smsmanager.sandbox import Sandbox
from tests.page.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.thorough

NUMBER = "420777123456"
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
TEXTS = {
    "script": "<script>document.title = 'taken'</script><b>bold</b>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "right_to_left": "مرحبا بالعالم، هذا نص من اليمين إلى اليسار.",
    "turned": "safe \N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\N{POP DIRECTIONAL FORMATTING} end",
    "emoji": "\N{GRINNING FACE}" * 1000,
    "template": "{{ 7 * 7 }} {% raw %} ${7*7}",
}


def send(http: httpx.Client, message: dict[str, Any], key: str = KEY) -> int:
    """Send a message as it is, without the wrapper's checks."""
    return http.post("/v2/message", json=message, headers={"x-api-key": key}).status_code


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_shown_as_text(
    page: Page, http: httpx.Client, sandbox: Sandbox, text: str
) -> None:
    assert send(http, {"to": [{"phone_number": NUMBER}], "body": text}) == 200
    page.goto("/")
    expect(page.locator(".row-body")).to_contain_text(text[:50])
    for path in (f"/phones/{NUMBER}", f"/messages/{sandbox.messages[0].sequence}"):
        page.goto(path)
        shown = page.locator(".bubble .text")
        # The marks between the parts of a long SMS are not part of its text.
        parts = shown.evaluate(
            "e => [...e.childNodes].filter(n => !n.classList?.contains('part-break'))"
            ".map(n => n.textContent).join('')"
        )
        assert parts == text
        assert shown.locator("script, b, [onmouseover]").count() == 0
        assert page.title() != "taken"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


class Elements(html.parser.HTMLParser):
    """Collect the names of elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in {"href", "src", "action"}}


def evil_messages() -> Iterator[dict[str, Any]]:
    """Yield messages with HTML in every field that takes a text."""
    to = {"to": [{"phone_number": NUMBER}]}
    link = "javascript:alert(1)//" + EVIL
    step = {"body": EVIL, "sender": EVIL}
    buttons = [{"type": "url", "text": EVIL, "postback": EVIL, "url": link, "description": EVIL}]
    card = {"title": EVIL, "description": EVIL, "file": link, "thumbnail": link, "buttons": buttons}
    template = {"template_name": EVIL[:100], "language": EVIL, "sender": EVIL}
    yield {
        **to,
        "body": EVIL,
        "sender": EVIL,
        "tag": EVIL,
        "payload": {EVIL: EVIL},
        "callback": {"url": "http://127.0.0.1:9/" + EVIL, "headers": {"x-a": EVIL}},
        "params": {"_url": {"type": "all", "domain": EVIL}, "_incoming": {"reply": EVIL}},
    }
    yield {"to": [{"phone_number": f"{EVIL}{NUMBER}"}], "body": f"see http://example.com/{EVIL}"}
    yield {"to": [{"phone_number": "<b>none</b>"}], "body": EVIL}
    steps: list[dict[str, Any]] = [
        {"sms": step},
        {
            "viber": {
                **step,
                "buttons": [{"title": EVIL, "url": f"javascript:alert(1)//{quote(EVIL)}"}],
            }
        },
        {"whatsapp_text": {**step, "header": EVIL, "footer": EVIL, "url": link, "title": EVIL}},
        {"whatsapp_text": {**step, "buttons": [{"title": EVIL, "id": EVIL}]}},
        {"whatsapp_text": {**step, "document": {"link": link, "filename": EVIL, "caption": EVIL}}},
        {"whatsapp_text": {**step, "raw": {"interactive": {EVIL: EVIL}}}},
        {
            "whatsapp_template": {
                **template,
                "params": [EVIL, {EVIL: EVIL}],
                "params_header": [{"image": {"link": link}}],
                "params_buttons": [EVIL, {"url": link}, {"payload": EVIL}, {"code": EVIL}],
                "params_carousel": [{"product": {"product_retailer_id": EVIL, "catalog_id": EVIL}}],
                "params_lto": [EVIL],
            }
        },
        {"whatsapp_template": {**template, "params_header": [{"location": {EVIL: EVIL}}]}},
        {"rcs": {**step, "buttons": buttons, "card": card}},
        {"rcs": {**step, "carousel": [{"type": EVIL, **card}] * 2}},
        {"rcs": {**step, "raw": {"suggestions": [{EVIL: EVIL}]}}},
    ]
    for one in steps:
        yield {**to, "flow": [one]}


def test_html_in_every_field_is_harmless(sandbox: Sandbox, http: httpx.Client, page: Page) -> None:
    """The same elements with HTML in all fields as with plain words, and nothing runs."""
    for message in evil_messages():
        send(http, message, key=EVIL.encode("ascii", "replace").decode())
    http.post(f"/v2/{EVIL}")
    sandbox.advance(60)
    for received in sandbox.messages:
        if received.message_id and received.to:
            sandbox.reply(EVIL, to=received)
    taken = {m.channels[0] for m in sandbox.messages}
    assert {"sms", "viber", "whatsapp_text", "whatsapp_template", "rcs"} <= taken

    numbers = [f"/messages/{received.sequence}" for received in sandbox.messages]
    paths = [
        "/",
        "/phones",
        f"/phones/{NUMBER}",
        "/schedule",
        "/requests?all=1",
        "/control",
        "/account",
    ]
    search = httpx.QueryParams({"q": EVIL, "tag": EVIL, "state": EVIL, "inbox": EVIL})
    for path in [*paths, *numbers, f"/?{search}", f"/phones?{search}", "/messages/0"]:
        found = Elements()
        found.feed(http.get(path).text)
        assert "img" not in found.names
        assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
        for link in found.links:
            assert link.startswith(("/", "#", "http://example.com/")), link
    # The page's fixture fails on any error, dialog or request to elsewhere.
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for path in paths:
        page.goto(path)
        expect(page.locator("#live")).to_have_text("Live")


def test_formulas_are_defused_in_csv(http: httpx.Client) -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", 'plain, "quoted"\nline'):
        send(http, {"to": [{"phone_number": NUMBER}], "body": text})
    rows = list(csv.DictReader(io.StringIO(http.get("/export.csv").text)))
    assert [row["body"] for row in rows] == [
        'plain, "quoted"\nline',
        "'\t=1",
        "'@SUM(A1)",
        "'-1",
        "'+1",
        "'=1+1",
    ]
    assert {row["to"] for row in rows} == {NUMBER}


def test_the_json_export_is_what_the_api_shows(sandbox: Sandbox, http: httpx.Client) -> None:
    assert http.get("/export.json").json() == []
    send(http, {"to": [{"phone_number": NUMBER}], "body": "one", "tag": "a"})
    send(http, {"to": [{"phone_number": NUMBER}], "body": "two"})
    newest, oldest = http.get("/export.json").json()
    assert oldest == json.loads(json.dumps(sandbox.messages[0].as_json_with_timeline()))
    assert newest["body"] == "two"
    (only,) = http.get("/export.json?tag=a").json()
    assert only == oldest
