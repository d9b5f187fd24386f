"""The description decides what is accepted."""

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._command import _welcome
from smsmanager.sandbox._operations.contract import load_contract
from smsmanager.sandbox._operations.violations import violation
from tests.sandbox.conftest import message_to, post, simple

TO = [{"phone_number": "420777123456"}]
HEADERS = {"x-api-key": "k"}


@pytest.fixture
def changed(description: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(description)
    return content


def following(tmp_path: Path, content: dict[str, Any]) -> Sandbox:
    return Sandbox(rules="spec", spec=write(tmp_path, content))


def write(tmp_path: Path, content: dict[str, Any]) -> Path:
    path = tmp_path / "openapi.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_field_added_to_the_description_is_accepted_and_shown(
    running: Sandbox, tmp_path: Path, changed: dict[str, Any]
) -> None:
    message = {
        "to": [{**TO[0], "nickname": "J."}],
        "body": "Hello",
        "urgency": 3,
        "flow": [{"sms": {"flash": True}}],
    }
    assert post(running, message).status_code == 400

    schemas = changed["components"]["schemas"]
    schemas["Recipient"]["properties"]["nickname"] = {"type": "string"}
    schemas["Message"]["properties"]["urgency"] = {"type": "integer", "maximum": 5}
    schemas["Sms"]["properties"]["flash"] = {"type": "boolean"}
    with following(tmp_path, changed) as sandbox:
        assert post(sandbox, message).status_code == 200
        assert post(sandbox, {**message, "urgency": 6}).status_code == 400
        (item,) = httpx.get(f"{sandbox.url}/sandbox/messages").json()["messages"]

    assert item["message"] == message
    assert sandbox.messages[0].message == message
    assert sandbox.messages[0].steps[0].fields == {"flash": True}


def test_a_channel_added_to_the_description_takes_the_text_of_the_message(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    schemas = changed["components"]["schemas"]
    schemas["Pigeon"] = {"type": "object", "properties": {"body": {"type": "string"}}}
    schemas["FlowStep"]["properties"]["pigeon"] = {"$ref": "#/components/schemas/Pigeon"}
    with following(tmp_path, changed) as sandbox:
        post(sandbox, message_to(flow=[{"pigeon": {}}]))
        post(sandbox, {"to": TO, "flow": [{"pigeon": {}}]})

    (message,) = sandbox.messages
    assert (message.channels, message.body, message.parts) == (("pigeon",), "Hello", None)
    assert sandbox.requests[1].reason == "/flow/0/pigeon/body: is missing, and so is /body"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_field_added_to_the_description_is_read_as_its_type(
    tmp_path: Path, changed: dict[str, Any], method: str
) -> None:
    added = {
        "count": {"type": "integer"},
        "share": {"type": "number"},
        "flash": {"type": "boolean"},
    }
    changed["components"]["schemas"]["SimpleMessage"]["properties"].update(added)
    parameters = changed["paths"]["/simple/message"]["get"]["parameters"]
    parameters += [{"name": name, "in": "query", "schema": found} for name, found in added.items()]
    good = {"phone_number": "420777123456", "message": "1", "sender": "Shop"}
    good |= {"count": "3", "share": "0.5", "flash": "true"}
    wrong = [{"count": "x"}, {"count": "1.5"}, {"share": "nan"}, {"share": "x"}, {"flash": "1"}]
    with following(tmp_path, changed) as sandbox:
        for fields in (good, *({**good, **change} for change in wrong)):
            simple(sandbox, method, fields)

    (message,) = sandbox.messages
    assert message.message == {**good, "count": 3, "share": 0.5, "flash": True}
    fields_refused = [str(request.reason).split(":")[0] for request in sandbox.requests[1:]]
    assert fields_refused == ["/count", "/count", "/share", "/share", "/flash"]


def test_the_size_limit_is_in_the_description(tmp_path: Path, changed: dict[str, Any]) -> None:
    changed["paths"]["/message"]["post"]["x-max-request-bytes"] = 10
    del changed["paths"]["/messages"]["post"]["x-max-request-bytes"]
    with following(tmp_path, changed) as sandbox:
        post(sandbox, message_to())
        post(sandbox, [message_to(body="x" * 131_072)], path="/messages")

    assert [request.reason for request in sandbox.requests] == [
        "/: the body has more than 10 bytes",
        "/: the body has more than 131072 bytes",
    ]


def test_json_and_unquoted_times_in_a_description_are_understood(
    tmp_path: Path, description: str, changed: dict[str, Any]
) -> None:
    as_json = tmp_path / "openapi.json"
    as_json.write_text(json.dumps(changed), encoding="utf-8")
    as_yaml = tmp_path / "openapi.yaml"
    unquoted = description.replace("'2027-01-04T07:00:00Z'", "2027-01-04T07:00:00Z")
    assert unquoted != description
    text = unquoted.replace(
        "    Message:\n      type: object\n",
        "    Message:\n      type: object\n      default: {datetime: 2027-01-04T07:00:00Z}\n",
    )
    assert text != unquoted
    as_yaml.write_text(text, encoding="utf-8")

    for path in (as_json, str(as_json), as_yaml):
        operation = load_contract(path).operations["POST", "/message"]
        assert violation(operation.validator, message_to()) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "openapi.yaml does not describe the service"),
        ("[", "openapi.yaml does not describe the service"),
        ("paths: []", "openapi.yaml does not describe the service"),
        ("paths: {}\ncomponents: {}", "openapi.yaml does not describe the service"),
        (
            "paths: {}\ncomponents: {schemas: {Message: {}}}",
            "does not describe the service: POST /message is missing",
        ),
    ],
)
def test_what_does_not_describe_the_service_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=reason):
        Sandbox(spec=path)


def test_a_broken_schema_or_reference_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    body = changed["components"]["schemas"]["Message"]["properties"]["body"]
    for breakage in ({"maxLength": "many"}, {"$ref": "#/components/schemas/Nothing"}):
        body.clear()
        body.update(breakage)
        with pytest.raises(ValueError, match="does not describe the service"):
            following(tmp_path, changed)


def test_a_missing_description_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Sandbox(spec=tmp_path / "nothing.yaml")


def test_the_same_description_is_compiled_once(
    tmp_path: Path, description: str, changed: dict[str, Any]
) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(description, encoding="utf-8")
    first = load_contract(path)
    assert load_contract(os.fspath(path)) is load_contract() is first

    del changed["components"]["schemas"]["Message"]["properties"]["tag"]
    assert load_contract(write(tmp_path, changed)) is not first


def test_the_description_inside_the_package_comes_first(
    tmp_path: Path, changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed["components"]["schemas"]["Message"]["required"] = ["to", "tag"]
    write(tmp_path, changed)
    monkeypatch.setattr(resources, "files", {"smsmanager": tmp_path}.__getitem__)
    operation = load_contract().operations["POST", "/message"]

    assert violation(operation.validator, message_to()) == "/: tag is missing (required)"


def test_text_channels_are_those_with_a_body() -> None:
    assert load_contract().text_channels == {"sms", "viber", "whatsapp_text", "rcs"}


def test_a_description_without_what_ours_states_is_served(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    """As the service's own file may be: one key for all, names left out, schemas in place, several types."""
    changed["security"] = [{"ApiKeyHeader": []}]
    for item in changed["paths"].values():
        for operation in item.values():
            operation.pop("security")
            del operation["operationId"]
    key = {"name": "apikey", "in": "query", "required": True, "schema": {"type": "string"}}
    changed["paths"]["/simple/message"]["get"]["parameters"].append(key)
    message = changed["components"]["schemas"]["Message"]
    content = changed["paths"]["/message"]["post"]["requestBody"]["content"]
    content["application/json"] = {"schema": {"allOf": [message]}}
    content["application/xml"] = {}
    steps = changed["components"]["schemas"]["FlowStep"]["properties"]
    message["properties"]["flow"]["items"] = {
        "oneOf": [
            {"type": "object", "required": [name], "properties": {name: step}}
            for name, step in steps.items()
        ]
    }
    names = changed["components"]["securitySchemes"]
    (changed["security"],) = (
        [{name: []}] for name, found in names.items() if found["in"] == "header"
    )
    with Sandbox(spec=write(tmp_path, changed)) as sandbox, httpx.Client(headers=HEADERS) as client:
        assert sandbox.unserved == {}
        flow: list[dict[str, Any]] = [{"viber": {}}, {"sms": {}}]
        answer = client.post(
            f"{sandbox.base_url}/message", json={"to": TO, "body": "Hello", "flow": flow}
        )
        assert answer.status_code == 200, answer.text
        form = {"phone_number": "420777123456", "message": "1", "sender": "Shop"}
        assert client.post(f"{sandbox.base_url}/simple/message", data=form).status_code == 200
        answer = client.get(f"{sandbox.base_url}/simple/message", params={**form, "apikey": "k"})
        assert answer.status_code == 200, answer.text
        assert client.get(f"{sandbox.base_url}/simple/message", params=form).status_code == 400
    assert [message.body for message in sandbox.messages] == ["Hello", "1", "1"]
    assert sandbox.messages[0].channels == ("viber", "sms")


def test_what_cannot_be_served_is_said(
    tmp_path: Path, changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    del changed["paths"]["/simple/message"]["get"]
    changed["paths"]["/messages"]["post"]["requestBody"] = {"content": {}}
    changed["paths"]["/bulk"] = {"post": {"requestBody": {"content": {"application/json": {}}}}}
    with Sandbox(spec=write(tmp_path, changed)) as sandbox, httpx.Client(headers=HEADERS) as client:
        assert sandbox.unserved == {
            "GET /simple/message": "the description lacks it",
            "POST /bulk": "the sandbox does not know it",
            "POST /messages": "it cannot be read (StopIteration )",
        }
        assert client.post(f"{sandbox.base_url}/bulk", json={}).status_code == 404
        answer = client.post(f"{sandbox.base_url}/message", json={"to": TO, "body": "Hello"})
        assert answer.status_code == 200
        _welcome(sandbox, any_key=True)
    assert "Not served: GET /simple/message, the description lacks it." in capsys.readouterr().out


def test_a_request_that_only_another_description_allows_is_refused(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    changed["components"]["schemas"]["Message"] = {}
    with Sandbox(spec=write(tmp_path, changed)) as sandbox, httpx.Client(headers=HEADERS) as client:
        bodies: list[Any] = [
            {},
            [],
            5,
            {"to": 5},
            {"to": [5], "body": []},
            {"to": TO, "flow": {"a": 1}},
        ]
        for body in bodies:
            answer = client.post(f"{sandbox.base_url}/message", json=body)
            assert answer.status_code == 400, body
        good = {"to": TO, "body": "Hello", "callback": 5}
        assert client.post(f"{sandbox.base_url}/message", json=good).status_code == 200
        assert client.get(f"{sandbox.url}/messages/1").status_code == 200
    assert len(sandbox.messages) == 1
