"""Run the generator, and code that uses its result, in a copy of the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_S = 60


class ProjectCopy:
    """A copy of the project.

    Attributes:
        root: Its folder.
        packages: The folder of the generated packages.
        package: The one for sending.
    """

    def __init__(self, root: Path) -> None:
        """Keep the folder."""
        self.root = root
        self.packages = root / "generated_client"
        self.package = self.packages / "smsmanager_jsonapi"

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run this interpreter in the copy, with the copy's packages before any installed ones."""
        # What runs in a copy is not to be measured: its files would stand beside ours in the report.
        ours = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
        folders = [self.root, self.root / "wrapper", self.root / "generated_client"]
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**ours, "PYTHONPATH": os.pathsep.join(map(str, folders)), **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=LIMIT_S,
        )

    def generate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m tools.generate`."""
        return self.run("-m", "tools.generate", *arguments, **environment)

    def edit_description(
        self, edit: Callable[[dict[str, Any]], None], name: str = "openapi.yaml"
    ) -> None:
        """Change a description."""
        path = self.root / name
        description = yaml.safe_load(path.read_text(encoding="utf-8"))
        edit(description)
        path.write_text(yaml.safe_dump(description, sort_keys=False), encoding="utf-8")

    def generated(self) -> dict[str, bytes]:
        """Return the content of every generated file."""
        return {
            path.relative_to(self.packages).as_posix(): path.read_bytes()
            for path in sorted(self.packages.glob("smsmanager_*/**/*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
