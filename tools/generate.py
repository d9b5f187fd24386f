"""Rebuild `generated_client/smsmanager_jsonapi` from `openapi.yaml`.

`python -m tools.generate` replaces the package. `python -m tools.generate --check` generates into a
temporary folder instead, names every file that differs and exits with 1.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "openapi.yaml"
CONFIG = ROOT / "generator-config.yml"
TEMPLATES = ROOT / "generator-templates"
PACKAGE = ROOT / "generated_client" / "smsmanager_jsonapi"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def repeated_operation_ids(spec: dict[str, object]) -> list[str]:
    """Return the operation ids that occur more than once.

    The generator names a module after each id and lets the later one overwrite the earlier silently.
    """
    paths = spec.get("paths")
    if not isinstance(paths, dict):
        return []
    ids = [
        operation["operationId"]
        for item in paths.values()
        for method, operation in item.items()
        if method in METHODS and "operationId" in operation
    ]
    return sorted(name for name, count in Counter(ids).items() if count > 1)


def generate(target: Path) -> int:
    """Generate the package into `target`, replacing what is there; return an exit code."""
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    if repeated := repeated_operation_ids(spec):
        sys.stderr.write(f"openapi.yaml: operationId used more than once: {', '.join(repeated)}\n")
        return 1
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        # Only a whole package replaces the one that is there.
        fresh = Path(folder) / target.name
        if code := _run_generator(fresh):
            return code
        (fresh / "py.typed").touch()
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(fresh, target)
    return 0


def _run_generator(target: Path) -> int:
    # The post hooks call `ruff` by name: the pinned one beside this interpreter decides the bytes.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(SPEC), "--config", str(CONFIG), "--output-path", str(target)),
        *("--custom-template-path", str(TEMPLATES)),
        *("--meta", "none", "--overwrite", "--fail-on-warning"),
    ]
    finished = subprocess.run(  # noqa: S603 - the command is ours, word for word
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    # The generator warns that the custom templates are "unstable" on every run; nobody can act on it.
    if finished.returncode:
        sys.stderr.write(finished.stdout + finished.stderr)
    return finished.returncode


def stale_files(committed: Path, fresh: Path) -> list[str]:
    """Return the relative paths of files that differ, are missing or should not be there."""

    def files(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    ours, theirs = files(committed), files(fresh)
    differing = {
        name
        for name in ours & theirs
        if not filecmp.cmp(committed / name, fresh / name, shallow=False)
    }
    return sorted((ours ^ theirs) | differing)


def check() -> int:
    """Compare the committed package with a fresh one; return an exit code."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        if code := generate(fresh):
            return code
        stale = stale_files(PACKAGE, fresh)
    for name in stale:
        sys.stderr.write(f"stale: generated_client/{PACKAGE.name}/{name}\n")
    if stale:
        sys.stderr.write("Run `make generate` and commit the result.\n")
    return 1 if stale else 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    return check() if parser.parse_args(arguments).check else generate(PACKAGE)


if __name__ == "__main__":
    sys.exit(main())
