"""Check that the generated models give back what they were given."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest

from tests.contract.spec import BOTH, SENDING, Description, Example

MOMENTS = frozenset(
    name
    for description in BOTH
    for schema in description.components.values()
    for name, field in schema.get("properties", {}).items()
    if field.get("format") == "date-time"
)
WITH_A_CLASS = [
    (description, name)
    for description in BOTH
    for name, schema in description.components.items()
    if schema.get("type") == "object"
]
ALL = [example for description in BOTH for example in description.examples()]
EXAMPLES = [example for example in ALL if (example.description, example.model) in WITH_A_CLASS]


def model(name: str, description: Description = SENDING) -> Any:
    return getattr(import_module(f"{description.package}.models"), name)


def as_json(value: Any) -> str:
    """Return JSON text in which a moment is written one way, `Z` or `+00:00`."""
    return json.dumps(_with_instants(value), sort_keys=True)


def _with_instants(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_instants(child, key) for key, child in value.items()}
    if isinstance(value, list):
        return [_with_instants(child, name) for child in value]
    if name in MOMENTS and isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return value


@pytest.mark.parametrize(("description", "name"), WITH_A_CLASS)
def test_component_has_a_class(description: Description, name: str) -> None:
    assert callable(model(name, description).from_dict)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.description!r}{e.pointer}")
def test_example_comes_back_without_loss(example: Example) -> None:
    given = example.value if isinstance(example.value, list) else [example.value]
    kind = model(example.model or "", example.description)
    read = [kind.from_dict(value) for value in given]
    assert as_json([value.to_dict() for value in read]) == as_json(given)
    again = [kind.from_dict(value.to_dict()) for value in read]
    assert again == read


@pytest.mark.parametrize("place", ["requestBody", "responses", "webhooks", "components/schemas"])
def test_examples_of_every_place_were_tried(place: str) -> None:
    """An example that stands for no component would go unnoticed."""
    assert any(place in example.pointer for example in EXAMPLES)
    objects = [example for example in ALL if isinstance(example.value, dict | list)]
    left = {example.pointer for example in objects if example not in EXAMPLES}
    # A union of one message and several has no class of its own.
    assert not {pointer for pointer in left if "~1messaging~1validate/" not in pointer}


def test_unknown_fields_are_kept_where_the_service_may_add_some() -> None:
    event = {"type": "outgoing", "result": "sent", "whatsapp_flow": {"new": [1, None]}}
    assert model("SentMessageEvent").from_dict(event).to_dict() == event
    params = {"_new": 1, "_url": {"type": "all", "new": True}}
    assert model("MessageParams").from_dict(params).to_dict() == params
