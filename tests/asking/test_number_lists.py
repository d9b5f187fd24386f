"""The two lists: adding, removing, wiping, and reading a file with an undocumented layout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.asking import ListFormatError, NotOfferedError, read_list
from smsmanager.errors import ApiError, SmsManagerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.asking.conftest import Asking, Service

NUMBERS = {"420601000001", "420601000002"}


@pytest.mark.parametrize("name", ["optouts", "blacklist"])
def test_add(make: Callable[..., Asking], service: Service, name: str) -> None:
    path = {"optouts": "optout"}.get(name, name)
    service.answers[f"POST /{path}"] = {"success": True, "accepted": 2, "invalid": ["x"]}
    ask = make()
    added = ask.call(f"service.{name}.add", ["+420 601 000 001", "420601000002", "420601000001"])
    assert (added.accepted, added.invalid) == (2, ("x",))
    assert "x" not in repr(added).partition("(")[2].replace("ListAddition", "")
    [request] = service.requests
    assert request.content == b'{"to":"420601000001\\n420601000002"}'


def test_add_takes_one_number_and_a_sub_account(ask: Asking, service: Service) -> None:
    service.answers["POST /optout"] = {"success": True, "accepted": 1}
    ask.call("service.optouts.add", "420601000001", subid="x")
    assert json.loads(service.requests[0].content) == {"to": "420601000001", "subid": "x"}


def test_many_numbers_take_several_requests(ask: Asking, service: Service) -> None:
    service.answers["POST /optout"] = {"success": True, "accepted": 900, "invalid": ["x"]}
    added = ask.call("service.optouts.add", (f"42060100{n:04}" for n in range(2_500)))
    sizes = [len(json.loads(r.content)["to"].split("\n")) for r in service.requests]
    assert sizes == [1000, 1000, 500]
    assert (added.accepted, added.invalid) == (2_700, ("x", "x", "x"))


def test_remove(ask: Asking, service: Service) -> None:
    found = {"removed": 1, "remaining": 4, "invalid": []}
    service.answers["DELETE /blacklist"] = {"success": True, "blacklist": found}
    removed = ask.call("service.blacklist.remove", "420601000001")
    assert (removed.removed, removed.remaining, removed.is_wiped) == (1, 4, False)
    assert json.loads(service.requests[0].content) == {"to": "420601000001"}


def test_wipe_needs_its_own_name(ask: Asking, service: Service) -> None:
    service.answers["DELETE /optout"] = {"success": True, "optout": {"wiped": True}}
    assert ask.call("service.optouts.wipe_the_whole_list").is_wiped
    assert json.loads(service.requests[0].content) == {"all": True}


def not_removed(status: int, name: str = "optout") -> httpx.Response:
    refused = {"success": False, name: {"message": "No numbers found"}}
    return httpx.Response(status, json=refused)


def test_a_number_that_is_not_on_the_list_is_not_an_error(ask: Asking, service: Service) -> None:
    """So a removal that is repeated because its answer was lost has the same result."""
    service.answers["DELETE /optout"] = not_removed(404)
    removed = ask.call("service.optouts.remove", "420601000001")
    assert (removed.removed, removed.remaining, removed.is_wiped) == (0, None, False)
    assert ask.call("service.optouts.wipe_the_whole_list").removed == 0


def test_parts_of_a_removal_that_are_not_on_the_list(ask: Asking, service: Service) -> None:
    done = {"success": True, "optout": {"removed": 7, "remaining": 2, "invalid": []}}
    service.answers["DELETE /optout"] = [not_removed(404), done, not_removed(404)]
    removed = ask.call("service.optouts.remove", [f"42060100{n:04}" for n in range(2_500)])
    assert (removed.removed, removed.remaining) == (7, 2)


@pytest.mark.parametrize("answer", [not_removed(404, "blacklist"), httpx.Response(404, json={})])
def test_other_404_of_a_removal_does_not_say_that_it_is_done(
    ask: Asking, service: Service, answer: httpx.Response
) -> None:
    service.answers["DELETE /optout"] = answer
    with pytest.raises(NotOfferedError):
        ask.call("service.optouts.remove", "420601000001")


def test_refused_removal(ask: Asking, service: Service) -> None:
    service.answers["DELETE /optout"] = not_removed(400)
    with pytest.raises(ApiError, match="Nothing was changed"):
        ask.call("service.optouts.remove", "420601000001")


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(403, json={"message": "No"}),
        httpx.Response(500, json={"message": "No"}),
        httpx.Response(200, json={"success": False, "message": "No"}),
        httpx.ConnectError("refused"),
    ],
)
@pytest.mark.parametrize(("method", "verb"), [("POST", "add"), ("DELETE", "remove")])
def test_failure_in_the_middle_says_what_was_changed(
    ask: Asking, service: Service, failure: Any, method: str, verb: str
) -> None:
    done = {"success": True, "accepted": 1000, "optout": {"removed": 1000}}
    service.answers[f"{method} /optout"] = [done, failure]
    with pytest.raises(SmsManagerError) as caught:
        ask.call(f"service.optouts.{verb}", [f"42060100{n:04}" for n in range(2_500)])
    assert str(caught.value).startswith("The first 1,000 of 2,500 numbers were processed; then: ")
    assert "Nothing was changed" not in str(caught.value)
    assert caught.value.request_may_be_taken


def test_empty_list_is_a_404_with_success(ask: Asking, service: Service) -> None:
    empty = {"success": True, "message": "The list is empty"}
    service.answers["GET /optout"] = [httpx.Response(404, json=empty), httpx.Response(404)]
    assert len(ask.call("service.optouts.download")) == 0
    # Any other 404 does not mean that the list is empty.
    with pytest.raises(NotOfferedError):
        ask.call("service.optouts.download")


@pytest.mark.parametrize(
    "text",
    [
        "420601000001\n420601000002\n",
        "\ufeff420601000001\r\n420601000002",
        "phone_number\n420601000001\n\n420601000002\n",
        '"phone";"date"\n"+420 601 000 001";"2026-01-01"\n"420601000002";"2026-02-01 10:00"\n',
        "id,number,reason\n1,420601000001,STOP\n2,00420601000002,\n",
        "created\ttelefon\n20260101\t420601000001\n20260102\t420601000002\n",
        "420601000001,STOP\n420601000002,STOP\n",
    ],
)
def test_layouts_that_can_be_understood(text: str) -> None:
    found = read_list(text.encode())
    assert found.numbers == NUMBERS
    assert set(found) == NUMBERS
    assert "420601000001" in found
    assert "420601000003" not in found
    assert "601" not in repr(found)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"phone_number\n"])
def test_list_without_numbers(content: bytes) -> None:
    assert len(read_list(content)) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe4\x002\x000",
        b"PK\x03\x04 a spreadsheet",
        b"Service unavailable",
        b"<html>login</html>\n<p>x</p>",
        b"phone\n420601000001\nnot a number\n",
        b"420601000001\n\n;;\n420601000002;x\nx;420601000003\n",
        b"420601000001,420601000002\n",
        b"a,b\n420601000001,420601000002\n",
        b"phone,number\n420601000001,420601000002\n",
        b"phone\n12345678901234567890\n",
        b'{"numbers": ["420601000001"]}',
        # An odd first line is not a heading: its number would be overlooked.
        b"tel:420601000001\n420601000002\n",
        b"'420601000001\n420601000002\n",
        b"420/601/000/001;x\n420601000002;x\n",
    ],
)
def test_what_leaves_a_doubt_is_refused(content: bytes) -> None:
    with pytest.raises(ListFormatError) as caught:
        read_list(content)
    assert "601" not in str(caught.value)


@settings(deadline=None, database=None, max_examples=300)
@given(
    st.binary(max_size=200)
    | st.text(alphabet='0123456789+;,\n\r\t" abc', max_size=120).map(str.encode)
)
def test_no_file_is_too_odd(content: bytes) -> None:
    """Every line with a digit is taken as a number, or the whole file is refused."""
    try:
        found = read_list(content)
    except ListFormatError:
        return
    assert all(number.isdigit() for number in found)


@settings(deadline=None, database=None)
@given(
    st.lists(st.from_regex(r"420[0-9]{9}", fullmatch=True), min_size=1, unique=True),
    st.sampled_from([";", ",", "\t", "|"]),
    st.booleans(),
    st.integers(0, 2),
)
def test_every_number_of_a_list_is_found(
    numbers: list[str], delimiter: str, with_headings: Any, column: int
) -> None:
    def line(cell: str) -> str:
        cells = ["a", "b"]
        return delimiter.join([*cells[:column], cell, *cells[column:]])

    lines = ([line("phone")] if with_headings else []) + [line(number) for number in numbers]
    assert read_list("\n".join(lines).encode()).numbers == set(numbers)
