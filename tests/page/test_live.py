"""What a developer does at the page, in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from smsmanager import Sms, SmsManager, Viber, ViberButton
from smsmanager.sandbox import Rule
from smsmanager.webhooks import CallbackSigner
from tests.page.conftest import PATIENCE_MS
from tests.webhook_receiver import Receiver, receiving
from tests.webhooks.bodies import SECRET
from tests.webhooks.test_examples import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.sandbox import Sandbox

pytestmark = pytest.mark.thorough

NUMBER = "420777123456"

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def open_live(page: Page, path: str) -> None:
    """Open a page and wait until it follows the sandbox; mark it, so that a reload would show."""
    page.goto(path)
    expect(page.locator("#live")).to_have_text("Live")
    page.evaluate("document.body.dataset.opened = 'once'")


def assert_not_reloaded(page: Page) -> None:
    assert page.evaluate("document.body.dataset.opened") == "once"


def test_a_message_appears_in_the_list(page: Page, client: SmsManager) -> None:
    open_live(page, "/")
    expect(page.get_by_role("heading", name="Waiting for the first message")).to_be_visible()

    client.send("Your parcel is on its way.", to=NUMBER)

    expect(page.locator(".row-body")).to_have_text(["Your parcel is on its way."])
    expect(page.locator("#said")).to_have_text("1 new message")
    assert_not_reloaded(page)

    client.send("A second one.", to=NUMBER)

    expect(page.locator(".row-body")).to_have_text(["A second one.", "Your parcel is on its way."])


def test_a_bubble_appears_on_the_phone(page: Page, client: SmsManager, sandbox: Sandbox) -> None:
    client.send("The first.", to=NUMBER)
    open_live(page, f"/phones/{NUMBER}")
    expect(page.locator(".said-in .text")).to_have_text("The first.")
    page.get_by_label("Text, as the recipient").fill("half a rep")

    client.send(
        "Your table is ready.",
        to=NUMBER,
        flow=[Viber(buttons=[ViberButton(title="Directions", url="https://example.com/map")])],
    )

    bubble = page.locator(".said-in.channel-viber")
    expect(bubble.locator(".text")).to_have_text("Your table is ready.")
    expect(bubble.locator(".button-face")).to_contain_text("Directions")
    expect(bubble.locator(".state")).to_have_text("sending")
    sandbox.advance(10)
    expect(bubble.locator(".state")).to_have_text("delivered")
    # What somebody is writing stays.
    expect(page.get_by_label("Text, as the recipient")).to_have_value("half a rep")
    assert_not_reloaded(page)


def test_a_reply_reaches_the_service(page: Page, client: SmsManager, receiver: Receiver) -> None:
    client.send("Are you coming?", to=NUMBER, callback=receiver.url, payload={"visit": 7})
    open_live(page, f"/phones/{NUMBER}")

    page.get_by_label("Text, as the recipient").fill("Yes, at eight.")
    page.keyboard.press("Enter")

    expect(page.locator(".said-out .text")).to_have_text("Yes, at eight.")
    expect(page.get_by_label("Text, as the recipient")).to_have_value("")
    event = receiver.next(type="incoming")
    assert (event["sender"], event["body"]) == (NUMBER, "Yes, at eight.")
    assert event["payload"] == {"visit": 7}
    assert_not_reloaded(page)


@pytest.fixture
def example(tmp_path: Path) -> Iterator[CallbackSigner]:
    """Run the example service, and return what makes its callbacks."""
    server = Server("starlette", tmp_path)
    yield CallbackSigner(server.url, SECRET)
    server.stop()


def test_a_reply_reaches_the_example_service(
    page: Page, client: SmsManager, sandbox: Sandbox, example: CallbackSigner
) -> None:
    """The example answers 204 to what proves itself only: report and reply carry its token."""
    client.send("Are you coming?", to=NUMBER, callback=example, reference="visit-7")
    sandbox.advance(10)
    open_live(page, f"/messages/{sandbox.messages[0].sequence}")

    page.get_by_label("Text, as the recipient").fill("Yes, at eight.")
    page.keyboard.press("Enter")

    reply = page.locator(".event", has_text="The recipient replies")
    expect(reply).to_contain_text("Yes, at eight.")
    expect(reply.locator(".attempt summary")).to_contain_text("204")
    expect(page.locator(".attempt summary")).to_have_count(4)
    expect(page.locator(".attempt summary .tone-good")).to_have_count(4)
    assert_not_reloaded(page)


def test_an_unsolicited_message_reaches_the_service(
    page: Page, client: SmsManager, sandbox: Sandbox, receiver: Receiver
) -> None:
    client.send("Hello", to=NUMBER)
    sandbox.configure(callback=receiver.url)
    open_live(page, "/phones")

    page.get_by_text("Write from a phone").click()
    page.get_by_label("From").fill("+420 608 111 222")
    page.get_by_label("To", exact=True).fill("420900123")
    page.locator("#body").fill("Are you open today?")
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.locator("#p-420608111222")).to_contain_text("Are you open today?")
    event = receiver.next(type="incoming")
    assert (event["sender"], event["recipient"]) == ("420608111222", "420900123")
    assert "message_id" not in event


def test_a_fallback_is_followed_on_the_timeline(
    page: Page, client: SmsManager, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses[:] = [503]
    client.send(
        "Your table is ready.",
        to=NUMBER,
        flow=[Viber(ttl=5, ttl_condition="seen"), Sms()],
        callback=receiver.url,
    )
    open_live(page, f"/messages/{sandbox.messages[0].sequence}")
    expect(page.locator(".event.is-due").last).to_contain_text("Viber: time limit for seen")

    page.goto("/control")
    page.get_by_role("button", name="+5 min").click()
    page.goto(f"/messages/{sandbox.messages[0].sequence}")

    titles = page.locator(".event:not(.is-due) .event-title bdi")
    expect(titles).to_have_text(
        [
            "Accepted by the service",
            "Viber: sending",
            "Viber: sent",
            "Viber: delivered",
            "SMS instead",
            "SMS: sending",
        ]
    )
    expect(page.locator(".message-state .hop.is-current")).to_have_text("SMS")
    # The first webhook was refused once, and repeated half a minute later.
    attempts = page.locator(".event", has_text="Viber: sending").locator(".attempt summary")
    expect(attempts).to_contain_text(["503", "204"])

    before = receiver.events.qsize()
    attempts.first.click()
    expect(page.locator(".attempt[open] .json")).to_contain_text('"result": "sending"')
    page.get_by_role("button", name="Send the webhook again: Viber: sending").click()
    expect(attempts).to_contain_text(["503", "204", "204"])
    assert receiver.events.qsize() == before + 1


def test_the_clock_jumps_to_what_waits(page: Page, client: SmsManager, sandbox: Sandbox) -> None:
    client.send("See you on Monday.", to=NUMBER, at=sandbox.clock.now.replace(day=30))
    open_live(page, "/schedule")
    expect(page.locator(".due")).to_contain_text("scheduled: the message names this time")

    page.get_by_role("button", name="Jump to the next event").click()

    expect(page.locator(".due").first).to_contain_text("SMS: sent")
    assert sandbox.clock.now.day == 30


def test_searching_and_filtering(page: Page, client: SmsManager) -> None:
    client.send("Your code is 481516.", to=NUMBER, tag="login")
    client.send("Your parcel is here.", to="421905123456", tag="parcels")
    open_live(page, "/")

    page.keyboard.press("/")
    page.keyboard.type("481516")
    expect(page.locator(".row-body")).to_have_text(["Your code is 481516."])
    expect(page).to_have_url(re.compile(r"/\?q=481516$"))
    page.get_by_label("Search number").fill("905 123")
    expect(page.locator(".row-body")).to_have_text(["Your parcel is here."])
    page.get_by_label("Search number").fill("nothing of the kind")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_label("Search number").fill("")
    expect(page.locator(".row")).to_have_count(2)

    page.get_by_label("Tag", exact=True).select_option("login")
    expect(page.locator(".row-body")).to_have_text(["Your code is 481516."])
    page.get_by_role("link", name="Clear the filters").click()
    expect(page.locator(".row")).to_have_count(2)


def test_the_keyboard_is_enough(page: Page, client: SmsManager) -> None:
    for text in ("one", "two", "three"):
        client.send(text, to=NUMBER)
    open_live(page, "/")
    for key in "jjk":
        page.keyboard.press(key)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble .text")).to_have_text("two")
    # Each page is visible before its script listens to the keyboard.
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Schedule")).to_be_visible()


def test_the_theme_is_kept(page: Page) -> None:
    page.goto("/")
    for theme in ("dark", "light", "auto"):
        page.get_by_role("button", name="Theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.get_by_role("button", name="Theme").click()
    page.goto("/control")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(background) == "rgb(20, 22, 26)"


def test_what_a_form_refuses_is_shown(page: Page) -> None:
    page.goto("/control")
    page.get_by_text("Add a rule").click()
    page.locator("#paste-rule > summary").click()
    page.get_by_label("The rule, as JSON").fill('{"outcome": "perhaps"}')
    page.get_by_role("button", name="Add the JSON").click()
    expect(page.get_by_role("alert")).to_contain_text("outcome must be one of")
    page.get_by_label("The rule, as JSON").fill('{"outcome": "undelivered", "to": "420777123456"}')
    page.get_by_role("button", name="Add the JSON").click()
    expect(page.locator(".rule-what strong")).to_have_text("Undelivered")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Remove the rule: Undelivered").click()
    expect(page.locator(".rule")).to_have_count(0)


class TestWithoutScript:
    """The page is complete without its script."""

    @pytest.fixture
    def settings_of_the_browser(self) -> dict[str, Any]:
        return {"java_script_enabled": False}

    def test_reading_and_writing(self, page: Page, client: SmsManager) -> None:
        client.send("Are you coming?", to=NUMBER)
        page.goto("/")
        page.get_by_role("link", name="+420 777 123 456").click()
        expect(page.locator(".bubble .text")).to_have_text("Are you coming?")
        page.get_by_label("Text, as the recipient").fill("Yes.")
        page.get_by_role("button", name="Send the reply").click()
        expect(page.locator(".said-out .text")).to_have_text("Yes.")
        assert page.locator(".copy:visible").count() == 0

    def test_a_rule_and_the_filters(self, page: Page, client: SmsManager, sandbox: Sandbox) -> None:
        client.send("Hello", to=NUMBER, tag="login")
        page.goto("/control")
        page.get_by_text("Add a rule").click()
        # All fields are there; what means nothing for the choice is left out.
        page.get_by_label("What happens").select_option("not_taken")
        page.get_by_label("Only on this channel").select_option("viber")
        page.get_by_label("Only with this tag").fill("winter")
        page.get_by_role("button", name="Add the rule").click()
        assert [active.rule for active in sandbox.rules] == [Rule("not_taken", tag="winter")]
        page.goto("/")
        page.get_by_label("Tag", exact=True).select_option("login")
        page.get_by_role("button", name="Filter").click()
        expect(page).to_have_url(re.compile("tag=login"))
        expect(page.locator(".row")).to_have_count(1)
