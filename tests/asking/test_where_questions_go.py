"""The key is sent only to the REST host that the caller means, and never with a download."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsmanager import ConfigurationError, SmsManager
from smsmanager.asking import NoAnswerError
from smsmanager.errors import ApiError, NotSentError, ResponseParseError
from tests.asking.conftest import KEY, Asking, Service

PRODUCTION = "https://rest-api.smsmngr.com/v1"
VARIABLE = "SMSMANAGER_REST_BASE_URL"
SECRET = "https://lists.example.com/a/secret-path.csv?X-Signature=secret-query"


@pytest.mark.parametrize(
    ("base_url", "option", "variable", "expected"),
    [
        ("https://api.smsmngr.com/v2", None, None, PRODUCTION),
        ("https://api.smsmngr.com/v2/", None, None, PRODUCTION),
        (
            "https://api.smsmngr.com/v2",
            None,
            "https://rest.example.com/v1",
            "https://rest.example.com/v1",
        ),
        (
            "https://api.smsmngr.com/v2",
            "https://a.example/v1/",
            "https://b.example",
            "https://a.example/v1",
        ),
        ("http://127.0.0.1:8025/v2", None, None, "http://127.0.0.1:8025/v1"),
        ("http://localhost:8025/v2", None, None, "http://localhost:8025/v1"),
        ("http://[::1]:8025/v2", None, None, "http://[::1]:8025/v1"),
        # A variable for production must not send a test's questions there.
        ("http://127.0.0.1:8025/v2", None, PRODUCTION, "http://127.0.0.1:8025/v1"),
        ("http://127.0.0.1:8025/v2", None, "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
        ("http://127.0.0.1:8025/v2", PRODUCTION, None, PRODUCTION),
        ("https://mine.example/v2", None, "https://mine.example/v1", "https://mine.example/v1"),
        ("https://mine.example/v2", "https://mine.example/v1", None, "https://mine.example/v1"),
    ],
)
def test_address(
    make: Callable[..., Asking],
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    option: str | None,
    variable: str | None,
    expected: str,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(VARIABLE, variable)
    ask = make(base_url=base_url, rest_base_url=option)
    assert ask.client.service.base_url == expected
    service.answers[f"GET {httpx.URL(expected).path.removeprefix('/v1')}/credit"] = {"credit": {}}
    ask.credit()
    [request] = service.requests
    assert str(request.url) == f"{expected}/credit"
    assert request.headers["host"] == httpx.URL(expected).netloc.decode()
    assert request.headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api-mock.smsmngr.com/v2",
        "https://api.smsmngr.com.example.com/v2",
        "https://api.smsmngr.com:8443/v2",
        "https://mine.example/v2",
        "http://127.0.0.1:4010",
    ],
)
def test_asking_a_mock_or_another_host_is_refused(
    ask: Asking, make: Callable[..., Asking], service: Service, base_url: str
) -> None:
    refused = make(base_url=base_url)
    for method, arguments in (("service.credit", ()), ("service.optouts.add", ("420601000001",))):
        with pytest.raises(ConfigurationError, match="rest_base_url"):
            refused.call(method, *arguments)
    assert not service.requests


def test_variable_for_production_does_not_take_a_local_mock_there(
    make: Callable[..., Asking], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PRODUCTION)
    with pytest.raises(ConfigurationError, match="rest_base_url"):
        make(base_url="http://127.0.0.1:4010").credit()
    assert not service.requests
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:4011")
    assert make(base_url="http://127.0.0.1:4010").client.service.base_url.endswith(":4011")


@pytest.mark.parametrize(
    "value", ["http://rest.example.com/v1", "nonsense", "https://u:p@a.example", 5]
)
def test_address_must_be_usable(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError):
        SmsManager(KEY, rest_base_url=value)
    monkeypatch.setenv(VARIABLE, str(value))
    with SmsManager(KEY) as client, pytest.raises(ConfigurationError):
        _ = client.service


def test_copy_with_another_address(make: Callable[..., Asking], service: Service) -> None:
    ask = make()
    copy = ask.client.with_options(rest_base_url="https://rest.example.com/v1")
    assert copy.service.base_url == "https://rest.example.com/v1"


def test_redirect_is_not_followed(ask: Asking, service: Service) -> None:
    service.answers["GET /credit"] = httpx.Response(
        302, headers={"location": "https://evil.example"}
    )
    with pytest.raises(NoAnswerError):
        ask.credit()
    assert len(service.requests) == 1


def with_a_list(service: Service, url: Any, answer: Any = "phone\n420601000001\n") -> None:
    service.answers["GET /optout"] = {"success": True, "url": url}
    text = isinstance(answer, str)
    service.answers["GET /a/secret-path.csv"] = httpx.Response(200, text=answer) if text else answer


def test_download_gets_no_key_and_is_in_no_log(
    ask: Asking, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with_a_list(service, SECRET)
    assert "420601000001" in ask.call("service.optouts.download")
    asked, fetched = service.requests
    assert asked.headers["x-api-key"] == KEY
    assert fetched.url.raw_path == b"/a/secret-path.csv?X-Signature=secret-query"
    assert fetched.url.host == fetched.headers["host"] == "lists.example.com"
    assert KEY not in str(fetched.headers)
    assert not {"x-api-key", "authorization", "cookie"} & {*fetched.headers}
    for secret in ("secret-path", "secret-query"):
        assert secret not in caplog.text
        assert secret not in f"{fetched.url!s} {fetched.url!r} {fetched!r}"


@pytest.mark.parametrize(
    "kind_of_client", [httpx.Client, httpx.AsyncClient], ids=["sync", "asynchronous"]
)
def test_client_of_the_caller_adds_nothing_to_a_download(
    service: Service, caplog: pytest.LogCaptureFixture, kind_of_client: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    with_a_list(service, SECRET)
    is_blocking = kind_of_client is httpx.Client
    http = kind_of_client(
        transport=httpx.MockTransport(service),
        auth=("me", "my-password"),
        headers={"x-api-key": "default-key", "x-team": "shop"},
        cookies={"session": "s"},
    )
    ask = Asking("sync" if is_blocking else "asyncio", service, {"http_client": http})
    try:
        assert len(ask.call("service.optouts.download")) == 1
    finally:
        ask.end()
        if is_blocking:
            http.close()
    asked, fetched = service.requests
    assert asked.headers["x-api-key"] == KEY
    assert not {"x-api-key", "authorization", "cookie", "x-team"} & {*fetched.headers}
    assert "secret-query" not in caplog.text
    assert "secret-path" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        "http://lists.example.com/a/secret-path.csv",
        "file:///etc/passwd",
        "ftp://lists.example.com/a",
        "https://",
        "https://[::1",
        "/a/secret-path.csv",
    ],
)
def test_only_an_https_address_is_fetched(ask: Asking, service: Service, url: Any) -> None:
    with_a_list(service, url)
    with pytest.raises(ResponseParseError, match="no https address"):
        ask.call("service.optouts.download")
    assert len(service.requests) == 1


def test_sandbox_may_name_an_address_of_its_own(
    ask: Asking, make: Callable[..., Asking], service: Service
) -> None:
    url = "http://127.0.0.1:9/a/secret-path.csv"
    with_a_list(service, url)
    assert len(ask.call("service.optouts.download")) == 1
    with_a_list(service, url)
    elsewhere = make(base_url="https://api.smsmngr.com/v2")
    with pytest.raises(ResponseParseError, match="no https address"):
        elsewhere.call("service.optouts.download")


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (httpx.Response(403, text=f"expired {SECRET}"), ApiError),
        (httpx.Response(500, text=SECRET), ApiError),
        (httpx.Response(302, headers={"location": SECRET}), NoAnswerError),
        (httpx.ReadTimeout(SECRET), NoAnswerError),
        (httpx.ConnectError(SECRET), NotSentError),
    ],
)
def test_failed_download_says_nothing_of_its_address(
    ask: Asking, service: Service, answer: Any, raised: type[Exception]
) -> None:
    with_a_list(service, SECRET, answer)
    with pytest.raises(raised) as caught:
        ask.call("service.optouts.download")
    shown = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {vars(caught.value)}"
    assert "secret" not in shown
