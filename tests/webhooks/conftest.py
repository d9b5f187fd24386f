"""Stores of the tracker: in memory, on SQLite and on the tests' own PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smsmanager.webhooks.tracker import MemoryStore, Store
from smsmanager.webhooks.tracker.sql import SqlStore
from tests.postgres import Cluster, running_cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A server for the whole run of this worker."""
    with running_cluster() as cluster:
        yield cluster


def url_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tracker.db'}"
        return
    cluster = request.getfixturevalue("postgresql")
    assert isinstance(cluster, Cluster)
    with cluster.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of either kind."""
    yield from url_of(request.param, tmp_path, request)


@pytest.fixture
def sql_store(database_url: str) -> Iterator[SqlStore]:
    """A store on an empty database of either kind."""
    store = SqlStore(database_url)
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of any kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    for url in url_of(request.param, tmp_path, request):
        made = SqlStore(url)
        yield made
        made.close()
