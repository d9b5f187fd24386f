"""Start what stands in for the service, and call it with either client."""

from __future__ import annotations

import os
import queue
import re
import shutil
import ssl
import subprocess
import threading
from collections import deque
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import anyio
import httpx

from smsmanager import AsyncSmsManager, SendResult, SmsManager, Status
from tests.contract.spec import PATH, ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
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
        # It logs each request, and would stand still once nobody empties the pipe.
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
    """Calls a client, blocking or asynchronous; each call opens one and closes it.

    Attributes:
        answers: The body of each answer, in order; only kept with `prefer`.
    """

    def __init__(self, kind: str, base_url: str, prefer: str | None = None) -> None:
        """Choose the client, the server, and for Prism which of its answers is wanted."""
        self.answers: list[bytes] = []
        self._is_async = kind == "async"
        # No repeats: Prism answers 500 when it finds fault with the description.
        self._options: dict[str, Any] = {"base_url": base_url, "retries": 0}
        self._prefer = prefer

    def __call__(self, method: str, *arguments: Any, **options: Any) -> SendResult:
        """Call a method, such as `send`; `using` holds options for `with_options`."""
        using = options.pop("using", {})
        result: Any
        if self._is_async:

            async def call() -> Any:
                async with self._async_client() as client:
                    return await getattr(client.with_options(**using), method)(
                        *arguments, **options
                    )

            result = anyio.run(call)
        else:
            with self._client() as client:
                result = getattr(client.with_options(**using), method)(*arguments, **options)
        assert isinstance(result, SendResult)
        return result

    def raw(self, operation: ModuleType, **arguments: Any) -> Any:
        """Call an operation of the generated client and return what it parsed."""
        if self._is_async:

            async def call() -> Any:
                async with self._async_client() as client:
                    return await operation.asyncio_detailed(client=client.raw, **arguments)

            return anyio.run(call).parsed
        with self._client() as client:
            return operation.sync_detailed(client=client.raw, **arguments).parsed

    @contextmanager
    def _client(self) -> Iterator[SmsManager]:
        def note(response: httpx.Response) -> None:
            self.answers.append(response.read())

        if self._prefer is None:
            with SmsManager(KEY, verify=NO_CERTIFICATES, **self._options) as client:
                yield client
            return
        with httpx.Client(verify=NO_CERTIFICATES, headers={"prefer": self._prefer}) as http:
            http.event_hooks = {"response": [note]}
            yield SmsManager(KEY, http_client=http, **self._options)

    @asynccontextmanager
    async def _async_client(self) -> AsyncIterator[AsyncSmsManager]:
        async def note(response: httpx.Response) -> None:
            self.answers.append(await response.aread())

        if self._prefer is None:
            async with AsyncSmsManager(KEY, verify=NO_CERTIFICATES, **self._options) as client:
                yield client
            return
        async with httpx.AsyncClient(
            verify=NO_CERTIFICATES, headers={"prefer": self._prefer}
        ) as http:
            http.event_hooks = {"response": [note]}
            yield AsyncSmsManager(KEY, http_client=http, **self._options)


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
