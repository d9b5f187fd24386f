"""Check that the generated packages are what the descriptions make, whoever makes them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.generated.project_copy import ProjectCopy

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]


def test_committed_packages_are_fresh() -> None:
    finished = ProjectCopy(ROOT).generate("--check")
    assert finished.returncode == 0, finished.stderr


def test_each_run_gives_the_same_bytes(project: ProjectCopy) -> None:
    runs = []
    # The order of sets must not show: it depends on this seed.
    for seed in ("1", "2"):
        for package in project.packages.glob("smsmanager_*"):
            shutil.rmtree(package)
        finished = project.generate(PYTHONHASHSEED=seed)
        assert finished.returncode == 0, finished.stderr
        runs.append(project.generated())
    assert runs[0] == runs[1] == ProjectCopy(ROOT).generated()


@pytest.mark.skipif(os.name != "posix", reason="the other `ruff` is a shell script")
def test_settings_and_another_ruff_of_the_user_change_nothing(
    project: ProjectCopy, tmp_path: Path
) -> None:
    settings = 'line-length = 60\nindent-width = 2\n[format]\nquote-style = "single"\n'
    home = tmp_path / "home"
    for folder in (project.root, project.root / "generated_client", home / ".config" / "ruff"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ruff.toml").write_text(settings, encoding="utf-8")
    other = tmp_path / "bin" / "ruff"
    other.parent.mkdir()
    called = tmp_path / "called"
    other.write_text(
        f"#!/bin/sh\ntouch '{called}'\nfor f in *.py; do echo garbage > $f; done\n",
        encoding="utf-8",
    )
    other.chmod(0o755)
    finished = project.generate(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        PATH=os.pathsep.join([str(other.parent), os.environ["PATH"]]),
    )
    assert finished.returncode == 0, finished.stderr
    assert not called.exists()
    assert project.generated() == ProjectCopy(ROOT).generated()


def test_every_stale_file_is_named(project: ProjectCopy) -> None:
    changed = project.package / "models" / "viber.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (project.package / "models" / "rcs.py").unlink()
    (project.package / "models" / "fax.py").touch()
    (project.packages / "smsmanager_rest" / "api" / "status" / "get_message.py").unlink()
    before = project.generated()
    finished = project.generate("--check")
    assert finished.returncode == 1
    named = [line for line in finished.stderr.splitlines() if line.startswith("stale: ")]
    assert named == [
        f"stale: generated_client/smsmanager_jsonapi/models/{name}.py"
        for name in ("fax", "rcs", "viber")
    ] + ["stale: generated_client/smsmanager_rest/api/status/get_message.py"]
    assert "make generate" in finished.stderr
    assert project.generated() == before


@pytest.mark.parametrize(
    ("name", "method", "repeated"),
    [("openapi.yaml", "post", "sendMessage"), ("openapi-rest.yaml", "get", "getMessage")],
)
def test_repeated_operation_id_is_refused(
    project: ProjectCopy, name: str, method: str, repeated: str
) -> None:
    def repeat(description: dict[str, Any]) -> None:
        description["paths"]["/messages"][method]["operationId"] = repeated

    project.edit_description(repeat, name)
    before = project.generated()
    finished = project.generate()
    assert finished.returncode == 1
    assert f"{name}: operationId used more than once: {repeated}" in finished.stderr
    assert project.generated() == before


def test_warning_of_the_generator_is_a_failure(project: ProjectCopy) -> None:
    """The generator warns of what it leaves out, such as a body of a type that it does not know."""

    def add_xml(description: dict[str, Any]) -> None:
        body = {"content": {"application/xml": {"schema": {"type": "string"}}}}
        description["paths"]["/message"]["post"]["requestBody"] = body

    project.edit_description(add_xml)
    finished = project.generate("--check")
    assert finished.returncode != 0
    assert "application/xml" in finished.stderr
