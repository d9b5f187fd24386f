"""The lists of blocked numbers: what changes them, what they do, and what their files look like."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager.asking import read_list
from smsmanager.sandbox import RestSettings
from smsmanager.sandbox._operations.asked.blocked_numbers import written
from tests.sandbox.asked.conftest import NUMBER, OTHER, Asked, Start

LISTS = ["optout", "blacklist"]


def file_of(asked: Asked, name: str) -> httpx.Response:
    """Fetch a file from the address that the operation names, without a key."""
    return httpx.get(asked.get(f"/{name}")["url"], trust_env=False)


@pytest.mark.parametrize("name", LISTS)
def test_numbers_are_added_shown_and_removed(asked: Asked, name: str) -> None:
    to = f"+420 777 123 456\n{NUMBER}\n777123457\n\n12\nnobody"
    added = asked.call("POST", f"/{name}", {"to": to})
    assert added.json() == {"success": True, "accepted": 2, "invalid": ["12", "nobody"]}
    assert file_of(asked, name).text.split() == [NUMBER, OTHER]

    removed = asked.call("DELETE", f"/{name}", {"to": f"{OTHER}\n420777000000\n1"})
    assert removed.json() == {
        "success": True,
        name: {"removed": 1, "remaining": 1, "invalid": ["1"]},
    }
    assert file_of(asked, name).text.split() == [NUMBER]
    wiped = asked.call("DELETE", f"/{name}", {"all": True})
    assert wiped.json() == {"success": True, name: {"wiped": True}}
    empty = asked.call("GET", f"/{name}")
    assert (empty.status_code, empty.json()["success"]) == (404, True)


@pytest.mark.parametrize("name", LISTS)
def test_what_changes_nothing_says_so_in_its_own_shape(asked: Asked, name: str) -> None:
    answer = asked.call("POST", f"/{name}", {"to": "x\n1"})
    assert answer.status_code == 400
    assert answer.json() == {
        "success": False,
        "message": "No valid phone numbers",
        "invalid": ["x", "1"],
    }
    wrong: tuple[Any, ...] = ({}, {"to": [NUMBER]})
    for body in wrong:
        answer = asked.call("POST", f"/{name}", body)
        assert (answer.status_code, answer.json()["success"]) == (400, False)
    for name_of, value, status_code in (("to", NUMBER, 404), ("to", "x", 400), ("subid", "a", 400)):
        answer = asked.call("DELETE", f"/{name}", {name_of: value})
        assert answer.status_code == status_code
        assert answer.json().keys() == {"success", name}
        assert answer.json()[name].keys() == {"message"}
    assert asked.call("DELETE", f"/{name}", {"all": False}).status_code == 400


@pytest.mark.parametrize(
    ("name", "tag", "is_sent"),
    [
        ("optout", None, False),
        ("optout", "promotional,sale", False),
        ("optout", "transactional", True),
        ("blacklist", None, False),
        ("blacklist", "transactional", False),
    ],
)
def test_lists_take_part_in_sending(
    asked: Asked,
    name: str,
    tag: str | None,
    is_sent: bool,  # noqa: FBT001
) -> None:
    fields = {} if tag is None else {"tag": tag}
    asked.call("POST", f"/{name}", {"to": NUMBER})
    asked.send(NUMBER, OTHER, **fields)
    # The list of another key is another list.
    asked.send(NUMBER, key="another", **fields)
    asked.sandbox.settle()
    listed, other, foreign = asked.sandbox.messages
    assert (other.state, foreign.state) == ("delivered", "delivered")
    if is_sent:
        assert listed.state == "delivered"
    else:
        assert listed.result_info == "[304] Number is blacklisted or opted out"
    asked.call("DELETE", f"/{name}", {"to": NUMBER})
    asked.send(NUMBER, **fields)
    asked.sandbox.settle()
    assert asked.sandbox.messages[-1].state == "delivered"


def test_the_blacklist_begins_as_the_settings_say(start: Start) -> None:
    asked = start(blacklist=frozenset({NUMBER}))
    assert file_of(asked, "blacklist").text.split() == [NUMBER]
    asked.call("DELETE", "/blacklist", {"to": NUMBER})
    asked.send()
    asked.sandbox.settle()
    assert asked.sandbox.messages[0].state == "delivered"
    asked.sandbox._engine.configure(blacklist=frozenset({OTHER}))
    assert file_of(asked, "blacklist").text.split() == [OTHER]


def test_a_stop_is_listed_and_a_start_is_not(asked: Asked) -> None:
    asked.send()
    asked.sandbox.settle()
    asked.sandbox.reply("Stop.", to=NUMBER)
    assert file_of(asked, "optout").text.split() == [NUMBER]
    asked.sandbox.reply("START", to=NUMBER)
    assert asked.call("GET", "/optout").status_code == 404


def test_the_address_of_a_file_needs_no_key_and_expires(asked: Asked) -> None:
    asked.call("POST", "/optout", {"to": NUMBER})
    url = asked.get("/optout")["url"]
    first = httpx.get(url, trust_env=False)
    assert first.headers["content-type"].startswith("text/csv")
    assert "access-control-allow-origin" not in first.headers
    asked.sandbox.advance(59)
    assert httpx.get(url, trust_env=False).status_code == 200
    asked.sandbox.advance(1)
    assert httpx.get(url, trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("optout", "blacklist"),
        ("optout", "nothing"),
        ("account=", "account=0"),
        ("expires=", "expires=9"),
        ("signature=", "signature=%C5%BE"),
        ("signature", "other"),
        ("expires", "other"),
    ],
)
def test_a_changed_address_is_refused(asked: Asked, old: str, new: str) -> None:
    asked.call("POST", "/optout", {"to": NUMBER})
    asked.call("POST", "/blacklist", {"to": NUMBER})
    url = asked.get("/optout")["url"]
    answer = httpx.get(url.replace(old, new), trust_env=False)
    assert answer.status_code == 403
    assert NUMBER not in answer.text


NUMBERS = st.sets(st.from_regex("420[67][0-9]{8}", fullmatch=True), min_size=1)


@given(NUMBERS, st.sampled_from(["numbers", "heading", "columns", "semicolons"]))
def test_every_layout_holds_the_numbers(numbers: set[str], layout: Any) -> None:
    content = written(sorted(numbers), layout, 0)
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == len(numbers) + (layout != "numbers")
    assert read_list(content).numbers == numbers


def test_a_layout_is_what_the_file_has(start: Start) -> None:
    asked = start(RestSettings(list_layout="semicolons"))
    asked.call("POST", "/optout", {"to": NUMBER})
    assert (
        file_of(asked, "optout").content
        == (
            f"\ufeffphone_number;created_at;source\r\n+{NUMBER};2027-01-01T12:00:00.000Z;api\r\n"
        ).encode()
    )
