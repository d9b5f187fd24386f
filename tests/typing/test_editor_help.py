"""Check what an editor shows of a message and its fields: hovers, signatures, completions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from smsmanager._message.compose import SendFields
from tests.typing.language_server import LanguageServer

pytestmark = pytest.mark.thorough

IMPORTS = "from smsmanager import AsyncSmsManager, SmsManager, Viber, compose\n"
CLIENT = f"{IMPORTS}client = SmsManager()\n"


@pytest.fixture(scope="module")
def editor() -> Iterator[LanguageServer]:
    with LanguageServer() as server:
        yield server


def test_hovering_a_class_describes_its_fields(editor: LanguageServer) -> None:
    shown = editor.hover(f"{IMPORTS}Vi|ber()")
    assert "ttl: float | Unset = UNSET" in shown
    assert re.search(r"ttl: Minutes to wait for `ttl_condition`", shown)
    assert "At most 1000 characters." in shown
    assert "One of `sent`," in shown
    assert "object at 0x" not in shown


def test_hovering_a_field_says_its_unit_and_its_limits(editor: LanguageServer) -> None:
    shown = " ".join(editor.hover(f"{IMPORTS}Viber(t|tl=5)").split())
    assert "Minutes to wait for `ttl_condition`: up to 15 with one decimal" in shown
    assert "At least 0.5, at most 43200." in shown


def test_the_signature_says_the_unit_of_the_argument(editor: LanguageServer) -> None:
    whole, argument = editor.signature(f"{IMPORTS}Viber(ttl=|)")
    assert "buttons: Buttons under the text, each with a link. At most 1." in whole
    assert argument.startswith("ttl: Minutes to wait")


def test_the_fields_of_a_class_complete(editor: LanguageServer) -> None:
    offered = editor.completions(f"{IMPORTS}Viber(|)")
    assert offered >= {"body=", "sender=", "ttl=", "ttl_condition=", "buttons="}
    offered = editor.completions(f'{IMPORTS}Viber(ttl_condition="|")')
    assert {label.strip("\"'") for label in offered} == {"sent", "delivered", "seen"}


@pytest.mark.parametrize("client", ["SmsManager()", "AsyncSmsManager()"])
def test_hovering_send_lists_every_field(editor: LanguageServer, client: str) -> None:
    shown = editor.hover(f"{IMPORTS}client = {client}\nclient.se|nd('x', to='1')")
    for name in SendFields.__annotations__.keys() - {"body", "message_tag"}:
        assert f"- {name}: " in shown, name
    assert "at most 1000 characters" in shown


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("client.send('x', to='1', a|t='2030-01-07T08:00Z')", "Sent as UTC."),
        (
            "client.send('x', to='1', win|dow={})",
            'Days and hours in which to send: `{"days": ["monday"]',
        ),
        ("client.send('x', to='1', sen|der='Shop')", "at most 11 characters"),
        ("client.send_priority('x', to='1', deadline|_s=5)", "Time limit for this call"),
        ("compose('x', to='1', ta|g='sale')", "between 8:00 and 20:00"),
    ],
)
def test_hovering_a_keyword_describes_it(editor: LanguageServer, call: str, words: str) -> None:
    assert words in " ".join(editor.hover(CLIENT + call).split())


def test_the_keywords_of_send_complete(editor: LanguageServer) -> None:
    offered = editor.completions(f"{CLIENT}client.send('x', |)")
    assert offered >= {f"{name}=" for name in SendFields.__annotations__} | {"to="}


@pytest.mark.parametrize(
    "call", ["client.send('x', to='1', window={'|'})", "compose('x', to='1', window={'|'})"]
)
def test_a_window_completes(editor: LanguageServer, call: str) -> None:
    offered = {label.strip("\"'") for label in editor.completions(CLIENT + call)}
    assert offered == {"days", "start", "end", "tz"}


def test_the_days_of_a_window_complete(editor: LanguageServer) -> None:
    call = "client.send('x', to='1', window={'days': ['|']})"
    offered = {label.strip("\"'") for label in editor.completions(CLIENT + call)}
    assert offered >= {"monday", "sunday"}
