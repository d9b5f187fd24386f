"""Each form of the page is used by keyboard alone: Tab, Enter, Space, arrows and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from smsmanager import (
    Rcs,
    RcsButton,
    RcsCard,
    Sms,
    SmsManager,
    TemplateButton,
    Viber,
    ViberButton,
    WhatsAppButton,
    WhatsAppTemplate,
    WhatsAppText,
)
from smsmanager.sandbox import Fault, Outcome, Rule, Sandbox
from tests.page.conftest import PATIENCE_MS
from tests.page.test_live import assert_not_reloaded, open_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

pytestmark = pytest.mark.thorough

NUMBER = "420777123456"
OTHER = "421905123456"
_MOST_TABS = 80

expect.set_options(timeout=PATIENCE_MS)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus, like a user without a mouse."""
    for _ in range(_MOST_TABS):
        if wanted.evaluate("each => each === document.activeElement"):
            shown = "getComputedStyle(document.activeElement).outlineStyle"
            after = "getComputedStyle(document.activeElement, '::after').outlineStyle"
            assert "solid" in {page.evaluate(shown), page.evaluate(after)}
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def choose(page: Page, label: str, typed: str) -> None:
    """Choose in a list by the beginning of the caption."""
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(typed)


def test_a_rule_by_its_fields(page: Page, sandbox: Sandbox) -> None:
    open_live(page, "/control")
    press(page, page.locator("#add-rule > summary"))
    choose(page, "What happens", "Failed")
    write(page, "Only to this number", "777 123 456")
    choose(page, "Only on this channel", "Viber")
    write(page, "Only with this tag", "winter-sale")
    write(page, "How many times", "3")
    press(page, page.locator("#more-rule > summary"))
    write(page, "Code in result_info", "7")
    tab_to(page, page.locator("#rule-probability"))
    page.keyboard.type("50")
    press(page, page.get_by_role("button", name="Add the rule"))

    shown = page.locator("#rules .rule")
    expect(shown).to_contain_text("50% of messages to +420 777 123 456 on Viber")
    (active,) = sandbox.rules
    assert active.rule == Rule(
        Outcome("failed", code=7),
        to="777 123 456",
        channel="viber",
        tag="winter-sale",
        times=3,
        probability=0.5,
    )
    # The form is ready for the next one, and what means nothing for a choice is not asked for.
    expect(page.get_by_label("Only to this number")).to_have_value("")
    page.locator("#rule-outcome").focus()
    page.keyboard.type("Refused")
    expect(page.get_by_label("Only on this channel")).to_be_hidden()
    assert_not_reloaded(page)


def test_a_rule_is_removed_and_brought_back(page: Page, sandbox: Sandbox) -> None:
    sandbox.rules.add(Rule("failed", to=NUMBER))
    sandbox.rules.add(Rule("seen", to=OTHER))
    before = list(sandbox.rules)
    open_live(page, "/control")
    press(page, page.get_by_role("button", name="Remove the rule: Failed"), "Space")
    expect(page.locator("#rules .rule")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("#rules .rule")).to_have_count(2)
    assert list(sandbox.rules) == before
    assert_not_reloaded(page)


def test_a_fault_by_its_fields(page: Page, sandbox: Sandbox) -> None:
    sandbox.inject(Fault("hang"))
    open_live(page, "/control")
    press(page, page.locator("#add-fault > summary"))
    form = page.locator("#add-fault")
    expect(form.get_by_label("Status of the answer")).to_be_visible()
    choose(page, "What goes wrong", "Redirect")
    expect(form.get_by_label("Status of the answer")).to_be_hidden()
    write(page, "Target address", "https://example.com/")
    tab_to(page, form.get_by_label("How many requests"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    press(page, page.get_by_role("button", name="Add the fault"))

    expect(page.locator("#faults .rule")).to_have_count(2)
    first, added = sandbox._service.faults.pending()
    assert (added.fault, added.times) == (Fault("redirect", location="https://example.com/"), 2)
    press(page, page.get_by_role("button", name="Remove the fault: Never answer"))
    expect(page.locator("#faults .rule")).to_have_count(1)
    press(page, page.get_by_role("button", name="Undo"))
    expect(page.locator("#faults .rule")).to_have_count(2)
    assert sandbox._service.faults.pending() == (first, added)
    press(page, page.get_by_role("button", name="Remove all faults"))
    expect(page.locator("#faults .rule")).to_have_count(0)
    assert_not_reloaded(page)


def test_json_is_pasted(page: Page, sandbox: Sandbox) -> None:
    open_live(page, "/control")
    for kind, text in (("rule", '{"outcome": "seen"}'), ("fault", '{"kind": "close"}')):
        press(page, page.locator(f"#add-{kind} > summary"))
        press(page, page.locator(f"#paste-{kind} > summary"))
        write(page, f"The {kind}, as JSON", text)
        press(page, page.locator(f"#paste-{kind}").get_by_role("button", name="Add the JSON"))
        expect(page.locator(f"#{kind}s .rule")).to_have_count(1)
    assert [active.rule for active in sandbox.rules] == [Rule("seen")]


def test_the_clock(page: Page, client: SmsManager, sandbox: Sandbox) -> None:
    start = sandbox.clock.now
    client.send("Hello", to=NUMBER, at=start.replace(day=30))
    open_live(page, "/control")
    press(page, page.get_by_role("button", name="+5 min"))
    expect(page.locator("#clock time")).to_have_text("09:05:00")
    write(page, "Jump to a time (UTC)", "2026-11-25T08:00:00Z")
    page.keyboard.press("Enter")
    expect(page.locator("#clock-face")).to_contain_text("25 Nov")
    press(page, page.get_by_role("button", name="Next event"))
    expect(page.locator("#clock-face")).to_contain_text("30 Nov")
    page.goto("/schedule")
    press(page, page.get_by_role("button", name="Jump the clock to").last)
    expect(page.get_by_role("heading", name="Nothing is planned")).to_be_visible()
    assert sandbox.messages[0].state == "delivered"


def test_searching_and_filtering(page: Page, client: SmsManager) -> None:
    client.send("Your code is 481516.", to=NUMBER, tag="login")
    client.send("Your table is ready.", to=OTHER, flow=[Viber(ttl=5), Sms()], tag="bistro")
    open_live(page, "/")
    choose(page, "Channel", "Viber")
    expect(page.locator(".row-body")).to_have_text(["Your table is ready."])
    press(page, page.get_by_role("link", name="Clear the filters"))
    expect(page.locator(".row")).to_have_count(2)
    write(page, "Search number, text, tag or id", "481516")
    expect(page.locator(".row-body")).to_have_text(["Your code is 481516."])
    press(page, page.get_by_role("link", name="Clear the filters"))
    expect(page.locator(".row")).to_have_count(2)
    press(
        page, page.get_by_role("link", name="Waiting").or_(page.get_by_role("link", name="Sending"))
    )
    expect(page.locator(".chip[aria-current]")).not_to_contain_text("All")
    press(page, page.get_by_role("button", name="Mark all as read"))
    expect(page.locator(".is-unread")).to_have_count(0)


def test_one_message_is_deleted_and_brought_back(
    page: Page, client: SmsManager, sandbox: Sandbox
) -> None:
    for text in ("one", "two", "three"):
        client.send(text, to=NUMBER)
    open_live(page, "/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".row-body")).to_have_text(["three", "one"])
    # The next one has the focus, so that several can be deleted in a row.
    page.keyboard.press("x")
    expect(page.locator(".row-body")).to_have_text(["three"])
    assert [message.body for message in sandbox.messages] == ["three"]
    page.keyboard.press("u")
    expect(page.locator(".row-body")).to_have_text(["three", "one"])
    assert_not_reloaded(page)

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    press(page, page.get_by_role("button", name="Delete", exact=True))
    expect(page.locator(".row")).to_have_count(1)
    press(page, page.get_by_role("button", name="Undo"))
    expect(page.locator(".row")).to_have_count(2)
    press(page, page.get_by_role("link", name="Control"))
    press(page, page.locator("#clear > summary"))
    press(page, page.get_by_role("button", name="Yes, delete everything"))
    expect(page.get_by_role("heading", name="Waiting for the first message")).to_be_visible()


FLOWS: dict[str, tuple[Callable[[], object], str, str]] = {
    "WhatsApp": (
        lambda: WhatsAppText(buttons=[WhatsAppButton(title="Yes, please", id="yes")]),
        "Yes, please",
        "whatsapp",
    ),
    "RCS": (
        lambda: Rcs(buttons=[RcsButton(type_="reply", text="Book", postback="book")]),
        "Book",
        "rcs",
    ),
    "RCS card": (
        lambda: Rcs(
            card=RcsCard(
                title="Lunch", buttons=[RcsButton(type_="reply", text="Order", postback="order")]
            )
        ),
        "Order",
        "rcs",
    ),
    "template": (
        lambda: WhatsAppTemplate(
            template_name="t", language="en", params_buttons=[TemplateButton(payload="call-me")]
        ),
        "call-me",
        "whatsapp",
    ),
}


@pytest.mark.parametrize("name", FLOWS)
def test_a_quick_reply_answers(page: Page, client: SmsManager, sandbox: Sandbox, name: str) -> None:
    make, caption, gateway = FLOWS[name]
    client.send("Shall we?", to=NUMBER, flow=[make(), Sms()])  # type: ignore[list-item]
    open_live(page, f"/phones/{NUMBER}")
    # What the phone has not got yet, nobody can touch.
    expect(page.locator(".button-face")).to_have_count(1)
    expect(page.get_by_role("button", name=caption)).to_have_count(0)
    sandbox.advance(10)
    press(page, page.get_by_role("button", name=caption))
    expect(page.locator(".said-out .text")).to_have_text(caption)
    (answer,) = sandbox.incoming
    assert (answer.body, answer.gateway, answer.sender) == (caption, gateway, NUMBER)
    assert answer.reply_to is sandbox.messages[0]
    assert_not_reloaded(page)


def test_a_button_answers_the_step_that_it_belongs_to(
    page: Page, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send(
        "Shall we?",
        to=NUMBER,
        flow=[
            Rcs(
                ttl=1,
                ttl_condition="seen",
                buttons=[RcsButton(type_="reply", text="Book", postback="book")],
            ),
            Sms(),
        ],
    )
    sandbox.advance(120)
    open_live(page, f"/messages/{sandbox.messages[0].sequence}")
    expect(page.locator(".said-in")).to_have_count(2)
    press(page, page.get_by_role("button", name="Book"))
    expect(page.locator(".said-out")).to_have_count(1)
    assert sandbox.incoming[0].gateway == "rcs"


def test_a_button_with_an_address_opens_it(
    page: Page, client: SmsManager, sandbox: Sandbox
) -> None:
    address = f"{sandbox.url}/schedule"
    client.send(
        "Your table is ready.",
        to=NUMBER,
        flow=[Viber(buttons=[ViberButton(title="Directions", url=address)])],
    )
    sandbox.advance(10)
    page.goto(f"/phones/{NUMBER}")
    button = page.get_by_role("link", name="Directions")
    tab_to(page, button)
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_load_state()
    assert opened.value.url == address
    assert opened.value.evaluate("window.opener") is None


def test_writing_from_a_phone(page: Page, client: SmsManager, sandbox: Sandbox) -> None:
    client.send("Hello", to=NUMBER)
    open_live(page, "/phones")
    press(page, page.locator("#unsolicited > summary"))
    write(page, "From", "+420 608 111 222")
    write(page, "To", "420900123")
    choose(page, "Channel", "WhatsApp")
    write(page, "Text", "Are you open?")
    press(page, page.get_by_role("button", name="Send", exact=True))
    expect(page.locator("#p-420608111222")).to_contain_text("Are you open?")
    assert [m.gateway for m in sandbox.incoming] == ["whatsapp"]
    press(page, page.locator(f"#p-{NUMBER}-link"))
    tab_to(page, page.get_by_label("Text, as the recipient"))
    page.keyboard.type("Yes")
    press(page, page.get_by_role("button", name="Send the reply"))
    expect(page.locator(".said-out .text")).to_have_text("Yes")


def test_theme_and_help(page: Page) -> None:
    page.goto("/")
    press(page, page.get_by_role("button", name="Theme"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    press(page, page.get_by_role("button", name="Keyboard help"))
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    press(page, page.get_by_role("button", name="Close", exact=True))
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
