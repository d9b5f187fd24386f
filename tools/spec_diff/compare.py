"""Compare two descriptions, and judge each difference by what it means for a caller."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tools.spec_diff.description import Description, laid_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.spec_diff.description import Form

BREAKING: Final = "BREAKING"
ADDED: Final = "ADDED"
CHANGED: Final = "CHANGED"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SCHEMAS: Final = "#/components/schemas/"


def news(ours: Any, known: Any, theirs: Any) -> list[str]:
    """Return what is published otherwise than known, one difference a line, the breaking ones first.

    Args:
        ours: Our description.
        known: What is known to be published otherwise: see `laid_over`.
        theirs: What is published.

    Raises:
        SpecError: If one of them has another form.
    """
    published = Comparison(Description(laid_over(ours, known)), Description(theirs)).found()
    still = {place for place, _ in Comparison(Description(ours), Description(theirs)).found()}
    order = (BREAKING, ADDED, CHANGED)
    lines = []
    for (place, text), weight in published.items():
        # Where it is published as we have it by now, an entry of the known differences has to go.
        is_ours = place not in still
        rank = order.index(CHANGED if is_ours else weight)
        lines.append((rank, place, f"{text} (as we have it)" if is_ours else text))
    return [f"{order[rank]:9} {place}: {text}" for rank, place, text in sorted(lines)]


class Comparison:
    """What one description says otherwise than another.

    Args:
        ours: The description that we have.
        theirs: The one that is published.
    """

    def __init__(self, ours: Description, theirs: Description) -> None:
        self._ours = ours
        self._theirs = theirs
        self._found: dict[tuple[str, str], str] = {}
        self._seen: set[tuple[int, int, bool]] = set()

    def found(self) -> dict[tuple[str, str], str]:
        """Return place and text of each difference, with what it means for a caller."""
        self._servers()
        mine, yours = (_operations(one) for one in (self._ours, self._theirs))
        for name in self._both(mine, yours, "", "operation"):
            self._operation(mine[name], yours[name], name)
        mine, yours = (_webhooks(one) for one in (self._ours, self._theirs))
        for name in self._both(mine, yours, "", "webhook"):
            self._content(mine[name], yours[name], name, received=True)
        return self._found

    def _tell(self, place: str, text: str, weight: str) -> None:
        self._found.setdefault((place, text), weight)

    def _both(
        self,
        mine: Mapping[str, Any],
        yours: Mapping[str, Any],
        place: str,
        what: str,
        gone: str = BREAKING,
        new: str = ADDED,
    ) -> Iterable[str]:
        """Tell what only one of them has, and return what both have."""
        for name in mine.keys() - yours.keys():
            self._tell(_at(place, name), f"{what} removed", gone)
        for name in yours.keys() - mine.keys():
            self._tell(_at(place, name), f"{what} added", new)
        return sorted(mine.keys() & yours.keys())

    def _servers(self) -> None:
        mine, yours = (
            {server["url"].rstrip("/"): server for server in one.root.get("servers", ())}
            for one in (self._ours, self._theirs)
        )
        self._both(mine, yours, "servers", "address")

    def _operation(self, mine: Any, yours: Any, place: str) -> None:
        security = [
            {_scheme(one, name): name for choice in operation["security"] for name in choice}
            for one, operation in ((self._ours, mine), (self._theirs, yours))
        ]
        self._both(security[0], security[1], place, "key", new=BREAKING)
        parameters = mine["parameters"], yours["parameters"]
        needed = [name for name, one in parameters[1].items() if one.get("required")]
        for name in {*needed} - parameters[0].keys():
            self._tell(_at(place, name), "parameter added, and required", BREAKING)
        known = {
            n: one for n, one in parameters[1].items() if n in parameters[0] or n not in needed
        }
        for name in self._both(parameters[0], known, place, "parameter"):
            one, other = parameters[0][name], parameters[1][name]
            self._required(_at(place, name), one.get("required"), other.get("required"))
            self._schema(one.get("schema"), other.get("schema"), _at(place, name), received=False)
        self._content(mine["body"], yours["body"], place, received=False)
        answers = mine["responses"], yours["responses"]
        for status in self._both(*answers, place, "answer", gone=CHANGED):
            self._content(answers[0][status], answers[1][status], _at(place, status), received=True)

    def _required(self, place: str, mine: object, yours: object) -> None:
        if bool(mine) != bool(yours):
            text = "now required" if yours else "no longer required"
            self._tell(place, text, BREAKING if yours else ADDED)

    def _content(self, mine: Any, yours: Any, place: str, *, received: bool) -> None:
        if not received:
            self._required(_at(place, "body"), mine.get("required"), yours.get("required"))
        contents = mine.get("content", {}), yours.get("content", {})
        for media in self._both(*contents, place, "content type", new=CHANGED):
            schemas = [content[media].get("schema", {}) for content in contents]
            self._schema(schemas[0], schemas[1], place, received=received)

    def _schema(self, mine: Any, yours: Any, place: str, *, received: bool) -> None:
        key = (id(mine), id(yours), received)
        if key in self._seen:
            return
        self._seen.add(key)
        one, other = self._ours.form(mine), self._theirs.form(yours)
        place = _home(mine, one) or place
        if not self._types(one, other, place, received=received):
            return
        self._values(one, other, place, received=received)
        self._facets(one, other, place, received=received)
        for name in self._both(one.fields, other.fields, place, "field", new=ADDED):
            self._schema(one.fields[name], other.fields[name], _at(place, name), received=received)
            required = name in one.required, name in other.required
            if not received or required == (True, False):
                self._required(_at(place, name), *required)
        for name in other.required - one.fields.keys():
            if not received:
                self._tell(_at(place, name), "and it is required", BREAKING)
        self._below(one, other, place, received=received)
        self._options(one, other, place, received=received)

    def _types(self, one: Form, other: Form, place: str, *, received: bool) -> bool:
        """Compare the types; return whether it makes sense to look further."""
        covered = one.types | ({"integer"} if "number" in one.types else set())
        if received:
            fits = not one.types or (bool(other.types) and other.types <= covered)
        else:
            fits = one.types == other.types
        if not fits:
            shown = [" or ".join(sorted(form.types)) or "any" for form in (one, other)]
            wider = other.types > one.types or not other.types
            weight = ADDED if wider and not received else BREAKING
            self._tell(place, f"type {shown[0]} -> {shown[1]}", weight)
        elif other.nullable > one.nullable or (one.nullable > other.nullable and not received):
            text = "null allowed" if other.nullable else "null no longer allowed"
            self._tell(place, text, ADDED if other.nullable and not received else BREAKING)
        return fits

    def _values(self, one: Form, other: Form, place: str, *, received: bool) -> None:
        if one.values == other.values:
            return
        if one.values is None or other.values is None:
            if one.values is None and received:
                return
            text = "any value" if other.values is None else "only these values: "
            text += ", ".join(sorted(other.values or ()))
            self._tell(place, text, BREAKING if other.values is not None else ADDED)
            return
        gone, new = one.values - other.values, other.values - one.values
        pieces = [f"- {value}" for value in sorted(gone)] + [f"+ {value}" for value in sorted(new)]
        harmless = one.is_open if received else not gone
        self._tell(place, f"values {', '.join(pieces)}", ADDED if harmless else BREAKING)

    def _facets(self, one: Form, other: Form, place: str, *, received: bool) -> None:
        for name in sorted(one.facets.keys() | (set() if received else other.facets.keys())):
            mine, yours = one.facets.get(name), other.facets.get(name)
            if mine != yours:
                shown = [
                    json.dumps(value) if value is not None else "none" for value in (mine, yours)
                ]
                weight = _weight(name, mine, yours)
                self._tell(place, f"{name} {shown[0]} -> {shown[1]}", weight)

    def _below(self, one: Form, other: Form, place: str, *, received: bool) -> None:
        """Compare items, and fields without a name."""
        if one.items is not None or other.items is not None:
            items = [{} if form.items is None else form.items for form in (one, other)]
            self._schema(items[0], items[1], f"{place}[]", received=received)
        if isinstance(one.others, dict) and other.others is not False:
            yours = {} if other.others is True else other.others
            self._schema(one.others, yours, f"{place}.*", received=received)
        elif other.others is False and one.others is not False and not received:
            self._tell(place, "no other fields allowed", BREAKING)
        elif isinstance(other.others, dict) and one.others is True and not received:
            self._schema({}, other.others, f"{place}.*", received=received)

    def _options(self, one: Form, other: Form, place: str, *, received: bool) -> None:
        """Pair the alternatives that differ least; the rest is only on one side."""
        # A form without alternatives is its own only one.
        mine, yours = list(one.options), list(other.options)
        costs = sorted(
            (self._cost(a, b, received=received), i, j)
            for i, a in enumerate(mine)
            for j, b in enumerate(yours)
        )
        left = set(range(len(mine)))
        right = set(range(len(yours)))
        for _, i, j in costs:
            if i in left and j in right:
                left.discard(i)
                right.discard(j)
                self._schema(mine[i], yours[j], f"{place}|{i + 1}", received=received)
        for i in sorted(left):
            text = f"alternative {_kind(self._ours, mine[i])} removed"
            self._tell(place, text, CHANGED if received else BREAKING)
        for j in sorted(right):
            text = f"alternative {_kind(self._theirs, yours[j])} added"
            self._tell(place, text, BREAKING if received else ADDED)

    def _cost(self, mine: Any, yours: Any, *, received: bool) -> int:
        trial = copy.copy(self)
        trial._found, trial._seen = {}, set(self._seen)  # noqa: SLF001 - of this class
        trial._schema(mine, yours, "", received=received)  # noqa: SLF001
        return len(trial._found)  # noqa: SLF001


def _at(place: str, name: str) -> str:
    return (
        f"{place} {name}".strip() if " " in place or " " in name or not place else f"{place}.{name}"
    )


def _home(schema: Any, form: Form) -> str:
    """Return the name of the schema that stands at a place, null and open enums aside; else nothing."""
    nodes = [schema, *([] if form.options else schema.get("anyOf", ()))]
    names = [node["$ref"].removeprefix(_SCHEMAS) for node in nodes if "$ref" in node]
    return names[0] if len(names) == 1 else ""


def _kind(description: Description, schema: Any) -> str:
    form = description.form(schema)
    return " or ".join(sorted(form.types)) or "any"


def _weight(name: str, mine: Any, yours: Any) -> str:
    """Judge a keyword: a limit that comes or tightens breaks, one that goes or widens adds."""
    if name in {"default", "deprecated"}:
        return CHANGED
    if yours is None:
        return ADDED
    numbers = isinstance(mine, int | float) and isinstance(yours, int | float)
    if numbers and name.lower().startswith(("max", "exclusivemax")):
        return ADDED if yours > mine else BREAKING
    if numbers and name.lower().startswith(("min", "exclusivemin")):
        return ADDED if yours < mine else BREAKING
    return BREAKING


def _scheme(description: Description, name: str) -> str:
    """Return what a security scheme asks for, whatever it is called."""
    found = description.resolved(description.root["components"]["securitySchemes"][name])
    return " ".join(str(found[key]) for key in ("type", "in", "name", "scheme") if key in found)


def _operations(description: Description) -> dict[str, Any]:
    """Return the operations by method and path, the base path of the first server included."""
    root = description.root
    servers = root.get("servers") or [{"url": "/"}]
    base = urlsplit(servers[0]["url"]).path.rstrip("/")
    found: dict[str, Any] = {}
    for path, reference in root["paths"].items():
        item = description.resolved(reference)
        for method in _METHODS:
            operation = item.get(method)
            if operation is not None:
                given = [*item.get("parameters", ()), *operation.get("parameters", ())]
                parameters = [description.resolved(parameter) for parameter in given]
                responses = operation.get("responses", {})
                # The names of path parameters are of no concern to a caller.
                place = re.sub(r"\{[^}]*\}", "{}", f"{base}{path}")
                found[f"{method.upper()} {place}"] = {
                    "security": operation.get("security", root.get("security", [])),
                    "parameters": {
                        f"{one['in']} {'' if one['in'] == 'path' else one['name']}".strip(): one
                        for one in parameters
                    },
                    "body": description.resolved(operation.get("requestBody", {})),
                    "responses": {str(k): description.resolved(v) for k, v in responses.items()},
                }
    return found


def _webhooks(description: Description) -> dict[str, Any]:
    """Return the bodies of the webhooks, of OpenAPI 3.1 and of the extension that was used before."""
    root = description.root
    listed = {**root.get("x-webhooks", {}), **root.get("webhooks", {})}
    return {
        f"webhook {name}": description.resolved(operation.get("requestBody", {}))
        for name, reference in listed.items()
        for method, operation in description.resolved(reference).items()
        if method in _METHODS
    }
