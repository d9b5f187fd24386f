"""Check what the environment says about connections: proxies and certificates."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from smsmanager import AsyncSmsManager, ConfigurationError, SmsManager
from smsmanager._transport.environment import proxy_for, trust, usable_proxy

SERVICE = "https://api.example/v2"
PROXY = "http://proxy.example:3128"
LOOPBACK = ["http://127.0.0.1:9/v2", "http://127.8.9.10", "http://localhost:8080", "http://[::1]:1"]
CLIENTS = [SmsManager, AsyncSmsManager]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("SSL_CERT", "SSLKEYLOGFILE")):
            monkeypatch.delenv(name)


def refused(call: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert "Nothing was sent" in str(caught.value)
    return str(caught.value)


def address(base_url: str = SERVICE) -> str | None:
    proxy = proxy_for(base_url)
    return None if proxy is None else str(proxy.url)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address() is None
    monkeypatch.setenv(name, PROXY)
    assert address() == PROXY


def test_the_proxy_of_the_scheme_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://other.example")
    monkeypatch.setenv("HTTP_PROXY", "http://other.example")
    assert address() == "http://other.example"
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert address() == PROXY
    monkeypatch.setenv("HTTPS_PROXY", "")
    monkeypatch.delenv("ALL_PROXY")
    assert address() is None


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("base_url", LOOPBACK)
def test_this_machine_is_never_proxied(
    name: str, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, PROXY)
    assert address(base_url) is None
    # Not even read: a wrong value does not matter.
    monkeypatch.setenv(name, "http://proxy.example:99999")
    assert address(base_url) is None


@pytest.mark.parametrize(
    ("exceptions", "is_used"),
    [
        ("*", False),
        ("api.example", False),
        ("example", False),
        ("other.example,api.example", False),
        ("other.example", True),
        ("fe80::1,[::1]:8080,2001:db8::/32", True),
        ("", True),
    ],
)
def test_exceptions_are_kept(
    exceptions: str, monkeypatch: pytest.MonkeyPatch, *, is_used: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert address() == (PROXY if is_used else None)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        "http://user:secret-word@proxy.example:99999",
        "http://user:secret-word@proxy.example:-1",
        "http://user:secret-word@proxy.example:0",
        "http://user:secret-word@proxy.example:port",
        "http://user:secret-word@[::1",
        "gopher://user:secret-word@proxy.example",
        "http://",
        "socks4://user:secret-word@proxy.example",
    ],
)
def test_a_wrong_proxy_is_named_by_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    for call in (address, *((lambda cls=cls: cls("key", base_url=SERVICE)) for cls in CLIENTS)):
        text = refused(call)
        assert name in text
        assert "secret-word" not in text


def test_what_needs_another_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    assert all(fact in refused(address) for fact in ("ALL_PROXY", "httpx[socks]"))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (PROXY, PROXY),
        ("proxy.example:3128", PROXY),
        (httpx.URL(PROXY), PROXY),
        (httpx.Proxy(PROXY), PROXY),
        ("https://proxy.example", "https://proxy.example"),
    ],
    ids=repr,
)
def test_a_proxy_can_be_given_in_any_form(given: Any, used: str) -> None:
    assert str(usable_proxy(given, "proxy").url) == used


@pytest.mark.parametrize("given", [5, "ftp://proxy.example", "http://proxy.example:0x", b"x", ""])
def test_a_proxy_that_cannot_be_one(given: Any) -> None:
    assert refused(lambda: usable_proxy(given, "proxy")).startswith("proxy ")
    for cls in CLIENTS:
        assert "proxy" in refused(lambda cls=cls: cls("key", base_url=SERVICE, proxy=given))


def test_own_certificates_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    context = ssl.create_default_context()
    assert trust(verify=context) is context
    assert trust(verify=False) is False


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
def test_certificates_that_cannot_be_read_are_named_by_their_variable(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wrong.pem").write_text("no certificate")
    wrong = [str(tmp_path / "missing" / "file"), str(tmp_path)]
    if name == "SSL_CERT_FILE":
        wrong.append(str(tmp_path / "wrong.pem"))
    for value in wrong:
        monkeypatch.setenv(name, value)
        calls = [lambda cls=cls: cls("key", base_url=SERVICE) for cls in CLIENTS]
        for call in (lambda: trust(verify=True), *calls):
            assert name in refused(call)


def test_one_context_serves_all_clients_until_something_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    common = trust(verify=True)
    assert isinstance(common, ssl.SSLContext)
    assert common.verify_mode is ssl.CERT_REQUIRED
    assert trust(verify=True) is common
    bundle = tmp_path / "authorities.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    own = trust(verify=True)
    assert own is not common
    assert trust(verify=True) is own
    os.utime(bundle, ns=(1, 1))
    renewed = trust(verify=True)
    assert renewed not in (common, own)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert trust(verify=True) not in (common, own, renewed)
