"""Check that a field and a channel added to `openapi.yaml` only need `make generate` to be usable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.generated.project_copy import ProjectCopy

pytestmark = pytest.mark.thorough

PROGRAM = """
import json

from smsmanager import SmsManager, Telegram, Viber
from smsmanager.sandbox import Sandbox

with Sandbox() as sandbox, SmsManager("key", base_url=sandbox.base_url) as client:
    result = client.send(
        to="420777123456",
        campaign_id=17,
        flow=[
            Viber(body="Hello", sender="Shop", priority_hint="x"),
            Telegram(body="Hello again", chat="@jana"),
        ],
    )
    assert result.ok
    [message] = sandbox.messages
    print(json.dumps([message.message, message.channels]))
"""


def add_a_field_and_a_channel(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    schemas["Viber"]["properties"]["priority_hint"] = {"type": "string"}
    schemas["Message"]["properties"]["campaignId"] = {"type": "integer", "description": "Of yours."}
    schemas["Telegram"] = {
        "type": "object",
        "description": "A Telegram step.",
        "additionalProperties": False,
        "required": ["chat"],
        "properties": {
            "body": {"type": "string", "maxLength": 1000},
            "chat": {"type": "string"},
        },
    }
    reference = {"$ref": "#/components/schemas/Telegram"}
    schemas["FlowStep"]["properties"]["telegram"] = reference


def test_added_field_and_channel_reach_the_service(project: ProjectCopy) -> None:
    assert project.run("-c", PROGRAM).returncode != 0
    project.edit_description(add_a_field_and_a_channel)
    generated = project.generate()
    assert generated.returncode == 0, generated.stderr
    used = project.run("-c", PROGRAM)
    assert used.returncode == 0, used.stderr
    message, channels = json.loads(used.stdout)
    fields = (project.package / "message_fields.py").read_text(encoding="utf-8")
    assert "campaign_id: int | None" in fields
    assert channels == ["viber", "telegram"]
    assert message == {
        "to": [{"phone_number": "420777123456"}],
        "campaignId": 17,
        "flow": [
            {"viber": {"body": "Hello", "sender": "Shop", "priority_hint": "x"}},
            {"telegram": {"body": "Hello again", "chat": "@jana"}},
        ],
    }
