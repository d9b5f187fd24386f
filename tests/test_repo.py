"""What holds for the repository as a whole: import direction, names, figures of the pages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import smsmanager
from smsmanager import errors
from tools import api_page, tidy

ROOT = Path(__file__).resolve().parents[1]
WRAPPER = ROOT / "wrapper" / "smsmanager"
GENERATED = ROOT / "generated_client" / "smsmanager_jsonapi"
# Loaded when a client is asked to send over aiohttp, and never before.
OVER_AIOHTTP = WRAPPER / "_aiohttp.py"
CORE = sorted({*WRAPPER.glob("*.py"), *WRAPPER.glob("_*/*.py")} - {OVER_AIOHTTP})
ALLOWED = {
    "attrs",
    "httpx",
    "smsmanager",
    "smsmanager_jsonapi",
    "sniffio",
    *sys.stdlib_module_names,
}
LAZY = {"anyio", "dateutil", "httpcore", "phonenumbers", "trio"}


def imports(path: Path, *, top_level: bool) -> set[str]:
    """Return the modules that a file imports, at its top level or anywhere."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_imports_its_four_packages_only(path: Path) -> None:
    top = {name.partition(".")[0] for name in imports(path, top_level=True)}
    assert top <= ALLOWED
    everywhere = {name.partition(".")[0] for name in imports(path, top_level=False)}
    assert everywhere <= ALLOWED | LAZY


def test_aiohttp_is_loaded_by_one_function_only() -> None:
    lazily = {path.name for path in CORE if "smsmanager._aiohttp" in imports(path, top_level=False)}
    assert lazily == {"aio.py"}
    assert "smsmanager._aiohttp" not in imports(WRAPPER / "aio.py", top_level=True)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_imports_no_room_behind_an_extra(path: Path) -> None:
    rooms = {f"smsmanager.{room.parent.name}" for room in WRAPPER.glob("[a-z]*/__init__.py")}
    assert rooms
    for name in imports(path, top_level=False):
        assert not any(name == room or name.startswith(room + ".") for room in rooms)


def test_the_generated_package_knows_nothing_of_the_wrapper() -> None:
    for path in GENERATED.rglob("*.py"):
        assert not re.search(r"\bsmsmanager\b", path.read_text(encoding="utf-8")), path


def test_the_wrapper_uses_public_names_of_the_generated_package() -> None:
    for path in WRAPPER.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "smsmanager_jsonapi"
            ):
                assert not any(alias.name.startswith("_") for alias in node.names), path


def test_importing_loads_nothing_that_is_not_needed() -> None:
    script = (
        "import sys, httpx, attrs; before = set(sys.modules); import smsmanager;"
        "print(*sorted(set(sys.modules) - before))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = set(output.stdout.decode().split())
    unwanted = ("dateutil", "asyncio", "anyio", "yaml", "starlette", "phonenumbers", "aiohttp")
    assert not [name for name in loaded if name.partition(".")[0] in unwanted]
    assert "smsmanager.aio" not in loaded
    models = {name for name in loaded if name.startswith("smsmanager_jsonapi.models.")}
    assert not models


def test_every_public_name_is_there() -> None:
    for name in smsmanager.__all__:
        assert getattr(smsmanager, name) is not None
    assert smsmanager.__all__ == sorted(smsmanager.__all__)
    assert dir(smsmanager) == smsmanager.__all__
    with pytest.raises(AttributeError):
        _ = smsmanager.Nonsense
    with pytest.raises(AttributeError):
        _ = smsmanager._nonsense


def test_a_schema_of_a_newer_description_is_found_too() -> None:
    assert smsmanager.AcceptedItem.__name__ == "AcceptedItem"


def test_the_api_page_is_up_to_date() -> None:
    assert api_page.main(["--check"]) == 0


def test_no_file_is_long() -> None:
    for folder in ("wrapper", "tools", "bench", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts:
                assert len(path.read_text(encoding="utf-8").splitlines()) <= 420, path


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=False)
    if names.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in names.stdout.decode().split("\n") if name]


def test_every_file_is_tidy() -> None:
    paths = [path for path in tracked() if path.is_file() and path.suffix != ".png"]
    assert tidy.main([str(path) for path in paths]) == 0


def test_tidy_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("a: [1 \n")
    (tmp_path / "b.md").write_text("x\n\n")
    assert tidy.main([str(tmp_path / "a.yaml"), str(tmp_path / "b.md")]) == 1
    said = capsys.readouterr().err
    assert "trailing space" in said
    assert "empty lines" in said
    assert "a.yaml" in said


def test_the_readme_tells_of_each_exception_what_the_code_says() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## May I send again?")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+?) \|$", section, re.MULTILINE))
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type)
        and issubclass(kind, errors.SmsManagerError)
        and kind is not errors.SmsManagerError
    }
    assert rows.keys() == kinds.keys()
    for name, kind in kinds.items():
        assert rows[name].startswith("**yes**") is kind.safe_to_retry, name
    sent = dict(re.findall(r"^\| `(\w+)` \|[^|]+\| (.+?) \| [^|]+\|$", section, re.MULTILINE))
    for name, kind in kinds.items():
        assert (sent[name] in {"**unknown**", "taken"}) is kind.request_may_be_taken, name


def test_the_tree_in_errors_names_every_exception() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or "")) - {"ValueError"}
    defined = {n for n, v in vars(errors).items() if isinstance(v, type) and n.endswith("Error")}
    assert drawn == defined
