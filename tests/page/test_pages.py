"""What each page shows of a sandbox, asked over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from smsmanager import Sms, SmsManager, Viber
from smsmanager.sandbox import Fault, MagicNumber, ReceivedMessage, Rule, Sandbox
from smsmanager.sandbox.engine.search import Search
from smsmanager.sandbox.page._inbox_page import ROWS, inbox_page
from smsmanager.sandbox.page._query import Query
from smsmanager.sandbox.page._unread import Unread
from tests.page.conftest import KEY

if TYPE_CHECKING:
    import httpx

NUMBER = "420777123456"
OTHER = "420777123457"


def rows(html: str) -> list[str]:
    """Return the texts of a list."""
    return re.findall(r'class="row-body" dir="auto">(.*?)</span>', html)


def test_the_newest_messages_come_first_a_page_at_a_time(
    http: httpx.Client, client: SmsManager
) -> None:
    for number in range(ROWS + 3):
        client.send(f"message {number}", to=NUMBER)
    html = http.get("/").text
    assert rows(html) == [f"message {n}" for n in range(ROWS + 2, 2, -1)]
    assert f"{ROWS + 3} messages" in html
    assert f"The newest {ROWS} that match" in http.get("/?q=message").text
    older = re.search(r'href="(/\?before=\d+)"', html)
    assert older
    html = http.get(older[1]).text
    assert rows(html) == ["message 2", "message 1", "message 0"]
    assert 'rel="next"' not in html
    assert ">Newest<" in html.replace("</svg>", ">")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=parcel", ["Your parcel"]),
        ("q=PARCEL", ["Your parcel"]),
        ("q=905+123", ["Your parcel"]),
        ("q=%2B421+905", ["Your parcel"]),
        ("q=login", ["Your code"]),
        ("q=nothing", []),
        ("tag=login", ["Your code"]),
        ("channel=viber", ["Your table"]),
        ("state=waiting", []),
        ("state=delivered", ["Your table", "Your code", "Your parcel"]),
        ("state=no-such-state", []),
        ("inbox=ffffffffffff", []),
    ],
)
def test_filters(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox, query: str, found: list[str]
) -> None:
    client.send("Your parcel", to="421905123456")
    client.send("Your code", to=NUMBER, tag="login")
    client.send("Your table", to=NUMBER, flow=[Viber(ttl=5), Sms()])
    sandbox.advance(10)
    html = http.get(f"/?{query}").text
    assert rows(html) == found
    if not found:
        assert "Nothing matches" in html or "There is no message in this inbox" in html


def test_a_message_is_found_by_its_ids(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("one", to=NUMBER)
    client.send("two", to=NUMBER)
    message = sandbox.messages[0]
    for given in (message.message_id, message.request_id):
        assert rows(http.get(f"/?q={given}").text) == ["one"]


def test_each_key_has_an_inbox(http: httpx.Client, sandbox: Sandbox) -> None:
    for key in ("first", "second"):
        with SmsManager(key, base_url=sandbox.base_url) as client:
            client.send(f"of the {key}", to=NUMBER)
    first, second = (message.key_fingerprint for message in sandbox.messages)
    html = http.get("/").text
    assert rows(html) == ["of the second", "of the first"]
    for fingerprint, text in ((first, "of the first"), (second, "of the second")):
        assert f'href="/?inbox={fingerprint}"' in html
        assert rows(http.get(f"/?inbox={fingerprint}").text) == [text]
        phone = http.get(f"/phones/{NUMBER}?inbox={fingerprint}").text
        assert text in phone
        assert ("of the first" in phone) != ("of the second" in phone)
        alone = http.get(f"/messages/{sandbox.latest().sequence}?inbox={first}")  # type: ignore[union-attr]
        assert 'rel="next"' in alone.text
    # Which of them a phone writes to has to be chosen.
    form = {"number": OTHER, "body": "Hello"}
    assert http.post("/phones", data=form, headers={"accept": "text/plain"}).status_code == 400
    http.post(f"/phones?inbox={first}", data=form)
    assert [incoming.key_fingerprint for incoming in sandbox.incoming] == [first]
    http.post(f"/clear?inbox={first}", data={"here": "/"})
    assert [message.body for message in sandbox.messages] == ["of the second"]
    http.post("/clear", data={"here": "/"})
    assert sandbox.messages == ()


def test_a_phone_shows_the_conversation(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send(
        "Come at eight?",
        to=NUMBER,
        params={"_incoming": {"reply": "Thank you!"}},
        flow=[Viber(ttl=5, ttl_condition="seen"), Sms()],
    )
    sandbox.advance(400)
    sandbox.reply("STOP", to=NUMBER)
    client.send("Half price", to=NUMBER, tag="promotional")
    sandbox.advance(10)
    html = http.get(f"/phones/{NUMBER}").text
    shown = [
        html.index(text) for text in ("Viber</span>", "SMS instead of Viber", ">STOP", "Thank you!")
    ]
    assert shown == sorted(shown)
    assert "Not sent: [304]" in html
    assert html.count("opted out") >= 2
    assert "Opts out: no more promotional messages" in html
    assert http.get("/phones/no-number").status_code == 404
    assert "reply-body" not in http.get(f"/phones/{OTHER}").text


def test_the_newest_phones_are_listed(
    http: httpx.Client, client: SmsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsmanager.sandbox.page._phones_page._PHONES", 2)
    for last in range(4):
        client.send("Hello", to=f"42077712345{last}")
    html = http.get("/phones").text
    assert re.findall(r'id="p-(\d+)-link"', html) == ["420777123453", "420777123452"]


def test_a_message_that_was_not_taken_says_so(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("Hello", to=MagicNumber.REJECTED)
    message = sandbox.messages[0]
    html = http.get(f"/messages/{message.sequence}").text
    assert "Refused at once: listed under rejected in the answer" in html
    assert "reply-body" not in html
    form = {"to": str(message.sequence), "body": "Hello"}
    assert http.post(f"/phones/{message.to}", data=form).status_code == 400
    assert http.post(f"/phones/{OTHER}", data=form).status_code == 400


def test_a_message_in_full(http: httpx.Client, client: SmsManager, sandbox: Sandbox) -> None:
    client.send("older", to=NUMBER)
    client.send(
        "Naše zásilka https://example.com/a",
        to=NUMBER,
        payload={"order": 7},
        params={"_url": {"type": "full"}},
    )
    client.send("newer", to=NUMBER)
    sandbox.advance(10)
    message = sandbox.messages[1]
    (link,) = message.journey.links
    http.get(f"/l/{link.code}")
    html = " ".join(http.get(f"/messages/{message.sequence}").text.split())
    assert "UCS-2" in html
    assert "because of <mark><bdi>š á</bdi></mark>" in html
    assert "https://example.com/a (1 click)" in html
    assert "A short link was opened" in html
    assert "&#34;order&#34;: 7" in html
    assert message.message_id
    assert message.message_id in html
    for other in (sandbox.messages[0], sandbox.messages[2]):
        assert f'href="/messages/{other.sequence}"' in html
    assert http.get("/messages/999999").status_code == 404


def test_a_blocked_webhook_says_why(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("Hello", to=NUMBER, callback="https://example.com/hook")
    sandbox.flush()
    html = http.get(f"/messages/{sandbox.messages[0].sequence}").text
    assert "--allow-callback-host" in html
    delivery = sandbox.deliveries[0].id
    assert http.post(f"/messages/1/webhooks/{delivery}").status_code == 415
    resent = http.post(f"/messages/1/webhooks/{delivery}", data={"here": "/"})
    assert resent.status_code == 303
    assert http.post("/messages/1/webhooks/999999", data={"here": "/"}).status_code == 404


def test_a_signed_webhook_shows_its_signature(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("Hello", to=NUMBER)
    sandbox.configure(secret="a-secret", callback="http://127.0.0.1:9/hook")
    client.send("Hello again", to=NUMBER)
    sandbox.flush()
    html = http.get(f"/messages/{sandbox.messages[1].sequence}").text
    assert "X-Request-Signature" in html
    assert "a-secret" not in html


def test_the_schedule_says_what_waits_and_why(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    assert "Nothing is planned" in http.get("/schedule").text
    sandbox.rules.add(Rule("never", to=OTHER))
    sandbox.configure(callback="http://127.0.0.1:9/hook")
    client.send("later", to=NUMBER, at=sandbox.clock.now.replace(day=30))
    client.send("two steps", to=OTHER, flow=[Viber(ttl=5), Sms()])
    client.send("replies", to=MagicNumber.REPLIES, callback="http://127.0.0.1:9/hook")
    sandbox.flush()
    scheduled = "scheduled: the message names this time in datetime"
    assert scheduled in http.get(f"/messages/{sandbox.messages[0].sequence}").text
    html = http.get("/schedule").text
    for piece in (
        scheduled,
        "Viber: time limit for delivered",
        "if it is not delivered by then, SMS is sent instead",
        "The recipient replies",
        "The webhook is sent again",
        "SMS: delivered",
        # What the messages say.
        '<bdi dir="auto">later</bdi>',
        '<bdi dir="auto">two steps</bdi>',
    ):
        assert piece in html
    before = sandbox.clock.now
    http.post("/clock", data={"to": "next"})
    assert sandbox.clock.now > before


@pytest.mark.parametrize(
    ("form", "status_code"),
    [
        ({"advance": "60"}, 303),
        ({"advance": "-1"}, 400),
        ({"advance": "nan"}, 400),
        ({"advance": "1e300"}, 400),
        ({"advance": "x"}, 400),
        ({"to": "next"}, 400),
        ({"to": "2000-01-01T00:00:00Z"}, 400),
        ({"to": "soon"}, 400),
        ({}, 400),
    ],
)
def test_the_clock_jumps_ahead_only(
    http: httpx.Client, sandbox: Sandbox, form: dict[str, str], status_code: int
) -> None:
    before = sandbox.clock.now
    answer = http.post("/clock", data={"here": "/control", **form})
    assert answer.status_code == status_code
    moved = (sandbox.clock.now - before).total_seconds()
    assert moved == (60 if status_code == 303 else 0)


def test_the_clock_jumps_to_a_moment(http: httpx.Client, sandbox: Sandbox) -> None:
    moment = sandbox.clock.now.replace(year=2030)
    http.post("/clock", data={"to": moment.isoformat()})
    assert sandbox.clock.now == moment


def test_refused_requests_show_reason_and_place(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("taken", to=NUMBER)
    http.post(
        "/v2/message",
        headers={"x-api-key": KEY},
        json={"to": [{"phone_number": NUMBER}], "flow": [{"viber": {"ttl": 0.1}}]},
    )
    sandbox.inject(Fault("short"))
    client.send("a fault", to=NUMBER)
    html = http.get("/requests").text
    assert "/flow/0/viber/ttl" in html
    assert "less than the minimum" in html
    assert "fault: short after processing" in html
    assert html.count('class="request"') == 2
    assert http.get("/requests?all=1").text.count('class="request"') == 3


def test_requests_come_a_page_at_a_time(http: httpx.Client, client: SmsManager) -> None:
    for _ in range(52):
        client.send("taken", to=NUMBER)
    html = http.get("/requests?all=1").text
    older = re.search(r'href="(/requests\?all=1&amp;before=\d+)"', html)
    assert older
    assert http.get(older[1].replace("&amp;", "&")).text.count('class="request"') == 2
    assert "No requests here" in http.get("/requests").text


def test_the_account_as_it_sees_itself(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    assert "No API key has been used yet." in http.get("/account").text
    client.service.optouts.add([NUMBER, OTHER])
    client.service.blacklist.add(OTHER)
    client.service.update_key(default_callback_url="http://127.0.0.1:9/hook", note="<b>Shop</b>")
    sandbox.inbox(KEY).configure(credit=10)
    html = " ".join(http.get("/account").text.split())
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd[^>]*>(.*?)</dd>", html))
    shown = {name: re.sub("<[^>]*>", "", value).strip() for name, value in facts.items()}
    assert shown["Opted out"] == "+420 777 123 456, +420 777 123 457"
    assert shown["Blacklisted"] == "+420 777 123 457"
    assert shown["Credit left"].startswith("10.00")
    assert shown["Note"] == "&lt;b&gt;Shop&lt;/b&gt;"
    assert shown["Webhooks go to"] == "http://127.0.0.1:9/hook"
    assert (shown["sms"][:4], shown["viber"][:4]) == ("1.05", "0.60")
    assert "+420 777" not in http.get("/account?inbox=ffffffffffff").text
    assert 'href="/account"' in http.get("/control").text


def test_the_controls(http: httpx.Client, client: SmsManager, sandbox: Sandbox) -> None:
    client.send("Hello", to=NUMBER)
    sandbox.configure(credit=12)
    rule = (
        '{"outcome": "failed", "tag": "a", "code": 7, "info": "broken", "delay_s": 90, '
        '"reply": "hm", "times": 2, "probability": 0.5}'
    )
    assert http.post("/rules", data={"rule": rule}).status_code == 303
    fault = '{"kind": "status", "status_code": 503, "times": 3}'
    assert http.post("/faults", data={"fault": fault}).status_code == 303
    html = " ".join(http.get("/control").text.split())
    assert "Failed, [7] broken, after 1 min 30 s, then replies hm" in html
    assert "50% of messages with the tag a" in html
    assert "2 more times" in html
    assert "Answer with status 503" in html
    assert "3 more requests" in html
    assert "12.00 CZK" in html
    for number in MagicNumber:
        assert f"<code>{number}</code>" in html
    (active,) = sandbox.rules
    http.post(f"/rules/{active.id}", data={"here": "/"})
    http.post("/faults/clear", data={"here": "/"})
    html = http.get("/control").text
    assert "No rules yet:" in html
    assert "No faults:" in html


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/rules", {"rule": "{"}, "This is not JSON"),
        ("/rules", {"rule": "[]"}, "A rule must be a JSON object"),
        ("/rules", {"here": "/"}, "This is not JSON"),
        ("/faults", {"fault": '{"kind": "x"}'}, "kind must be one of"),
        ("/theme", {"theme": "pink"}, "no such theme"),
        ("/phones", {"number": "none", "body": "Hello"}, "Enter the number"),
        ("/phones", {"number": OTHER, "body": " "}, "Enter a text first"),
        ("/phones", {"number": OTHER, "body": "x" * 1001}, "at most 1000 characters"),
        ("/phones", {"number": OTHER, "body": "Hello"}, "Choose the inbox"),
        (f"/phones/{NUMBER}", {"to": "1", "body": "Hello"}, "There is no such message"),
    ],
)
def test_what_is_refused_is_shown(
    http: httpx.Client, path: str, form: dict[str, str], said: str
) -> None:
    quiet = http.post(path, data=form, headers={"accept": "text/plain"})
    assert quiet.status_code in {400, 404}
    assert said in quiet.text
    whole = {"here": "/control", **form}
    page = http.post(path, data=whole)
    assert said in page.text
    assert f'class="button" href="{whole["here"]}"' in page.text
    assert "<h1>" in page.text


def test_a_form_has_its_limits(http: httpx.Client) -> None:
    for content, content_type, status_code in (
        (b"{}", "application/json", 415),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"a=%FF", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 50, "application/x-www-form-urlencoded", 400),
    ):
        answer = http.post("/clock", content=content, headers={"content-type": content_type})
        assert answer.status_code == status_code


def test_assets(http: httpx.Client) -> None:
    for name, media_type in (
        ("page.css", "text/css"),
        ("page.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ):
        answer = http.get(f"/assets/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
    assert http.get("/assets/other.py").status_code == 404


def test_the_theme_is_a_cookie(http: httpx.Client) -> None:
    answer = http.post("/theme", data={"theme": "dark", "here": "/control"})
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert 'data-theme="dark"' in http.get("/control").text
    http.cookies.set("theme", "nonsense")
    http.cookies.clear()
    answer = http.get("/", headers={"cookie": "theme=nonsense"})
    assert 'data-theme="auto"' in answer.text


def test_a_page_does_not_walk_the_store(client: SmsManager, sandbox: Sandbox) -> None:
    """The list of a large inbox looks at few messages, however many are older."""
    for number in range(300):
        client.send(f"message {number}", to=NUMBER)
    looked_at: set[int] = set()

    class Watched:
        def __len__(self) -> int:
            return len(received)

        def __getitem__(self, index: int) -> ReceivedMessage:
            looked_at.add(index)
            return received[index]

    received = sandbox.messages
    engine = sandbox._service.engine
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.inbox, "messages", lambda *_: Watched())
        assert len(inbox_page(engine, Query(), Unread()).rows) == ROWS
    assert len(looked_at) <= 250


@pytest.mark.parametrize(
    "path",
    ["/?q=nothing", "/?tag=none", "/?state=failed", "/?q=999", f"/phones/{OTHER}", "/phones"],
)
def test_what_a_page_looks_at_is_bounded(
    http: httpx.Client,
    client: SmsManager,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """A search that finds nothing says where it stopped, and continues from there."""
    monkeypatch.setattr("smsmanager.sandbox.page._inbox_page.LOOKED_AT", 20)
    monkeypatch.setattr("smsmanager.sandbox.page._frame._MOST_COUNTED", 10)
    monkeypatch.setattr("smsmanager.sandbox.page._inbox_page._RECENT", 10)
    client.send("old", to=OTHER, tag="none")
    client.send("newer", to=[f"4207771{n:05}" for n in range(60)])
    looked_at: list[str] = []
    matches = Search.matches

    def watched(self: Search, message: ReceivedMessage) -> bool:
        looked_at.append(message.to)
        return matches(self, message)

    monkeypatch.setattr(Search, "matches", watched)
    html = http.get(path).text
    assert OTHER not in looked_at
    assert len(looked_at) <= 60
    if not path.startswith("/?"):
        return
    assert "0 matches among the newest 20 messages" in html
    steps = 0
    while (older := re.search(r'href="([^"]*before=\d+)"', html)) is not None:
        html = http.get(older[1].replace("&amp;", "&")).text
        steps += 1
    assert steps == 3
    assert rows(html) == (["old"] if "tag" in path else [])
