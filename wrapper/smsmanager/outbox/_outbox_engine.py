"""The engine of an outbox: created here, or the caller's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, event

from smsmanager.errors import ConfigurationError
from smsmanager.webhooks.tracker._sql_engine import checked_engine, make_engine

# All other options go to libpq; these are for Django's own connections.
_OF_DJANGO = {
    "cursor_factory",
    "isolation_level",
    "pool",
    "prepare_threshold",
    "server_side_binding",
}
_BLOCKING = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def engine_of(target: Any) -> tuple[Engine, bool]:
    """Return a blocking engine, and whether it was created here.

    Raises:
        ConfigurationError: If the database cannot be used.
    """
    if isinstance(target, str):
        return _own(target), True
    if hasattr(target, "settings_dict"):
        return _own(_url_of_django(target).render_as_string(hide_password=False)), True
    url: Any = getattr(target, "url", None)
    if url is None:
        raise ConfigurationError(
            "An outbox needs the URL of a database, a SQLAlchemy engine, or django.db.connection."
        )
    backend = url.get_backend_name()
    if isinstance(target, Engine) and backend != "sqlite":
        shared: Any = checked_engine(target).execution_options(isolation_level="READ COMMITTED")
        # Shown parameters would put numbers into errors and logs.
        shared.hide_parameters = True
        return shared, False
    blocking = url.set(drivername=_BLOCKING.get(backend, url.drivername))
    return _own(blocking.render_as_string(hide_password=False)), True


def _url_of_django(connection: Any) -> URL:
    given = connection.settings_dict
    host = str(given.get("HOST") or "")
    is_socket = host.startswith("/")
    query = {"host": host} if is_socket else {}
    if connection.vendor == "postgresql":
        options = given.get("OPTIONS") or {}
        if "assume_role" in options:
            raise ConfigurationError(
                "An outbox cannot apply the option assume_role of Django's database. Give it a SQLAlchemy "
                "engine that sets the role, or a URL with a separate user."
            )
        kept = {name: value for name, value in options.items() if name not in _OF_DJANGO}
        query |= {name: str(value) for name, value in kept.items()}
    return URL.create(
        _BLOCKING.get(connection.vendor, connection.vendor),
        username=given.get("USER") or None,
        password=given.get("PASSWORD") or None,
        host=None if is_socket else host or None,
        port=int(given["PORT"]) if given.get("PORT") else None,
        database=str(given["NAME"]),
        query=query,
    )


def _own(url: str) -> Engine:
    engine = checked_engine(make_engine(url))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _: object) -> None:
            # A message recorded as in flight must stay so after a power cut. With FULL, the journal
            # deleted at the commit could reappear and undo it.
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("PRAGMA fullfsync=1")

    elif engine.dialect.driver == "psycopg":

        @event.listens_for(engine, "do_connect")
        def _prepare_nothing(_: object, __: object, ___: object, given: dict[str, Any]) -> None:
            # A pooler such as PgBouncer can give each transaction another session.
            given.setdefault("prepare_threshold", None)

    return engine
