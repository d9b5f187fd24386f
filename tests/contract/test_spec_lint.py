"""Run the linter of the description as `make spec-lint` does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.contract.mock_servers import NODE_TOOLS, missing_node_tool
from tests.contract.spec import BOTH, PATH, ROOT, Description

if TYPE_CHECKING:
    from pathlib import Path

RULES = ROOT / "tools" / "node" / "spectral.yaml"

pytestmark = pytest.mark.skipif(
    missing_node_tool("spectral") is not None, reason=missing_node_tool("spectral") or "installed"
)


def lint(description: Path) -> subprocess.CompletedProcess[str]:
    command = [str(NODE_TOOLS / "spectral"), "lint", str(description), "--ruleset", str(RULES)]
    return subprocess.run(
        [*command, "--fail-severity=hint"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("description", BOTH, ids=repr)
def test_description_passes(description: Description) -> None:
    finished = lint(description.path)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_mistakes_are_found(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8")
    mistakes = {
        "operation-tag-defined": ("tags: [simple]", "tags: [simples]"),
        "oas3-valid-media-example": ("gateway: lowcost", "gateway: cheapest"),
        "operation-operationId-unique": ("sendPriorityMessage", "sendMessage"),
    }
    for right, wrong in mistakes.values():
        assert right in text
        text = text.replace(right, wrong)
    broken = tmp_path / "openapi.yaml"
    broken.write_text(text, encoding="utf-8")
    finished = lint(broken)
    assert finished.returncode == 1
    assert [rule for rule in mistakes if rule not in finished.stdout] == []
