"""Run a local stand-in of the service, for development and tests (`smsmanager[sandbox]`).

`python -m smsmanager.sandbox` starts it from a shell, `with Sandbox() as sandbox:` in a process. It
listens on loopback only, keeps everything in memory and sends nothing anywhere.

| module | job |
| --- | --- |
| `_sandbox` | `Sandbox`: life cycle, clock, faults |
| `_view` | `InboxView`: what a test reads and does, of one API key or of all |
| `_command` | the command line: all options, and running until it is interrupted |
| `_log` | a line for each request |
| `_store` | an SQLite file that outlives a restart |
| `_records` | what is kept as JSON, and back |
| `_server` | uvicorn in a thread, on a socket of ours |
| `_app` | HTTP of the service's five operations |
| `_redirects` | HTTP of the short links |
| `_driver` | lets time pass, in the server's event loop |
| `_deliverer` | sends webhooks |
| `_waiting` | waiting for a change in an event loop |
| `_faults` | what goes wrong with a request; the faults that wait; no I/O |
| `_faulty` | answers with a fault |
| `_wire` | the TCP connection below a request |
| `_loopback` | which hosts are loopback |
| `_service` | which request is answered by what; keys; the record of requests; no I/O |
| `_intake` | what messages bring: checks, what the answer tells, what is stored |
| `_answers` | the shapes of request, answer and refusal |
| `_reading` | bytes into JSON or form fields |
| `_contract` | `openapi.yaml` into operations and validators |
| `_ruleset` | what is let pass beyond `openapi.yaml` |
| `_violations` | a schema violation as one line without personal data |
| `_rules` | what the service asks beyond the schema |
| `_steps` | the channels of a message, with text and sender resolved |
| `_outcomes` | what can become of a message; magic numbers |
| `_numbers` | numbers as the service normalises them |
| `_ids` | request and message ids |
| `_inbox` | the bounded store and its search |
| `_criteria` | what messages are searched by |
| `_assertions` | why an assertion about messages failed |
| `_received` | one received message, one received request |
| `engine/` | what becomes of the messages: see there; no I/O |
| `page/` | the page for a browser: see there |
| `_demo` | sample data |
| `api/` | the JSON API under `/sandbox`: see there |

Nothing here lists the fields of a message: what `openapi.yaml` allows is accepted and shown.
"""

import importlib
from typing import TYPE_CHECKING

from smsmanager.sandbox._criteria import Criteria
from smsmanager.sandbox._faults import Fault
from smsmanager.sandbox._outcomes import MagicNumber, Outcome, State, Status
from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest, ReceivedStep
from smsmanager.sandbox.engine.incoming import IncomingMessage
from smsmanager.sandbox.engine.journey import TimelineEntry
from smsmanager.sandbox.engine.rules import Rule
from smsmanager.sandbox.engine.settings import Pace, Settings

if TYPE_CHECKING:
    from smsmanager.sandbox._sandbox import Sandbox
    from smsmanager.sandbox._view import InboxView

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
    "Rule",
    "Sandbox",
    "Settings",
    "State",
    "Status",
    "TimelineEntry",
]

_LAZY = {"InboxView": "smsmanager.sandbox._view", "Sandbox": "smsmanager.sandbox._sandbox"}
_PACKAGES_OF_THE_EXTRA = frozenset({"jsonschema_rs", "starlette", "uvicorn", "yaml"})


# Lazy, because `python -m` imports this module before `__main__`: an ImportError from here could
# not be shown as the one line that tells how to install the extra.
def __getattr__(name: str) -> object:
    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        return getattr(importlib.import_module(_LAZY[name]), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        msg = "The sandbox needs further packages: install smsmanager[sandbox]."
        raise ImportError(msg, name=error.name) from error
