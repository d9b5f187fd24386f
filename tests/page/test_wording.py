"""What is shown of texts, steps, states, durations and prices: pure."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smsmanager.sandbox import _words as words
from smsmanager.sandbox.engine.records.received_message import ReceivedStep
from smsmanager.sandbox.page._bubbles import Button, content
from smsmanager.sandbox.page._query import Query, address
from smsmanager.sandbox.page._text import Piece, pieces
from smsmanager.sandbox.page._tones import label_of_answer


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("plain", [("text", "plain")]),
        (
            "See https://example.com/a?b=c.",
            [("text", "See "), ("link", "https://example.com/a?b=c"), ("text", ".")],
        ),
        ("HTTP://A.example", [("link", "HTTP://A.example")]),
        ("javascript:alert(1)", [("text", "javascript:alert(1)")]),
        (
            'http://a.example/"onclick="x"',
            [("link", "http://a.example/"), ("text", '"onclick="x"')],
        ),
        (
            "http://a.example/\N{RIGHT-TO-LEFT OVERRIDE}gro.live",
            [("link", "http://a.example/"), ("text", "\N{RIGHT-TO-LEFT OVERRIDE}gro.live")],
        ),
    ],
)
def test_links_are_separated_from_text(text: str, found: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in pieces(text)] == found
    assert "".join(piece.text for piece in pieces(text)) == text


def test_parts_and_wide_characters_are_marked() -> None:
    assert pieces("áb", parts=["á", "b"], wide=["á"]) == (
        Piece("wide", "á"),
        Piece("break", "2"),
        Piece("text", "b"),
    )
    # One mark for a letter with its accent, and none if all of the text would be marked.
    assert pieces("xa\u0301", wide=["a", "a\u0301"])[1] == Piece("wide", "a\u0301")
    assert pieces("я" * 30, wide=["я"]) == (Piece("text", "я" * 30),)


def test_an_sms_is_shown_as_it_is_sent() -> None:
    step = ReceivedStep("sms", "Žluťoučký kůň", None, {"type": "sms"})
    shown = content(step)
    assert "".join(piece.text for piece in shown.text) == "Zlutoucky kun"
    assert (shown.size, shown.parts) == ("GSM-7, 1 part, 13 of 160", 1)
    assert content(ReceivedStep("sms", None, None, {})).text == ()


@pytest.mark.parametrize(
    ("channel", "fields"),
    [
        ("carrier_pigeon", {"wings": 2}),
        ("viber", {"buttons": [{"label": "new shape"}]}),
        ("whatsapp_template", {"name": "no template_name"}),
        ("rcs", {"card": "a text"}),
    ],
)
def test_what_is_not_known_is_shown_as_json(channel: str, fields: dict[str, object]) -> None:
    shown = content(ReceivedStep(channel, "Hello", None, fields))
    assert shown.text == (Piece("text", "Hello"),)
    assert next(iter(fields)) in shown.raw


def test_a_long_raw_content_is_cut() -> None:
    raw = {"interactive": {"type": "x" * 5000}}
    shown = content(ReceivedStep("whatsapp_text", "Hello", None, {"raw": raw}))
    assert len(shown.raw) < 2100
    assert shown.raw.endswith("...")


def test_template_parameters_of_every_kind() -> None:
    fields = {
        "template_name": "t",
        "language": "cs",
        "parameters_body": ["a"],
        "params_header": [{"location": {"city": "Brno"}}],
        "params_buttons": [{"flow": None}, {"catalog": "c"}, {"url": "x"}],
    }
    shown = content(ReceivedStep("whatsapp_template", None, None, fields))
    assert [(v.name, v.value.split()[0]) for v in shown.variables] == [
        ("header location", "{"),
        ("1", "a"),
    ]
    assert shown.buttons == (
        Button("other", "Button 1", "flow: null"),
        Button("other", "Button 2", "catalog: c"),
        Button("link", "Button 3", "url: x"),
    )
    text = content(
        ReceivedStep("whatsapp_template", None, None, {**fields, "params_header": ["h"]})
    )
    assert (text.variables[0].name, text.variables[0].value) == ("header", "h")
    media = {**fields, "params_header": [{"video": {"id": "17"}}]}
    shown = content(ReceivedStep("whatsapp_template", None, None, media))
    assert shown.media is not None
    assert '"id": "17"' in shown.media.address


@pytest.mark.parametrize(
    ("channel", "fields", "answer", "href"),
    [
        (
            "viber",
            {"buttons": [{"title": "Go", "url": "https://a.example/"}]},
            "",
            "https://a.example/",
        ),
        ("viber", {"buttons": [{"title": "Go", "url": "javascript:alert(1)"}]}, "", ""),
        ("viber", {"buttons": [{"title": "Go", "url": "https://a.example/ x"}]}, "", ""),
        ("whatsapp_text", {"buttons": [{"title": "Yes", "id": "y"}]}, "Yes", ""),
        ("whatsapp_text", {"title": "Go", "url": "http://a.example/"}, "", "http://a.example/"),
        ("rcs", {"buttons": [{"type": "reply", "text": "Book", "postback": "b"}]}, "Book", ""),
        ("whatsapp_template", {"params_buttons": [{"payload": "call-me"}]}, "call-me", ""),
        ("whatsapp_template", {"params_buttons": [{"code": "481516"}]}, "481516", ""),
        # Only the end of an address, whose beginning lies at the service.
        ("whatsapp_template", {"params_buttons": ["track/17"]}, "", ""),
    ],
)
def test_what_a_button_does(
    channel: str, fields: dict[str, object], answer: str, href: str
) -> None:
    given = {"template_name": "t", "language": "cs", **fields}
    (button,) = content(ReceivedStep(channel, "Hello", None, given)).buttons
    assert (button.answer, button.href) == (answer, href)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.25, "250 ms"),
        (1, "1 s"),
        (63, "1 min 3 s"),
        (300, "5 min"),
        (3_661, "1 h 1 min"),
        (90_061, "1 d 1 h"),
        (86_400 * 1234, "1,234 d"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("czk", "text"),
    [
        (None, ""),
        (Decimal(0), "0.00 CZK"),
        (Decimal("1.05"), "1.05 CZK"),
        (Decimal("0.4"), "0.40 CZK"),
        (Decimal("0.0125"), "0.0125 CZK"),
        (Decimal("12345.6"), "12,345.60 CZK"),
    ],
)
def test_prices(czk: Decimal | None, text: str) -> None:
    assert words.price(czk) == text


@pytest.mark.parametrize(
    ("status", "word", "tone"),
    [
        (None, "no answer", "bad"),
        (200, "200", "good"),
        (302, "302", "waiting"),
        (400, "400", "bad"),
        (520, "520", "bad"),
    ],
)
def test_answers(status: int | None, word: str, tone: str) -> None:
    shown = label_of_answer(status)
    assert (shown.word, shown.tone) == (word, tone)


def test_a_query_is_read_and_written() -> None:
    query = Query.read({"q": "  a b ", "before": "12", "inbox": "f0", "else": "x"})
    assert query == Query(q="a b", before=12, inbox="f0")
    assert query.filters
    assert query.href(state="sent") == "/?inbox=f0&q=a+b&state=sent"
    assert query.elsewhere("/phones") == "/phones?inbox=f0"
    assert Query.read({"before": "-1"}).before == Query.read({"before": "²"}).before == 0
    assert Query.read({"before": "9" * 19}).before == 0
    assert len(Query.read({"q": "x" * 999}).q) == 200
    assert address("/", q="a&b=c") == "/?q=a%26b%3Dc"
    assert address("/", q="") == "/"
