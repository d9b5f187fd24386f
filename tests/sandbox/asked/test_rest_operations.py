"""What is true for every operation of the REST API: keys, scope, faults, records."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from smsmanager.sandbox import Fault, RestSettings, Sandbox, Settings
from smsmanager.sandbox._operations.asked.rest_operations import HANDLERS
from smsmanager.sandbox._operations.contract import REST, load_contract
from tests.sandbox.asked.conftest import DAY, KEY, NUMBER, Asked, Start

CHANGES = {
    "/credit/notify": {"email": "a@example.com", "value": 1, "enable": True},
    "/apikey/update": {"default_callback_url": "", "note": ""},
    "/optout": {"to": NUMBER},
    "/blacklist": {"to": NUMBER},
    "/messaging/cancel": {"message_id": "a"},
}


def test_every_operation_of_the_description_is_answered() -> None:
    assert {*load_contract(api=REST).operations} == {*HANDLERS}


@pytest.mark.parametrize(
    ("key_status", "missing", "wrong"), [("documented", 401, 401), ("gateway", 401, 403)]
)
def test_a_bad_key_is_answered_with_a_small_m(key_status: Any, missing: int, wrong: int) -> None:
    with Sandbox(api_keys=[KEY], settings=Settings(key_status=key_status)) as sandbox:
        asked = Asked(sandbox)
        for method, path in HANDLERS:
            for key, status_code in ((None, missing), ("another", wrong)):
                answer = asked.call(method, path, key=key)
                assert answer.status_code == status_code
                assert answer.json().keys() == {"message"}
        assert asked.call("GET", "/credit").status_code == 200
        # There is no query form.
        assert asked.call("GET", "/credit", key=None, apikey=KEY).status_code == 401
        asked.close()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("path", CHANGES)
def test_a_key_that_may_only_send_changes_nothing(start: Start, method: str, path: str) -> None:
    if (method, path) not in HANDLERS:
        return
    asked = start(RestSettings(scope="api"))
    answer = asked.call(method, path, CHANGES[path])
    assert answer.status_code == 403
    assert answer.json().keys() == {"message"}
    assert asked.get("/apikey/me")["me"]["scope"] == "api"
    assert asked.call("GET", "/optout").status_code == 404
    found = asked.call("POST", "/messaging/validate", {"body": "Hi", "to": []})
    assert found.status_code == 200


def test_requests_are_recorded_without_their_query(asked: Asked) -> None:
    asked.get("/messages", date=DAY, phone_number=NUMBER)
    request = asked.sandbox.requests[-1]
    assert (request.method, request.path, request.operation) == (
        "GET",
        "/v1/messages",
        "listMessages",
    )
    assert (request.status_code, request.recipients, request.is_refused) == (200, 0, False)


def test_a_fault_is_meant_for_one_path_or_all_below_one(asked: Asked) -> None:
    asked.sandbox.inject(Fault("status", status_code=500), path="/v1/messages")
    asked.send()
    assert asked.call("GET", "/message", id="a").status_code == 200
    assert asked.call("GET", "/messages", date=DAY).status_code == 500
    assert asked.call("GET", "/messages", date=DAY).status_code == 200

    asked.sandbox.inject(Fault("status", status_code=503), times=2, path="/v1/")
    asked.send()
    statuses = [
        asked.call("GET", path).status_code for path in ("/credit", "/apikey/me", "/credit")
    ]
    assert statuses == [503, 503, 200]


def test_a_fault_after_a_change_loses_the_answer_alone(asked: Asked) -> None:
    asked.sandbox.inject(Fault("close", when="after"), path="/v1/optout")
    with pytest.raises(httpx.RemoteProtocolError):
        asked.call("POST", "/optout", {"to": NUMBER})
    assert asked.call("GET", "/optout").status_code == 200
    asked.sandbox.inject(Fault("short"), path="/v1/optout")
    assert asked.call("POST", "/optout", {"to": NUMBER}).json()["accepted"] == 1


def test_a_fault_with_a_path_is_injected_and_shown_over_http(asked: Asked) -> None:
    url = f"{asked.sandbox.url}/sandbox/faults"
    fault = {"kind": "status", "status_code": 429, "path": "/v1/credit"}
    answer = httpx.post(url, json=fault, trust_env=False)
    assert answer.json()["faults"][0]["path"] == "/v1/credit"
    assert asked.call("GET", "/credit").status_code == 429
    for path in ("v1", 5, "/" * 201):
        assert httpx.post(url, json={**fault, "path": path}, trust_env=False).status_code == 400


@pytest.mark.parametrize("rules", ["docs", "spec"])
def test_an_unknown_parameter_is_ignored_or_refused(rules: Any) -> None:
    with Sandbox(rules=rules) as sandbox:
        asked = Asked(sandbox)
        answer = asked.call("GET", "/message", id="a", colour="red")
        assert answer.status_code == (200 if rules == "docs" else 400)
        asked.close()


def test_operations_need_no_token_and_have_no_other_methods() -> None:
    with Sandbox(token="a-token-of-the-tests") as sandbox:
        asked = Asked(sandbox)
        asked.call("POST", "/optout", {"to": NUMBER})
        url = asked.get("/optout")["url"]
        assert url.startswith(f"{sandbox.url}/downloads/optout.csv?")
        assert httpx.get(url, trust_env=False).text.split() == [NUMBER]
        assert asked.call("PUT", "/optout").status_code == 405
        assert asked.call("HEAD", "/credit").status_code == 405
        asked.close()


@pytest.mark.parametrize(
    "given",
    [
        {"page_size": 0},
        {"visible_after_s": -1},
        {"zone": "Europe/Nowhere"},
        {"day_of": "asked"},
        {"day_in": "local"},
        {"scope": "none"},
        {"list_layout": "xlsx"},
        {"cancel_id": "any"},
        {"not_cancelled": "maybe"},
    ],
)
def test_a_setting_out_of_range_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        RestSettings(**given)
