"""Read a description from a file or an http(s) address into plain JSON values."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx
import yaml

from .tree import Json, SpecError, sequence

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 200
# YAML aliases let a few lines stand for billions of values.
_MAX_VALUES = 2_000_000
_TOO_DEEP = f"{{}}: nested deeper than {_MAX_DEPTH} levels"
_MAX_REDIRECTS = 5
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def load(source: str, transport: httpx.BaseTransport | None = None) -> tuple[str, dict[str, Json]]:
    """Return a printable name of `source` and the mapping it holds.

    Args:
        source: Path of a YAML or JSON file, or an http(s) address.
        transport: Used instead of the network for an address; for tests.

    Returns:
        The name, for an address without user, password and query, and the parsed document.

    Raises:
        SpecError: if the source cannot be reached or read, is larger than 16 MiB, or is not a
            mapping written in JSON or YAML.
    """
    if source.lower().startswith(("http://", "https://")):
        name, data = _fetch(source, transport)
    else:
        name, data = source, _read(source)
    value = _parse(data, name)
    if not isinstance(value, dict):
        msg = f"{name}: not an OpenAPI description (no mapping at the top)"
        raise SpecError(msg)
    return name, value


def load_list(path: str) -> list[Json]:
    """Return the list that a YAML or JSON file holds; an empty file is an empty list.

    Raises:
        SpecError: if the file cannot be read or holds something else.
    """
    return sequence(_parse(_read(path), path), path)


def _read(source: str) -> bytes:
    try:
        with Path(source).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a usable path"
        msg = f"{source}: cannot be read: {reason}"
        raise SpecError(msg) from error
    _limit(data, source)
    return data


def _limit(data: bytes | bytearray, name: str) -> None:
    if len(data) > MAX_BYTES:
        msg = f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB"
        raise SpecError(msg)


def _fetch(source: str, transport: httpx.BaseTransport | None) -> tuple[str, bytes]:
    try:
        url = httpx.URL(source)
    except httpx.InvalidURL as error:
        msg = "the address of a description is not a valid URL"
        raise SpecError(msg) from error
    name = _printable(url)
    try:
        with _quiet_httpx(), httpx.Client(timeout=_TIMEOUT, transport=transport) as client:
            return name, _follow(client, url, name)
    # The text of an httpx error can hold the address with its query, so only its class is shown.
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        msg = f"{name}: cannot be fetched ({type(error).__name__}); check address and network"
        raise SpecError(msg) from None


def _follow(client: httpx.Client, url: httpx.URL, name: str) -> bytes:
    # httpx would keep user and password in the address it hands to its logger.
    auth = (url.username, url.password) if url.username or url.password else None
    target = url.copy_with(username=None, password=None)
    for _ in range(_MAX_REDIRECTS + 1):
        with client.stream("GET", target, auth=auth, follow_redirects=False) as response:
            following = response.next_request
            if following is None:
                return _body(response, name)
        if following.url.scheme != "https":
            msg = f"{name}: redirects to an address without https; not followed"
            raise SpecError(msg)
        if _origin(following.url) != _origin(target):
            auth = None
        target = following.url.copy_with(username=None, password=None)
    msg = f"{name}: redirected more than {_MAX_REDIRECTS} times"
    raise SpecError(msg)


def _body(response: httpx.Response, name: str) -> bytes:
    if not response.is_success:
        msg = f"{name}: answered with status {response.status_code}"
        raise SpecError(msg)
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        _limit(data, name)
    return bytes(data)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _printable(url: httpx.URL) -> str:
    port = f":{url.port}" if url.port is not None else ""
    return f"{url.scheme}://{url.host}{port}{url.path}"


@contextlib.contextmanager
def _quiet_httpx() -> Iterator[None]:
    """Keep httpx from logging addresses, whose query may hold a token."""
    logger = logging.getLogger("httpx")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _parse(data: bytes, name: str) -> Json:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{name}: not UTF-8 text"
        raise SpecError(msg) from error
    try:
        value = _parse_text(text)
        _check_size(value, name)
    except (yaml.YAMLError, ValueError) as error:
        msg = f"{name}: neither JSON nor YAML: {_reason(error)}"
        raise SpecError(msg) from error
    except RecursionError as error:
        raise SpecError(_TOO_DEEP.format(name)) from error
    return value


def _parse_text(text: str) -> Json:
    if text.lstrip().startswith("{"):
        # A YAML flow mapping starts with a brace as well.
        with contextlib.suppress(ValueError):
            return cast("Json", json.loads(text))
    # S506: the class is a SafeLoader that knows fewer types still.
    return cast("Json", yaml.load(text, Loader=_JsonLoader))  # noqa: S506


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} (line {error.problem_mark.line + 1})"
    return str(error)


def _check_size(root: object, name: str) -> None:
    """Refuse what later steps could not walk: loops, extreme depth or size, values JSON lacks."""
    sizes: dict[int, int] = {}
    open_ids: set[int] = set()

    def measure(value: object, depth: int) -> int:
        if not isinstance(value, (dict, list)):
            # A tag such as !!binary or !!set makes a value of another type.
            if value is None or isinstance(value, (str, int, float)):
                return 1
            msg = f"{name}: holds a value that JSON does not have"
            raise SpecError(msg)
        if depth > _MAX_DEPTH:
            raise SpecError(_TOO_DEEP.format(name))
        if id(value) in open_ids:
            msg = f"{name}: a YAML alias contains itself"
            raise SpecError(msg)
        if id(value) not in sizes:
            open_ids.add(id(value))
            items = value.values() if isinstance(value, dict) else value
            sizes[id(value)] = 1 + sum(measure(item, depth + 1) for item in items)
            open_ids.discard(id(value))
        return sizes[id(value)]

    if measure(root, 0) > _MAX_VALUES:
        msg = f"{name}: expands to more than {_MAX_VALUES} values"
        raise SpecError(msg)


class _JsonLoader(yaml.SafeLoader):
    """Safe loader that reads scalars as YAML 1.2 does and takes every key as text.

    PyYAML follows YAML 1.1, in which `no` is a boolean, `2026-07-30` a date and the key `200`
    a number; a description means strings.
    """

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 -- inherited
    ) -> dict[Hashable, object]:
        self.flatten_mapping(node)
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)


# The dictionary is shared with the parent class until replaced.
_JsonLoader.yaml_implicit_resolvers = {}
for _kind, _form, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _JsonLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_form})$"), list(_first)
    )
