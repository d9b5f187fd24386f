"""The indexes of reports: what others can do while they are built."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event

from smsmanager.campaigns import Campaign
from smsmanager.campaigns._ledger.lookups import LOOKUPS, build_lookups
from tests.campaigns.conftest import rows


def test_a_worker_can_write_between_two_indexes(tmp_path: Path) -> None:
    """SQLite has one writer at a time, and an index over millions of rows takes a while."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'index'"
    worker = sqlite3.connect(tmp_path / "l", isolation_level=None)
    finished: list[int] = []
    with Campaign.create(tmp_path / "l", rows(20)) as campaign:
        database = campaign._ledger.database

        def built() -> int:
            return len(LOOKUPS.keys() & {name for (name,) in worker.execute(listed)})

        @event.listens_for(database.engine, "before_cursor_execute")
        def _before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("CREATE INDEX"):
                # A lock that the worker cannot see yet still keeps it from writing.
                finished.append(built())

        build_lookups(database)
        assert finished == list(range(len(LOOKUPS)))
        assert built() == len(LOOKUPS)
    worker.close()
