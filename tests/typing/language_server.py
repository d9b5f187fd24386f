"""A language server, asked as an editor asks it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [str(ROOT / name) for name in ("wrapper", "generated_client")]
PYTHON = {"pythonPath": sys.executable, "analysis": {"extraPaths": FOLDERS}}
CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "signatureHelp": {"signatureInformation": {"documentationFormat": ["markdown"]}},
    },
}


class LanguageServer:
    """Pyright's language server and one file that is open in it, in a separate folder.

    A position is marked with `|` in a snippet; the snippet is the whole file.
    """

    def __init__(self) -> None:
        """Start the server."""
        self._numbers = count(1)
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name, "program.py").as_uri()
        self._server = subprocess.Popen(
            [sys.executable, "-m", "pyright.langserver", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        root = Path(self._folder.name).as_uri()
        folders = [{"uri": root, "name": "programs"}]
        self._call(
            "initialize", processId=None, workspaceFolders=folders, capabilities=CAPABILITIES
        )
        self._send(method="initialized", params={})
        self._version = 0

    def hover(self, snippet: str) -> str:
        """Return what is shown over the position, without the backslashes of Markdown."""
        found = self._at(snippet, "textDocument/hover")
        return str(found["contents"]["value"]).replace("\\", "")

    def signature(self, snippet: str) -> tuple[str, str]:
        """Return the documentation of the call that is being written, and that of its current argument."""
        found = self._at(snippet, "textDocument/signatureHelp")
        signature = found["signatures"][found["activeSignature"]]
        argument = signature["parameters"][found["activeParameter"]]
        return signature["documentation"]["value"], argument["documentation"]["value"]

    def completions(self, snippet: str) -> set[str]:
        """Return what is offered at the position."""
        found = self._at(snippet, "textDocument/completion")
        return {item["label"] for item in (found or {"items": []})["items"]}

    def _at(self, snippet: str, method: str) -> Any:
        before, _, after = snippet.partition("|")
        self._version += 1
        document = {"uri": self._file, "version": self._version}
        if self._version == 1:
            opened = {**document, "languageId": "python", "text": before + after}
            self._send(method="textDocument/didOpen", params={"textDocument": opened})
        else:
            changes = [{"text": before + after}]
            params = {"textDocument": document, "contentChanges": changes}
            self._send(method="textDocument/didChange", params=params)
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self._call(method, textDocument=document, position=position)

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._send(id=number, method=method, params=params)
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == number:
                return message["result"]
            if message.get("method") == "workspace/configuration":
                asked = [item.get("section") for item in message["params"]["items"]]
                told = [PYTHON if section == "python" else None for section in asked]
                self._send(id=message["id"], result=told)
            elif "method" in message and "id" in message:
                self._send(id=message["id"], result=None)

    def _send(self, **message: Any) -> None:
        assert self._server.stdin is not None
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        head = {}
        while line := self._server.stdout.readline().strip():
            name, _, value = line.decode().partition(": ")
            head[name.lower()] = value
        message: dict[str, Any] = json.loads(self._server.stdout.read(int(head["content-length"])))
        return message

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the server, and remove the folder."""
        self._server.kill()
        self._server.communicate()
        self._folder.cleanup()
