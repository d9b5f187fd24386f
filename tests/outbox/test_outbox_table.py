"""The table, as created by SQLAlchemy and by Django."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from smsmanager.outbox import Outbox, metadata
from tests.postgres import Cluster

MIGRATE = """
import sys
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["smsmanager.outbox.django_app"],
    DATABASES={"default": eval(sys.argv[1])},
    USE_TZ=True,
)
django.setup()
from django.core.management import call_command

call_command("makemigrations", "smsmanager_outbox", check=True, dry_run=True, verbosity=0)
call_command("migrate", verbosity=0)
from smsmanager.outbox.django_app.models import OutboxMessage

assert str(OutboxMessage(key="secret", state="pending")) == "pending"
"""


def described(url: str) -> dict[str, Any]:
    """Return columns and indexes of the outbox in a database."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = sa.inspect(connection)
        columns = {
            each["name"]: (_kind(each["type"]), each["nullable"])
            for each in found.get_columns("smsmanager_outbox")
        }
        indexes = {
            each["name"]: each["column_names"]
            for each in found.get_indexes("smsmanager_outbox")
            # On PostgreSQL, Django adds an index for LIKE to the key.
            if not str(each["name"]).endswith("_like")
        }
        key = found.get_pk_constraint("smsmanager_outbox")["constrained_columns"]
    engine.dispose()
    return {"columns": columns, "indexes": indexes, "key": key}


def _kind(kind: Any) -> str:
    if isinstance(kind, sa.Float):
        return "float"
    return str(kind).lower().replace("varchar", "text") if isinstance(kind, sa.Text) else str(kind)


def migrate(database: dict[str, Any]) -> None:
    subprocess.run([sys.executable, "-c", MIGRATE, repr(database)], check=True, env={**os.environ})


def test_django_makes_the_same_table_on_sqlite(tmp_path: Path) -> None:
    ours, theirs = (f"sqlite:///{tmp_path / name}" for name in ("ours.db", "theirs.db"))
    with Outbox(ours) as outbox:
        outbox.create_table()
        outbox.create_table()
    migrate({"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "theirs.db")})
    assert described(theirs) == described(ours)
    assert (tmp_path / "ours.db").stat().st_mode & 0o077 == 0


@pytest.mark.thorough
def test_django_makes_the_same_table_on_postgresql(postgresql: Cluster) -> None:
    with postgresql.database() as ours, postgresql.database() as theirs:
        with Outbox(ours) as outbox:
            outbox.create_table()
        url = sa.make_url(theirs)
        migrate(
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.database,
                "USER": url.username,
                "HOST": str(postgresql.folder),
            }
        )
        assert described(theirs) == described(ours)


def test_migration_tools_find_the_table() -> None:
    assert list(metadata.tables) == ["smsmanager_outbox"]


@pytest.mark.parametrize("name", ["Outbox", "metadata", "OutboxError", "add"])
def test_names_are_loaded_when_they_are_used(name: str) -> None:
    script = f"""
import sys
sys.modules["sqlalchemy"] = None
import smsmanager.outbox as room
assert "{name}" in dir(room)
try:
    room.{name}
except ImportError as error:
    print(error)
try:
    room.nothing
except AttributeError:
    pass
"""
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    needs = name in {"Outbox", "metadata"}
    assert ("install smsmanager[outbox]" in told.stdout) is needs


def test_importing_smsmanager_loads_no_outbox() -> None:
    script = "import sys, smsmanager; print([n for n in sys.modules if 'outbox' in n])"
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert told.stdout == "[]\n"
