"""One description: its version, references, servers and security, all spelled one way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .tree import Json, SpecError, canonical, mapping, sequence, word

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUPPORTED = ("3.0", "3.1")
_NAMED = re.compile(r"#/(?:components/schemas|\$defs)/([^/]+)\Z")
# Ways to meet one requirement of a security scheme, all of which are needed together.
Requirement = frozenset[str]
OPEN_TO_ALL = frozenset({Requirement()})


class Document:
    """A parsed OpenAPI description.

    Attributes:
        name: How messages name it; holds no credentials.
        root: The whole description.
        version: What the description says its own version is, or `"?"`.
    """

    def __init__(self, name: str, root: dict[str, Json]) -> None:
        """Check that this is a description of a kind the comparison knows.

        Raises:
            SpecError: if `root` is not OpenAPI 3.0 or 3.1.
        """
        self.name = name
        self.root = root
        found = root.get("openapi", root.get("swagger"))
        if not isinstance(found, (str, float)) or not str(found).startswith(_SUPPORTED):
            shown = f"says version {found}" if found is not None else "has no `openapi` version"
            msg = f"{name}: {shown}; only OpenAPI 3.0 and 3.1 can be compared"
            raise SpecError(msg)
        version = mapping(root.get("info"), f"{name}: info").get("version")
        self.version = str(version) if version is not None else "?"

    def target(self, ref: Json) -> Json:
        """Return what a local reference points at.

        Raises:
            SpecError: if the reference leaves the document or points nowhere.
        """
        text = word(ref, f"{self.name}: $ref")
        if text != "#" and not text.startswith("#/"):
            msg = f"{self.name}: $ref {text!r} leaves the document; bundle it into one file first"
            raise SpecError(msg)
        value: Json = self.root
        for piece in text[1:].split("/")[1:]:
            key = unquote(piece).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                msg = f"{self.name}: $ref {text!r} points nowhere"
                raise SpecError(msg)
        return value

    def follow(self, value: Json, where: str) -> dict[str, Json]:
        """Return a mapping in place of a reference to it; for everything but schemas.

        Raises:
            SpecError: if there is no mapping at the end of the references.
        """
        seen: set[str] = set()
        result = mapping(value, where)
        while "$ref" in result:
            ref = word(result["$ref"], where)
            if ref in seen:
                msg = f"{self.name}: $ref {ref!r} leads back to itself"
                raise SpecError(msg)
            seen.add(ref)
            result = mapping(self.target(ref), where)
        return result

    def servers(self, holder: Mapping[str, Json]) -> tuple[str, ...]:
        """Return the addresses a mapping lists, in order, in one spelling.

        Variables take their default; the trailing slash is dropped.
        """
        where = f"{self.name}: servers"
        urls: list[str] = []
        for entry in sequence(holder.get("servers"), where):
            server = mapping(entry, where)
            url = word(server.get("url"), where)
            for key, variable in mapping(server.get("variables"), where).items():
                default = mapping(variable, where).get("default")
                url = url.replace("{" + key + "}", str(default))
            urls.append(_normal_url(url))
        return tuple(dict.fromkeys(urls))

    def schemes(self) -> dict[str, str]:
        """Return every declared security scheme as name and what it amounts to."""
        where = f"{self.name}: securitySchemes"
        components = mapping(self.root.get("components"), f"{self.name}: components")
        declared = mapping(components.get("securitySchemes"), where)
        return {name: _scheme(self.follow(raw, where), where) for name, raw in declared.items()}

    def security(self, operation: Mapping[str, Json]) -> frozenset[Requirement]:
        """Return the alternatives by which an operation may be authorised.

        An operation open to everybody has one alternative, the empty one.

        Raises:
            SpecError: if a requirement names a scheme that is not declared.
        """
        where = f"{self.name}: security"
        raw = operation.get("security", self.root.get("security"))
        schemes = self.schemes()
        alternatives: set[Requirement] = set()
        for entry in sequence(raw, where):
            requirement: set[str] = set()
            for key, scopes in mapping(entry, where).items():
                if key not in schemes:
                    msg = f"{where}: scheme {key!r} is not declared"
                    raise SpecError(msg)
                names = sorted(word(scope, where) for scope in sequence(scopes, where))
                requirement.add(" ".join((schemes[key], *names)))
            alternatives.add(frozenset(requirement))
        return frozenset(alternatives) or OPEN_TO_ALL


def schema_name(ref: Json) -> str | None:
    """Return the name of the component schema a reference points at, if it does."""
    match = _NAMED.match(ref) if isinstance(ref, str) else None
    return unquote(match[1]) if match else None


def _normal_url(url: str) -> str:
    parts = urlsplit(url)
    netloc = parts.netloc.lower()
    for scheme, port in (("https", ":443"), ("http", ":80")):
        if parts.scheme.lower() == scheme:
            netloc = netloc.removesuffix(port)
    return parts._replace(scheme=parts.scheme.lower(), netloc=netloc).geturl().rstrip("/") or "/"


def _scheme(raw: Mapping[str, Json], where: str) -> str:
    """Return what matters of a security scheme; two schemes with one text are the same."""
    kind = word(raw.get("type"), where)
    if kind == "apiKey":
        place = word(raw.get("in"), where)
        name = word(raw.get("name"), where)
        return f"apiKey in {place} {name.lower() if place == 'header' else name}"
    if kind == "http":
        return f"http {word(raw.get('scheme'), where).lower()}"
    if kind == "oauth2":
        flows = mapping(raw.get("flows"), where)
        kept: dict[str, Json] = {}
        for name, flow in flows.items():
            details = mapping(flow, where)
            scopes = sorted(mapping(details.get("scopes"), where))
            kept[name] = {**details, "scopes": list[Json](scopes)}
        return f"oauth2 {canonical(kept)}"
    if kind == "openIdConnect":
        return f"openIdConnect {word(raw.get('openIdConnectUrl'), where)}"
    return kind
