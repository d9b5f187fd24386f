"""A copy of what the generator reads and writes, to be changed at will."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generated.project_copy import ProjectCopy

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "openapi-rest.yaml",
    "openapi.yaml",
    "generator-config.yml",
    "generator-templates",
    "generated_client",
    "tools/__init__.py",
    "tools/field_words.py",
    "tools/generate.py",
    "wrapper",
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    root = tmp_path / "project"
    (root / "tools").mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    return ProjectCopy(root)
