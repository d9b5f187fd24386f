"""What prevents a release; `make release-check` runs the whole check."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from tools import release_check

ROOT = Path(__file__).resolve().parents[2]


def test_each_extra_has_a_program_that_uses_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert release_check.EXTRAS.keys() == project["optional-dependencies"].keys()


@pytest.mark.parametrize("names", [[], ["a.whl"], ["a.whl", "b.whl", "a.tar.gz"]])
def test_the_folder_holds_one_wheel_and_one_sdist(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(release_check.ReleaseError, match="make build"):
        release_check.built(tmp_path)


@pytest.mark.parametrize(
    ("tag", "changelog"),
    [
        ("v0.1.1", "## 0.1.0 - 2026-11-26\n"),
        ("0.1.0", "## 0.1.0 - 2026-11-26\n"),
        ("v0.1.0", "## Unreleased\n\n## 0.0.9 - 2026-11-26\n"),
        ("v0.1.0", "## 0.1.0\n"),
        ("v0.1.0", "## Unreleased\n"),
    ],
)
def test_a_tag_is_that_of_the_version_and_of_the_changelog(tag: str, changelog: str) -> None:
    with pytest.raises(release_check.ReleaseError, match=f"the tag is {tag}"):
        release_check.check_tag(tag, "0.1.0", changelog)
    release_check.check_tag("v0.1.0", "0.1.0", "## Unreleased\n\n## 0.1.0 - 2026-11-26\n")


def test_what_was_built_can_be_released() -> None:
    """The newest section of the changelog is that of the version, with its date."""
    from smsmanager import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    release_check.check_tag(f"v{__version__}", __version__, changelog)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert f"## {citation['version']} - {citation['date-released']}\n" in changelog
    assert citation["version"] == __version__


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(release_check.ReleaseError, match="No module named nonsense"):
        release_check.tool("python -m nonsense", cwd=tmp_path)
    with pytest.raises(release_check.ReleaseError, match="python -c"):
        release_check.tool("python -c pass", cwd=tmp_path, fails=True)


def test_a_command_knows_nothing_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "wrapper"))
    monkeypatch.setenv("SMSMANAGER_API_KEY", "any-key")
    program = "import os; print([n for n in os.environ if n.startswith(('PYTHON', 'SMSM'))])"
    (tmp_path / "told.py").write_text(program, encoding="utf-8")
    assert release_check.tool("python told.py", cwd=tmp_path) == "[]\n"
