"""Rules for the whole repository: import direction, names, figures on the pages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import smsmanager
from smsmanager import errors
from smsmanager._config import ClientOptions
from tools import api_page, tidy

ROOT = Path(__file__).resolve().parents[1]
WRAPPER = ROOT / "wrapper" / "smsmanager"
GENERATED = ROOT / "generated_client"
ROOMS = (WRAPPER / "_message", WRAPPER / "_transport")
# The command line runs by the package's name as well.
ENTRY = WRAPPER / "__main__.py"
CORE = sorted({*WRAPPER.glob("*.py"), *WRAPPER.glob("_*/*.py")} - {ENTRY})
# Loaded when a client is created, never before.
STREAMS = {ROOMS[1] / "streams.py", ROOMS[1] / "async_streams.py"}
ALLOWED = {
    "attrs",
    "httpx",
    "smsmanager",
    "smsmanager_jsonapi",
    "sniffio",
    *sys.stdlib_module_names,
}
LAZY = {"anyio", "dateutil", "httpcore", "phonenumbers", "socksio", "trio"}


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
    assert top <= ALLOWED | ({"anyio", "httpcore"} if path in STREAMS else set())
    everywhere = {name.partition(".")[0] for name in imports(path, top_level=False)}
    assert everywhere <= ALLOWED | LAZY


def test_streams_are_loaded_with_the_public_transports_only() -> None:
    above = {path.stem for path in STREAMS}
    users = {p for p in CORE if {n.rpartition(".")[2] for n in imports(p, top_level=False)} & above}
    assert users - STREAMS == {WRAPPER / "transport.py"}
    for path in CORE:
        assert "smsmanager.transport" not in imports(path, top_level=True)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_imports_no_room_behind_an_extra(path: Path) -> None:
    rooms = {f"smsmanager.{room.parent.name}" for room in WRAPPER.glob("[a-z]*/__init__.py")}
    assert rooms
    # These need no extra. The clients open the one when they are asked to; the package names what the other
    # has, and loads it on first use.
    rooms.remove("smsmanager.asking")
    if path == WRAPPER / "__init__.py":
        rooms.remove("smsmanager.parts")
    assert not any("smsmanager.asking" in name for name in imports(path, top_level=True))
    for name in imports(path, top_level=False):
        assert not any(name == room or name.startswith(room + ".") for room in rooms)


# As CONTRIBUTING.md says: what a room may import from this package.
MAY_IMPORT = {
    "_message": {"_config", "_privacy", "errors", "ids", "phone"},
    "_transport": {"_config", "_message", "_privacy", "errors"},
    "parts": set(),
    "sandbox": {"_config", "parts"},
    "webhooks": {path.stem for path in WRAPPER.glob("*.py")} | {"_message"},
}
MAY_IMPORT["asking"] = MAY_IMPORT["webhooks"] | {"_transport", "parts", "webhooks"}
MAY_IMPORT["campaigns"] = MAY_IMPORT["webhooks"] | {"asking", "parts", "webhooks"}
MAY_IMPORT["engines"] = {"campaigns", "client", "errors"}
MAY_IMPORT["outbox"] = MAY_IMPORT["campaigns"]
MAY_IMPORT["otel"] = MAY_IMPORT["campaigns"] | {"campaigns", "outbox"}
MAY_IMPORT["testing"] = {"sandbox"}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_is_below_it(room: str) -> None:
    used: set[str] = set()
    for path in (WRAPPER / room).rglob("*.py"):
        names = [name.split(".") for name in imports(path, top_level=False)]
        used |= {parts[1] for parts in names if parts[0] == "smsmanager" and len(parts) > 1}
    assert used - {room} <= MAY_IMPORT[room]


def test_the_table_of_a_room_lists_its_modules() -> None:
    tables = [
        path for path in WRAPPER.rglob("__init__.py") if "\n| --- |" in path.read_text("utf-8")
    ]
    assert len(tables) >= 16
    for path in tables:
        rows = [line for line in path.read_text("utf-8").splitlines() if line.startswith("| `")]
        listed = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
        modules_here = {other.stem for other in path.parent.glob("*.py")} - {"__init__", "__main__"}
        assert modules_here <= listed, path
        files = [path.parent / name for name in listed]
        assert all(file.exists() or file.with_name(f"{file.name}.py").exists() for file in files), (
            path
        )


def test_the_generated_package_knows_nothing_of_the_wrapper() -> None:
    for path in GENERATED.rglob("*.py"):
        assert not re.search(r"\bsmsmanager\b", path.read_text(encoding="utf-8")), path


def test_the_wrapper_uses_public_names_of_the_generated_package() -> None:
    for path in WRAPPER.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                ("smsmanager_jsonapi", "smsmanager_rest")
            ):
                assert not any(alias.name.startswith("_") for alias in node.names), path


def test_importing_loads_nothing_that_is_not_needed() -> None:
    script = (
        "import sys, httpx, attrs; before = set(sys.modules); import smsmanager;"
        "print(*sorted(set(sys.modules) - before))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = set(output.stdout.decode().split())
    unwanted = ("dateutil", "asyncio", "anyio", "yaml", "starlette", "phonenumbers", "httpcore")
    assert not [name for name in loaded if name.partition(".")[0] in unwanted]
    assert not [
        name for name in loaded if name.startswith(("smsmanager.asking", "smsmanager_rest"))
    ]
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


def test_the_api_page_lists_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    options = api_page.page().partition("## Options of a client\n")[2].partition("\n## ")[0]
    only_here = {"api_key", "base_url", "http_client", "proxy", "verify", "transport"}
    listed = re.findall(r"^\| `(\w+)` \|", options, re.MULTILINE)
    assert sorted(listed) == sorted(ClientOptions.__annotations__.keys() | only_here)
    for variable in ("API_KEY", "BASE_URL", "SENDER"):
        assert f"| `SMSMANAGER_{variable}` |" in options
    # A changed declaration makes the page stale.
    monkeypatch.setattr(ClientOptions, "__doc__", str(ClientOptions.__doc__).replace("1 MiB", "2"))
    assert api_page.main(["--check"]) == 1


def test_every_path_in_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    marked = re.findall(r"`([^`\n]+)`", text)
    paths = [
        name for name in marked if re.fullmatch(r"[\w./-]*(?:/|\.(?:md|py|toml|txt|ya?ml))", name)
    ]
    assert len(paths) > 100
    bases = [ROOT, WRAPPER]
    missing = [name for name in paths if not any((base / name).exists() for base in bases)]
    assert missing == []


def test_contributing_names_every_module_of_the_core() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    modules_of = {p.relative_to(WRAPPER).as_posix() for p in CORE if p.stem != "__init__"}
    assert [name for name in sorted(modules_of) if f"`{name}`" not in text] == []
    drawn = set(re.findall(r"\w+\.py", text.partition("## The path of a send")[2].split("```")[1]))
    assert len(drawn) > 15
    assert drawn <= {path.name for path in CORE}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_long() -> None:
    most = {"wrapper": 350, "tools": 420, "bench": 420, "examples": 420}
    long = [
        f"{path.relative_to(ROOT)}: {lines(path)}"
        for folder, limit in most.items()
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and lines(path) > limit
    ]
    assert long == []


def test_the_core_is_small() -> None:
    assert len([*WRAPPER.glob("*.py")]) <= 16
    top = [path for path in WRAPPER.glob("*.py") if path != ENTRY]
    assert sum(map(lines, [*top, *(path for room in ROOMS for path in room.glob("*.py"))])) <= 4400


def test_no_two_files_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "wrapper").rglob("*.py")):
        # A former place that only names what is elsewhere now has no job of its own.
        named_elsewhere = {type(node) for node in ast.parse(path.read_text(encoding="utf-8")).body}
        if path.stem not in {"__init__", "__main__"} and not named_elsewhere <= ONLY_NAMES:
            where = str(path.relative_to(ROOT / "wrapper"))
            places.setdefault(path.stem.lstrip("_"), []).append(where)
    assert [found for found in places.values() if len(found) > 1] == []


ONLY_NAMES = {ast.Expr, ast.ImportFrom, ast.Assign}


def modules(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the modules of these files by their full names."""
    named = {}
    for path in paths:
        parts = path.relative_to(ROOT / "wrapper").with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def test_no_imports_of_the_core_go_round() -> None:
    named = modules(CORE)
    below: dict[str, set[str]] = {}
    for name, path in named.items():
        # Those in functions and for annotations count as well.
        nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
        from_nodes = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        members = {f"{node.module}.{alias.name}" for node in from_nodes for alias in node.names}
        below[name] = (imports(path, top_level=False) | members) & named.keys() - {name}
    # The package names what is in its modules; an error carries a result, and a result raises errors.
    del below["smsmanager"]
    below["smsmanager.errors"].discard("smsmanager.results")
    while below:
        free = {name for name, needs in below.items() if not needs & below.keys()}
        assert free, f"a circle among {sorted(below)}"
        below = {name: needs for name, needs in below.items() if name not in free}


def test_no_imports_of_the_sandbox_s_rooms_go_round() -> None:
    sandbox = WRAPPER / "sandbox"
    rooms = {path.parent.name for path in sandbox.glob("*/__init__.py")}
    assert len(rooms) >= 6
    below: dict[str, set[str]] = {}
    for room in rooms:
        used: set[str] = set()
        for path in (sandbox / room).rglob("*.py"):
            used |= {
                name.split(".")[2]
                for name in imports(path, top_level=False)
                if name.startswith("smsmanager.sandbox.")
            }
        below[room] = used & rooms - {room}
    while below:
        free = {name for name, needs in below.items() if not needs & below.keys()}
        assert free, f"a circle among {sorted(below)}"
        below = {name: needs for name, needs in below.items() if name not in free}


ENTERED = """
import sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
import smsmanager

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        answer = b'{"accepted": [{"key": "0", "message_id": "m"}]}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

root = str(Path(smsmanager.__file__).parent)
entered = set()

def note(frame, event, _):
    path = frame.f_code.co_filename
    if event == "call" and path.startswith(root):
        entered.add(path.removeprefix(root))

with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with smsmanager.SmsManager("key", base_url=url) as client:
        client.send("Hello", to="420777123456")
        sys.setprofile(note)
        client.send("Hello", to="420777123456")
        sys.setprofile(None)
    server.shutdown()
print(*sorted(entered))
"""


def test_a_send_enters_few_modules() -> None:
    command = [sys.executable, "-c", ENTERED]
    entered = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert "/client.py" in entered
    assert len(entered) <= 12, entered


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
    (tmp_path / "c.md").write_text(f"{'<' * 7} HEAD\none\n{'=' * 7}\ntwo\n{'>' * 7} main\n")
    assert tidy.main([str(tmp_path / name) for name in ("a.yaml", "b.md", "c.md")]) == 1
    said = capsys.readouterr().err
    assert "trailing space" in said
    assert "empty lines" in said
    assert "a.yaml" in said
    assert f"{tmp_path / 'c.md'}:1: the mark of a merge" in said


def test_the_tree_in_errors_names_every_exception() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or "")) - {"ValueError"}
    defined = {n for n, v in vars(errors).items() if isinstance(v, type) and n.endswith("Error")}
    assert drawn == defined
