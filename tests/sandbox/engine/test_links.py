"""Short links: in the text, and at the sandbox."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import NOON, NUMBER, send


def texts_and_targets(still: Sandbox) -> tuple[str, list[str]]:
    message = still.messages[-1]
    (text,) = message.texts
    assert text is not None
    links = message.journey.links
    for number, link in enumerate(links):
        text = text.replace(link.shown, f"<{number}>")
    return text, [link.target for link in links]


@pytest.mark.parametrize(
    ("options", "body", "text", "targets"),
    [
        ({}, "See https://a.example/b?c=1.", "See <0>.", ["https://a.example/b?c=1"]),
        ({}, "See a.example or (http://b.example)", "See a.example or (<0>)", ["http://b.example"]),
        (
            {"type": "all"},
            "See a.example/x, www.b.example. Not me@c.example or 1.5",
            "See <0>, <1>. Not me@c.example or 1.5",
            ["http://a.example/x", "http://www.b.example"],
        ),
        # The same link twice is one short link, and one that begins another is not mixed up with it.
        (
            {},
            "https://a.example https://a.example/b https://a.example",
            "<0> <1> <0>",
            ["https://a.example", "https://a.example/b"],
        ),
        ({}, "Nothing to see", "Nothing to see", []),
        ({"get_enhance": False}, "https://a.example/?b=%2F", "<0>", ["https://a.example/?b=%2F"]),
    ],
)
def test_links_are_shortened_as_it_is_asked_for(
    still: Sandbox, options: dict[str, Any], body: str, text: str, targets: list[str]
) -> None:
    send(still, body=body, params={"_url": options})

    assert texts_and_targets(still) == (text, targets)
    assert still.messages[0].body == body


@pytest.mark.parametrize("enhance", ["id", "code"])
def test_the_target_names_the_message_or_the_code(still: Sandbox, enhance: str) -> None:
    options = {"get_enhance": enhance, "get_name": "ref"}
    ids = send(
        still, NUMBER, "421905123456", body="https://a.example/?b=1#c", params={"_url": options}
    )

    codes = [message.journey.links[0].code for message in still.messages]
    added = ids if enhance == "id" else codes
    targets = [message.journey.links[0].target for message in still.messages]
    assert targets == [f"https://a.example/?b=1&ref={value}#c" for value in added]
    assert len(set(codes)) == 2


def test_without_being_asked_nothing_is_shortened(still: Sandbox) -> None:
    send(still, body="https://a.example")
    assert texts_and_targets(still) == ("https://a.example", [])


def test_a_short_link_leads_on_and_counts_until_it_expires(still: Sandbox) -> None:
    expires_at = int(NOON.timestamp()) + 60
    send(
        still,
        body="https://a.example/\N{LATIN SMALL LETTER Z WITH CARON}",
        params={"_url": {"expires_at": expires_at}},
    )
    (link,) = still.messages[0].journey.links
    answer = httpx.get(link.shown)

    assert answer.status_code == 302
    assert answer.headers["location"] == "https://a.example/%C5%BE"
    assert link.clicks == 1
    assert still.messages[0].timeline[-1].kind == "click"
    still.advance(60)
    assert httpx.get(link.shown).status_code == 404
    assert httpx.get(f"{still.url}/l/unknown").status_code == 404
    assert link.clicks == 1


def test_links_live_a_week_by_default(still: Sandbox) -> None:
    send(still, body="https://a.example", params={"_url": {}})
    send(still, body="https://a.example", params={"_url": {"expires": 5}})
    week, older_name = (message.journey.links[0].expires_at for message in still.messages)
    assert (week - NOON.timestamp(), older_name) == (7 * 24 * 3600, 5)


def test_a_domain_of_the_account_is_shown_and_counted(still: Sandbox) -> None:
    long = "https://a.example/" + "b" * 150
    send(still, body=long, params={"_url": {"domain": "sms.example.com"}})

    message = still.messages[0]
    (link,) = message.journey.links
    assert message.texts == (f"https://sms.example.com/{link.code}",)
    # The short text is what is sent, and so what is billed.
    assert message.journey.runs[0].price is not None
    assert message.journey.runs[0].price.count == 1
    assert httpx.get(f"{still.url}/l/{link.code}").headers["location"] == long
