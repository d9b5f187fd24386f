"""The command of the comparison: inputs, reports, status; files and addresses."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tools.spec_diff.__main__ import main
from tools.spec_diff.load import MAX_BYTES, load
from tools.spec_diff.tree import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
OURS = ROOT / "openapi.yaml"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A copy of our description that a test may change."""
    file = tmp_path / "upstream.json"
    file.write_text(json.dumps(_ours()), encoding="utf-8")
    return file


@pytest.fixture
def nothing_accepted(tmp_path: Path) -> list[str]:
    file = tmp_path / "nothing.yaml"
    file.write_text("", encoding="utf-8")
    return ["--accept", str(file)]


def _ours() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    return loaded


def _change_sms(file: Path, *, removed: str = "", added: str = "") -> None:
    value = json.loads(file.read_text(encoding="utf-8"))
    properties = value["components"]["schemas"]["Sms"]["properties"]
    if removed:
        del properties[removed]
    if added:
        properties[added] = {"type": "string"}
    file.write_text(json.dumps(value), encoding="utf-8")


def test_our_description_does_not_differ_from_itself(
    upstream: Path, nothing_accepted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(OURS), str(upstream), *nothing_accepted]) == 0
    assert capsys.readouterr().out.endswith("\nverdict: no differences (0 accepted, 0 stale)\n")


def test_the_other_description_has_accepted_differences_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Those of `openapi.yaml` would all be stale."""
    rest = str(ROOT / "openapi-rest.yaml")
    assert main([rest, rest]) == 0
    assert capsys.readouterr().out.endswith("\nverdict: no differences (0 accepted, 0 stale)\n")


def test_removed_field_is_status_1(
    upstream: Path, nothing_accepted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _change_sms(upstream, removed="ttl")
    assert main([str(OURS), *nothing_accepted, str(upstream)]) == 1
    output = capsys.readouterr().out
    assert "BREAKING - would break callers (1)" in output
    assert "POST /message > request > application/json > flow[] > sms > ttl (+2: " in output
    assert "\nverdict: BREAKING (1 breaking, 0 added, 0 changed; 0 accepted, 0 stale)\n" in output


def test_added_field_is_status_0(
    upstream: Path, nothing_accepted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _change_sms(upstream, added="priority")
    assert main([str(OURS), str(upstream), *nothing_accepted]) == 0
    output = capsys.readouterr().out
    assert "field added" in output
    assert "verdict: compatible (0 breaking, 1 added, 0 changed; " in output


def test_json_report(upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _change_sms(upstream, removed="ttl", added="priority")
    accepted = tmp_path / "accepted.yaml"
    entry = {"path": "* > sms > priority", "change": "field added", "reason": "Wanted."}
    stale = {"path": "GET /gone", "change": "operation removed", "reason": "Old."}
    accepted.write_text(yaml.safe_dump([entry, stale]), encoding="utf-8")
    assert main([str(OURS), str(upstream), "--json", "--accept", str(accepted)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["breaking"] is True
    assert report["counts"] == {"breaking": 1, "added": 0, "changed": 0}
    (change,) = report["changes"]
    assert change["change"] == "field removed"
    assert change["severity"] == "breaking"
    assert len(change["also_at"]) == 2
    assert report["accepted"] == [{**entry, "places": 3}]
    assert report["stale"] == [stale]


def test_accepted_differences_leave_the_report_and_stale_ones_are_told(
    upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _change_sms(upstream, removed="ttl")
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text(
        "- {path: '* > sms > ttl', change: field removed, reason: On purpose.}\n"
        "- {path: GET /gone, change: operation removed, reason: Old.}\n",
        encoding="utf-8",
    )
    assert main([str(OURS), str(upstream), "--accept", str(accepted)]) == 0
    output = capsys.readouterr().out
    assert "STALE - accepted, but no longer found (1)\n  operation removed  GET /gone\n" in output
    assert output.endswith("verdict: no differences (3 accepted, 1 stale)\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1", "expected a list, found object"),
        ("- a", "entry 1: expected a mapping, found string"),
        ("- {path: a, change: b}", "entry 1: needs exactly change, path, reason"),
        ("- {path: a, change: b, reason: c, by: d}", "entry 1: needs exactly change, path, reason"),
        ("- {path: a, change: b, reason: ' '}", "entry 1: nothing in it may be empty"),
        ("- {path: a, change: 5, reason: c}", "entry 1: change: expected a string, found integer"),
    ],
)
def test_malformed_file_of_accepted_differences(
    text: str, reason: str, upstream: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = tmp_path / "accepted.yaml"
    accepted.write_text(text, encoding="utf-8")
    assert main([str(OURS), str(upstream), "--accept", str(accepted)]) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"], ["--strict", "a"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_module_runs_from_the_root_and_explains_itself() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tools.spec_diff", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Exit status: 0 nothing breaking, 1 something breaking, 2" in finished.stdout


def test_our_description_is_the_default(
    upstream: Path, nothing_accepted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([str(upstream), *nothing_accepted]) == 0


GARBAGE = {
    "no file": (None, "cannot be read"),
    "empty": (b"", "no mapping at the top"),
    "not text": (b"\xff\xfe\x00", "not UTF-8 text"),
    "broken": (b'{"openapi": "3.1.0", ', "neither JSON nor YAML"),
    "a tag": (b"openapi: !!python/object:os.system {}", "neither JSON nor YAML"),
    "bytes": (b"openapi: !!binary aGk=", "a value that JSON does not have"),
    "a list": (b"[1]", "no mapping at the top"),
    "deep": (b"a: " + b"[" * 5000, "nested deeper than 200 levels"),
    "deep JSON": (b'{"a":' * 500 + b"1" + b"}" * 500, "nested deeper than 200 levels"),
    "loop": (b"a: &a [*a]", "contains itself"),
    "laughs": (
        b"a0: &a0 [1]\n"
        + b"".join(
            b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
        ),
        "expands to more than",
    ),
    "too large": (b" " * (MAX_BYTES + 1), "larger than 16 MiB"),
    "no version": (b"paths: {}", "has no `openapi` version"),
    "Swagger": (b"swagger: '2.0'", "says version 2.0"),
    "later version": (b"openapi: 4.0.0", "says version 4.0.0"),
    "paths": (b"openapi: 3.1.0\npaths: []", "paths: expected a mapping, found array"),
    "outside": (
        b"openapi: 3.1.0\npaths: {/m: {$ref: 'other.yaml#/m'}}",
        "leaves the document",
    ),
    "nowhere": (b"openapi: 3.1.0\npaths: {/m: {$ref: '#/no/0'}}", "points nowhere"),
    "circle": (b"openapi: 3.1.0\npaths: {/m: {$ref: '#/paths/~1m'}}", "leads back to itself"),
    "place": (
        b"openapi: 3.1.0\npaths: {/m: {get: {parameters: [{name: a, in: body}]}}}",
        "which OpenAPI does not know",
    ),
    "scheme": (b"openapi: 3.1.0\nsecurity: [{Key: []}]\npaths: {/m: {get: {}}}", "not declared"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_ends_with_status_2_and_a_reason(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, reason = GARBAGE[name]
    file = tmp_path / "garbage.yaml"
    if data is not None:
        file.write_bytes(data)
    ours = tmp_path / "ours.json"
    ours.write_text('{"openapi": "3.1.0"}', encoding="utf-8")
    assert main([str(ours), str(file)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert reason in output.err


class _Pages(BaseHTTPRequestHandler):
    """Serves our description and a few answers that are none."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        name = self.path.partition("?")[0]
        if name == "/spec.yaml":
            wanted = "Basic dXNlcjpzZWNyZXQ="
            allowed = "token" not in self.path or self.headers["Authorization"] == wanted
            self._answer(200 if allowed else 403, OURS.read_bytes())
        elif name == "/moved":
            self.send_response(302)
            self.send_header("Location", "/spec.yaml")
            self.end_headers()
        elif name == "/large":
            self._answer(200, b" " * (MAX_BYTES + 1))
        else:
            self._answer(404, b"")

    def _answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        # The client stops reading where an answer is too large.
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- inherited
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_address_with_credentials_is_read_and_never_shown(
    address: str,
    nothing_accepted: list[str],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "httpx")
    url = f"http://user:secret@{address}/spec.yaml?token=hidden"
    assert main([str(OURS), url, *nothing_accepted]) == 0
    output = capsys.readouterr()
    assert f"upstream: http://{address}/spec.yaml (version" in output.out
    for text in (output.out, output.err, caplog.text):
        assert "secret" not in text
        assert "hidden" not in text


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("/none?token=hidden", "/none: answered with status 404"),
        ("/moved", "/moved: redirects to an address without https; not followed"),
        ("/large", "/large: larger than 16 MiB"),
    ],
)
def test_address_without_a_description(
    page: str, reason: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(OURS), f"http://{address}{page}"]) == 2
    assert capsys.readouterr().err == f"spec_diff: http://{address}{reason}\n"


def test_address_where_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        assert main([str(OURS), f"http://user:secret@{address}/spec?token=hidden"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"spec_diff: http://{address}/spec: cannot be fetched (ConnectError)")
    assert "secret" not in error


def test_address_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(OURS), "http://secret:port/"]) == 2
    error = capsys.readouterr().err
    assert "not a valid URL" in error
    assert "secret" not in error


def test_redirects_over_https_are_followed_without_credentials_to_another_host() -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers.get("Authorization")))
        moves = {"/1": "https://a.test/2", "/2": "https://b.test/3"}
        target = moves.get(request.url.path)
        if target is not None:
            return httpx.Response(301, headers={"Location": target})
        return httpx.Response(200, content=b"openapi: 3.1.0")

    name, value = load("https://user:secret@a.test/1", httpx.MockTransport(answer))
    assert (name, value) == ("https://a.test/1", {"openapi": "3.1.0"})
    assert [url for url, _ in seen] == ["https://a.test/1", "https://a.test/2", "https://b.test/3"]
    assert [bool(header) for _, header in seen] == [True, True, False]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://a.test/again", "redirected more than 5 times"),
        ("http://a.test/plain", "redirects to an address without https"),
        ("https://a:port/", "cannot be fetched"),
    ],
)
def test_redirects_that_lead_nowhere(target: str, reason: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(302, headers={"Location": target}))
    with pytest.raises(SpecError, match=reason):
        load("https://a.test/", transport)
