"""The command line, as its own process."""

import os
import re
import selectors
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import httpx
import pytest

import smsmanager.sandbox
from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._command import _stop, main

MODULE = [sys.executable, "-m", "smsmanager.sandbox"]
MESSAGE = {"to": [{"phone_number": "420777123456"}], "body": "Hello"}
TIME_LIMIT_S = 60
INTERRUPTS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Yield the process, its base URL, and its other output."""
    process = subprocess.Popen(
        [*MODULE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )
    try:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            assert selector.select(TIME_LIMIT_S)
        name, _, base_url = process.stdout.readline().strip().partition("=")
        assert name == "SMSMANAGER_BASE_URL"
        yield process, base_url, process.stdout.readline() + process.stdout.readline()
    finally:
        process.kill()
        process.communicate(timeout=TIME_LIMIT_S)


def printed(process: subprocess.Popen[str], base_url: str) -> list[str]:
    """Send a message and something wrong, and return the lines that were printed about it."""
    headers = {"x-api-key": "SECRET-KEY"}
    with httpx.Client(headers=headers) as client:
        client.post(f"{base_url}/message", json={**MESSAGE, "body": "SECRET\n\x1b[31m"})
        client.post(f"{base_url}/message", json={"to": []})
        client.post(f"{base_url}/message", json={**MESSAGE, "flow": [{"\x1b[2J": {}}]})
        query = {"apikey": "SECRET-KEY", "phone_number": "420777123456", "message": "SECRET"}
        client.get(f"{base_url}/simple/message", params=query)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=TIME_LIMIT_S)
    assert errors == ""
    assert all(letter == "\n" or letter.isprintable() for letter in output)
    return output.splitlines()


def test_a_line_for_each_request_shows_nothing_personal() -> None:
    with started() as (process, base_url, _):
        lines = printed(process, base_url)

    assert [line.split(" ", 1)[1] for line in lines] == [
        "POST sendMessage 200, 1 message",
        "POST sendMessage 400: /to: this value has less than 1 item (minItems)",
        "POST sendMessage 400: /flow/0: unknown field (a name) (additionalProperties)",
        "GET sendSimpleMessageByQuery 400: /: sender is missing (required)",
    ]


def test_with_tls_the_file_to_trust_is_printed() -> None:
    with started("--tls-name", "api.example", "--key-status", "gateway") as (
        process,
        base_url,
        more,
    ):
        assert base_url.startswith("https://127.0.0.1:")
        name, _, file = more.splitlines()[0].partition("=")
        assert name == "SSL_CERT_FILE"
        trusting = ssl.create_default_context(cafile=file)
        assert httpx.post(f"{base_url}/message", json=MESSAGE, verify=trusting).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIME_LIMIT_S) == 0
        assert not Path(file).exists()


def test_a_data_file_that_lacks_something_is_said_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox(data=tmp_path / "sandbox.sqlite")
    sandbox.start()
    assert not _stop(sandbox)
    sandbox.start()
    assert sandbox._store is not None
    sandbox._store._file.execute("PRAGMA max_page_count = 1")
    for _ in range(20):
        body = {**MESSAGE, "body": "x" * 999}
        httpx.post(f"{sandbox.base_url}/message", json=body, headers={"x-api-key": "k"})
    assert _stop(sandbox)
    assert "it lacks the last changes" in capsys.readouterr().err


def test_numbers_and_texts_are_printed_on_request_without_control_characters() -> None:
    with started("--verbose") as (process, base_url, _):
        lines = printed(process, base_url)
    assert lines[1].strip() == "sms to 420777123456: SECRET ?[31m"
    assert "SECRET-KEY" not in "".join(lines)

    with started("--quiet") as (process, base_url, _):
        assert printed(process, base_url) == []


def test_the_demo_fills_the_page() -> None:
    with started("--demo", "--quiet") as (_, base_url, said):
        url = base_url.removesuffix("/v2")
        assert f"Look at {url}/\n" in said
        page = httpx.get(url).text
    assert "Your table for two is ready at eight." in page


def test_options_reach_the_sandbox(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    options = ["--rules", "spec", "--clock", "manual", "--credit", "1.5", "--data", str(data)]
    token = "a token of the tests"
    with (
        started(*options, "--token", token, "--max-messages", "10") as (_, base_url, _),
        httpx.Client(headers={"x-api-key": "k", "authorization": f"Bearer {token}"}) as client,
    ):
        for _ in range(2):
            assert client.post(f"{base_url}/message", json=MESSAGE).status_code == 200
        assert client.post(f"{base_url}/message", json={**MESSAGE, "a": 1}).status_code == 400
        url = base_url.removesuffix("/v2") + "/sandbox"
        assert client.get(f"{url}/clock").json()["mode"] == "manual"
        states = [item["state"] for item in client.get(f"{url}/messages").json()["messages"]]
        assert states == ["sending", "rejected"]
        assert httpx.get(f"{url}/messages").status_code == 401
    assert data.exists()


@pytest.mark.parametrize("number", INTERRUPTS)
def test_it_runs_until_it_is_interrupted(number: signal.Signals) -> None:
    with started() as (process, base_url, welcome), httpx.Client() as client:
        answer = client.post(f"{base_url}/message", json=MESSAGE, headers={"x-api-key": "any"})
        assert answer.status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=TIME_LIMIT_S)

    assert process.returncode == 0
    assert errors == ""
    (line,) = output.splitlines()
    assert line.endswith("POST sendMessage 200, 1 message")
    assert "Any API key is accepted" in welcome
    assert f"Look at {base_url.removesuffix('/v2')}/" in welcome


def test_keys_and_port_can_be_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    keys = ("--api-key", "one", "--api-key", "two")
    with started("--port", str(port), *keys) as (_process, base_url, welcome):
        statuses = [
            httpx.post(f"{base_url}/message", json=MESSAGE, headers={"x-api-key": key}).status_code
            for key in ("one", "two", "three")
        ]

    assert base_url == f"http://127.0.0.1:{port}/v2"
    assert statuses == [200, 200, 400]
    assert "Only the given API keys are accepted" in welcome


@pytest.fixture
def fail(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs the command when it cannot start, and returns the one line of output."""

    def run(*arguments: str) -> str:
        handlers = [signal.getsignal(number) for number in INTERRUPTS]
        assert main(arguments) == 2
        assert [signal.getsignal(number) for number in INTERRUPTS] == handlers
        captured = capsys.readouterr()
        assert (captured.out, captured.err.count("\n")) == ("", 1)
        return captured.err

    return run


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--host", "0.0.0.0"], "^The sandbox listens on loopback only.*or set a token"),  # noqa: S104
        (["--port", "70000"], "^port must be between 0 and 65535"),
        (["--credit", "much"], "--credit must be an amount"),
        (["--demo", "--api-key", "k"], "--demo sends with its own keys"),
        (["--speed", "-1"], "speed must be between"),
        (["--data", "/nowhere/at/all"], "data file cannot be opened"),
        (["--spec", "/nowhere/at/all"], "No such file"),
    ],
)
def test_what_makes_no_sense_is_reported_in_one_line(
    fail: Callable[..., str], arguments: list[str], problem: str
) -> None:
    assert re.search(problem, fail(*arguments))


def test_a_port_that_is_taken_is_an_error_in_one_line(fail: Callable[..., str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = fail("--port", port)
        assert f"Port {port} is in use" in told
        assert "--port 0" in told


def test_the_description_can_be_given(
    fail: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("paths: {}", encoding="utf-8")
    said = fail("--spec", str(path))
    assert said.startswith(f"{path} does not describe the service")
    monkeypatch.setenv("SMSMANAGER_SANDBOX_SPEC", str(path))
    assert fail() == said


@pytest.mark.parametrize("name", ["jsonschema_rs", "starlette", "uvicorn", "yaml"])
@pytest.mark.parametrize(
    "use",
    [
        "runpy.run_module('smsmanager.sandbox', run_name='__main__')",
        "import smsmanager.sandbox as s; s.MagicNumber.TEST; s.Sandbox",
    ],
    ids=["command", "class"],
)
def test_a_missing_extra_is_named(name: str, use: str) -> None:
    code = f"import sys, runpy; sys.modules[{name!r}] = None; sys.argv = ['x']; {use}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert done.stdout == ""
    assert done.stderr.endswith("install smsmanager[sandbox].\n")
    if "run_module" in use:
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1


def test_a_missing_module_of_our_own_is_not_blamed_on_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "smsmanager.sandbox._stand_in", None)

    with pytest.raises(ModuleNotFoundError, match="_stand_in"):
        _ = smsmanager.sandbox.Sandbox


def test_another_missing_name_is_an_ordinary_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Sandpit'"):
        _ = smsmanager.sandbox.Sandpit


def test_all_public_names_are_there() -> None:
    for name in smsmanager.sandbox.__all__:
        assert getattr(smsmanager.sandbox, name).__name__ == name


def test_importing_the_entry_point_starts_nothing() -> None:
    assert import_module("smsmanager.sandbox.__main__").__name__ == "smsmanager.sandbox.__main__"
