"""Hold every operation, field, enum and limit of the service beside `openapi.yaml`.

So an edit of the description cannot lose any of them unseen. A field or a value that the service adds needs
no change here; a limit or a required field does.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.documented import (
    ENUMS,
    EXACTLY_ONE_FIELD,
    OPEN,
    OPERATIONS,
    RECEIVED_FIELDS,
    SENT_FIELDS,
    SIMPLE_QUERY,
)
from tests.contract.spec import COMPONENTS, DOCUMENT, component_of, operations, resolved

SHOWN = {
    "uniqueItems": "unique",
    "format": "{}",
    "minimum": ">={}",
    "minLength": ">={}",
    "maximum": "<={}",
    "maxLength": "<={}",
    "pattern": "/{}/",
    "const": "={}",
    "deprecated": "(deprecated)",
}


def signature(schema: dict[str, Any]) -> str:
    """Return type and limits of a schema in one line; a reference stands for itself."""
    if name := component_of(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(map(signature, schema["anyOf"]))
    kind = schema.get("type", "any")
    words = ["|".join(kind) if isinstance(kind, list) else kind]
    if "items" in schema:
        words = [f"[{signature(schema['items'])}]"] + ["or null"] * isinstance(kind, list)
    if "minItems" in schema or "maxItems" in schema:
        words.append(f"{schema.get('minItems', '')}..{schema.get('maxItems', '')}")
    words += [
        shown.format(schema[keyword]) for keyword, shown in SHOWN.items() if keyword in schema
    ]
    return " ".join(words)


@pytest.mark.parametrize("component", [*SENT_FIELDS, *RECEIVED_FIELDS])
def test_component_has_every_field_with_its_limits(component: str) -> None:
    expected = {**SENT_FIELDS, **RECEIVED_FIELDS}[component]
    required = {*COMPONENTS[component].get("required", ())}
    found = {
        name: signature(schema) + ", required" * (name in required)
        for name, schema in COMPONENTS[component]["properties"].items()
    }
    assert {name: found.get(name) for name in expected} == expected
    assert required <= expected.keys()


@pytest.mark.parametrize("component", SENT_FIELDS)
def test_what_is_sent_is_closed_but_for_what_the_service_leaves_open(component: str) -> None:
    assert COMPONENTS[component]["additionalProperties"] is (component in OPEN)


@pytest.mark.parametrize("component", EXACTLY_ONE_FIELD)
def test_has_exactly_one_field(component: str) -> None:
    schema = COMPONENTS[component]
    assert (schema["minProperties"], schema["maxProperties"]) == (1, 1)


@pytest.mark.parametrize("component", ENUMS)
def test_enum_has_every_value(component: str) -> None:
    assert {*COMPONENTS[component]["enum"]} >= {*ENUMS[component].split()}


def test_maps_and_open_objects_keep_their_shapes() -> None:
    headers = COMPONENTS["CallbackHeaders"]
    assert (headers["maxProperties"], headers["additionalProperties"]) == (20, {"type": "string"})
    assert COMPONENTS["NamedVariable"]["additionalProperties"] == {"type": "string"}
    assert signature(COMPONENTS["TemplateMedia"]) == "string | OpenObject"
    for name in ("OpenObject", "Payload"):
        assert COMPONENTS[name]["additionalProperties"] is True


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_operation_takes_and_answers_what_is_documented(operation_id: str) -> None:
    documented = OPERATIONS[operation_id]
    [operation] = [found for found in operations() if found.id == operation_id]
    assert f"{operation.method.upper()} {operation.path}" == documented.call
    assert operation.definition["tags"] == [documented.tag]
    assert operation.definition["security"] == [{documented.key: []}]
    taken = [
        f"{media_type.removeprefix('application/')} {signature(media['schema'])}"
        for media_type, media in operation.request_content.items()
    ]
    assert " ".join(taken) == documented.body
    found = {
        status: next(
            (signature(media["schema"]) for media in resolved(answer).get("content", {}).values()),
            None,
        )
        for status, answer in operation.definition["responses"].items()
    }
    assert found == documented.answers


def test_query_of_the_simple_message_has_every_parameter() -> None:
    definition = DOCUMENT["paths"]["/simple/message"]["get"]
    found = {
        parameter["name"]: signature(parameter["schema"]) + ", required" * parameter["required"]
        for parameter in map(resolved, definition["parameters"])
    }
    assert {name: found.get(name) for name in SIMPLE_QUERY} == SIMPLE_QUERY
    assert {parameter["in"] for parameter in definition["parameters"]} == {"query"}


def test_requests_with_a_body_state_the_limit_of_128_kb() -> None:
    for operation in operations():
        limit = operation.definition.get("x-max-request-bytes")
        assert limit == (128 * 1024 if operation.request_content else None)


def test_a_wait_can_be_asked_for() -> None:
    for status in ("429", "503"):
        for operation in operations():
            headers = resolved(operation.definition["responses"][status])["headers"]
            assert "Retry-After" in headers


def test_servers_are_the_production_service_and_both_mocks() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == [
        "https://api.smsmngr.com/v2",
        "https://api-mock.smsmngr.com/v2",
        "https://api-ref.smsmanager.com/_mock/openapi/en/json/jsonapi_v2",
    ]


def test_the_key_goes_into_the_header_or_for_one_operation_into_the_query() -> None:
    found = {
        name: (scheme["type"], scheme["in"], scheme["name"])
        for name, scheme in DOCUMENT["components"]["securitySchemes"].items()
    }
    assert found == {
        "ApiKeyHeader": ("apiKey", "header", "x-api-key"),
        "ApiKeyQuery": ("apiKey", "query", "apikey"),
    }
