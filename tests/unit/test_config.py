"""Check the options of a client: precedence, refusals, and that the key stays hidden."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import sys
import traceback
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager import AsyncSmsManager, ConfigurationError, RetryPolicy, SmsManager
from smsmanager._config import BASE_URL, ClientOptions, Settings

KEY = "key-0123456789abcdef"


def made(api_key: Any = KEY, base_url: Any = None, **options: Any) -> Settings:
    return Settings.complete(api_key, base_url, options)


def refused(**options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        made(**options)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_defaults() -> None:
    options = made()
    assert options.api_key == KEY
    assert options.base_url == BASE_URL == "https://api.smsmngr.com/v2"
    assert options.retries == RetryPolicy()
    assert options.timeout.as_dict() == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}
    unset = ("sender", "default_region", "on_retry", "on_result", "deadline_s", "callbacks")
    assert {getattr(options, name) for name in unset} == {None}
    assert (options.validate, options.auto_reference) == (True, False)
    assert options.max_response_bytes == 1024 * 1024
    assert options.json_headers["x-api-key"] == KEY
    assert options.json_headers["accept-encoding"] == "identity"
    assert options.json_headers["user-agent"].startswith("smsmanager-python/")


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", " from-outside\n")
    monkeypatch.setenv("SMSMANAGER_BASE_URL", "https://example.com/outside")
    monkeypatch.setenv("SMSMANAGER_SENDER", "Outside")
    outside = made(api_key=None)
    assert outside.api_key == outside.json_headers["x-api-key"] == "from-outside"
    assert outside.base_url == "https://example.com/outside"
    assert outside.sender == "Outside"
    inside = made(base_url="https://example.com/inside/", sender="Inside")
    assert inside.api_key == KEY
    assert inside.base_url == "https://example.com/inside"
    assert inside.sender == "Inside"


@pytest.mark.parametrize("name", ["API_KEY", "BASE_URL", "SENDER"])
def test_an_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SMSMANAGER_{name}", "")
    options = made()
    assert (options.api_key, options.base_url, options.sender) == (KEY, BASE_URL, None)


@pytest.mark.parametrize("key", [None, "", "   ", "\n"])
def test_without_a_key(key: str | None) -> None:
    text = refused(api_key=key)
    assert "There is no API key" in text
    assert "SMSMANAGER_API_KEY" in text


def test_an_empty_key_is_not_replaced_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSMANAGER_API_KEY", "another-account")
    assert "There is no API key" in refused(api_key="")


@pytest.mark.parametrize(
    "key",
    ["two words", "line\nbreak", "nul\x00", "kl\u00ed\u010d", "\x7fkey", "a\tb", 5, KEY.encode()],
)
def test_a_key_that_cannot_be_one(key: Any) -> None:
    text = refused(api_key=key)
    assert ("was it copied in full?" in text) is isinstance(key, str)
    assert "key" in text
    assert str(key) not in text


def test_space_around_a_key_is_dropped() -> None:
    assert made(api_key=f"  {KEY}\n").api_key == KEY


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://api.smsmngr.com/v2", BASE_URL),
        ("https://api.smsmngr.com/v2/", BASE_URL),
        ("HTTPS://API.SMSMNGR.COM/v2//", BASE_URL),
        ("https://example.com", "https://example.com"),
        ("https://example.com:8443/a/b", "https://example.com:8443/a/b"),
        ("http://127.0.0.1:8080/v2", "http://127.0.0.1:8080/v2"),
        ("http://127.8.9.10/v2", "http://127.8.9.10/v2"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST/v2", "http://localhost/v2"),
        ("http://[::1]:8080/v2", "http://[::1]:8080/v2"),
        (httpx.URL("https://example.com/v2"), "https://example.com/v2"),
    ],
    ids=str,
)
def test_base_urls(given: Any, used: str) -> None:
    assert made(base_url=given).base_url == used


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.smsmngr.com/v2", "must use https"),
        ("http://localhost.example.com", "must use https"),
        ("http://127.0.0.1.example.com", "must use https"),
        ("http://10.0.0.1", "must use https"),
        ("http://0.0.0.0", "must use https"),
        ("http://[::2]", "must use https"),
        ("ftp://example.com", "is not an http or https address"),
        ("example.com/v2", "is not an http or https address"),
        ("//example.com/v2", "is not an http or https address"),
        ("https://", "is not an http or https address"),
        ("https:/v2", "is not an http or https address"),
        ("/v2", "is not an http or https address"),
        ("https://user:secret-word@example.com/v2", "no user, password"),
        ("https://user@example.com/v2", "no user, password"),
        ("https://example.com/v2?key=secret-word", "no user, password, query"),
        ("https://example.com/v2#secret-word", "no user, password, query, fragment or space"),
        ("http://127.0.0.1@example.com/v2", "no user, password"),
        ("https://exa\nmple.com", "fragment or space"),
        ("https://[::1", "cannot be read"),
        ("https://example.com:port", "cannot be read"),
        (5, "cannot be read"),
        # After `?` or `#` the path would be lost; the others would fail with an unknown outcome.
        ("https://example.com/v2?", ""),
        ("https://example.com/v2#", ""),
        ("https://example.com/v2 ", ""),
        ("https://example.com:99999/v2", ""),
    ],
    ids=str,
)
def test_base_urls_that_are_refused(url: Any, reason: str) -> None:
    text = refused(base_url=url)
    assert reason in text
    assert "secret-word" not in text
    assert BASE_URL in text or "https" in text


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (5, (5, 5, 5, 5)),
        (0.25, (0.25, 0.25, 0.25, 0.25)),
        (httpx.Timeout(30, connect=5), (5, 30, 30, 30)),
        ((1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0)),
    ],
)
def test_timeouts(timeout: Any, expected: tuple[float, ...]) -> None:
    timeouts = made(timeout=timeout).timeout.as_dict()
    assert tuple(timeouts.values()) == expected
    assert list(timeouts) == ["connect", "read", "write", "pool"]


NAN, INF = float("nan"), float("inf")
REFUSED: dict[str, tuple[str, list[Any]]] = {
    "timeout": (
        "finite number of seconds",
        [
            *(None, 0, -1, INF, NAN, "5", (1, 2), (), True),
            *(httpx.Timeout(5, read=None), httpx.Timeout(None)),
        ],
    ),
    "retries": ("number of repetitions, 0 or more", [-1, "2", None, NAN, INF, 2.5, [1]]),
    "deadline_s": ("positive number of seconds", [0, -1, NAN, "5", [5]]),
    "max_response_bytes": ("max_response_bytes", [0, -1, None, "1"]),
    "default_region": ("not a known region", ["", "cz", ["CZ"]]),
}


@pytest.mark.parametrize(
    ("option", "value"),
    [(option, value) for option, (_, values) in REFUSED.items() for value in values],
    ids=repr,
)
def test_options_that_are_refused(option: str, value: Any) -> None:
    reason, _ = REFUSED[option]
    assert reason in refused(**{option: value})


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        (0, RetryPolicy(retries=0)),
        (5, RetryPolicy(retries=5)),
        (RetryPolicy(retries=1, total_s=9), RetryPolicy(retries=1, total_s=9)),
    ],
)
def test_retries(retries: int | RetryPolicy, expected: RetryPolicy) -> None:
    assert made(retries=retries).retries == expected


@pytest.mark.parametrize("deadline_s", [None, 1, 0.5])
def test_deadlines(deadline_s: float | None) -> None:
    assert made(deadline_s=deadline_s).deadline_s == deadline_s


def test_a_region_is_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(default_region="CZ").default_region == "CZ"
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert "smsmanager[phone]" in refused(default_region="CZ")


def test_the_key_is_neither_printed_nor_pickled() -> None:
    options = made()
    assert (
        KEY not in f"{options} {options!r} {options.timeout.as_dict()!r} {options.json_headers!r}"
    )
    assert repr(options).startswith("Settings(base_url='https://api.smsmngr.com/v2', retries=")
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds the API key"):
            spread(options)


def test_settings_hold_the_options_of_the_client_in_the_same_order() -> None:
    names = list(ClientOptions.__annotations__)
    declared = [field for field in attrs.fields(Settings) if field.init]
    assert [field.name for field in declared] == ["api_key", "base_url", *names]
    assert all(field.default is not attrs.NOTHING for field in declared[2:])


def test_each_option_is_documented_in_the_order_of_its_declaration() -> None:
    text = inspect.getdoc(ClientOptions) or ""
    documented = re.findall(r"^    (\w+): ", text.partition("Attributes:")[2], re.MULTILINE)
    assert documented == list(ClientOptions.__annotations__)


@pytest.mark.parametrize("cls", [SmsManager, AsyncSmsManager])
def test_an_unknown_option_is_refused_by_its_name(cls: Any) -> None:
    with pytest.raises(TypeError, match="timeot"):
        cls(KEY, timeot=5)
    client = cls(KEY)
    for name in ("timeot", "api_key", "base_url", "headers", "http_client", "transport"):
        with pytest.raises(TypeError, match=name):
            client.with_options(**{name: KEY})
    with pytest.raises(TypeError, match="headers, timeouts"):
        made(timeouts={}, headers={})


def test_changed_settings_are_checked_and_keep_the_rest() -> None:
    before = made(sender="Shop", base_url="https://example.com")
    after = before.changed({"retries": 5, "sender": None})
    assert (after.retries, after.sender) == (RetryPolicy(retries=5), None)
    assert (after.api_key, after.base_url) == (KEY, "https://example.com")
    assert (before.retries, before.sender) == (RetryPolicy(), "Shop")
    with pytest.raises(ConfigurationError, match="number of repetitions"):
        before.changed({"retries": -1})


VARIABLES = ("SMSMANAGER_API_KEY", "SMSMANAGER_BASE_URL", "SMSMANAGER_SENDER")
GOOD = dict(zip(VARIABLES, ("a-key", "https://sms.example/v2", "Shop"), strict=True))


@pytest.mark.parametrize("variable", VARIABLES)
@given(
    mark=st.sampled_from("\"'"),
    inside=st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    around=st.sampled_from(("", " ", "\n")),
)
def test_quotation_marks_of_an_env_file_are_refused_with_a_hint(
    variable: str, mark: str, inside: str, around: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in GOOD.items():
            patch.setenv(name, value)
        patch.setenv(variable, f"{mark}{inside}{mark}{around}")
        with pytest.raises(ConfigurationError, match=rf"^{variable} .*quotation marks") as caught:
            Settings.complete(None, None, {})
        patch.setenv(variable, "'another value'")
        with pytest.raises(ConfigurationError) as other:
            Settings.complete(None, None, {})
        assert str(caught.value) == str(other.value), "the value is not repeated"


def test_quotation_marks_in_an_argument_are_refused_too() -> None:
    with pytest.raises(ConfigurationError, match="API key is in quotation marks"):
        made('"a-key"')
    with pytest.raises(ConfigurationError, match="sender is in quotation marks"):
        made(sender="'Shop'")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SMSMANAGER_API_KEY", "two words"),
        ("SMSMANAGER_API_KEY", "kľúč"),
        ("SMSMANAGER_BASE_URL", "sms.example"),
        ("SMSMANAGER_BASE_URL", "http://sms.example/v2"),
        ("SMSMANAGER_BASE_URL", "https://sms.example:99999/v2"),
        ("SMSMANAGER_BASE_URL", "https://key@sms.example/v2"),
        ("SMSMANAGER_BASE_URL", "https://[::1"),
    ],
)
def test_a_variable_that_is_wrong_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, good in GOOD.items():
        monkeypatch.setenv(name, good)
    monkeypatch.setenv(variable, value)
    for call in (SmsManager, lambda: Settings.complete(None, None, {})):
        with pytest.raises(ConfigurationError, match=variable):
            call()
