"""The tests' own PostgreSQL server: a new cluster in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Engine

REQUIRED = "CI"
"""Set this if a missing server must fail the tests instead of skipping them."""
_OWNER = "tests"
# The end of its input is the end of the tests, however they ended: a killed worker leaves no server behind.
_WATCH = 'cd /; cat >/dev/null; "$1" -D "$2" -w -m immediate stop; rm -rf "$2"'
_DURABLE = ("max_connections=60",)
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", *_DURABLE)


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs; Debian keeps them out of the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(folders, key=lambda path: float(path.parts[4]))
    return newest[-1].parent if newest else None


class Cluster:
    """A running server.

    Args:
        programs: The folder of PostgreSQL's programs.
        is_durable: Whether a commit is flushed to the disk, as it is by default outside of tests.

    Attributes:
        folder: Where its data and its socket are.
    """

    def __init__(self, programs: Path, *, is_durable: bool = False) -> None:
        self._programs = programs
        self._settings = _DURABLE if is_durable else _QUICK
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir=tempfile.gettempdir()))
        # PostgreSQL refuses to run as root.
        self._user: int | None = None
        if os.geteuid() == 0:
            self._user = _unprivileged()
            os.chown(self.folder, self._user, -1)
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Create the cluster, start the server, and return as soon as it answers."""
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = [f"-c {setting}" for setting in (*self._settings, "listen_addresses=")]
        options = " ".join([f"-k {self.folder}", *settings])
        log = self.folder / "log"
        self._run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "-t", "100", "start")
        self._watcher = subprocess.Popen(
            ["sh", "-c", _WATCH, "sh", str(self._programs / "pg_ctl"), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            start_new_session=True,
        )

    def stop(self) -> None:
        """Stop the server and delete the cluster."""
        if self._watcher is not None:
            self._watcher.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Create a database; yield its SQLAlchemy URL, and drop it at the end."""
        name = f"t{uuid.uuid4().hex}"
        self._run("createdb", "-h", self.folder, "-U", _OWNER, name)
        try:
            yield f"postgresql+psycopg://{_OWNER}@/{name}?host={self.folder}"
        finally:
            self._run("dropdb", "-h", self.folder, "-U", _OWNER, "--force", name)

    def _run(self, program: str, *arguments: object) -> None:
        # Not into a pipe: the server would inherit it and keep it open.
        with tempfile.TemporaryFile() as output:
            finished = subprocess.run(
                [str(self._programs / program), *map(str, arguments)],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self._user,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                check=False,
            )
            output.seek(0)
            assert finished.returncode == 0, output.read().decode(errors="replace")


_WAITING = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@contextmanager
def while_it_waits(engine: Engine, call: Callable[[], object], sessions: int = 1) -> Iterator[None]:
    """Run the block while a call in another thread waits for a lock; then wait for its end.

    Whatever the call raises is raised at the end, such as the end of a deadlock.

    Args:
        engine: Of the database.
        call: The call.
        sessions: How many sessions of the database then wait for a lock.
    """
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(call)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as watcher:
            while not called.done() and watcher.scalar(text(_WAITING)) < sessions:
                pass
        assert not called.done(), called.result()
        yield
        called.result(timeout=60)


def _unprivileged() -> int:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("there is no user but root to run PostgreSQL as")


@contextmanager
def running_cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """Start a server, or skip the test if PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        reason = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    cluster = Cluster(programs, is_durable=is_durable)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
