"""Check the examples as real servers, fed by the sandbox with duplicates and in disorder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from smsmanager import Sms, SmsManager, Status, Viber
from smsmanager.sandbox import MagicNumber, Sandbox, Settings
from smsmanager.webhooks import CallbackSigner, DeliveryTracker, sign
from tests.webhooks.bodies import SECRET, encoded, referring

pytestmark = pytest.mark.thorough

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KINDS = ("starlette", "fastapi", "flask", "django")
OUTCOMES = (
    MagicNumber.UNDELIVERED,
    MagicNumber.FAILED,
    MagicNumber.SEEN,
    MagicNumber.REPLIES,
    MagicNumber.SLOW,
    MagicNumber.PROCESSED_REJECTED,
    MagicNumber.WRONG_FORMAT,
    MagicNumber.OPTED_OUT,
    MagicNumber.NO_CREDIT,
    MagicNumber.UNCONFIRMED,
)


class Server:
    """An example as a separate process.

    Attributes:
        url: Where it receives webhooks.
        tracker_url: The database of its tracker.
        lines: What it printed.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.tracker_url = f"sqlite:///{folder / 'tracker.db'}"
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / f"webhooks_{kind}.py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "PORT": "0",
                "CALLBACK_URL": "https://example.com/sms",
                "CALLBACK_SECRET": SECRET,
                "TRACKER_URL": self.tracker_url,
            },
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ready.wait()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", "".join(self.lines))
        assert found is not None, self.lines
        self.url = f"http://127.0.0.1:{found[1]}/sms"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line)
            if "http://127.0.0.1" in line:
                self._ready.set()
        self._ready.set()

    def stop(self) -> None:
        """Stop it, and wait for the rest of its output."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    running = Server(request.param, tmp_path)
    yield running
    running.stop()


def test_the_trackers_state_is_the_sandboxs_truth(server: Server) -> None:
    numbers = [f"4207771{index:05}" for index in range(100)]
    numbers[::10] = [str(number) for number in OUTCOMES]
    flow: list[Viber | Sms] = [Viber(ttl=1, ttl_condition="seen"), Sms()]
    with (
        Sandbox(clock="manual", seed=1, settings=Settings(duplicates=0.4, disorder=0.4)) as sandbox,
        SmsManager(
            "any-key",
            base_url=sandbox.base_url,
            sender="Shop",
            callbacks=CallbackSigner(server.url, SECRET),
            auto_reference=True,
        ) as client,
    ):
        plain = client.send("Your parcel is on its way.", to=numbers)
        stepped = client.send("Your table is ready.", to=numbers[:10], flow=flow)
        sandbox.settle()
        states = {message.message_id: message.state for message in sandbox.messages}
        posted = [delivery for delivery in sandbox.deliveries if delivery.attempts]
    counts = Counter(outcome.status for outcome in plain)
    assert counts == {Status.ACCEPTED: 90, Status.UNCONFIRMED: 10}
    assert len(posted) > 300
    with DeliveryTracker.open(server.tracker_url) as tracker:
        for result in (plain, stepped):
            statuses = tracker.status(result)
            assert len(statuses) == len(result)
            for status in statuses:
                assert status.message_id is not None
                assert str(status.result) == str(states[status.message_id])
                assert status.was_taken
    reached = {str(status.result) for status in statuses}
    assert reached >= {"delivered", "undelivered"}
    server.stop()
    printed = [line for line in server.lines if re.match(r"[0-9a-f]{8}-\S+ \w+ \w+$", line)]
    assert len(printed) == len(set(printed)), "a handler got a report twice"
    assert "token=" not in "".join(server.lines)
    assert "420777" not in "".join(server.lines)


def test_forgeries_are_refused(server: Server) -> None:
    signer = CallbackSigner(server.url, SECRET)
    body = encoded(referring("order-17", message_id="real"))
    forged = encoded(referring("order-18", message_id="forged"))
    other = CallbackSigner(server.url, SECRET + "x")
    url = signer.callback_for("order-17")
    expired = CallbackSigner(server.url, SECRET, clock=lambda: 0.0).callback_for("order-17")
    with httpx.Client() as client:
        for address, content in [
            (server.url, forged),
            (other.callback_for("order-18"), forged),
            (url, forged),
            (url[:-1], forged),
            (expired, body),
        ]:
            headers = {"x-request-signature": sign(content, "guessed")}
            assert client.post(address, content=content, headers=headers).status_code == 401
        assert client.post(url, content=b"no json").status_code == 400
        # A callback may ask for GET, where the route takes it; this one brings no event.
        assert client.get(url).status_code in {400, 405}
        assert client.post(url, content=body).status_code == 204
    with DeliveryTracker.open(server.tracker_url) as tracker:
        assert tracker.state("forged") is None
        assert tracker.state("real") is not None
    assert urlsplit(url).query not in "".join(server.lines)
