"""`make docs ARGS=--versions`: every release has its own site, and all link to each other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.docs import __main__ as docs


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "docs").mkdir(parents=True)
    git(root, "init", "--quiet")
    (root / "README.md").write_text("before there was a site\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    git(root, "tag", "v0.0.9")
    for version in ("0.2.0", "0.10.0"):
        (root / "docs" / "conf.py").write_text(f"{version!r}\n")
        git(root, "add", ".")
        git(root, "commit", "--quiet", "-m", version)
        git(root, "tag", f"v{version}")
    git(root, "tag", "vnext")
    monkeypatch.setattr(docs, "ROOT", root)
    return root


def test_each_release_is_built_as_it_was(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[tuple[str, str, list[str], bool]] = []

    def build(tree: Path, version: str, versions: list[str], output: Path, *, draft: bool) -> int:
        built.append((version, (tree / "docs" / "conf.py").read_text(), versions, draft))
        (output / version).mkdir(parents=True)
        return 0

    monkeypatch.setattr(docs, "_build", build)
    output = tmp_path / "site"
    assert docs.main(["--versions", "--output", str(output)]) == 0

    every = ["dev", "0.10.0", "0.2.0"]
    assert built == [
        ("dev", "'0.10.0'\n", every, False),
        ("0.10.0", "'0.10.0'\n", every, True),
        ("0.2.0", "'0.2.0'\n", every, True),
    ]
    assert "url=0.10.0/index.html" in (output / "index.html").read_text()
    listed = subprocess.run(
        ["git", "-C", str(project), "worktree", "list"], capture_output=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1


def test_a_failed_build_fails_and_shows_no_address(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "site"
    output.mkdir()
    monkeypatch.setattr(docs, "_build", lambda *_, **__: 1)
    assert docs.main(["--output", str(output)]) == 1
    assert capsys.readouterr().out == ""
    assert "url=dev/index.html" in (output / "index.html").read_text()
