"""Check that `openapi.yaml` is valid, that its examples are, and that the generator can take it."""

from __future__ import annotations

import openapi_spec_validator
import pytest

from tests.contract.spec import (
    COMPONENTS,
    DOCUMENT,
    Example,
    Operation,
    component_of,
    examples,
    operations,
    request_schemas,
    resolved,
    validator,
    webhooks,
    with_subschemas,
)

EXAMPLES = list(examples())
OPERATIONS = operations()


def test_is_valid_openapi_3_1() -> None:
    openapi_spec_validator.validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.pointer)
def test_example_follows_its_schema(example: Example) -> None:
    problems = [
        f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator(example.schema).iter_errors(example.value)
    ]
    assert not problems


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_is_a_valid_schema_and_described(name: str) -> None:
    validator(COMPONENTS[name])
    assert COMPONENTS[name]["description"].strip()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_operation_has_examples_of_what_is_sent(operation: Operation) -> None:
    for media in operation.request_content.values():
        assert media["examples"]
    required = [p for p in operation.definition.get("parameters", []) if p["required"]]
    assert all("example" in parameter for parameter in required)
    assert operation.request_content or required


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_answer_with_a_body_has_an_example(operation: Operation) -> None:
    for status, answer in operation.definition["responses"].items():
        for media in resolved(answer).get("content", {}).values():
            assert media["examples"], status


@pytest.mark.parametrize("step", COMPONENTS["FlowStep"]["properties"])
def test_step_has_an_example_in_a_message(step: str) -> None:
    sent = [
        item
        for operation in OPERATIONS
        for _, value in operation.request_examples()
        for message in (value if isinstance(value, list) else [value])
        for item in message.get("flow", ())
    ]
    assert any(item.get(step) for item in sent)


@pytest.mark.parametrize("event", ["sentMessage", "incomingReplyMessage", "incomingMessage"])
def test_webhook_has_examples_and_a_component(event: str) -> None:
    [operation] = [found for found in webhooks() if found.path == event]
    [media] = operation.request_content.values()
    assert any(operation.request_examples())
    assert media["schema"]["type"] == "array"
    assert component_of(media["schema"]["items"]) in COMPONENTS


def test_nothing_that_is_sent_has_a_default() -> None:
    """The generator would send a default with every request, and so change routing and price."""
    seen: set[int] = set()
    sent = [schema for request in request_schemas() for schema in with_subschemas(request, seen)]
    # The deepest schemas of each step are among what was looked at.
    for name in ("VoiceCall", "TemplateProduct", "RcsButton", "LinkEnhancement", "CallbackMethod"):
        assert any(schema is COMPONENTS[name] for schema in sent)
    assert not [schema for schema in sent if "default" in schema]


def test_operation_ids_are_unique() -> None:
    """The generator names a module after each and lets the later one overwrite the earlier."""
    ids = [operation.id for operation in (*OPERATIONS, *webhooks())]
    assert len(ids) == len({id_.lower() for id_ in ids})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_operation_has_one_declared_tag_and_a_security_scheme(operation: Operation) -> None:
    """The tag becomes a folder, and the generator overlooks a security scheme at the root."""
    [tag] = operation.definition["tags"]
    assert tag in {declared["name"] for declared in DOCUMENT["tags"]}
    [[scheme]] = operation.definition["security"]
    assert scheme in DOCUMENT["components"]["securitySchemes"]
    assert "security" not in DOCUMENT


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_can_be_generated(name: str) -> None:
    """These names break the generated class, and these enums its constants."""
    for schema in with_subschemas(COMPONENTS[name]):
        assert not {"d", "to_dict", "from_dict", "additional_properties"} & {
            *schema.get("properties", {})
        }
        values = schema.get("enum", [])
        assert all(isinstance(value, str) for value in values)
        assert len(values) == len({value.lower() for value in values})
        assert "title" not in schema
        assert "nullable" not in schema


def test_objects_have_names() -> None:
    """An object without a name would become a class that a user has no good word for."""
    seen: set[int] = set()
    unnamed = [
        schema
        for request in request_schemas()
        for schema in with_subschemas(request, seen)
        if schema.get("type") == "object"
        and not any(schema is known for known in COMPONENTS.values())
    ]
    assert not unnamed


def test_steps_are_named_like_their_components() -> None:
    """The wrapper finds the key of `Viber(...)` by its name, so a new channel needs no edit there."""
    for key, schema in COMPONENTS["FlowStep"]["properties"].items():
        component = component_of(schema)
        assert component
        assert key.replace("_", "") == component.lower()


def test_unknown_fields_of_an_answer_are_allowed() -> None:
    """What comes back is described leniently: only what is sent may be closed."""
    seen: set[int] = set()
    bodies = [
        media["schema"]
        for operation in OPERATIONS
        for answer in operation.definition["responses"].values()
        for media in resolved(answer).get("content", {}).values()
    ]
    events = [media["schema"] for hook in webhooks() for media in hook.request_content.values()]
    received = [schema for body in (*bodies, *events) for schema in with_subschemas(body, seen)]
    assert any(schema is COMPONENTS["SmsReport"] for schema in received)
    assert not [s for s in received if s.get("additionalProperties") is False or "required" in s]
    named = {name for name, schema in COMPONENTS.items() if any(schema is s for s in received)}
    closed = {name for name in named if "enum" in COMPONENTS[name]}
    # Each closed list of known values stands beside "any text".
    for schema in received:
        if component_of(schema) in closed:
            assert any(
                schema in found.get("anyOf", ()) and {"type": "string"} in found["anyOf"]
                for found in received
            )
