"""The content of the wheel and the sdist, the wheel's requirements, and the locked versions."""

from __future__ import annotations

import email
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import smsmanager
from smsmanager.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
SPECS = ("openapi.yaml", "openapi-rest.yaml")
PACKAGES = {"smsmanager", "smsmanager_jsonapi", "smsmanager_rest"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


def test_the_wheel_holds_the_packages_and_the_specs(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        specs = {name: archive.read(f"smsmanager/{name}") for name in SPECS}
        [metadata] = [name for name in names if name.endswith("/METADATA")]
        fields = email.message_from_bytes(archive.read(metadata))
    assert specs == {name: (ROOT / name).read_bytes() for name in SPECS}
    for package in PACKAGES:
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    assert "smsmanager/sandbox/__init__.py" in names
    for asset in ("assets/page.css", "assets/page.js", "assets/icon.svg", "templates/base.html"):
        assert f"smsmanager/sandbox/page/{asset}" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == PACKAGES
    required = [r for r in fields.get_all("Requires-Dist", []) if "extra ==" not in r]
    assert sorted(r.partition("<")[0].partition(">")[0] for r in required) == [
        "attrs",
        "httpx",
        "python-dateutil",
        "sniffio",
    ]
    assert fields["Requires-Python"] == ">=3.11"
    shown = [each.partition(", ")[2] for each in fields.get_all("Project-URL", [])]
    assert shown
    assert all(each.startswith("https://") for each in shown)
    assert set(fields.get_all("Provides-Extra", [])) == {
        "campaigns",
        "celery",
        "cli",
        "otel",
        "outbox",
        "phone",
        "procrastinate",
        "sandbox",
        "tracker",
    }


def test_the_description_works_where_there_is_no_repository(built: Path) -> None:
    [wheel], [sdist] = built.glob("*.whl"), built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        fields = email.message_from_bytes(archive.read(metadata))
    assert fields["Description-Content-Type"] == "text/markdown"
    payload = fields.get_payload(decode=True)
    assert isinstance(payload, bytes)
    description = payload.decode()
    # An index shows the page alone: a link or a picture without a whole address leads nowhere.
    assert re.findall(r"\]\((?!https?:)[^)]*\)|<picture|<img|!\[", description) == []
    named = set(re.findall(r"\(`([^`]+)`\)", description))
    assert {"docs/start.md", "docs/cs/start.md", "docs/cookbook/index.md", "CHANGELOG.md"} <= named
    with tarfile.open(sdist) as archive:
        assert named <= {name.partition("/")[2] for name in archive.getnames()}


def test_the_sdist_builds_the_same(built: Path) -> None:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {*SPECS, "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"} <= names
    assert "wrapper/smsmanager/py.typed" in names
    for package in PACKAGES - {"smsmanager"}:
        assert f"generated_client/{package}/py.typed" in names
    assert not {f"wrapper/smsmanager/{name}" for name in SPECS} & names


def test_the_container_file_copies_all_that_the_build_takes(tmp_path: Path) -> None:
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    for *sources, target in (line.split()[1:] for line in lines if line.startswith("COPY ")):
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tmp_path / target)
            else:
                (tmp_path / target).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, tmp_path / target)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {f"smsmanager/{name}" for name in SPECS} <= {*archive.namelist()}


def asked(text: str) -> list[Requirement]:
    """Return the packages that a requirements file names."""
    return [Requirement(line) for line in text.splitlines() if line and line[0] not in "#-"]


def locked(name: str) -> dict[str, tuple[str, bool]]:
    """Return the version of each package in a lock, and whether it is asked for by name."""
    text = (REQUIREMENTS / f"lock-{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text, "no index is named: yours is used"
    found = {}
    for package, version, rest in re.findall(
        r"^([\w.-]+)==(\S+)((?:.*\n(?![\w]))*.*\n)", text, re.MULTILINE
    ):
        assert "--hash=sha256:" in rest, package
        found[package] = (
            version,
            re.search(r"# .*(-r requirements/|\(pyproject\.toml\))", rest) is not None,
        )
    return found


@pytest.mark.parametrize(("name", "extras"), [("dev", None), ("sandbox", {"sandbox"})])
def test_the_lock_holds_what_is_asked_for(name: str, extras: set[str] | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(line for extra in extras or of_extras for line in of_extras[extra]),
    ]
    wanted = asked("\n".join(lines)) + asked(
        (REQUIREMENTS / "build.txt").read_text(encoding="utf-8")
    )
    if extras is None:
        wanted += asked((REQUIREMENTS / "dev.txt").read_text(encoding="utf-8"))
    wanted = [one for one in wanted if one.name != "smsmanager"]
    found = locked(name)
    stale = "make lock has not been run since pyproject.toml or requirements/ changed"
    assert {canonicalize_name(one.name) for one in wanted} == {p for p in found if found[p][1]}, (
        stale
    )
    for one in wanted:
        assert one.specifier.contains(found[canonicalize_name(one.name)][0]), f"{one}: {stale}"


def test_both_locks_have_the_same_versions() -> None:
    of_all, of_sandbox = locked("dev"), locked("sandbox")
    assert len(of_sandbox) > 15
    assert {name: of_all[name][0] for name in of_sandbox} == {
        n: v for n, (v, _) in of_sandbox.items()
    }


def test_the_conda_recipe_says_what_the_project_says() -> None:
    recipe = yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert recipe["context"]["version"] == smsmanager.__version__
    python, *run = recipe["requirements"]["run"]
    assert python == f"python {project['requires-python']}"
    assert [Requirement(line.replace(" ", "")) for line in run] == [
        *map(Requirement, project["dependencies"])
    ]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    assert {line.replace(" ", "") for line in recipe["requirements"]["host"]} >= {
        *build["requires"]
    }
    assert recipe["build"]["python"]["entry_points"] == [
        f"{name} = {target}" for name, target in project["scripts"].items()
    ]
    assert recipe["about"]["summary"] == project["description"]


def test_the_sandbox_takes_the_token_of_the_container_file() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    tokens = {*re.findall(r"(?:SMSMANAGER_SANDBOX_TOKEN=|\?token=)([\w-]+)", text)}
    assert len(tokens) == 1
    with Sandbox(token=tokens.pop()) as sandbox:
        assert sandbox.base_url
