"""Campaigns that engines run, over a service in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import Campaign, CampaignOptions
from tests.campaigns.conftest import Service, client_of, rows


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Callable[[], SmsManager]:
    """Create the client of a worker."""
    return lambda: client_of(service)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with a campaign of 250 rows, named `sale`."""
    path = tmp_path / "ledger.sqlite3"
    Campaign.create(path, rows(250), CampaignOptions(), name="sale").close()
    return path
