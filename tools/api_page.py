"""Write `api.md`: each operation, field, enum and limit of the descriptions with its method and module.

The options of a client are read from where they are declared: `ClientOptions` and the constructor.

`python -m tools.api_page` writes the page; with `--check` it only says whether the page is stale.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import yaml

from smsmanager import SmsManager
from smsmanager._config import ClientOptions, Settings
from tools.field_words import LIMITS, limits, snake, words
from tools.generate import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "api.md"
METHODS = {
    "sendMessage": "`client.send(...)`, up to 10 recipients",
    "sendPriorityMessage": "`client.send_priority(...)`, `client.send(..., priority=True)`",
    "sendMessages": "`client.send_batch([...])`; `client.send(...)`, more than 10 recipients",
    "sendSimpleMessage": "`client.send_simple(...)`",
    "sendSimpleMessageByQuery": "none; by `client.raw` only, because the key would be in the URL",
    "getMessage": "`client.service.status(id)`",
    "listMessages": "`client.service.sent(day, ...)`",
    "getRequest": "`client.service.request_totals(id, day)`",
    "listRequests": "`client.service.day_totals(days)`",
    "listInbox": "`client.service.inbox(day)`",
    "getCredit": "`client.service.credit()`",
    "getPrices": "`client.service.prices()`",
    "getCreditNotice": "`client.service.credit_notice()`",
    "setCreditNotice": "`client.service.set_credit_notice(...)`",
    "getKey": "`client.service.me()`",
    "updateKey": "`client.service.update_key(...)`",
    "downloadOptOut": "`client.service.optouts.download()`",
    "addToOptOut": "`client.service.optouts.add(...)`",
    "removeFromOptOut": "`client.service.optouts.remove(...)`, `.wipe_the_whole_list()`",
    "downloadBlacklist": "`client.service.blacklist.download()`",
    "addToBlacklist": "`client.service.blacklist.add(...)`",
    "removeFromBlacklist": "`client.service.blacklist.remove(...)`, `.wipe_the_whole_list()`",
    "cancelMessage": "`client.service.cancel(...)`",
    "validateMessages": "`client.service.check(message)`",
}
KEYWORDS = {
    "body": "first argument",
    "datetime": "`at=`",
    "delivery_time": "`window=`",
    "messageTag": "`Message(message_tag=...)`",
}
TITLES = {"openapi.yaml": "Sending", "openapi-rest.yaml": "Asking"}
ROWS = "\n| --- | --- | --- | --- |\n"
INTRO = """\
# API

Every operation, field, enum and limit of `openapi.yaml` and `openapi-rest.yaml`, where it is found, and the
options of a client.
Written by `make generate`; do not edit. The request types are generated classes that `smsmanager` exports
again; a field is the keyword of the same name (`type` is `type_`, `datetime` is `datetime_`, camel case
becomes snake case).

## Names of the wrapper

| name | module |
| --- | --- |
| `SmsManager` | `smsmanager.client` |
| `AsyncSmsManager`, with the same methods | `smsmanager.aio` |
| `ClientOptions` | `smsmanager` |
| `HTTPTransport`, `AsyncHTTPTransport` | `smsmanager.transport` |
| `compose` | `smsmanager` |
| `SendResult`, `RecipientOutcome`, `Status` | `smsmanager.results` |
| the exceptions | `smsmanager.errors` |
| `RetryPolicy`, `Retry` | `smsmanager.retry` |
| `reference_of` | `smsmanager.ids` |
| `hide_in_logs` | `smsmanager.logs` |
| `expand_message_id`, `split_message_id`, `same_message` | `smsmanager.ids` |
| `message_parts`, `MessageParts`, `Encoding` | `smsmanager.parts` |
| `normalise_number`, `InvalidNumberError` | `smsmanager.phone` |
| `Sandbox`, `MagicNumber`, `Fault` | `smsmanager.sandbox` |
"""


def described(schema: dict[str, Any]) -> str:
    """Return the type of a field in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(described(variant) for variant in schema["anyOf"])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind).replace("array", f"array of {described(schema.get('items', {}))}")
    if kind == "array":
        return f"array of {described(schema['items'])}"
    if "const" in schema:
        return f"`{str(schema['const']).lower()}`"
    return f"{kind}, {schema['format']}" if "format" in schema else kind


def bounds(schema: dict[str, Any]) -> str:
    """Return the limits of a schema for a cell of a table."""
    return cell(", ".join(limits(schema)))


def note(field: dict[str, Any], spec: dict[str, Any], *, required: bool) -> str:
    """Return what is to be known of a field beside its type and limits, for a cell of a table."""
    if "$ref" not in field:
        # The column beside it has them.
        limited = LIMITS.keys() | {"uniqueItems"}
        field = {name: value for name, value in field.items() if name not in limited}
    return cell(("Required. " if required else "") + words(field, spec))


def cell(text: str) -> str:
    """Return a text as a table takes it."""
    return text.replace("|", "\\|")


def described_names(documented: object, section: str) -> dict[str, str]:
    """Return what the docstring of a class says of each name in a section."""
    text = inspect.getdoc(documented) or ""
    found = text.partition(f"{section}:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)", found, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in entries}


def option_row(name: str, kind: object, default: object, words: str) -> str:
    """Return one row of a table of options."""
    spelled = str(getattr(kind, "__forward_arg__", kind))
    for generic, own in {"HttpClient": "httpx.Client", "Transport": "httpx.BaseTransport"}.items():
        spelled = re.sub(rf"\b{generic}\b", own, spelled)
    spelled = spelled.replace("|", "\\|")
    variable = re.search(r"`SMSMANAGER_\w+`", words)
    named = variable[0] if variable else ""
    return f"| `{name}` | `{spelled}` | `{default!r}` | {named} | {words} |\n"


def options() -> Iterator[str]:
    """Yield the tables of a client's options."""
    head = "| option | type | default | environment | |\n| --- | --- | --- | --- | --- |\n"
    yield "## Options of a client\n\n"
    yield "The constructor and `with_options` both take these (`ClientOptions`).\n\n" + head
    words = described_names(ClientOptions, "Attributes")
    defaults = {field.name: field.default for field in attrs.fields(Settings)}
    for name, kind in ClientOptions.__annotations__.items():
        yield option_row(name, kind, defaults[name], words[name])
    yield "\nOnly the constructor takes these. The types are those of `SmsManager`; `AsyncSmsManager` takes\n"
    yield "httpx's asynchronous ones.\n\n" + head
    words = described_names(SmsManager, "Args")
    for name, parameter in inspect.signature(SmsManager).parameters.items():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            yield option_row(name, parameter.annotation, parameter.default, words[name])


def operations(spec: dict[str, Any], package: str) -> Iterator[str]:
    """Yield the table of operations, of their parameters, and of the webhooks."""
    yield "| operation | method | generated function | answers |" + ROWS
    queries: list[str] = []
    for path, item in spec["paths"].items():
        for verb, operation in item.items():
            name = operation["operationId"]
            module = f"{package}.api.{operation['tags'][0]}.{snake(name)}"
            statuses = ", ".join(operation["responses"])
            method = METHODS.get(name, "`client.raw`")
            yield f"| `{verb.upper()} {path}` | {method} | `{module}` | {statuses} |\n"
            if "parameters" in operation:
                queries += query(spec, f"{verb.upper()} {path}", operation["parameters"])
    yield "\nServers: " + ", ".join(f"`{server['url']}`" for server in spec["servers"]) + ". Keys: "
    schemes = spec["components"]["securitySchemes"].values()
    yield ", ".join(f"`{scheme['name']}` ({scheme['in']})" for scheme in schemes) + ".\n"
    yield from queries
    if "webhooks" in spec:
        yield "\n### Webhooks\n\n| event | schema |\n| --- | --- |\n"
    for name, item in spec.get("webhooks", {}).items():
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        yield f"| `{name}` | {described(schema)} |\n"


def query(spec: dict[str, Any], operation: str, parameters: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the table of the parameters of one operation."""
    yield f"\n### Query of `{operation}`\n\n| parameter | type | limits | meaning |" + ROWS
    for given in parameters:
        shared = given.get("$ref", "").rsplit("/", 1)[-1]
        parameter = spec["components"]["parameters"][shared] if shared else given
        schema, notes = parameter["schema"], note(parameter, spec, required=parameter["required"])
        yield f"| `{parameter['name']}` | {described(schema)} | {bounds(schema)} | {notes} |\n"


def schemas(spec: dict[str, Any], package: str) -> Iterator[str]:
    """Yield a section for each component schema."""
    for name, schema in spec["components"]["schemas"].items():
        # Unions get no class of their own.
        module = "either" if "anyOf" in schema else f"`{package}.models.{snake(name)}`"
        yield f"\n### {name}\n\n{module}"
        if limited := bounds(schema):
            yield f"; {limited}"
        if "enum" in schema:
            yield ": " + ", ".join(f"`{value}`" for value in schema["enum"])
        if "anyOf" in schema:
            yield f": {described(schema)}"
        yield f"\n\n{' '.join(schema['description'].split())}\n"
        properties = schema.get("properties")
        if not properties:
            continue
        keywords = name == "Message"
        yield f"\n| field | type | limits | meaning |{' keyword of `send` |' * keywords}\n"
        yield f"| --- | --- | --- | --- |{' --- |' * keywords}\n"
        for field, described_as in properties.items():
            notes = note(described_as, spec, required=field in schema.get("required", ()))
            row = f"| `{field}` | {described(described_as)} | {bounds(described_as)} | {notes} |"
            yield row + (f" {KEYWORDS.get(field, f'`{field}=`')} |" * keywords) + "\n"


def page() -> str:
    """Return the whole page."""
    text = "".join([INTRO, "\n", *options()])
    for name, package in PACKAGES.items():
        spec = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        text += f"\n## {TITLES[name]}: {spec['info']['title']}\n\nFrom `{name}`.\n\n"
        text += "".join([*operations(spec, package), *schemas(spec, package)])
    return text


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the page is stale")
    text = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.stderr.write("stale: api.md\nRun `make generate` and commit the result.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
