"""Send each message once, by key, from any number of processes, and only if a transaction commits.

`Outbox.send_once` sends the message of a key now. `add` adds one inside the caller's transaction, and
`Outbox.drain` sends what was added. Both use the same table and states.

Needs `smsmanager[outbox]`, except `add` with Django's connection.

| module | job |
| --- | --- |
| `outbox` | `Outbox` |
| `outbox_entry`, `outbox_errors` | the state of a key; the errors |
| `outbox_table` | the table, for `create_all` and Alembic |
| `_adding` | `add`: one row in the caller's transaction |
| `_kept_message` | a message as stored and as sent; no I/O |
| `_due_messages` | the messages that a client may send now |
| `_drain_plan`, `_outbox_settling`, `_outbox_steps` | the order of the steps; no I/O |
| `_outbox_store`, `_outbox_queries`, `_outbox_engine` | transactions and connections |
| `_outbox_reports` | matching delivery reports with keys |
| `django_app` | the table as a Django model with a migration |
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.outbox._adding import add
    from smsmanager.outbox.outbox import Outbox
    from smsmanager.outbox.outbox_entry import Drained, OutboxEntry, OutboxState, OutboxStats
    from smsmanager.outbox.outbox_errors import (
        KeyConflictError,
        MessageExpiredError,
        OutboxError,
        OutboxTargetError,
        SendInProgressError,
    )
    from smsmanager.outbox.outbox_table import metadata

__all__ = [
    "Drained",
    "KeyConflictError",
    "MessageExpiredError",
    "Outbox",
    "OutboxEntry",
    "OutboxError",
    "OutboxState",
    "OutboxStats",
    "OutboxTargetError",
    "SendInProgressError",
    "add",
    "metadata",
]

_MODULE_OF = {
    "Outbox": "outbox",
    "add": "_adding",
    "metadata": "outbox_table",
    **dict.fromkeys(("Drained", "OutboxEntry", "OutboxState", "OutboxStats"), "outbox_entry"),
    **dict.fromkeys(
        (
            "KeyConflictError",
            "MessageExpiredError",
            "OutboxError",
            "OutboxTargetError",
            "SendInProgressError",
        ),
        "outbox_errors",
    ),
}


def __getattr__(name: str) -> object:
    """Load a name when it is first used: `add` with Django works without SQLAlchemy."""
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        msg = "An outbox needs another package: install smsmanager[outbox]."
        raise ImportError(msg, name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
