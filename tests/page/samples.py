"""View objects to fill the templates with, made without a sandbox."""

from __future__ import annotations

import attrs

from smsmanager.sandbox.engine.records.received_message import ReceivedStep
from smsmanager.sandbox.page._bubbles import content
from smsmanager.sandbox.page._control_page import ControlPage, RuleRow
from smsmanager.sandbox.page._conversation import Bubble, ReplyBox
from smsmanager.sandbox.page._frame import Clock, Frame
from smsmanager.sandbox.page._inbox_page import Filter, Hop, InboxPage, Row
from smsmanager.sandbox.page._message_page import Fact, MessagePage, StepFacts
from smsmanager.sandbox.page._phones_page import Conversation, PhonesPage
from smsmanager.sandbox.page._query import Choice
from smsmanager.sandbox.page._render import ErrorPage
from smsmanager.sandbox.page._requests_page import RequestRow, RequestsPage
from smsmanager.sandbox.page._schedule_page import Due, SchedulePage
from smsmanager.sandbox.page._timeline import Attempt, Event
from smsmanager.sandbox.page._tones import Label
from smsmanager.sandbox.page._undo import Offer

NOW = "2026-11-24T09:15:00+00:00"


def step(channel: str, body: str | None = None, **fields: object) -> ReceivedStep:
    return ReceivedStep(channel, body, "Bistro", fields)


STEPS = {
    "sms": step("sms", "Your parcel is on its way. Track it at https://example.com/track/17."),
    "sms_parts": step("sms", "Dobrý den, vaše zásilka je na cestě. " * 4),
    "viber": step(
        "viber",
        "Your table is ready.",
        buttons=[{"title": "Directions", "url": "https://example.com/map"}],
    ),
    "whatsapp_image": step(
        "whatsapp_text",
        "This is your receipt.",
        image={"link": "https://example.com/receipt.png", "caption": "Receipt 17"},
    ),
    "whatsapp_buttons": step(
        "whatsapp_text",
        "Shall we deliver today?",
        header="Delivery",
        footer="Parcels Ltd.",
        buttons=[{"title": "Yes", "id": "deliver-yes"}, {"title": "No"}],
    ),
    "whatsapp_link": step(
        "whatsapp_text",
        "Your invoice is ready.",
        url="https://example.com/invoice/17",
        title="Open invoice",
    ),
    "whatsapp_raw": step("whatsapp_text", "Choose a time.", raw={"interactive": {"type": "list"}}),
    "whatsapp_template": step(
        "whatsapp_template",
        template_name="order_shipped",
        language="en",
        params=["Jana", {"order_number": "A-17"}],
        params_header=[{"image": "https://example.com/box.png"}],
        params_buttons=[
            None,
            "track/A-17",
            {"payload": "order-17"},
            {"code": "4711"},
            {"voice_call": {"ttl_minutes": 30}},
        ],
        params_carousel=[{"product": {"product_retailer_id": "sku-1", "catalog_id": "9001"}}],
        params_lto=[1767225600000],
    ),
    "rcs": step(
        "rcs",
        "Book a table?",
        buttons=[
            {"type": "reply", "text": "Book", "postback": "book"},
            {"type": "url", "text": "Menu", "postback": "menu", "url": "https://example.com/menu"},
        ],
    ),
    "rcs_carousel": step(
        "rcs",
        "Lunch and dinner",
        carousel=[
            {
                "title": "Lunch",
                "description": "Soup and a main course.",
                "file": "https://example.com/lunch.jpg",
            },
            {
                "title": "Dinner",
                "description": "Three courses.",
                "file": "https://example.com/dinner.jpg",
            },
        ],
    ),
}


def frame(place: str = "inbox", **changes: object) -> Frame:
    places = {
        "Inbox": ("inbox", 128, "neutral"),
        "Phones": ("phones", None, "neutral"),
        "Schedule": ("schedule", 4, "neutral"),
        "Requests": ("requests", 2, "bad"),
        "Control": ("control", None, "neutral"),
    }
    values: dict[str, object] = {
        "title": place.capitalize(),
        "place": place,
        "here": f"/{place}",
        "navigation": tuple(
            Choice(caption, f"/{name}", current=name == place, count=count, tone=tone)  # type: ignore[arg-type]
            for caption, (name, count, tone) in places.items()
        ),
        "inboxes": (
            Choice("All keys", "/", current=True, count=128),
            Choice("shop-key (3f2a)", "/?inbox=3f2a", count=100),
        ),
        "inbox": "",
        "clock": Clock(
            NOW,
            "manual",
            0,
            "It stands still.",
            "2026-11-24T09:20:00+00:00",
            "Viber waits for seen",
        ),
        "base_url": "http://127.0.0.1:8025/v2",
        "theme": "auto",
        "version": 17,
        "undo": Offer(3, "The rule was removed.", lambda: None, 0),
    }
    return Frame(**{**values, **changes})  # type: ignore[arg-type]


DELIVERED = Label("delivered", "good")
SEEN = Label("seen", "good")
WAITING = Label("scheduled", "waiting")
SENT = Label("sent", "moving")
FAILED = Label("undelivered", "bad")


def row(
    number: int,
    state: Label,
    text: str,
    *hops: tuple[str, str, bool],
    tags: tuple[str, ...] = (),
) -> Row:
    return Row(
        key=f"m-{number}",
        href=f"/messages/{number}",
        number="420777123456",
        thread="/phones/420777123456",
        state=state,
        hops=tuple(
            Hop(channel=name.lower(), name=name, tone=tone, current=current)  # type: ignore[arg-type]
            for name, tone, current in hops
        ),
        text=text,
        tags=tags,
        size="2 parts",
        price="2.10 CZK",
        at="2026-11-24T09:14:03+00:00",
        unread=number > 7,
        delete=f"/messages/{number}/delete",
    )


ROWS = (
    row(
        9,
        WAITING,
        "Naše akce začíná zítra. Těšíme se na vás!",
        ("SMS", "waiting", True),
        tags=("winter-sale",),
    ),
    row(8, SENT, "Your table is ready.", ("Viber", "moving", True), ("SMS", "neutral", False)),
    row(
        7,
        DELIVERED,
        "Your table is ready.",
        ("Viber", "bad", False),
        ("SMS", "good", True),
        tags=("transactional",),
    ),
    row(6, FAILED, "<script>alert(1)</script>", ("SMS", "bad", True), tags=("promotional",)),
    row(5, SEEN, "Template order_shipped (en): Jana, A-17", ("WhatsApp", "good", True)),
    row(4, DELIVERED, "مرحبا بالعالم، هذا نص من اليمين إلى اليسار.", ("RCS", "good", True)),
)


def inbox(**changes: object) -> InboxPage:
    values: dict[str, object] = {
        "rows": ROWS,
        "search": "",
        "keeps": (),
        "states": (
            Choice("All", "/", current=True, count=128),
            Choice("Delivered", "/?state=delivered", count=90, tone="good"),
            Choice("Waiting", "/?state=waiting", count=12, tone="waiting"),
            Choice("Failed", "/?state=failed", count=3, tone="bad"),
        ),
        "filters": (
            Filter(
                name="channel",
                caption="Channel",
                value="viber",
                choices=(("", "Any channel"), ("sms", "SMS"), ("viber", "Viber")),
            ),
            Filter(name="tag", caption="Tag", value="", choices=(("", "Any tag"), ("a", "a"))),
        ),
        "summary": "128 messages, 143.20 CZK",
        "older": "/?before=4",
        "older_caption": "Older",
        "unread": True,
        "newer": None,
        "filtered": False,
        "empty": False,
        "exports": (Choice("JSON", "/export.json"), Choice("CSV", "/export.csv")),
    }
    return InboxPage(**{**values, **changes})  # type: ignore[arg-type]


def bubbles() -> tuple[Bubble, ...]:
    found = [
        Bubble(
            key=f"b-{name}",
            side="in",
            channel=given.channel,
            name=given.channel,
            sender="Bistro",
            state=DELIVERED,
            at="2026-11-24T09:14:03+00:00",
            content=content(given, marks=True),
            href="/messages/7",
            price="1.05 CZK",
            action="/phones/420777123456",
            sequence=7,
        )
        for name, given in STEPS.items()
    ]
    found.append(
        Bubble(
            key="b-reply",
            side="out",
            channel="sms",
            name="SMS",
            sender="",
            state=None,
            at="2026-11-24T09:14:30+00:00",
            content=content(step("sms", "Yes, please. Děkuji!")),
        )
    )
    found.append(
        Bubble(
            key="b-due",
            side="in",
            channel="sms",
            name="SMS",
            sender="Bistro",
            state=WAITING,
            at="2026-11-24T09:20:00+00:00",
            content=content(step("sms", "See you at eight.")),
            note="Waits for Monday 8:00 (delivery_time)",
            pending=True,
        )
    )
    return tuple(found)


REPLY = ReplyBox(
    action="/phones/420777123456", choices=(("7", "Viber, to Bistro"), ("5", "SMS, to Bistro"))
)


def phones(number: str = "420777123456") -> PhonesPage:
    return PhonesPage(
        conversations=tuple(
            Conversation(
                key=f"p-42077712345{n}",
                href=f"/phones/42077712345{n}",
                number=f"42077712345{n}",
                text="Your table is ready.",
                at="2026-11-24T09:14:03+00:00",
                state=DELIVERED,
                current=n == 6,
                opted_out=n == 8,
            )
            for n in range(4, 9)
        ),
        number=number,
        bubbles=bubbles() if number else (),
        earlier=True,
        reply=REPLY if number else None,
        senders=("Bistro",),
    )


ATTEMPTS = (
    Attempt(
        key="a-1",
        number=1,
        only=False,
        at="2026-11-24T09:14:04+00:00",
        url="http://127.0.0.1:9000/hook",
        state=Label("503", "bad"),
        latency="12 ms",
        answer="try later",
        body='[{"type": "outgoing"}]',
        headers=(("User-Agent", "SmsManager-Webhook/1.0"),),
        next_at="2026-11-24T09:14:34+00:00",
    ),
    Attempt(
        key="a-2",
        number=2,
        only=False,
        at="2026-11-24T09:14:34+00:00",
        url="http://127.0.0.1:9000/hook",
        state=Label("204", "good"),
        latency="8 ms",
        answer="",
        body='[{"type": "outgoing"}]',
        headers=(),
    ),
)


def message() -> MessagePage:
    return MessagePage(
        row=ROWS[2],
        bubbles=bubbles()[2:3] + bubbles()[:1],
        events=(
            Event(
                key="e-1", at=NOW, since="", title="Accepted", detail="POST /message", icon="arrive"
            ),
            Event(
                key="e-2", at=NOW, since="+0 s", title="Viber: sending", icon="send", tone="moving"
            ),
            Event(
                key="e-3",
                at=NOW,
                since="+2 s",
                title="Viber: sent",
                icon="check",
                tone="moving",
                price="0.60 CZK",
                attempts=ATTEMPTS,
                resend="/messages/7/webhooks/1",
            ),
            Event(
                key="e-4",
                at=NOW,
                since="+5 min",
                title="Falls back to SMS",
                detail="Viber was not seen within 5 minutes",
                icon="fall",
                tone="waiting",
            ),
            Event(
                key="e-5",
                at=NOW,
                since="+5 min 3 s",
                title="SMS: delivered",
                detail="[0] Delivered",
                icon="checks",
                tone="good",
                price="1.05 CZK",
                attempts=ATTEMPTS[1:],
                resend="/messages/7/webhooks/2",
            ),
            Event(
                key="e-6",
                at=NOW,
                since="in 30 s",
                title="Webhook is repeated",
                icon="hook",
                tone="waiting",
                due=True,
            ),
        ),
        facts=(
            Fact(name="Message id", value="e27ff0ac-87b5-4e1d-b644-5fc6029e2a11", code=True),
            Fact(name="Payload", value='{"campaign": 17}', code=True),
            Fact(name="Number as given", value="+420 777 123 456"),
        ),
        steps=(
            StepFacts(
                name="Viber",
                channel="viber",
                sender="Bistro",
                encoding="",
                parts="",
                units="",
                wide="",
                ttl="seen within 5 min",
                state=FAILED,
                price="0.60 CZK",
            ),
            StepFacts(
                name="SMS",
                channel="sms",
                sender="Bistro",
                encoding="UCS-2",
                parts="2",
                units="90 of 134",
                wide="š á ě",
                ttl="",
                state=DELIVERED,
                price="2.10 CZK",
            ),
        ),
        links=(Fact(name="https://s.example/a1", value="https://example.com/track/17 (2 clicks)"),),
        raw='{\n  "to": [{"phone_number": "420777123456"}]\n}',
        reply=REPLY,
        total="2.70 CZK",
        newer="/messages/8",
        older="/messages/6",
    )


def schedule() -> SchedulePage:
    return SchedulePage(
        due=tuple(
            Due(
                key=f"d-{n}",
                at=f"2026-11-24T09:2{n}:00+00:00",
                wait=f"in {n + 5} min",
                what="SMS goes out to",
                why="datetime of the message",
                number="420777123456",
                text="Our sale starts tomorrow.",
                href="/messages/9",
                moment=f"2026-11-24T09:2{n}:00+00:00",
            )
            for n in range(4)
        ),
        total=4,
    )


def requests() -> RequestsPage:
    return RequestsPage(
        rows=(
            RequestRow(
                key="q-2",
                at=NOW,
                method="POST",
                path="/v2/message",
                status="400",
                state=Label("400 refused", "bad"),
                pointer="/flow/0/viber/ttl",
                reason="this value is less than the minimum of 0.5",
                recipients=0,
                request_id="",
                body='{"to": []}',
            ),
            RequestRow(
                key="q-1",
                at=NOW,
                method="POST",
                path="/v2/message",
                status="200",
                state=Label("200 taken", "good"),
                pointer="",
                reason="",
                recipients=1,
                request_id="r",
            ),
        ),
        filters=(
            Choice("Refused", "/requests", current=True, count=2, tone="bad"),
            Choice("All", "/requests?all=1", count=130),
        ),
        older="/requests?before=1",
    )


def control() -> ControlPage:
    return ControlPage(
        rules=(
            RuleRow(
                key="r-1",
                what="undelivered",
                when="number 420777123999",
                times="",
                remove="/rules/1",
            ),
        ),
        faults=(
            RuleRow(
                key="f-1",
                what="status 503, retry after 2 s",
                when="the next 3 requests",
                times="3 left",
                remove="/faults/1",
            ),
        ),
        magic=(("420777777001", "rejected in the answer"),),
        credit="1,000.00 CZK",
        opted_out=("420777123458",),
        rule_example='{"number": "420777123999", "outcome": "undelivered"}',
        fault_example='{"kind": "status", "status_code": 503}',
    )


PAGES: dict[str, tuple[Frame, attrs.AttrsInstance]] = {
    "inbox.html": (frame("inbox"), inbox()),
    "phones.html": (frame("phones"), phones()),
    "message.html": (frame("inbox"), message()),
    "schedule.html": (frame("schedule"), schedule()),
    "requests.html": (frame("requests"), requests()),
    "control.html": (frame("control"), control()),
    "error.html": (frame("inbox"), ErrorPage("Not found", "There is no such message.", "/")),
}
