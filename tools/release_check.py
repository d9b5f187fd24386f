"""Prove from the built files, away from the checkout, that a release works.

Reads the one wheel and the one sdist in `dist/`. Each extra gets a fresh environment with the locked
versions, and a program that uses it. Writes the software bill of materials (SBOM) beside the two files.
`--tag v0.1.0` also checks that the version and the changelog are those of the tag.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "lock-dev.txt"
TOOLS = Path(sys.executable).parent
PACKAGES = "smsmanager,smsmanager_jsonapi,smsmanager_rest"

BARE = r"""
import importlib, importlib.metadata, importlib.resources, re
import smsmanager, smsmanager.asking

def spelled(name):
    return name.lower().replace("_", "-")

def required(name):
    lines = importlib.metadata.requires(name) or ()
    return {spelled(re.match(r"[\w.-]+", line)[0]) for line in lines if "extra ==" not in line}

installed = {spelled(found.metadata["Name"]) for found in importlib.metadata.distributions()}
assert required("smsmanager") == {"attrs", "httpx", "python-dateutil", "sniffio"}
needed, pending = {"smsmanager"}, required("smsmanager")
while pending:
    name = pending.pop()
    if name not in needed and name in installed:
        needed.add(name)
        pending |= required(name)
# The environment itself brings the last two.
assert installed <= needed | {"pip", "setuptools"}, installed - needed
for package in ("smsmanager", "smsmanager_jsonapi", "smsmanager_rest"):
    assert (importlib.resources.files(package) / "py.typed").is_file(), package
for name in ("openapi.yaml", "openapi-rest.yaml"):
    assert (importlib.resources.files("smsmanager") / name).is_file(), name
# Asking needs no extra.
for module in (smsmanager, smsmanager.asking):
    for name in module.__all__:
        getattr(module, name)
for extra, name in (("campaigns", "Campaign"), ("sandbox", "Sandbox")):
    try:
        getattr(importlib.import_module(f"smsmanager.{extra}"), name)
    except ImportError as error:
        assert f"smsmanager[{extra}]" in str(error), error
    else:
        raise AssertionError(f"{extra} should need its extra")
print("a bare install brings", *sorted(needed))
"""
# What shows that an extra brings all that it needs, by its name in pyproject.toml.
EXTRAS = {
    "campaigns": """
from smsmanager.campaigns import Campaign, Row
with Campaign.create("sale.sqlite3", [Row(1, "420777123456", "Hello.")]) as campaign:
    assert campaign.status().total == 1
""",
    "celery": """
from celery import Celery
from smsmanager.engines.celery import CeleryCampaigns
app = Celery("shop", broker="memory://")
CeleryCampaigns(app, "sale.sqlite3")
app.finalize()
assert any(name.startswith("smsmanager") for name in app.tasks)
""",
    "cli": """
import importlib.metadata, subprocess, sys
from pathlib import Path
def run(*words):
    command = [str(Path(sys.executable).with_name("smsmanager")), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
assert run("--version").stdout.split()[-1] == importlib.metadata.version("smsmanager")
assert '"parts": 1' in run("parts", "Hello.", "--json").stdout
sent = run("send", "Hello.", "--to", "+420777123456", "--base-url", "sandbox", "--yes", "--json")
assert sent.returncode == 0 and '"accepted"' in sent.stdout, sent
""",
    "otel": """
from smsmanager import SmsManager
from smsmanager.otel import Telemetry
SmsManager("any-key", base_url="http://127.0.0.1:9/v2", observer=Telemetry()).close()
""",
    "outbox": """
from smsmanager.outbox import Outbox
with Outbox("sqlite:///outbox.db") as outbox:
    outbox.create_table()
    assert outbox.stats().age_s == 0
""",
    "phone": """
from smsmanager import normalise_number
assert normalise_number("777 123 456", "CZ") == "420777123456"
""",
    "procrastinate": """
from procrastinate import App, testing
from smsmanager.engines.procrastinate import ProcrastinateCampaigns
app = App(connector=testing.InMemoryConnector())
ProcrastinateCampaigns(app, "sale.sqlite3")
assert any(name.startswith("smsmanager") for name in app.tasks)
""",
    "sandbox": """
import importlib.metadata, os, re
from smsmanager.sandbox import Sandbox
shown = importlib.metadata.metadata("smsmanager").get_payload()
[first, *_] = re.findall("```python\\n(.*?)```", shown, re.DOTALL)
with Sandbox() as sandbox:
    os.environ |= {"SMSMANAGER_API_KEY": "any-key", "SMSMANAGER_BASE_URL": sandbox.base_url}
    exec(first)
    assert sandbox.latest(to="+420 777 123 456") is not None
""",
    "tracker": """
from smsmanager.webhooks import DeliveryTracker
assert DeliveryTracker.open("sqlite:///reports.db").state("unheard-of") is None
""",
}
PLUGIN_TEST = """
def test_a_code_is_sent(smsmanager_sandbox, smsmanager_client):
    smsmanager_client.send_priority("Your code is 481516.", to="+420 777 123 456")
    assert smsmanager_sandbox.assert_sent(to="777123456", count=1).code == "481516"

def test_a_second_test_sees_an_inbox_of_its_own(smsmanager_sandbox):
    smsmanager_sandbox.assert_not_sent()
"""
TYPED = """
from smsmanager import SendResult, Sms, SmsManager, Viber

def send(client: SmsManager) -> SendResult:
    return client.send("Hello.", to="+420777123456", flow=[Viber(ttl=5), Sms()])
"""


class ReleaseError(Exception):
    """What keeps these files from being released."""


def run(*command: str | Path, cwd: Path, fails: bool = False, umask: int = -1) -> str:
    """Run a command that knows nothing of the checkout; return what it printed."""
    hidden = ("PYTHON", "SMSMANAGER_", "VIRTUAL_ENV", "COVERAGE")
    finished = subprocess.run(  # noqa: S603 - the commands are written here
        [str(part) for part in command],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
    )
    output = finished.stdout + finished.stderr
    if bool(finished.returncode) is not fails:
        raise ReleaseError(f"{' '.join(map(str, command[:4]))} ...\n{output}")
    return output


def tool(words: str, *paths: str | Path, cwd: Path, fails: bool = False, umask: int = -1) -> str:
    """Run one of the project's own tools, in the same way."""
    name, *options = words.split()
    return run(TOOLS / name, *options, *paths, cwd=cwd, fails=fails, umask=umask)


def built(folder: Path) -> tuple[Path, Path]:
    """Return the wheel and the sdist in a folder, which has one of each."""
    wheels, sdists = [*folder.glob("*.whl")], [*folder.glob("*.tar.gz")]
    if (len(wheels), len(sdists)) != (1, 1):
        raise ReleaseError(f"{folder} should hold one wheel and one sdist: run make build")
    return wheels[0], sdists[0]


def check_tag(tag: str, version: str, changelog: str) -> None:
    """Compare a tag with the version that was built, and with the newest section of the changelog."""
    newest = re.search(r"^## (?!Unreleased)(.*)$", changelog, re.MULTILINE)
    section = newest[1] if newest else "missing"
    dated = re.fullmatch(r"(.+) - \d{4}-\d\d-\d\d", section)
    if not tag == f"v{version}" == f"v{dated and dated[1]}":
        raise ReleaseError(
            f"the tag is {tag}, the version {version}, the changelog's section {section}"
        )


def check_form(wheel: Path, sdist: Path, folder: Path) -> None:
    """Check the metadata, the page that an index shows, and that nothing lies in a wrong place."""
    tool("twine check --strict", wheel, sdist, cwd=folder)
    # W002: the two generated packages share files. W004: the name of a migration begins with digits.
    options = f"--no-config --ignore=W002,W004 --toplevel={PACKAGES}"
    tool(f"check-wheel-contents {options}", wheel, cwd=folder)


def check_same_bytes(wheel: Path, sdist: Path, folder: Path) -> None:
    """Build again from what the sdist holds, at another place, and as a user who shares no files."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    [source] = (folder / "unpacked").iterdir()
    again = folder / "again"
    tool("python -m build --no-isolation --outdir", again, source, cwd=folder, umask=0o077)
    for one, other in zip((wheel, sdist), built(again), strict=True):
        if one.read_bytes() != other.read_bytes():
            raise ReleaseError(f"{one.name} is not the same when it is built again")


def check_bare(wheel: Path, folder: Path) -> None:
    """Install the wheel alone as a user does: with pip, and with the newest versions."""
    tool("python -m venv", folder / "bare", cwd=folder)
    python = folder / "bare" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    sys.stdout.write(run(python, "-W", "error", "-c", BARE, cwd=folder))


def environment(folder: Path, name: str, *requirements: str) -> Path:
    """Make an environment with the locked versions of what is asked for; return its Python."""
    python = folder / name / "bin" / "python"
    tool("uv venv --quiet --python", sys.executable, folder / name, cwd=folder)
    where = ("--python", python, "--constraint", LOCK)
    tool("uv pip install --quiet", *where, *requirements, cwd=folder)
    return python


def check_extra(wheel: Path, extra: str, folder: Path) -> None:
    """Use an extra where nothing but it is installed."""
    python = environment(folder, extra, f"smsmanager[{extra}] @ {wheel.as_uri()}")
    run(python, "-W", "error", "-c", EXTRAS[extra], cwd=folder / extra)


def check_demo_and_plugin(wheel: Path, folder: Path) -> None:
    """Run the demo, and the tests of a program that uses the pytest plugin."""
    python = environment(folder, "plugin", f"smsmanager[sandbox] @ {wheel.as_uri()}", "pytest")
    shutil.copy(ROOT / "examples" / "demo.py", folder)
    said = run(python, "-W", "error", "demo.py", cwd=folder)
    if "recipients accepted; the sandbox received" not in said:
        raise ReleaseError(f"the demo did not come to its end\n{said}")
    (folder / "test_code.py").write_text(PLUGIN_TEST, encoding="utf-8")
    said = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_code.py", cwd=folder)
    if "2 passed" not in said:
        raise ReleaseError(said)


def check_types(python: Path, folder: Path) -> None:
    """Check the types of a right program and of a wrong one against what is installed."""
    mypy = "mypy --strict --config-file= --cache-dir=types --python-executable"
    (folder / "right.py").write_text(TYPED, encoding="utf-8")
    (folder / "wrong.py").write_text(TYPED.replace("ttl=5", 'ttl="5"'), encoding="utf-8")
    tool(mypy, python, "right.py", cwd=folder)
    said = tool(mypy, python, "wrong.py", cwd=folder, fails=True)
    if "[arg-type]" not in said:
        raise ReleaseError(f"mypy does not see the types of what is installed\n{said}")


def check_types_and_write_bill(wheel: Path, extras: list[str], bill: Path, folder: Path) -> None:
    """Check the types, and write the bill of materials, where every extra is installed."""
    whole = f"smsmanager[{','.join(extras)}] @ {wheel.as_uri()}"
    python = environment(folder, "everything", whole)
    check_types(python, folder)
    write_bill(python, bill, folder)


def write_bill(python: Path, bill: Path, folder: Path) -> None:
    """Write the software bill of materials: what the library brings with all its extras."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    # Said here, because cyclonedx-py does not look where hatchling takes it from.
    version = f'version = "{bill.name.split("-")[1].removesuffix(".cdx.json")}"'
    # In a folder of its own: pytest, which runs beside this, would read it as its configuration.
    described = folder / "described" / "pyproject.toml"
    described.parent.mkdir()
    described.write_text(text.replace('dynamic = ["version"]', version), encoding="utf-8")
    options = ("--pyproject", described, "--output-file", bill)
    command = "cyclonedx-py environment --mc-type library --output-reproducible"
    tool(command, *options, python, cwd=folder)


def main(arguments: list[str]) -> int:
    """Check the files in `dist/`; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.release_check", description=__doc__)
    parser.add_argument("--tag", help="the tag that is released")
    tag = parser.parse_args(arguments).tag
    wheel, sdist = built(ROOT / "dist")
    version = wheel.name.split("-")[1]
    if tag:
        check_tag(tag, version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = sorted(project["optional-dependencies"])
    bill = wheel.with_name(f"smsmanager-{version}.cdx.json")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_form(wheel, sdist, folder)
        check_same_bytes(wheel, sdist, folder)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            # The slowest first.
            checks = [pool.submit(check_types_and_write_bill, wheel, extras, bill, folder)]
            checks += [pool.submit(check_demo_and_plugin, wheel, folder)]
            checks += [pool.submit(check_bare, wheel, folder)]
            checks += [pool.submit(check_extra, wheel, extra, folder) for extra in extras]
            for check in checks:
                check.result()
    sys.stdout.write(f"{wheel.name} and {sdist.name} are fit for release; see {bill.name}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ReleaseError as error:
        sys.exit(str(error))
