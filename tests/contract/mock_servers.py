"""Start a stand-in for the service, and call it with either client."""

from __future__ import annotations

import os
import queue
import re
import shutil
import ssl
import subprocess
import threading
from collections import deque
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import httpx

from smsmanager import SendResult, Status
from tests.contract.spec import PATH, ROOT
from tests.faults import callers as faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from smsmanager.sandbox import Sandbox

KEY = "contract-test-key"
NODE_TOOLS = ROOT / "tools" / "node" / "node_modules" / ".bin"
_LISTENING = re.compile(r"listening on .*?(http://127\.0\.0\.1:\d+)")
_START_S = 60
_STOP_S = 10
# Nothing here uses TLS, and reading the trusted certificates for each client would take most of the time.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Service(NamedTuple):
    """Something that answers like the service.

    Attributes:
        base_url: Where it listens.
        sandbox: The sandbox, if it is one: what it received can be read there.
    """

    base_url: str
    sandbox: Sandbox | None = None


def missing_node_tool(name: str) -> str | None:
    """Return why a tool of `tools/node` cannot be run, or None."""
    if shutil.which("node") and (NODE_TOOLS / name).exists():
        return None
    return f"{name.capitalize()} is not installed: run `make node` (needs Node)"


@contextmanager
def prism(description: Path = PATH) -> Iterator[str]:
    """Run Prism on a description, on a port of its own choice; yield its address.

    Where it has no fault to find with a request it answers with an example, else with 400.
    """
    command = [
        *(
            str(NODE_TOOLS / "prism"),
            "mock",
            str(description),
            "--host",
            "127.0.0.1",
            "--port",
            "0",
        ),
        *("--errors", "--multiprocess=false"),
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        log: deque[str] = deque(maxlen=50)
        address: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        # It logs each request, and would block once nothing empties the pipe.
        reader = threading.Thread(target=_read, args=(process, log, address), daemon=True)
        reader.start()
        try:
            found = address.get(timeout=_START_S)
            assert found, f"Prism ended before it listened:\n{''.join(log)}"
            yield found
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join()


def _read(
    process: subprocess.Popen[str], log: deque[str], address: queue.SimpleQueue[str | None]
) -> None:
    for line in process.stdout or ():
        log.append(line)
        if found := _LISTENING.search(line):
            address.put(found[1])
    address.put(None)


class Caller:
    """Calls a client of either kind; each call opens one and closes it.

    Attributes:
        answers: The body of each answer, in order; only kept with `prefer`.
    """

    def __init__(self, kind: str, base_url: str, prefer: str | None = None) -> None:
        """Choose the client, the server, and for Prism which of its answers is wanted."""
        self.answers: list[bytes] = []
        self._kind = kind
        self._base_url = base_url
        self._prefer = prefer

    def __call__(self, method: str, *arguments: Any, **options: Any) -> SendResult:
        """Call a method, such as `send`; `using` holds options for `with_options`."""
        using = options.pop("using", {})
        with self._opened() as caller:
            return caller.with_options(**using).call(method, *arguments, **options)

    def raw(self, operation: ModuleType, **arguments: Any) -> Any:
        """Call an operation of the generated client and return what it parsed."""
        with self._opened() as caller:
            arguments["client"] = caller.client.raw
            if self._kind == "sync":
                return operation.sync_detailed(**arguments).parsed
            return caller.run(partial(operation.asyncio_detailed, **arguments)).parsed

    @contextmanager
    def _opened(self) -> Iterator[faults.Caller]:
        own: Any = None
        if self._prefer is not None:
            kind: Any = httpx.Client if self._kind == "sync" else httpx.AsyncClient
            hooks = {"response": [self._note if self._kind == "sync" else self._note_later]}
            headers = {"prefer": self._prefer}
            own = kind(verify=NO_CERTIFICATES, headers=headers, event_hooks=hooks)
        options: dict[str, Any] = (
            {"verify": NO_CERTIFICATES} if own is None else {"http_client": own}
        )
        # No repeats: Prism answers 500 when it finds fault with the description.
        with faults.Caller(self._kind, self._base_url, retries=0, **options) as caller:
            try:
                yield caller
            finally:
                if own is not None:
                    own.close() if self._kind == "sync" else caller.run(own.aclose)

    def _note(self, response: httpx.Response) -> None:
        self.answers.append(response.read())

    async def _note_later(self, response: httpx.Response) -> None:
        self.answers.append(await response.aread())


Outcome: TypeAlias = tuple[Status, str | None]


def outcomes(operation_id: str, sizes: list[int], answer: dict[str, Any]) -> list[Outcome]:
    """Return what an answer really says of each recipient, in order.

    Args:
        operation_id: The operation that was answered.
        sizes: How many recipients each message of the request has.
        answer: The JSON of the answer.
    """
    if operation_id == "sendSimpleMessage":
        accepted = answer.get("accepted")
        if accepted is True:
            return [(Status.ACCEPTED, answer.get("message_id"))]
        return [(Status.REJECTED if accepted is False else Status.UNCONFIRMED, None)]
    ids = {str(item.get("key")): item.get("message_id") for item in answer.get("accepted") or ()}
    rejected = {str(item.get("key")) for item in answer.get("rejected") or ()}

    def of(key: int, suffix: str = "") -> Outcome:
        if str(key) in ids:
            id_ = ids[str(key)]
            return Status.ACCEPTED, id_ and id_ + suffix
        return (Status.REJECTED if str(key) in rejected else Status.UNCONFIRMED), None

    if operation_id == "sendMessages":
        return [of(key, f"-{i}") for key, size in enumerate(sizes) for i in range(size)]
    return [of(key) for key in range(sizes[0])]
