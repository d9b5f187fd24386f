"""Check that the generated request types can be copied and pickled, and print nothing private."""

from __future__ import annotations

import copy
import pickle
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from typing import Any

import attrs
import pytest

import smsmanager
from smsmanager import Message, OpenObject, Recipient, Sms, WhatsAppTemplate
from smsmanager.sandbox import Sandbox
from smsmanager_jsonapi import models
from smsmanager_jsonapi.types import UNSET, Unset

TEXT = "Heslo je ňaf-9271"
NUMBER = "420777123456"
NAMES = sorted(
    name
    for name in models.__all__
    if isinstance(getattr(models, name), type) and attrs.has(getattr(models, name))
)


def example(name: str) -> Any:
    """Return an instance with a text in every field."""
    model = getattr(models, name)
    made = model(**{f.alias: TEXT for f in attrs.fields(model) if f.init})
    if hasattr(made, "additional_properties"):
        made.additional_properties = {NUMBER: TEXT}
    return made


@pytest.mark.parametrize("name", NAMES)
def test_help_describes_every_field_and_shows_no_address(name: str) -> None:
    shown = pydoc.plain(pydoc.render_doc(getattr(models, name)))
    assert " object at 0x" not in shown
    assert "__attrs_attrs__" not in shown
    for field in attrs.fields(getattr(models, name)):
        assert field.name == "additional_properties" or re.search(rf"{field.name}: \S", shown), (
            field
        )


def test_help_of_viber_fits_a_screen_and_says_minutes() -> None:
    lines = pydoc.plain(pydoc.render_doc(smsmanager.Viber)).splitlines()
    assert len(lines) <= 50
    # Since Python 3.13, each field of the signature is on a separate line.
    head = lines[: next(n for n, line in enumerate(lines) if line.startswith(" |  A Viber step."))]
    assert "ttl: 'float | Unset' = UNSET" in "".join(head)
    assert any("ttl: Minutes to wait" in line for line in lines[len(head) : len(head) + 12])
    assert max(map(len, lines[4:])) <= 110


@pytest.mark.parametrize("name", ["Sms", "Viber", "WhatsAppText", "WhatsAppTemplate", "Rcs"])
def test_the_help_of_a_step_shows_an_example_that_can_be_sent(name: str) -> None:
    said = " ".join(str(getattr(models, name).__doc__).partition("Attributes:")[0].split())
    [shown] = re.findall(r"`flow=(\[.+?\])`", said)
    flow = eval(shown, {each: getattr(models, each) for each in NAMES})  # noqa: S307 - our own words
    assert name in {type(step).__name__ for step in flow}
    with Sandbox() as sandbox, smsmanager.SmsManager("key", base_url=sandbox.base_url) as client:
        assert client.send("Hello", to=NUMBER, sender="Shop", flow=flow).ok


def test_there_are_models() -> None:
    assert {"Message", "Sms", "Viber", "WhatsAppText", "WhatsAppTemplate", "Rcs"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_repr_shows_a_text(name: str) -> None:
    shown = repr(example(name))
    assert shown.startswith(f"{name}(")
    assert TEXT not in shown
    assert NUMBER not in shown
    assert "UNSET" not in shown


@pytest.mark.parametrize("name", NAMES)
def test_copies_and_pickles_keep_what_is_unset(name: str) -> None:
    model = getattr(models, name)
    made = model(
        **{f.alias: TEXT for f in attrs.fields(model) if f.init and f.default is attrs.NOTHING}
    )
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(made, protocol))  # noqa: S301
        assert again == made
        for field in attrs.fields(model):
            if isinstance(getattr(made, field.name), Unset):
                assert getattr(again, field.name) is UNSET
    assert copy.deepcopy(made) == copy.copy(made) == made
    assert copy.deepcopy(UNSET) is copy.copy(UNSET) is UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (Sms(), "Sms()"),
        (Sms(body=TEXT, ttl=1.5), "Sms(body=<17 characters>, ttl=1.5)"),
        (Recipient(phone_number=NUMBER), "Recipient(phone_number=<12 characters>)"),
        (
            Message(to=[Recipient(phone_number=NUMBER)], flow=[]),
            "Message(to=<list of 1>, flow=<list of 0>)",
        ),
        (OpenObject(), "OpenObject()"),
        (OpenObject.from_dict({NUMBER: 1}), "OpenObject(additional_properties=<dict of 1>)"),
        (
            WhatsAppTemplate(template_name="t", language="cs", params=[TEXT], params_lto=[5]),
            (
                "WhatsAppTemplate(template_name=<1 characters>, language=<2 characters>, "
                "params=<list of 1>, params_lto=<list of 1>)"
            ),
        ),
        (Recipient(phone_number=int(NUMBER)), "Recipient(phone_number=<int>)"),  # type: ignore[arg-type]
        (Sms(body=None), "Sms(body=None)"),  # type: ignore[arg-type]
        (Sms(body=b"x"), "Sms(body=<1 characters>)"),  # type: ignore[arg-type]
        (Sms(body=Sms()), "Sms(body=<Sms>)"),  # type: ignore[arg-type]
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_reprs_tell_what_is_set(made: object, shown: str) -> None:
    assert repr(made) == shown


@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_a_public_name(name: str) -> None:
    assert getattr(smsmanager, name) is getattr(models, name)


@pytest.mark.parametrize("name", ["NoSuchName", "_private", "__path_to_nowhere__"])
def test_a_name_that_is_not_there(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(smsmanager, name)
    assert not hasattr(smsmanager, name)


def test_a_misspelt_flow_is_not_sent_as_a_plain_sms() -> None:
    flow = [{"viber": {"body": TEXT, "sender": "Shop"}}]
    with pytest.raises(TypeError, match="Message has no field 'flows'"):
        Message.from_dict({"to": [{"phone_number": NUMBER}], "body": TEXT, "flows": flow})
    with pytest.raises(TypeError, match="Viber has no field 'text'"):
        Message.from_dict({"to": [{"phone_number": NUMBER}], "flow": [{"viber": {"text": TEXT}}]})


def test_every_public_name_is_there() -> None:
    assert sorted(smsmanager.__all__) == dir(smsmanager)
    for name in smsmanager.__all__:
        assert getattr(smsmanager, name) is not None


def test_late_names_come_from_their_modules() -> None:
    modules = {
        "AsyncSmsManager": "smsmanager.aio",
        "Encoding": "smsmanager.parts",
        "InvalidNumberError": "smsmanager.phone",
        "MessageParts": "smsmanager.parts",
        "message_parts": "smsmanager.parts",
        "normalise_number": "smsmanager.phone",
    }
    for name, module in modules.items():
        assert getattr(smsmanager, name) is getattr(import_module(module), name)


def in_a_new_process(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8"
    )
    return run.stdout


def test_names_load_when_they_are_first_used() -> None:
    in_a_new_process(
        "import sys, smsmanager\n"
        "assert 'smsmanager.parts' not in sys.modules\n"
        "assert 'smsmanager_jsonapi.models.sms' not in sys.modules\n"
        "assert smsmanager.Sms.__name__ == 'Sms'\n"
        "assert smsmanager.MessageParts.__module__ == 'smsmanager.parts'\n"
        "assert 'Sms' in vars(smsmanager)\n"
    )


def test_what_a_message_holds_is_as_silent_as_the_message() -> None:
    """Classes that were not imported by name are masked too."""
    shown = in_a_new_process(
        "from smsmanager import Message\n"
        f"message = Message.from_dict({{'to': [{{'phone_number': '{NUMBER}'}}],\n"
        "    'flow': [{'sms': {'body': 'Heslo'}}]})\n"
        "print(message, message.to, message.flow)\n"
    )
    assert "Message(" in shown
    assert NUMBER not in shown
    assert "Heslo" not in shown
