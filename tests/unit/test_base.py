"""Check what both clients share: the docstring of `send`, and that an observer changes nothing."""

from __future__ import annotations

import ast
import inspect
import json
import pydoc
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml

from smsmanager import AsyncSmsManager, SmsManager
from smsmanager._message import compose
from tools.api_page import KEYWORDS

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["components"]["schemas"][
    "Message"
]
# The text is the first argument; the older name of the tag is for those who know it.
UNLISTED = {"body", "message_tag"}


def listed() -> dict[str, str]:
    """Return what the docstring says about each keyword, on one line."""
    text = inspect.getdoc(SmsManager.send) or ""
    entries = re.findall(r"^        - (\w+): (.+(?:\n {10}.+)*)", text, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in entries}


def described() -> dict[str, str]:
    """Return what editors show for each keyword with its own documentation."""
    found = {}
    for node in ast.walk(ast.parse(Path(compose.__file__).read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name in {
            "MessageFields",
            "TimedFields",
            "SendFields",
        }:
            for field, words in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(words, ast.Expr):
                    assert isinstance(field.target, ast.Name)
                    found[field.target.id] = ast.literal_eval(words.value)
    return found


def test_every_keyword_is_listed() -> None:
    assert listed().keys() == compose.SendFields.__annotations__.keys() - UNLISTED


def test_the_list_says_what_editors_show_over_a_keyword() -> None:
    shown = described()
    assert shown.keys() >= {"at", "window", "callback", "reference", "priority", "deadline_s"}
    for name, words in shown.items():
        assert listed()[name].startswith(words.rstrip(".")), name


@pytest.mark.parametrize("field", MESSAGE["properties"])
def test_every_field_of_the_description_is_a_keyword_or_an_argument(field: str) -> None:
    text = inspect.getdoc(SmsManager.send) or ""
    keyword = re.sub(r"\W", "", KEYWORDS.get(field, field).removesuffix("=`"))
    if field in {"body", "messageTag"}:
        return
    assert re.search(rf"^ +(- )?{keyword}: ", text, re.MULTILINE)


def test_units_and_limits_are_those_of_the_description() -> None:
    text = inspect.getdoc(SmsManager.send) or ""
    assert f"at most {MESSAGE['properties']['body']['maxLength']} characters" in text
    for name in ("sender", "tag"):
        numbers = re.findall(r"\d+(?::\d\d)?", MESSAGE["properties"][name]["description"])
        assert numbers
        assert [n for n in numbers if n not in listed()[name] and n not in {"0", "9"}] == []


def test_help_says_what_send_returns_and_what_it_raises_when_an_answer_is_lost() -> None:
    said = " ".join(str(inspect.getdoc(SmsManager.send)).split())
    returned, _, raised = said.partition("Returns:")[2].partition("Raises:")
    assert returned.strip().startswith("A `SendResult`")
    assert "OutcomeUnknownError: If the answer was lost" in raised
    assert "to: By keyword" in said


@pytest.mark.parametrize("name", ["send", "send_priority"])
def test_a_recipient_without_its_name_is_refused_in_the_words_of_troubleshooting(name: str) -> None:
    positional: Any = getattr(SmsManager("key"), name)
    with pytest.raises(TypeError) as caught:
        positional("Hello", "420777123456")
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    [quoted] = re.findall(r'^### "(Pass the recipients .*)"$', page, re.MULTILINE)
    assert str(caught.value) == quoted
    assert "420777123456" not in str(caught.value)


@pytest.mark.parametrize("client", [SmsManager, AsyncSmsManager])
def test_help_shows_the_list(client: type) -> None:
    shown = pydoc.plain(pydoc.render_doc(client("key").send))
    assert "deadline_s: Time limit for this call" in shown
    assert " object at 0x" not in shown


@pytest.mark.parametrize("carried", [{}, None])
def test_an_observer_that_raises_changes_nothing(
    carried: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """`carried` is what it adds to each payload; None raises there as well."""
    bodies = []

    def service(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"accepted": [{"key": "0", "message_id": "m"}]})

    def fail(*_: object) -> None:
        raise LookupError("420601987654")

    fields = fail if carried is None else lambda: carried
    observer: Any = SimpleNamespace(sending=fail, ended=fail, settled=fail, payload_fields=fields)
    transport = httpx.MockTransport(service)
    with SmsManager(
        "key", base_url="http://127.0.0.1:9", transport=transport, observer=observer
    ) as client:
        result = client.send("x", to="420601987654")
        assert result.ok
        assert "payload" not in bodies[0]
    assert caplog.text.count("LookupError") == (2 if carried is not None else 3)
    assert "987654" not in caplog.text
