"""The two mock servers and the two clients that every case of the contract runs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smsmanager.sandbox import Sandbox
from tests.contract.mock_servers import Caller, Service, missing_node_tool, prism

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    # To the letter, as Prism is.
    with Sandbox(rules="spec") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def prism_url() -> Iterator[str]:
    """The address of Prism: one process for each worker of xdist, started by its first test.

    A start takes under two seconds, so that sharing one process between workers would cost more than it
    saves: a lock, and a rule for who ends it.
    """
    if reason := missing_node_tool("prism"):
        pytest.skip(reason)
    with prism() as url:
        yield url


@pytest.fixture(params=["sandbox", pytest.param("prism", marks=pytest.mark.prism)])
def service(request: pytest.FixtureRequest) -> Service:
    if request.param == "prism":
        return Service(request.getfixturevalue("prism_url"))
    sandbox: Sandbox = request.getfixturevalue("running_sandbox")
    return Service(sandbox.base_url, sandbox)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, service: Service) -> Caller:
    return Caller(request.param, service.base_url)
