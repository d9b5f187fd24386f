"""SQLite's files: read-only storage, and locks that nothing else in the process releases."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smsmanager import SmsManager
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignLockedError,
    LedgerError,
    RowState,
    work,
)
from smsmanager.campaigns._ledger import sqlite_files
from smsmanager.webhooks import parse_webhook
from tests.campaigns.conftest import counts, delivery_report, rows, working

_NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can enter."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only; root could still write, so this process is not root meanwhile."""
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def read(ledger: Path) -> None:
    with Campaign.open(ledger) as campaign:
        assert counts(campaign) == {"accepted": 40}
        assert len(list(campaign.rows(RowState.ACCEPTED))) == 40
        assert campaign.report().states[RowState.ACCEPTED] == 40


@pytest.mark.parametrize("is_open", [False, True])
def test_a_ledger_that_cannot_be_written_is_read(
    folder: Path, client: SmsManager, *, is_open: bool
) -> None:
    ledger = folder / "people.sqlite3"
    with Campaign.create(ledger, rows(40)) as campaign:
        list(campaign.run(client))
        read(ledger)
        if is_open:
            # As when it is opened through another mount while it runs.
            with read_only(folder):
                read(ledger)
            return
    with read_only(folder), Campaign.open(ledger) as campaign:
        read(ledger)
        with pytest.raises(LedgerError, match="readonly"):
            list(campaign.run(client))


def test_changes_that_cannot_be_read_are_not_left_out_silently(
    folder: Path, client: SmsManager
) -> None:
    """A copy of the file and its log, without what SQLite needs to read them together."""
    ledger, copied = folder / "people.sqlite3", folder / "copy"
    copied.mkdir()
    with Campaign.create(ledger, rows(40)) as campaign:
        list(campaign.run(client))
        read(ledger)
        for suffix in ("", "-wal"):
            shutil.copy(f"{ledger}{suffix}", copied)
    with read_only(copied), pytest.raises(LedgerError, match="-wal"):
        Campaign.open(copied / ledger.name)


@pytest.mark.parametrize("name", ["people.sqlite3", "our people.sqlite3"])
def test_a_file_that_is_a_mount_of_its_own_is_refused(
    tmp_path: Path, client: SmsManager, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As in a container: SQLite's log stays outside, beside the other name."""
    path = tmp_path / name
    with Campaign.create(path, rows(40)) as campaign:
        campaign.start_workers()
    mounts = tmp_path / "mountinfo"
    place = str(path.resolve()).replace(" ", "\\040")
    mounts.write_text(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        f"41 27 254:0 /host/l.sqlite3 {place} rw,relatime shared:1 - ext4 /dev/vda rw\n"
    )
    monkeypatch.setattr(sqlite_files, "_MOUNTS", mounts)
    (tmp_path / "link").symlink_to(path)
    for named in (path, tmp_path / "link"):
        with Campaign.open(named) as campaign:
            assert counts(campaign) == {"pending": 40}
            for write in (
                lambda: list(campaign.run(client)),
                lambda: work(named, None, client),  # noqa: B023
                lambda: campaign.record(parse_webhook([delivery_report("m")])),
                lambda: Campaign.create(named, rows(1), name="another"),  # noqa: B023
            ):
                with pytest.raises(LedgerError, match="Mount the folder"):
                    write()
    mounts.write_text(f"41 27 254:0 /host {tmp_path} rw - ext4 /dev/vda rw\n")
    with Campaign.open(path) as campaign:
        work(path, None, client)
        assert counts(campaign) == {"accepted": 40}


def in_another_process(script: str, path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


LOCK = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN EXCLUSIVE")
except sqlite3.OperationalError as error:
    print(error)
"""
LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM smsmanager_campaign").fetchone()[0])
connection.close()
"""


def test_nothing_in_the_process_drops_the_lock_of_its_run(tmp_path: Path) -> None:
    """POSIX drops all locks of a process on a file when any of its descriptors is closed."""
    path = tmp_path / "l"
    with Campaign.create(path, rows(10)) as campaign, working(campaign):
        with Campaign.open(path) as other:
            other.status()
            with pytest.raises(CampaignLockedError), working(other):
                pass
        with pytest.raises(CampaignExistsError):
            Campaign.create(path, rows(10))
        assert in_another_process(LOCK, tmp_path / "l.lock") == "database is locked"


def test_making_a_campaign_beside_an_open_one_drops_no_lock_of_sqlite(tmp_path: Path) -> None:
    """Without its lock, the next process believes that it is the last one, and deletes this one's log."""
    path = tmp_path / "l"
    with Campaign.create(path, rows(10), name="one") as campaign, working(campaign):
        Campaign.create(path, rows(10), name="two").close()
        with pytest.raises(CampaignExistsError):
            Campaign.create(path, rows(10), name="two")
        assert in_another_process(LOOK, path) == "2"
        assert (tmp_path / "l-wal").exists()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


DURABLE = """
import sys
from smsmanager.campaigns._ledger.database import Database
with Database(sys.argv[1]).reading() as connection:
    for name in ("synchronous", "journal_mode", "fullfsync"):
        print(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
"""


def test_each_commit_is_flushed_to_the_disk(tmp_path: Path) -> None:
    # 2 is FULL; what the other tests set does not count in another process.
    assert in_another_process(DURABLE, tmp_path / "l").split() == ["2", "wal", "1"]
