"""Operations, webhooks and callbacks of a description as plain records, references resolved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .document import OPEN_TO_ALL
from .tree import Json, SpecError, canonical, mapping, sequence, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document import Document, Requirement

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# OpenAPI says that parameters of these names are described elsewhere and to be ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a header of an answer."""

    name: str
    required: bool
    schema: Json
    encoding: str
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one content type."""

    schema: Json
    encoding: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries."""

    required: bool
    contents: dict[str, Content]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status comes with; headers by lower-case name."""

    headers: dict[str, Field]
    contents: dict[str, Content]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, or of a webhook.

    Attributes:
        title: How a report names it, such as `POST /message`.
        fields: Parameters by place and key; the key of a path parameter is its position, since its
            name is not on the wire.
        servers: Addresses that replace those of the whole description, or None.
    """

    title: str
    fields: dict[tuple[str, str], Field]
    body: Body | None
    answers: dict[str, Answer]
    security: frozenset[Requirement]
    servers: tuple[str, ...] | None
    callbacks: dict[str, Operation]
    deprecated: bool


def path_operations(document: Document, path: str, raw: Json) -> dict[str, Operation]:
    """Return the operations of one path (or webhook) by upper-case method."""
    where = f"{document.name}: {path}"
    item = document.follow(raw, where)
    return {
        method.upper(): _operation(document, path, method.upper(), item)
        for method in METHODS
        if method in item
    }


def incoming_operations(document: Document, name: str, raw: Json) -> dict[str, Operation]:
    """Return the operations of a webhook or callback by upper-case method.

    What the whole description says about security is about requests to the service, not from it.
    """
    found = path_operations(document, name, raw)
    own = document.follow(raw, f"{document.name}: {name}")
    return {
        method: operation
        if "security" in mapping(own[method.lower()], operation.title)
        else replace(operation, security=OPEN_TO_ALL)
        for method, operation in found.items()
    }


def _operation(document: Document, path: str, method: str, item: Mapping[str, Json]) -> Operation:
    title = f"{method} {path}"
    where = f"{document.name}: {title}"
    raw = mapping(item[method.lower()], where)
    holder = raw if "servers" in raw else item
    return Operation(
        title=title,
        fields=_fields(document, path, item, raw, where),
        body=_body(document, raw, where),
        answers={
            status.upper(): _answer(document, answer, f"{where}: {status}")
            for status, answer in mapping(raw.get("responses"), f"{where}: responses").items()
            if not status.startswith("x-")
        },
        security=document.security(raw),
        servers=document.servers(holder) if "servers" in holder else None,
        callbacks=_callbacks(document, raw, where),
        deprecated=raw.get("deprecated") is True,
    )


def _fields(
    document: Document,
    path: str,
    item: Mapping[str, Json],
    raw: Mapping[str, Json],
    where: str,
) -> dict[tuple[str, str], Field]:
    fields: dict[tuple[str, str], Field] = {}
    listed = [
        *sequence(item.get("parameters"), f"{where}: parameters"),
        *sequence(raw.get("parameters"), f"{where}: parameters"),
    ]
    for entry in listed:
        parameter = document.follow(entry, f"{where}: parameter")
        name = word(parameter.get("name"), f"{where}: name of a parameter")
        place = word(parameter.get("in"), f"{where}: place of parameter {name}")
        if place not in _STYLES:
            msg = f"{where}: parameter {name} stands in {place!r}, which OpenAPI does not know"
            raise SpecError(msg)
        if place == "header" and name.lower() in _IGNORED_HEADERS:
            continue
        key = name
        if place == "path":
            key = str(path.find("{" + name + "}"))
            key = str(path[: int(key)].count("{")) if key != "-1" else name
        elif place == "header":
            key = name.lower()
        fields[place, key] = _field(document, name, place, parameter, where)
    return fields


def _field(document: Document, name: str, place: str, raw: Mapping[str, Json], where: str) -> Field:
    style = word(raw.get("style", _STYLES[place]), f"{where}: style of {name}")
    explode = raw.get("explode", style == "form") is True
    reserved = ", reserved characters as they are" if raw.get("allowReserved") is True else ""
    encoding = f"{style}, {'one per item' if explode else 'joined'}{reserved}"
    schema = raw.get("schema", True)
    for media, content in _contents(document, raw, f"{where}: {name}").items():
        encoding, schema = media, content.schema
    return Field(
        name=name,
        required=raw.get("required") is True or place == "path",
        schema=schema,
        encoding=encoding,
        deprecated=raw.get("deprecated") is True,
    )


def _body(document: Document, raw: Mapping[str, Json], where: str) -> Body | None:
    if "requestBody" not in raw:
        return None
    body = document.follow(raw["requestBody"], f"{where}: requestBody")
    return Body(body.get("required") is True, _contents(document, body, f"{where}: requestBody"))


def _answer(document: Document, raw: Json, where: str) -> Answer:
    answer = document.follow(raw, where)
    headers: dict[str, Field] = {}
    for name, entry in mapping(answer.get("headers"), f"{where}: headers").items():
        if name.lower() != "content-type":
            header = document.follow(entry, f"{where}: header {name}")
            headers[name.lower()] = _field(document, name, "header", header, where)
    return Answer(headers, _contents(document, answer, where))


def _contents(document: Document, raw: Mapping[str, Json], where: str) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    for media, entry in mapping(raw.get("content"), f"{where}: content").items():
        content = document.follow(entry, f"{where}: {media}")
        contents[_media_type(media)] = Content(
            schema=content.get("schema", True),
            encoding=canonical(mapping(content.get("encoding"), f"{where}: encoding")),
        )
    return contents


def _media_type(text: str) -> str:
    first, *parameters = (piece.strip().lower() for piece in text.split(";"))
    # JSON is UTF-8 by definition, and every published description means it elsewhere.
    kept = sorted(piece for piece in parameters if piece and piece != "charset=utf-8")
    return "; ".join((first, *kept))


def _callbacks(document: Document, raw: Mapping[str, Json], where: str) -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for name, entry in mapping(raw.get("callbacks"), f"{where}: callbacks").items():
        for address, item in document.follow(entry, f"{where}: callback {name}").items():
            if not address.startswith("x-"):
                for method, operation in incoming_operations(document, address, item).items():
                    found[f"{name} {method} {address}"] = operation
    return found
