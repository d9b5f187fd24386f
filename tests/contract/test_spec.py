"""Check that both descriptions are valid, that their examples are, and that the generator can take them."""

from __future__ import annotations

import openapi_spec_validator
import pytest

from tests.contract.spec import (
    BOTH,
    COMPONENTS,
    Description,
    Example,
    Operation,
    Schema,
    component_of,
    operations,
    webhooks,
)

EXAMPLES = [example for description in BOTH for example in description.examples()]
OPERATIONS = [operation for description in BOTH for operation in description.operations()]
SCHEMAS = [(d, schema) for d in BOTH for schema in d.components.values()]
NAMES = [f"{d!r}-{name}" for d in BOTH for name in d.components]


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_is_valid_openapi_3_1(description: Description) -> None:
    openapi_spec_validator.validate(description.document)
    assert description.document["openapi"].startswith("3.1.")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.description!r}{e.pointer}")
def test_example_follows_its_schema(example: Example) -> None:
    problems = [
        f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in example.description.validator(example.schema).iter_errors(example.value)
    ]
    assert not problems


@pytest.mark.parametrize(("description", "schema"), SCHEMAS, ids=NAMES)
def test_component_is_a_valid_schema_and_described(
    description: Description, schema: Schema
) -> None:
    description.validator(schema)
    assert schema["description"].strip()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_operation_has_examples_of_what_is_sent(operation: Operation) -> None:
    for media in operation.request_content.values():
        assert media["examples"]
    parameters = map(operation.description.resolved, operation.definition.get("parameters", []))
    assert all("example" in parameter for parameter in parameters if parameter["required"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_answer_with_a_body_has_an_example(operation: Operation) -> None:
    for status, answer in operation.definition["responses"].items():
        for media in operation.description.resolved(answer).get("content", {}).values():
            assert media["examples"], status


@pytest.mark.parametrize("step", COMPONENTS["FlowStep"]["properties"])
def test_step_has_an_example_in_a_message(step: str) -> None:
    sent = [
        item
        for operation in operations()
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


def sent_by(description: Description) -> list[Schema]:
    seen: set[int] = set()
    return [
        schema
        for request in description.request_schemas()
        for schema in description.with_subschemas(request, seen)
    ]


# The deepest schemas that are sent.
DEEPEST = {
    "openapi.yaml": {
        "VoiceCall",
        "TemplateProduct",
        "RcsButton",
        "LinkEnhancement",
        "CallbackMethod",
    },
    "openapi-rest.yaml": {"MessageToCheck", "ListRemoval", "Cancellation"},
}


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_nothing_that_is_sent_has_a_default(description: Description) -> None:
    """The generator would send a default with every request, and so change routing and price."""
    sent = sent_by(description)
    for name in DEEPEST[repr(description)]:
        assert any(schema is description.components[name] for schema in sent)
    assert not [schema for schema in sent if "default" in schema]


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_operation_ids_are_unique(description: Description) -> None:
    """The generator names a module after each and lets the later one overwrite the earlier."""
    ids = [o.id for o in (*description.operations(), *description.webhooks())]
    assert len(ids) == len({id_.lower() for id_ in ids})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_operation_has_one_declared_tag_and_a_security_scheme(operation: Operation) -> None:
    """The tag becomes a folder, and the generator overlooks a security scheme at the root."""
    document = operation.description.document
    [tag] = operation.definition["tags"]
    assert tag in {declared["name"] for declared in document["tags"]}
    [[scheme]] = operation.definition["security"]
    assert scheme in document["components"]["securitySchemes"]
    assert "security" not in document


@pytest.mark.parametrize(("description", "component"), SCHEMAS, ids=NAMES)
def test_component_can_be_generated(description: Description, component: Schema) -> None:
    """These names break the generated class, and these enums its constants."""
    for schema in description.with_subschemas(component):
        assert not {"d", "to_dict", "from_dict", "additional_properties"} & {
            *schema.get("properties", {})
        }
        values = schema.get("enum", [])
        assert all(isinstance(value, str) for value in values)
        assert len(values) == len({value.lower() for value in values})
        assert "title" not in schema
        assert "nullable" not in schema


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_objects_have_names(description: Description) -> None:
    """An object without a name would become a class that a user has no good word for."""
    unnamed = [
        schema
        for schema in sent_by(description)
        if schema.get("type") == "object"
        and not any(schema is known for known in description.components.values())
    ]
    assert not unnamed


def test_steps_are_named_like_their_components() -> None:
    """The wrapper finds the key of `Viber(...)` by its name, so a new channel needs no edit there."""
    for key, schema in COMPONENTS["FlowStep"]["properties"].items():
        component = component_of(schema)
        assert component
        assert key.replace("_", "") == component.lower()


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_unknown_fields_of_an_answer_are_allowed(description: Description) -> None:
    """What comes back is described leniently: only what is sent may be closed."""
    seen: set[int] = set()
    components = description.components
    bodies = [
        media["schema"]
        for operation in description.operations()
        for answer in operation.definition["responses"].values()
        for media in description.resolved(answer).get("content", {}).values()
    ]
    events = [
        media["schema"]
        for hook in description.webhooks()
        for media in hook.request_content.values()
    ]
    received = [
        schema for body in (*bodies, *events) for schema in description.with_subschemas(body, seen)
    ]
    for name in {"SmsReport", "NetworkPrice"} & components.keys():
        assert any(schema is components[name] for schema in received)
    assert not [s for s in received if s.get("additionalProperties") is False or "required" in s]
    named = {name for name, schema in components.items() if any(schema is s for s in received)}
    closed = {name for name in named if "enum" in components[name]}
    assert closed
    # Each closed list of known values stands beside "any text".
    for schema in received:
        if component_of(schema) in closed:
            assert any(
                schema in found.get("anyOf", ()) and {"type": "string"} in found["anyOf"]
                for found in received
            )
