"""Write docs/nights.txt: three nights of a campaign, with a rehearsal before each and a crash in the second.

The real runs go to the production address, through a proxy of this script that answers for it with a sandbox
and a certificate created at the start: nothing leaves this machine. `python -m tools.transcript` runs it.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import httpx
import trustme

from smsmanager._config import BASE_URL
from smsmanager.asking._rest_address import REST_BASE_URL
from smsmanager.sandbox import Sandbox, Settings
from tools.transcript import environment, install_command, run_step, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "nights.txt"
TEXT = "--text 'Hello {name}, order {order} is ready.'"
NAMES = ("Jana", "Eva", "Petr", "Ota", "Ema", "Karel", "Ida", "Adam")
FIRST, GROWN, OTHERS = range(12), range(64), range(50, 58)
"""The people of each night: some, those and more, and others."""
AT_ONCE = 4
"""Requests that a campaign has in flight; the crash comes when the service has taken them."""
EVENTS = 3
"""Reports of a message that is delivered: sending, sent, delivered."""
_WAIT_S = 60
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=(?:-\d+)?\.(?:campaign|rehearsal|report))")
# In the hours around midnight the days of UTC and of the account are two, and both are asked about.
_QUESTIONS = re.compile(r"\d+ questions")


@attrs.frozen
class Step:
    """What the user does.

    Attributes:
        remark: What the user thinks; may be empty.
        line: What the user types; `PORT` and `COUNT` are filled in.
        people: Who is in the file from now on.
        event: What happens meanwhile: `crash` or `reports`.
    """

    remark: str
    line: str
    people: range | None = None
    event: str = ""


def _rehearsal(remark: str, people: range, how: str = "") -> Step:
    """Return the rehearsal of a night."""
    run = f"smsmanager campaign run people.csv {TEXT}{how} --base-url sandbox"
    return Step(remark, run, people)


SESSION = (
    Step("What is a campaign?", "smsmanager campaign --help"),
    _rehearsal("The first night. A rehearsal first: the same command, to the sandbox.", FIRST),
    Step("It went well, so now for real.", f"smsmanager campaign run people.csv {TEXT}"),
    Step(
        "A script has no terminal for the question.",
        f"smsmanager campaign run people.csv {TEXT} --yes",
    ),
    _rehearsal("The second night. There are more people in the file.", GROWN),
    _rehearsal("The new ones only, then.", GROWN, " --add"),
    Step(
        "And for real; but the power goes.",
        f"smsmanager campaign run people.csv {TEXT} --add --yes",
        event="crash",
    ),
    Step("What is the status now?", "smsmanager campaign status people.csv"),
    Step(
        "It asks the service about the forty, and sends to the rest.",
        "smsmanager campaign resume people.csv --yes",
    ),
    Step(
        "The service was asked about the forty. Delivery reports say more about each message.",
        "smsmanager webhook listen --insecure --port PORT --count COUNT --campaign people.csv > reports.txt",
        event="reports",
    ),
    Step("", "smsmanager campaign status people.csv"),
    _rehearsal("The third night. Other people, so a separate campaign.", OTHERS, " --new"),
    Step("", f"smsmanager campaign run people.csv {TEXT} --new --yes"),
    Step(
        "Did the rehearsal leave anything in the real ledger?",
        "smsmanager campaign status people.csv --base-url sandbox",
    ),
    Step("", "smsmanager campaign report people.csv"),
    Step("", "ls"),
)


class _Stage(ThreadingHTTPServer):
    """A proxy that answers for the service, and can hold its answers back until the client is dead."""

    daemon_threads = True

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sandbox = sandbox
        self.authority = trustme.CA()
        self.tls = SSLContext(PROTOCOL_TLS_SERVER)
        hosts = [urlsplit(url).hostname or "" for url in (BASE_URL, REST_BASE_URL)]
        self.authority.issue_cert(*hosts).configure_cert(self.tls)
        self.taken = threading.Semaphore(0)
        self.dead: threading.Event | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed is part of the session."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any  # a `_Stage`

    def do_CONNECT(self) -> None:
        """Speak TLS from here on, as the service would."""
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        """Close the TLS connection too: the server only knows the socket below it."""
        super().finish()
        self.connection.close()

    def do_POST(self) -> None:
        """Let the sandbox answer."""
        body = self.rfile.read(int(self.headers["content-length"]))
        kept = {name: self.headers[name] for name in ("x-api-key", "content-type")}
        with httpx.Client(trust_env=False) as http:
            answer = http.post(f"{self.server.sandbox.url}{self.path}", content=body, headers=kept)
        if self.server.dead is not None:
            self.server.taken.release()
            self.server.dead.wait(_WAIT_S)
            self.close_connection = True
            return
        self._give(answer)

    def do_GET(self) -> None:
        """Answer a question as the sandbox does."""
        url = f"{self.server.sandbox.url}{self.path}"
        with httpx.Client(trust_env=False) as http:
            answer = http.get(url, headers={"x-api-key": self.headers["x-api-key"]})
        self._give(answer)

    def _give(self, answer: httpx.Response) -> None:
        self.send_response(answer.status_code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
        """Say nothing."""


@contextmanager
def _staged(port: int) -> Iterator[_Stage]:
    settings = Settings(callback=f"http://127.0.0.1:{port}/")
    with (
        Sandbox(seed="nights", clock="manual", settings=settings) as sandbox,
        _Stage(sandbox) as stage,
    ):
        threading.Thread(target=stage.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield stage
        finally:
            stage.shutdown()


def transcript() -> str:
    """Run the session and return it as text."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as place, _staged(port) as stage:
        folder, aside = Path(place, "shop"), Path(place, "aside")
        folder.mkdir()
        aside.mkdir()
        trusted = aside / "authority.pem"
        stage.authority.cert_pem.write_to_path(str(trusted))
        surroundings = environment(install_command(aside)) | {
            "SMSMANAGER_API_KEY": "the-key-of-the-shop",
            "HTTPS_PROXY": f"http://127.0.0.1:{stage.server_port}",
            "SSL_CERT_FILE": str(trusted),
        }
        told = [_told(step, folder, surroundings, stage, port) for step in SESSION]
    text = _QUESTIONS.sub("81 questions", _DATE.sub("2026-01-31", "\n".join(told)))
    return text.replace(str(port), "8026")


def _told(step: Step, folder: Path, surroundings: dict[str, str], stage: _Stage, port: int) -> str:
    if step.people is not None:
        _write_people(folder / "people.csv", step.people)
    count = EVENTS * len(stage.sandbox.messages)
    line = step.line.replace("PORT", str(port)).replace("COUNT", str(count))
    if not step.event:
        return run_step(folder, surroundings, step.remark, line)
    if step.event == "crash":
        stage.dead = threading.Event()
    with subprocess.Popen(  # noqa: S603 - our own session
        ["/bin/sh", "-c", line],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=surroundings,
        start_new_session=True,
    ) as process:
        said = _crash(process, stage) if stage.dead else _report(process, stage)
    stage.dead = None
    return shown(step.remark, line, said, process.returncode)


def _crash(process: subprocess.Popen[bytes], stage: _Stage) -> bytes:
    """Kill the process while the service has taken requests and answered none."""
    all_taken = all(stage.taken.acquire(timeout=_WAIT_S) for _ in range(AT_ONCE))
    os.killpg(process.pid, signal.SIGKILL)
    said = process.communicate(timeout=_WAIT_S)[0]
    if stage.dead is None or not all_taken:
        raise RuntimeError(f"The requests that should be in flight never came: {said.decode()}")
    stage.dead.set()
    return said


def _report(process: subprocess.Popen[bytes], stage: _Stage) -> bytes:
    """Let the sandbox deliver once somebody listens."""
    first = process.stdout.readline() if process.stdout is not None else b""
    stage.sandbox.advance(timedelta(days=1))
    return first + process.communicate(timeout=_WAIT_S)[0]


def _write_people(path: Path, people: range) -> None:
    rows = (f"4207771230{n:02},{NAMES[n % len(NAMES)]},{1000 + n}" for n in people)
    path.write_text("\n".join(("phone,name,order", *rows, "")))
