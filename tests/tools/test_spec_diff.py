"""The comparison with what the service publishes: silent about what is known, one line for each change.

The service's own file is not here. `openapi.yaml` with the known differences replaces it, written as another
author would write it: other names, everything inline, webhooks in an extension, no texts, and strict about
answers.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.spec_diff.__main__ import main
from tools.spec_diff.compare import news
from tools.spec_diff.description import Description, SpecError, laid_over, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
OURS: Any = load(str(ROOT / "openapi.yaml"))
KNOWN: Any = load(str(ROOT / "tools" / "spec_diff" / "openapi.known.yaml"))
PUBLISHED: Any = laid_over(OURS, KNOWN)
SCHEMAS = "#/components/schemas/"
TEXTS = {"description", "summary", "title", "example", "examples"}


def told(theirs: Any) -> list[str]:
    return news(OURS, KNOWN, theirs)


def reached(root: Any, *, received: bool) -> set[str]:
    """Return the component schemas that are sent, or that come back."""
    operations = [one for item in root["paths"].values() for one in item.values()]
    if received:
        nodes = [root["webhooks"], *(one["responses"] for one in operations)]
    else:
        nodes = [{**one, "responses": None} for one in operations]
    found: set[str] = set()
    while nodes:
        new = {*re.findall(r'"#/components/(\w+/\w+)"', json.dumps(nodes))} - found
        found |= new
        nodes = [root["components"][kind][name] for kind, name in (one.split("/") for one in new)]
    return {name for kind, name in (one.split("/") for one in found) if kind == "schemas"}


SENT = reached(PUBLISHED, received=False)
RECEIVED = reached(PUBLISHED, received=True) - SENT


def strict(schema: Any) -> Any:
    """Return a schema of what comes back as somebody writes it who knows what is sent."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**strict(options[0]), **rest}
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("type"), list):
        made["type"] = made["type"][0]
    if "properties" in made:
        made["required"] = sorted(made["properties"])
    return made


def with_schemas(root: Any, change: Callable[[str, Any], Any]) -> Any:
    schemas = root["components"]["schemas"]
    schemas = {name: change(name, schema) for name, schema in schemas.items()}
    return {**root, "components": {**root["components"], "schemas": schemas}}


def strict_about_answers(root: Any) -> Any:
    return with_schemas(root, lambda name, one: strict(one) if name in RECEIVED else one)


def other_names(root: Any) -> Any:
    text = json.dumps(root).replace(SCHEMAS, f"{SCHEMAS}Their")
    made: Any = json.loads(text)
    schemas = made["components"]["schemas"]
    made["components"]["schemas"] = {f"Their{n}": schemas[n] for n in reversed(schemas)}
    return made


def without_texts(root: Any) -> Any:
    def walk(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, list):
            return [walk(one) for one in node]
        if not isinstance(node, dict):
            return node
        return {
            key: walk(value, names=key in {"properties", "schemas"})
            for key, value in reversed(node.items())
            if names or key not in TEXTS
        }

    return walk(root)


def inline(root: Any) -> Any:
    """Write every reference out, so that no two operations share anything."""

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target = root
            for step in node["$ref"][2:].split("/"):
                target = target[step]
            return {**walk(target), **{k: walk(v) for k, v in node.items() if k != "$ref"}}
        return {key: walk(value) for key, value in node.items()}

    made = {key: walk(value) for key, value in root.items() if key != "components"}
    return {**made, "components": {"securitySchemes": root["components"]["securitySchemes"]}}


def wrapped(root: Any) -> Any:
    """Wrap each schema in `allOf`, write single values as `const`, and null as `nullable`."""

    def change(_name: str, schema: Any) -> Any:
        made = dict(schema)
        if made.get("type") == "object" and "null" not in json.dumps(made):
            made = {"allOf": [made, {"description": "An object."}]}
        return made

    return with_schemas(root, change)


def in_an_extension(root: Any) -> Any:
    made = {key: value for key, value in root.items() if key != "webhooks"}
    return {**made, "x-webhooks": root["webhooks"], "openapi": "3.0.3"}


def prefixed(root: Any) -> Any:
    """Move the base path from the servers into the paths."""
    servers = [{"url": server["url"].removesuffix("/v2")} for server in root["servers"]]
    paths = {f"/v2{path}": item for path, item in root["paths"].items()}
    return {**root, "paths": paths, "servers": [*servers[:1], *root["servers"][1:]]}


STYLES: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda root: root,
    "strict": strict_about_answers,
    "names": lambda root: other_names(strict_about_answers(root)),
    "inline": lambda root: inline(strict_about_answers(root)),
    "wrapped": lambda root: wrapped(in_an_extension(root)),
    "all of it": lambda root: without_texts(
        other_names(wrapped(in_an_extension(strict_about_answers(root))))
    ),
    "inline in an extension": lambda root: without_texts(inline(in_an_extension(root))),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_nothing_is_told_of_what_is_known(style: Callable[[Any], Any]) -> None:
    assert told(style(copy.deepcopy(PUBLISHED))) == []


class Plant(NamedTuple):
    """One change of the published description, and what its line has to name."""

    kind: str
    where: str
    named: str
    change: Any


def schema_plants(name: str, schema: Any, *, received: bool) -> Iterator[Plant]:
    def plant(kind: str, change: Any, named: str = name) -> Plant:
        return Plant(kind, name, named, lambda root: change(root["components"]["schemas"][name]))

    for field, below in schema.get("properties", {}).items():
        for kind, change in field_changes(field, below, received=received):
            # A reference leads to the place of what it refers to.
            named = below.get("$ref") if kind == "default added" else None
            yield plant(kind, change, (named or f"{name}.{field}").removeprefix(SCHEMAS))
        if received:
            continue
        if field not in schema.get("required", ()):
            yield plant(
                "field required",
                lambda one, field=field: one.update(required=[*one.get("required", []), field]),
                f"{name}.{field}",
            )
    if "properties" in schema:
        yield plant(
            "field added",
            lambda one: one["properties"].update(planted={"type": "string"}),
            f"{name}.planted",
        )
        if not received and schema.get("additionalProperties") is True:
            yield plant("others forbidden", lambda one: one.update(additionalProperties=False))
    if "enum" in schema:
        yield plant("value added", lambda one: one["enum"].append("planted"))
        yield plant("value removed", lambda one: one["enum"].pop())


def field_changes(field: str, below: Any, *, received: bool) -> Iterator[tuple[str, Any]]:
    """Yield what can change about a field: each change takes the schema that has it."""

    def remove(one: Any) -> None:
        del one["properties"][field]
        one["required"] = [kept for kept in one.get("required", []) if kept != field]

    def set_to(**values: Any) -> Any:
        return lambda one: one["properties"][field].update(values)

    yield "field removed", remove
    if below.get("type") in ("string", ["string", "null"]) and "enum" not in below:
        yield "type changed", set_to(type="integer")
    # What comes back has neither limits nor alternatives that are told; beside a reference or null the place
    # is that of the reference.
    if received or {"type": "null"} in below.get("anyOf", ()):
        return
    if "default" not in below:
        yield "default added", set_to(default="planted")
    for facet in ("maxLength", "minLength", "minItems", "maxItems", "minimum", "maximum"):
        if facet in below:
            yield f"{facet} changed", set_to(**{facet: below[facet] + 1})
            yield f"{facet} removed", lambda one, facet=facet: one["properties"][field].pop(facet)
    if len(below.get("anyOf", ())) > 1:
        yield "alternative removed", lambda one: one["properties"][field]["anyOf"].pop(0)


def operation_plants(path: str, method: str, operation: Any) -> Iterator[Plant]:
    title = f"{method.upper()} /v2{path}"

    def plant(kind: str, change: Any, named: str = title) -> Plant:
        return Plant(kind, title, named, lambda root: change(root["paths"][path][method]))

    yield Plant("operation removed", title, title, lambda root: root["paths"][path].pop(method))
    new = copy.deepcopy(operation)
    yield Plant(
        "operation added",
        title,
        f"DELETE /v2{path}",
        lambda root: root["paths"][path].update(delete=copy.deepcopy(new)),
    )
    yield plant("key changed", lambda one: one.update(security=[]))
    for status in operation["responses"]:
        yield plant(
            "answer removed",
            lambda one, status=status: one["responses"].pop(status),
            f"{title} {status}",
        )
    yield plant("answer added", lambda one: one["responses"].update({"402": {}}), f"{title} 402")
    for index, parameter in enumerate(operation.get("parameters", ())):
        named = f"{title} query {parameter['name']}"
        yield plant(
            "parameter removed", lambda one, index=index: one["parameters"].pop(index), named
        )
        yield plant(
            "parameter required",
            lambda one, index=index: one["parameters"][index].update(
                required=not one["parameters"][index]["required"]
            ),
            named,
        )
    added = {"name": "planted", "in": "query", "schema": {"type": "string"}}
    for required in (True, False):
        yield plant(
            f"parameter added {required}",
            lambda one, required=required: one.setdefault("parameters", []).append(
                {**added, "required": required}
            ),
            f"{title} query planted",
        )
    if "requestBody" in operation:
        yield plant("body optional", lambda one: one["requestBody"].update(required=False))


# Where the service could take our reading with a change of one line.
OUR_READINGS = {
    "components/schemas/Sms": "Sms.body",
    "components/schemas/SmsGateway": "SmsGateway",
    "components/schemas/LinkShortening/properties/get_enhance": "LinkShortening.get_enhance",
}


def known_plants() -> Iterator[Plant]:
    """Yield what the service would publish if it took one of our readings."""
    for at, named in OUR_READINGS.items():

        def take_ours(root: Any, at: str = at) -> None:
            root.update(laid_over(OURS, [one for one in KNOWN if one["at"] != at]))

        yield Plant("as we have it", at, named, take_ours)


def plants() -> Iterator[Plant]:
    for name, schema in PUBLISHED["components"]["schemas"].items():
        if name in SENT | RECEIVED:
            yield from schema_plants(name, schema, received=name in RECEIVED)
    for path, item in PUBLISHED["paths"].items():
        for method, operation in item.items():
            yield from operation_plants(path, method, operation)
    for name in PUBLISHED["webhooks"]:
        yield Plant(
            "webhook removed",
            name,
            f"webhook {name}",
            lambda root, name=name: root["webhooks"].pop(name),
        )
    yield Plant(
        "webhook added",
        "",
        "webhook planted",
        lambda root: root["webhooks"].update(planted={"post": {}}),
    )
    yield Plant(
        "server added", "", "planted", lambda root: root["servers"].append({"url": "planted"})
    )
    yield from known_plants()


PLANTS = list(plants())


def planted(plant: Plant, style: Callable[[Any], Any]) -> list[str]:
    root = copy.deepcopy(PUBLISHED)
    plant.change(root)
    return told(style(root))


@pytest.mark.parametrize(
    "plant", {plant.kind: plant for plant in PLANTS}.values(), ids=lambda p: p.kind
)
def test_each_kind_of_change_is_one_line(plant: Plant) -> None:
    (line,) = planted(plant, STYLES["all of it"])
    assert plant.named in line


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(PLANTS), st.sampled_from([*STYLES]))
def test_a_planted_change_is_the_only_line(plant: Plant, style: str) -> None:
    (line,) = planted(plant, STYLES[style])
    assert plant.named in line
    assert re.match(r"(BREAKING|ADDED|CHANGED) +\S.*: \S", line)


@pytest.mark.thorough
@pytest.mark.parametrize("turn", range(len(STYLES)))
def test_every_planted_change_is_the_only_line(turn: int) -> None:
    """Each change in one of the styles."""
    styles = [*STYLES.values()]
    assert len(PLANTS) > 700
    wrong = [
        (plant.kind, plant.where, lines)
        for number, plant in enumerate(PLANTS)
        if number % len(styles) == turn
        and (
            len(lines := planted(plant, styles[(turn + number // len(styles)) % len(styles)])) != 1
            or plant.named not in lines[0]
        )
    ]
    assert wrong == []


def test_a_reading_of_ours_that_is_published_is_told_as_such() -> None:
    (line,) = planted(next(known_plants()), STYLES["as it is"])
    assert line == "CHANGED   Sms.body: no longer required (as we have it)"


def api(**schemas: Any) -> Any:
    """Return a small description: what is sent is `Sent`, what comes back is `Back`."""
    content = {
        name: {"content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}{name}"}}}}
        for name in ("Sent", "Back")
    }
    operation = {"requestBody": content["Sent"], "responses": {"200": content["Back"]}}
    components = {"schemas": {"Sent": {}, "Back": {}, **schemas}}
    return {"openapi": "3.1.0", "paths": {"/m": {"post": operation}}, "components": components}


SAME: list[tuple[Any, Any]] = [
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ({"const": "a"}, {"enum": ["a"]}),
    ({"enum": ["a", "b"]}, {"anyOf": [{"enum": ["b"]}, {"const": "a"}]}),
    ({"type": ["string", "integer"]}, {"oneOf": [{"type": "integer"}, {"type": "string"}]}),
    ({"type": "string", "maxLength": 3}, {"allOf": [{"type": "string"}, {"maxLength": 3}]}),
    (
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"allOf": [{"properties": {"a": {"type": "string"}}}, {"required": ["a"]}]},
    ),
    ({"type": "string"}, {"type": "string", "description": "x", "x-y": 1, "example": "z"}),
    ({}, True),
    ({"type": "object"}, {"type": "object", "additionalProperties": True}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spelling_makes_no_difference(one: Any, other: Any) -> None:
    for first, second in ((one, other), (other, one)):
        assert news(api(Sent=first, Back=first), [], api(Sent=second, Back=second)) == []


JUDGED: list[tuple[str, Any, Any, str | None, str | None]] = [
    # Ours, theirs, the line about what is sent, the line about what comes back.
    ("limit", {"maxLength": 5}, {"maxLength": 4}, "BREAKING", "BREAKING"),
    ("limit", {"maxLength": 5}, {"maxLength": 6}, "ADDED", "ADDED"),
    ("limit", {"minimum": 5}, {"minimum": 6}, "BREAKING", "BREAKING"),
    ("new limit", {}, {"pattern": "a"}, "BREAKING", None),
    ("limit gone", {"pattern": "a"}, {}, "ADDED", "ADDED"),
    ("value", {"enum": ["a"]}, {"enum": ["a", "b"]}, "ADDED", "BREAKING"),
    ("value", {"enum": ["a", "b"]}, {"enum": ["a"]}, "BREAKING", "BREAKING"),
    (
        "open",
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string"}]},
        {"type": "string", "enum": ["a", "b"]},
        "ADDED",
        "ADDED",
    ),
    ("null", {"type": "string"}, {"type": ["string", "null"]}, "ADDED", "BREAKING"),
    ("null", {"type": ["string", "null"]}, {"type": "string"}, "BREAKING", None),
    ("type", {"type": "number"}, {"type": "integer"}, "BREAKING", None),
    ("type", {"type": "integer"}, {"type": "number"}, "BREAKING", "BREAKING"),
    ("type", {"type": "integer"}, {}, "ADDED", "BREAKING"),
    ("field", {"properties": {"a": {}}}, {"properties": {}}, "BREAKING", "BREAKING"),
    ("field", {"properties": {}}, {"properties": {"a": {}}}, "ADDED", "ADDED"),
    ("closed", {}, {"additionalProperties": False}, "BREAKING", None),
    ("default", {}, {"default": 1}, "CHANGED", None),
]


@pytest.mark.parametrize(("kind", "ours", "theirs", "sent", "back"), JUDGED)
def test_a_difference_is_judged_by_its_direction(
    kind: str, ours: Any, theirs: Any, sent: str | None, back: str | None
) -> None:
    for name, weight in (("Sent", sent), ("Back", back)):
        lines = news(api(**{name: ours}), [], api(**{name: theirs}))
        assert [line.split()[0] for line in lines] == ([weight] if weight else []), kind


def test_schemas_that_contain_themselves_end() -> None:
    def tree(leaf: str) -> Any:
        below = {"type": "array", "items": {"$ref": f"{SCHEMAS}Sent"}}
        return api(Sent={"properties": {"below": below, "leaf": {"type": leaf}}})

    assert news(tree("string"), [], tree("string")) == []
    assert news(tree("string"), [], tree("integer")) == [
        "BREAKING  Sent.leaf: type string -> integer"
    ]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "not a list"),
        ([{"at": "paths"}], "needs at, published and why"),
        ([{"at": "paths/none", "published": {"a": 1}, "why": "x"}], "makes none: paths/none"),
        ([{"at": "openapi", "published": {"a": 1}, "why": "x"}], "makes none"),
        ([{"at": "", "published": {"openapi": "3.1.0"}, "why": "x"}], "makes none"),
    ],
)
def test_a_known_difference_that_is_none_is_refused(known: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        laid_over(api(), known)


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ([], "no OpenAPI description"),
        ({"paths": []}, "no OpenAPI description"),
        (api(Sent={"$ref": "other.yaml#/a"}), "leads out of the file"),
        (api(Sent={"$ref": f"{SCHEMAS}Sent"}), "in a circle"),
        (api(Sent={"$ref": f"{SCHEMAS}None"}), "cannot be compared"),
        (api(Sent={"properties": ["a"]}), "cannot be compared"),
        ({"paths": {"/m": []}}, "cannot be compared"),
        ("a: [", "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], theirs: Any, said: str
) -> None:
    for name, content in (("ours", api(Sent={"type": "object"})), ("theirs", theirs)):
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (tmp_path / f"{name}.yaml").write_text(text)
    paths = [str(tmp_path / f"{name}.yaml") for name in ("ours", "theirs")]
    assert main(paths) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    upstream = tmp_path / "upstream.json"
    upstream.write_text(json.dumps(PUBLISHED))
    assert main([str(upstream)]) == 0
    assert capsys.readouterr() == ("", "")
    PLANTS[-1].change(changed := copy.deepcopy(PUBLISHED))
    changed["paths"]["/\x1b[2J"] = {"get": {}}
    upstream.write_text(json.dumps(changed))
    assert main(["openapi.yaml", str(upstream)]) == 1
    said = capsys.readouterr().out
    assert said.count("\n") == 2
    assert r"GET /v2/\x1b[2J: operation added" in said
    # Another pair, with a list of its own.
    for name, content in (
        ("rest.yaml", api(Sent={"maxLength": 5})),
        (
            "known.yaml",
            [{"at": "components/schemas/Sent", "published": {"maxLength": 6}, "why": "x"}],
        ),
        ("theirs.yaml", api(Sent={"maxLength": 6})),
    ):
        (tmp_path / name).write_text(yaml.safe_dump(content))
    pair = [str(tmp_path / "rest.yaml"), str(tmp_path / "theirs.yaml")]
    assert main([*pair, "--known", str(tmp_path / "known.yaml")]) == 0
    assert main(pair) == 1
    with pytest.raises(SystemExit):
        main([*pair, "one too many"])


def test_every_known_difference_still_makes_one() -> None:
    """An entry that our description has taken over would hide nothing and mislead a reader."""
    for index, entry in enumerate(KNOWN):
        rest = KNOWN[:index] + KNOWN[index + 1 :]
        assert told(laid_over(OURS, rest)) != [], entry["at"]
        assert Description(laid_over(OURS, rest)).root["paths"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("openapi*.yaml")), ids=lambda path: path.name)
def test_each_description_of_ours_is_the_same_as_itself(path: Path) -> None:
    ours = load(str(path))
    assert news(ours, [], inline(without_texts(ours))) == []
