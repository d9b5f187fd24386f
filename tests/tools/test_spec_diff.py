"""The comparison of descriptions: each rule, and what must make no difference."""

from __future__ import annotations

import copy
import functools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.spec_diff.changes import Change, Direction, Kind
from tools.spec_diff.compare import compare
from tools.spec_diff.document import Document
from tools.spec_diff.findings import read_accepted, sort_out
from tools.spec_diff.report import as_text
from tools.spec_diff.tree import SpecError

CASES = Path(__file__).with_name("spec_diff")
COMPONENTS = {
    "Name": {"type": "string"},
    "Node": {
        "type": "object",
        "properties": {"value": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
    },
    "Knot": {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Knot"}, "value": {"type": "string"}},
    },
    "Base": {"type": "object", "properties": {"a": {"type": "string"}}},
    "Any": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
    "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
}
SCHEMES = {
    "Key": {"type": "apiKey", "in": "header", "name": "x-key"},
    "Token": {"type": "http", "scheme": "Bearer"},
    "Grant": {"type": "oauth2", "flows": {"implicit": {"scopes": {"write": "", "read": ""}}}},
}


def cases(name: str) -> list[Any]:
    """Return the cases of a file, and those of them that are told the other way round as well."""
    loaded: list[Any] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    back = [
        {
            **case,
            "ours": case.get("theirs", {}),
            "theirs": case.get("ours", {}),
            "found": case["back"],
        }
        for case in loaded
        if "back" in case
    ]
    return [*loaded, *back]


def content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def description(*, sent: Any = True, received: Any = True, **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"version": "1"},
        "paths": {
            "/m": {"post": {"requestBody": content(sent), "responses": {"200": content(received)}}}
        },
        "components": {"schemas": {**COMPONENTS, **schemas}, "securitySchemes": dict(SCHEMES)},
    }


def laid_over(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in patch.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif value == {"$same": True}:
            merged[key] = description()["paths"]["/m"]["post"]
        else:
            merged[key] = (
                laid_over(below if isinstance(below, dict) else {}, value)
                if isinstance(value, dict)
                else value
            )
    return merged


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[Change]:
    return compare(Document("ours", copy.deepcopy(ours)), Document("theirs", copy.deepcopy(theirs)))


def found(ours: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((c.severity.value, c.text, c.place) for c in differences(ours, theirs))


@pytest.mark.parametrize(
    "case", cases("schema_rules.yaml"), ids=lambda case: str(case["found"][0][0])
)
@pytest.mark.parametrize("column", [2, 3], ids=["sent", "received"])
def test_rule_of_a_schema(case: dict[str, Any], column: int) -> None:
    key, top = {2: ("sent", "request"), 3: ("received", "200")}[column]
    prefix = f"POST /m > {top} > application/json"
    expected = []
    for row in case["found"]:
        where = prefix + (row[1] if row[1] in ("", "[]") else f" > {row[1]}")
        if row[column] is not None:
            expected.append((row[column], row[0], where))
    ours, theirs = description(**{key: case["ours"]}), description(**{key: case["theirs"]})
    assert found(ours, theirs) == sorted(expected)


def test_every_kind_of_difference_has_a_case() -> None:
    told = [row[0] for case in cases("schema_rules.yaml") for row in case["found"]]
    told += [row[1] for case in cases("document_rules.yaml") for row in case["found"]]
    assert {kind.words for kind in Kind} == {text.partition(": ")[0] for text in told}


@pytest.mark.parametrize(("one", "other"), cases("equal_schemas.yaml"))
def test_spelling_makes_no_difference(one: Any, other: Any) -> None:
    first, second = description(sent=one, received=one), description(sent=other, received=other)
    assert found(first, second) == []
    assert found(second, first) == []


@pytest.mark.parametrize("case", cases("document_rules.yaml"), ids=lambda case: str(case["name"]))
def test_rule_of_a_description(case: dict[str, Any]) -> None:
    ours = laid_over(description(), case.get("ours", {}))
    theirs = laid_over(description(), case.get("theirs", {}))
    assert found(ours, theirs) == sorted(tuple(row) for row in case["found"])


def test_versions_3_0_and_3_1_compare() -> None:
    ours = description(sent={"type": ["string", "null"]})
    theirs = {**description(sent={"type": "string", "nullable": True}), "openapi": "3.0.3"}
    assert found(ours, theirs) == []


def test_difference_inside_a_cycle_is_told_once_where_it_is_met_first() -> None:
    tree = {"$ref": "#/components/schemas/Node"}
    other = copy.deepcopy(COMPONENTS["Node"])
    other["properties"]["value"] = {"type": "integer"}  # type: ignore[index]
    assert found(description(sent=tree), description(sent=tree, Node=other)) == [
        (
            "breaking",
            "type changed: string -> integer",
            "POST /m > request > application/json > value",
        )
    ]


def test_schemas_that_contain_each_other_end() -> None:
    names = [f"S{number}" for number in range(12)]
    refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    web = {
        name: {"type": "object", "properties": {**refs, "own": {"type": "string"}}}
        for name in names
    }
    changed = {**web, "S11": {"type": "object", "properties": {**refs, "own": {"type": "integer"}}}}
    result = found(description(sent=refs["S0"], **web), description(sent=refs["S0"], **changed))
    assert {text for _, text, _ in result} == {"type changed: string -> integer"}
    assert "POST /m > request > application/json > S11 > own" in {place for _, _, place in result}


def test_composition_of_schemas_that_contain_each_other_ends() -> None:
    both = {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}
    parts = {
        "A": {"type": "object", "properties": {"x": both, "y": {"type": "string"}}},
        "B": {"type": "object", "properties": {"x": {"$ref": "#/components/schemas/A"}}},
    }
    few = {"allOf": [{"$ref": "#/components/schemas/A"}, {"maxProperties": 3}]}
    changed = {**parts, "B": {"type": "object", "properties": {"x": few}}}
    assert found(description(sent=both, **parts), description(sent=both, **parts)) == []
    assert found(description(sent=both, **parts), description(sent=both, **changed)) == [
        (
            "breaking",
            "limit tightened: maxProperties none -> 3",
            "POST /m > request > application/json > x",
        )
    ]


def test_more_differences_than_anybody_reads_are_refused() -> None:
    def doubling(leaf: str) -> dict[str, Any]:
        schemas: dict[str, Any] = {"L0": {"type": leaf}}
        for level in range(1, 20):
            ref = {"$ref": f"#/components/schemas/L{level - 1}"}
            schemas[f"L{level}"] = {"type": "object", "properties": {"a": ref, "b": ref}}
        return description(sent={"$ref": "#/components/schemas/L19"}, **schemas)

    with pytest.raises(SpecError, match="not two versions of one description"):
        differences(doubling("string"), doubling("integer"))
    assert found(doubling("string"), doubling("string")) == []


def test_chain_too_deep_to_walk_is_refused() -> None:
    chain: dict[str, Any] = {"C0": {"type": "string"}}
    for level in range(1, 3000):
        ref = {"$ref": f"#/components/schemas/C{level - 1}"}
        chain[f"C{level}"] = {"type": "object", "properties": {"a": ref}}
    deep = description(sent={"$ref": "#/components/schemas/C2999"}, **chain)
    with pytest.raises(SpecError, match="nested too deeply"):
        differences(deep, deep)


def test_order_is_by_severity_then_importance_then_place() -> None:
    ours = laid_over(
        description(
            sent={"type": "object", "properties": {"b": {}, "a": {}, "c": {"type": "string"}}}
        ),
        {"paths": {"/z": {"get": {}}}},
    )
    theirs = description(
        sent={"type": "object", "properties": {"c": {"type": "integer"}, "d": {"type": "string"}}}
    )
    assert [(change.kind, change.path[-1]) for change in differences(ours, theirs)] == [
        (Kind.OPERATION_REMOVED, "GET /z"),
        (Kind.FIELD_REMOVED, "a"),
        (Kind.FIELD_REMOVED, "b"),
        (Kind.TYPE_CHANGED, "c"),
        (Kind.FIELD_ADDED, "d"),
    ]


def test_difference_in_a_shared_schema_is_one_finding() -> None:
    def shared(limit: int) -> dict[str, Any]:
        ref = {"$ref": "#/components/schemas/Text"}
        base = description(sent=ref, Text={"type": "string", "maxLength": limit})
        batch = content({"type": "array", "items": ref})
        return laid_over(
            base, {"paths": {"/ms": {"post": {"requestBody": batch, "responses": {}}}}}
        )

    ours, theirs = shared(9), shared(5)
    result = sort_out(differences(ours, theirs), [])
    (finding,) = result.findings
    assert finding.change.place == "POST /m > request > application/json"
    assert finding.also_at == ("POST /ms > request > application/json[]",)
    text = as_text(Document("a", ours), Document("b", theirs), result, ascii_only=True)
    assert "POST /m > request > application/json (+1: POST /ms)\n" in text


def test_report_is_ascii_and_cannot_steer_a_terminal() -> None:
    ours = description(sent={"type": "object", "properties": {"\x1b[2Jč": {}, "a": {}}})
    theirs = description(sent={"type": "object", "properties": {"a": {}}})
    result = sort_out(differences(ours, theirs), [])
    documents = Document("a", ours), Document("b", theirs)
    assert r"\x1b[2J\u010d" in as_text(*documents, result, ascii_only=True)
    assert r"\x1b[2Jč" in as_text(*documents, result, ascii_only=False)


@pytest.mark.parametrize(
    ("path", "change", "covers"),
    [
        ("POST /m > request > application/json > flow[] > sms", "field removed", True),
        ("POST /m \u203a request\u203aapplication/json >flow[] > sms", "field removed: x", True),
        ("* > flow[] > sms", "*", True),
        ("* > flow[] > sm", "field removed", False),
        ("* > flow[] > sms", "field added", False),
        ("POST /m", "field removed", False),
    ],
)
def test_accepted_entry(tmp_path: Path, path: str, change: str, covers: bool) -> None:  # noqa: FBT001
    place = ("POST /m", "request", "application/json", "flow", "[]", "sms")
    met = Change.of(Kind.FIELD_REMOVED, Direction.SENT, *place, detail="x")
    file = tmp_path / "accepted.yaml"
    file.write_text(yaml.safe_dump([{"path": path, "change": change, "reason": "r"}]))
    entries = read_accepted(str(file))
    result = sort_out([met], entries)
    assert bool(result.accepted) is covers
    assert bool(result.stale) is not covers
    assert result.breaking is not covers


FIELD_NAMES = st.sampled_from(["a", "b", "title", "$ref-like", "type"])
SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {},
            True,
            {"type": "string"},
            {"type": "string", "maxLength": 5, "pattern": "^a"},
            {"type": ["integer", "null"], "minimum": 1},
            {"type": "number", "nullable": True},
            {"enum": ["a", "b", None]},
            {"anyOf": [{"enum": ["a"]}, {"type": "string"}]},
            {"$ref": "#/components/schemas/Node"},
            {"$ref": "#/components/schemas/Base", "description": "x"},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(
            lambda fields, required: {"type": "object", "properties": fields, "required": required},
            st.dictionaries(FIELD_NAMES, inner, max_size=3),
            st.lists(FIELD_NAMES, max_size=2, unique=True),
        ),
        st.builds(lambda below: {"type": "object", "additionalProperties": below}, inner),
        st.builds(
            lambda keyword, members: {keyword: members},
            st.sampled_from(["allOf", "anyOf", "oneOf"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=8,
)
PROPERTY = functools.partial(settings, database=None, deadline=None, derandomize=True)


@given(SCHEMAS)
@PROPERTY(max_examples=150)
def test_nothing_differs_from_itself(schema: Any) -> None:
    both = description(sent=schema, received=schema)
    assert found(both, both) == []


@given(SCHEMAS)
@PROPERTY(max_examples=100)
def test_named_or_wrapped_is_the_same_as_inline(schema: Any) -> None:
    inline = description(sent=schema)
    named = description(sent={"$ref": "#/components/schemas/It"}, It={"allOf": [schema]})
    assert found(inline, named) == []
    assert found(named, inline) == []


@given(SCHEMAS, SCHEMAS)
@PROPERTY(max_examples=100)
def test_what_differs_one_way_differs_the_other_way(one: Any, other: Any) -> None:
    first, second = description(sent=one), description(sent=other)
    assert bool(found(first, second)) is bool(found(second, first))


@given(SCHEMAS, st.booleans())
@PROPERTY(max_examples=100)
def test_a_field_that_is_gone_or_new_is_always_told(schema: Any, gone: bool) -> None:  # noqa: FBT001
    smaller = description(sent={"type": "object", "properties": {"keep": {}}})
    larger = description(sent={"type": "object", "properties": {"keep": {}, "it": schema}})
    place = "POST /m > request > application/json > it"
    if gone:
        assert found(larger, smaller) == [("breaking", "field removed", place)]
    else:
        assert found(smaller, larger) == [("added", "field added", place)]


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("text", "schema: expected a mapping, found string"),
        ({"properties": []}, "properties: expected a mapping, found array"),
        ({"required": "a"}, "required: expected a list, found string"),
        ({"type": 5}, "type: expected a list, found integer"),
        ({"maxLength": "many"}, "maxLength: expected a number, found string"),
        ({"maxLength": True}, "maxLength: expected a number, found boolean"),
        ({"format": None}, "format: expected a string, found null"),
        ({"anyOf": 1.5}, "anyOf: expected a list, found number"),
        ({"allOf": [{"enum": False}]}, "enum: expected a list, found boolean"),
    ],
)
def test_malformed_schema_is_refused(schema: Any, reason: str) -> None:
    with pytest.raises(SpecError, match=re.escape(reason)):
        differences(description(), description(sent=schema))
