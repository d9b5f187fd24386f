"""Fixtures for tests of programs that send messages; pytest finds them once the package is installed.

Needs `smsmanager[sandbox]`; without it, only tests that use a fixture fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smsmanager import AsyncSmsManager, SmsManager
    from smsmanager.testing import IsolatedSandbox, SandboxServer


@pytest.fixture(scope="session")
def smsmanager_sandbox_options() -> Mapping[str, Any]:
    """Return the options of the sandbox; override the fixture to change them.

    The options are those of `smsmanager.sandbox.Sandbox`; the clock is manual by default.
    """
    return {}


@pytest.fixture(scope="session")
def smsmanager_sandbox_server(
    smsmanager_sandbox_options: Mapping[str, Any],
) -> Iterator[SandboxServer]:
    """Run one sandbox on a free port of this machine; under pytest-xdist, one per worker."""
    try:
        from smsmanager.testing import SandboxServer  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        pytest.fail(f"smsmanager_sandbox: {error}", pytrace=False)
    with SandboxServer(**smsmanager_sandbox_options) as server:
        yield server


@pytest.fixture
def smsmanager_sandbox(
    smsmanager_sandbox_server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> IsolatedSandbox:
    """Return the sandbox in its initial state: an inbox for this test, and a clock that it controls.

    `SMSMANAGER_API_KEY` and `SMSMANAGER_BASE_URL` are set for the test, so that a program under test that
    creates its own client sends here.
    """
    sandbox = smsmanager_sandbox_server.isolated()
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return sandbox


@pytest.fixture
def smsmanager_client(smsmanager_sandbox: IsolatedSandbox) -> Iterator[SmsManager]:
    """Return a client that sends to the sandbox of this test; it is closed at the end."""
    with smsmanager_sandbox.client() as client:
        yield client


@pytest.fixture
def async_smsmanager_client(smsmanager_sandbox: IsolatedSandbox) -> AsyncSmsManager:
    """Return an asynchronous client that sends to the sandbox of this test.

    Use it in `async with` to close it inside the event loop. It keeps no connection between requests.
    """
    return smsmanager_sandbox.async_client()
