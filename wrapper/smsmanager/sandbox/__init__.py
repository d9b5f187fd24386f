"""Run a local stand-in for the service, for development and tests (`smsmanager[sandbox]`).

`python -m smsmanager.sandbox` starts it from a shell, `with Sandbox() as sandbox:` in a process. It
listens on loopback only, keeps everything in memory and sends nothing anywhere.

| room or module | job |
| --- | --- |
| `engine/` | messages (`engine/records/`) and their outcomes; no I/O |
| `_operations/` | the operations of the service: checks, answers, faults; no I/O |
| `_server/` | HTTP around them, the passing of time, the sending of webhooks |
| `_data/` | the SQLite file that outlives a restart |
| `api/` | the JSON API under `/sandbox` |
| `page/` | the page for a browser |
| `_application` | the ASGI application: the operations, short links, the JSON API and the page |
| `_stand_in`, `_controls` | `Sandbox`: its life cycle; clock, rules and faults |
| `_inbox_view` | `InboxView`: what a test reads and does, for one API key or for all |
| `_assertions` | why an assertion about messages failed |
| `_command` | the command line: all options, and a line for each request |
| `_demo` | sample messages |
| `_words` | counts, durations, prices and times in words |
| `_earlier_names` | module names used in pickles of earlier versions |

Nothing here lists the fields of a message: what `openapi.yaml` allows is accepted and shown.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from smsmanager.sandbox import _earlier_names
from smsmanager.sandbox._operations.faults import Fault
from smsmanager.sandbox.engine.outcome_rules import Rule
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.journey import TimelineEntry
from smsmanager.sandbox.engine.records.message_outcome import MagicNumber, Outcome, State, Status
from smsmanager.sandbox.engine.records.received_message import ReceivedMessage, ReceivedStep
from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
from smsmanager.sandbox.engine.rest_settings import RestSettings
from smsmanager.sandbox.engine.search import Criteria
from smsmanager.sandbox.engine.settings import Pace, Settings

if TYPE_CHECKING:
    from smsmanager.sandbox._inbox_view import InboxView
    from smsmanager.sandbox._stand_in import Sandbox

__all__ = [
    "Criteria",
    "Fault",
    "InboxView",
    "IncomingMessage",
    "MagicNumber",
    "Outcome",
    "Pace",
    "ReceivedMessage",
    "ReceivedRequest",
    "ReceivedStep",
    "RestSettings",
    "Rule",
    "Sandbox",
    "Settings",
    "State",
    "Status",
    "TimelineEntry",
]

_earlier_names.keep()

_LAZY = {"InboxView": "smsmanager.sandbox._inbox_view", "Sandbox": "smsmanager.sandbox._stand_in"}
_PACKAGES_OF_THE_EXTRA = frozenset({"jsonschema_rs", "starlette", "uvicorn", "yaml"})


# Lazy, because `python -m` imports this module before `__main__`: an ImportError from here could
# not be shown as the one line that says how to install the extra.
def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_LAZY[name]), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        raise ImportError(
            "The sandbox needs more packages: install smsmanager[sandbox].", name=error.name
        ) from error
