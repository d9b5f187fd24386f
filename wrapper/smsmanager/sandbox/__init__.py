"""Run a local stand-in of the service, for development and tests (`smsmanager[sandbox]`).

`python -m smsmanager.sandbox` starts it from a shell, `with Sandbox() as sandbox:` in a process. It
listens on loopback only, keeps everything in memory and sends nothing anywhere.

| module | job |
| --- | --- |
| `_sandbox` | `Sandbox`: life cycle, and what a test reads |
| `_command` | the command line |
| `_server` | uvicorn in a thread, on a socket of ours |
| `_app` | HTTP of the service's five operations |
| `_api` | HTTP of the JSON API under `/sandbox` |
| `_faults` | what goes wrong with a request; the faults that wait; no I/O |
| `_faulty` | answers with a fault |
| `_wire` | the TCP connection below a request |
| `_loopback` | which hosts are loopback |
| `_service` | which request is answered by what; keys; the record of requests; no I/O |
| `_intake` | what messages bring: checks, outcomes, what is stored |
| `_answers` | the shapes of request, answer and refusal |
| `_reading` | bytes into JSON or form fields |
| `_contract` | `openapi.yaml` into operations and validators |
| `_violations` | a schema violation as one line without personal data |
| `_rules` | what the service asks beyond the schema |
| `_steps` | the channels of a message, with text and sender resolved |
| `_outcomes` | magic numbers: accepted, rejected or unconfirmed |
| `_numbers` | numbers as the service normalises them |
| `_ids` | request and message ids |
| `_inbox` | the bounded store and its search |
| `_received` | one received message, one received request |

Nothing here lists the fields of a message: what `openapi.yaml` allows is accepted and shown.
"""

from typing import TYPE_CHECKING

from smsmanager.sandbox._faults import Fault
from smsmanager.sandbox._outcomes import MagicNumber, Status
from smsmanager.sandbox._received import ReceivedMessage, ReceivedRequest, ReceivedStep

if TYPE_CHECKING:
    from smsmanager.sandbox._sandbox import Sandbox

__all__ = [
    "Fault",
    "MagicNumber",
    "ReceivedMessage",
    "ReceivedRequest",
    "ReceivedStep",
    "Sandbox",
    "Status",
]

_PACKAGES_OF_THE_EXTRA = frozenset({"jsonschema_rs", "starlette", "uvicorn", "yaml"})


# Lazy, because `python -m` imports this module before `__main__`: an ImportError from here could
# not be shown as the one line that tells how to install the extra.
def __getattr__(name: str) -> object:
    if name != "Sandbox":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        from smsmanager.sandbox._sandbox import Sandbox  # noqa: PLC0415  see above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        msg = "The sandbox needs further packages: install smsmanager[sandbox]."
        raise ImportError(msg, name=error.name) from error
    return Sandbox
