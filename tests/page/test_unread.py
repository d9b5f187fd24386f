"""What was not opened yet, and what can be undone: pure, and as the page shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager.sandbox import Fault, Rule, Sandbox
from smsmanager.sandbox.engine.feed import Feed
from smsmanager.sandbox.page import _unread
from smsmanager.sandbox.page._undo import Undo
from smsmanager.sandbox.page._unread import Unread

if TYPE_CHECKING:
    import httpx

    from smsmanager import SmsManager

NUMBER = "420777123456"
OTHER = "420777123457"


@given(st.lists(st.one_of(st.integers(1, 30), st.tuples(st.integers(1, 30)))))
def test_what_was_opened_stays_opened(steps: list[int | tuple[int]]) -> None:
    unread, opened = Unread(), set[int]()
    for step in steps:
        if isinstance(step, tuple):
            unread.open_all(*step)
            opened |= {*range(1, step[0] + 1)}
        else:
            unread.open([step])
            opened.add(step)
        assert [n for n in range(1, 31) if n not in unread] == sorted(opened)


def test_what_is_kept_of_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_unread, "_MOST", 10)
    unread = Unread()
    for number in range(2, 1000, 2):
        unread.open([number])
        assert len(unread.opened) <= 10
    assert 998 not in unread
    assert 997 in unread
    assert 3 not in unread


def test_an_offer_ends() -> None:
    now = 0.0
    feed = Feed()
    undo = Undo(feed, clock=lambda: now)
    done: list[str] = []

    def is_offered() -> bool:
        return undo.offered is not None

    undo.offer("one", lambda: done.append("one"))
    first = undo.offered
    undo.offer("two", lambda: done.append("two"))
    assert first is not None
    assert undo.take(first.number) is None
    second = undo.offered
    assert second is not None
    assert (second.text, undo.take(second.number), undo.offered) == ("two", second, None)
    undo.offer("three", lambda: done.append("three"))
    feed.publish("message")
    assert is_offered()
    now = 121
    assert not is_offered()
    undo.offer("four", lambda: done.append("four"))
    feed.publish("cleared")
    feed.publish("message")
    assert not is_offered()
    assert done == []


def unread_rows(http: httpx.Client, path: str = "/") -> list[str]:
    """Return the keys of the rows that are marked."""
    return re.findall(r'<li class="\w+ is-unread" id="([\w-]+)"', http.get(path).text)


def test_a_message_is_unread_until_somebody_opens_it(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    http.post("/read", data={"here": "/"})
    client.send("Hello", to=[NUMBER, OTHER])
    first, second = (message.sequence for message in sandbox.messages)
    assert unread_rows(http) == [f"m-{second}", f"m-{first}"]
    assert unread_rows(http, "/phones") == [f"p-{OTHER}", f"p-{NUMBER}"]
    assert '2<span class="visually-hidden"> unread' in http.get("/control").text
    http.get(f"/messages/{first}")
    assert unread_rows(http) == [f"m-{second}"]
    http.get(f"/phones/{OTHER}")
    assert unread_rows(http) == unread_rows(http, "/phones") == []
    assert "Mark all as read" not in http.get("/").text
    client.send("Hello again", to=[NUMBER, OTHER])
    assert "Mark all as read" in http.get("/").text
    http.post("/read", data={"here": "/"})
    assert unread_rows(http) == []


def test_more_than_can_be_read_is_not_counted(http: httpx.Client, client: SmsManager) -> None:
    http.post("/read", data={"here": "/"})
    client.send("Hello", to=[f"4207771{n:05}" for n in range(101)])
    assert '99+<span class="visually-hidden"> unread' in http.get("/control").text


def offered(http: httpx.Client) -> tuple[str, str]:
    """Return what can be undone, and where."""
    found = re.search(
        r'action="(/undo/\d+)".*?<span dir="auto">(.*?)</span>', http.get("/").text, re.DOTALL
    )
    assert found
    return found[2], found[1]


def test_a_deleted_message_can_be_brought_back(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    later = sandbox.clock.now.replace(day=30)
    client.send("Hello", to=NUMBER, at=later)
    (message,) = sandbox.messages
    path = f"/messages/{message.sequence}"
    answer = http.post(f"{path}/delete", data={"here": "/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert [*sandbox.messages] == []
    assert http.get(path).status_code == 404
    assert "Nothing is planned" in http.get("/schedule").text
    assert http.post(f"{path}/delete", data={"here": "/"}).status_code == 404
    text, address = offered(http)
    assert text == "The message to +420 777 123 456 was deleted."
    assert http.post(address, data={"here": path}).headers["location"] == path
    assert [*sandbox.messages] == [message]
    assert http.get("/schedule").text.count('class="due"') == 1
    assert http.post(address, data={"here": "/"}).status_code == 404


def test_one_rule_or_fault_can_be_removed_and_brought_back(
    http: httpx.Client, sandbox: Sandbox
) -> None:
    for kind in ("failed", "undelivered", "seen"):
        sandbox.rules.add(Rule(kind))
    for fault in (Fault("hang"), Fault("reset"), Fault("close")):
        sandbox.inject(fault, times=2)
    rules = list(sandbox.rules)
    faults = sandbox._service.faults.pending()
    for path, kept, now in (
        ("/rules", rules, lambda: list(sandbox.rules)),
        ("/faults", list(faults), lambda: list(sandbox._service.faults.pending())),
    ):
        all_of = [*kept]
        middle = all_of[1]
        gone = http.post(f"{path}/{middle.id}", data={"here": "/control"})
        assert gone.headers["location"] == "/control"
        assert now() == [all_of[0], all_of[2]]
        assert http.post(f"{path}/{middle.id}", data={"here": "/"}).status_code == 404
        text, address = offered(http)
        assert "was removed" in text
        # A newer one does not change where it goes.
        if path == "/rules":
            newest = sandbox.rules.add(Rule("never"))
            all_of.insert(0, next(iter(sandbox.rules)))
            assert all_of[0].id == newest
        http.post(address, data={"here": "/"})
        assert now() == all_of


def test_nothing_comes_back_into_an_inbox_that_was_cleared(
    http: httpx.Client, client: SmsManager, sandbox: Sandbox
) -> None:
    client.send("Hello", to=NUMBER)
    http.post(f"/messages/{sandbox.messages[0].sequence}/delete", data={"here": "/"})
    _, address = offered(http)
    sandbox.clear()
    assert http.post(address, data={"here": "/"}).status_code == 404
    assert "/undo/" not in http.get("/").text
    assert [*sandbox.messages] == []


def test_an_offer_can_be_closed(http: httpx.Client, sandbox: Sandbox) -> None:
    http.post(f"/rules/{sandbox.rules.add(Rule('failed'))}", data={"here": "/"})
    _, address = offered(http)
    http.post(address, data={"here": "/", "keep": "1"})
    assert len(sandbox.rules) == 0
    assert "/undo/" not in http.get("/").text
