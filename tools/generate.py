"""Rebuild the packages of `generated_client` from the descriptions of the service.

`python -m tools.generate` replaces each package. `python -m tools.generate --check` generates into a
temporary folder instead, names every file that differs and exits with 1.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from importlib.resources import files
from pathlib import Path
from textwrap import fill, indent
from typing import Any

import yaml

from tools.field_words import snake, with_words, words

ROOT = Path(__file__).resolve().parents[1]
# The generator ignores the servers of an operation, and two paths are in both APIs: so each has its package.
PACKAGES = {"openapi.yaml": "smsmanager_jsonapi", "openapi-rest.yaml": "smsmanager_rest"}
GENERATED = ROOT / "generated_client"
CONFIG = ROOT / "generator-config.yml"
TEMPLATES = ROOT / "generator-templates"
REFUSAL = """\
{% if not model.additional_properties and model.required_properties + model.optional_properties %}
        refuse_unknown(cls, d)

{% endif %}
"""
FIELDS = """\
    {% if model.required_properties + model.optional_properties %}
Attributes:
    {% for property in model.required_properties + model.optional_properties %}
    {% set description = property.description | safe_for_docstring %}
    {{ (property.python_name ~ ": " ~ description) | wordwrap(96, false) | indent(8) }}
"""
# What is changed in the generator's own template of a model: its docstring describes the fields as well, for
# signature help and `help()`, which leaves out what attrs adds; no text and no number is printed; and a
# request refuses fields that it does not have, instead of leaving them out without a word.
MODEL_CHANGES = (
    (
        "from ..types import UNSET, Unset\n",
        "from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown\n",
    ),
    ("class {{ class_name }}:\n", "class {{ class_name }}(metaclass=ModelType):\n"),
    (
        """\
    {% if (not config.docstrings_on_attributes) and \
(model.required_properties or model.optional_properties) %}
    Attributes:
    {% for property in model.required_properties + model.optional_properties %}
        {{ property.to_docstring() | wordwrap(112) | indent(12) }}
""",
        FIELDS,
    ),
    ("        {{ module_name }} = cls(\n", REFUSAL + "        {{ module_name }} = cls(\n"),
    ("    def to_dict(self)", "    __repr__ = masked_repr\n\n    def to_dict(self)"),
)
# What `smsmanager.compose` takes in a form of its own, such as `at` for `datetime`.
WITH_A_FORM_OF_THEIR_OWN = frozenset(
    ("to", "body", "flow", "datetime", "delivery_time", "callback", "payload", "params")
)
MESSAGE_FIELDS = '''\
"""Fields of a message as keywords and as a JSON object, as editors complete and describe them.

Generated from `openapi.yaml` by `make generate`; do not edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from .models import *  # noqa: F403
'''
PLAIN_FIELDS = '''

class PlainFields(TypedDict, total=False):
    """Fields of a message that are keywords as they are. None means unset."""

'''
WINDOW_FIELDS = '''

class WindowFields(TypedDict, total=False):
    """The fields of a `DeliveryWindow`. None means unset."""

'''
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


def generate(description: str, folder: Path) -> int:
    """Generate the package of a description into a folder, replacing what is there; return an exit code."""
    spec = yaml.safe_load((ROOT / description).read_text(encoding="utf-8"))
    if repeated := repeated_operation_ids(spec):
        sys.stderr.write(f"{description}: operationId used more than once: {', '.join(repeated)}\n")
        return 1
    target = folder / PACKAGES[description]
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        # Only a whole package replaces the one that is there.
        fresh = Path(beside) / target.name
        if code := _run_generator(description, with_words(spec), fresh):
            return code
        (fresh / "py.typed").touch()
        if code := _write_message_fields(spec, fresh):
            return code
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(fresh, target)
    return 0


def _run_generator(description: str, spec: dict[str, Any], target: Path) -> int:
    # The post hooks call `ruff` by name: the pinned one beside this interpreter decides the bytes.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    config = target.with_suffix(".yml")
    names = f"package_name_override: {target.name}\nproject_name_override: {description}\n"
    config.write_text(CONFIG.read_text(encoding="utf-8") + names, encoding="utf-8")
    described = target.parent / description
    described.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    templates = target.parent / "templates"
    shutil.copytree(TEMPLATES, templates)
    (templates / "model.py.jinja").write_text(_model_template(), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(described), "--config", str(config), "--output-path", str(target)),
        *("--custom-template-path", str(templates)),
        *("--meta", "none", "--overwrite", "--fail-on-warning"),
    ]
    finished = subprocess.run(  # noqa: S603 - the command is ours, word for word
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    # The generator warns that the custom templates are "unstable" on every run; nobody can act on it.
    if finished.returncode:
        sys.stderr.write(finished.stdout + finished.stderr)
    return finished.returncode


def _write_message_fields(spec: dict[str, Any], package: Path) -> int:
    """Write the fields of a message that keywords describe as they are, for editors to complete."""
    if not (package / "models" / "message.py").exists():
        return 0
    target = package / "message_fields.py"
    text = MESSAGE_FIELDS + PLAIN_FIELDS
    text += _typed_fields(spec, package, "Message", WITH_A_FORM_OF_THEIR_OWN)
    text += WINDOW_FIELDS + _typed_fields(spec, package, "DeliveryWindow")
    target.write_text(text, encoding="utf-8")
    ruff, how = [sys.executable, "-m", "ruff"], ["--isolated", "--no-cache", "--line-length", "100"]
    for command in (
        ["check", "--fix-only", "--quiet", "--select", "F401,I"],
        ["format", "--quiet"],
    ):
        if code := subprocess.call([*ruff, *command, *how, str(target)]):  # noqa: S603
            return code
    return 0


def _typed_fields(
    spec: dict[str, Any], package: Path, name: str, left_out: frozenset[str] = frozenset()
) -> str:
    """Return the optional fields of a generated model as those of a `TypedDict`, each with its words."""
    made = (package / "models" / f"{snake(name)}.py").read_text(encoding="utf-8")
    types = dict(re.findall(r"^    (\w+): (.+) \| Unset = UNSET$", made, re.MULTILINE))
    names = re.findall(r'^            field_dict\["(\w+)"\] = (\w+)$', made, re.MULTILINE)
    described = spec["components"]["schemas"][name]["properties"]
    fields = [
        f"{field}: {types[field]} | None\n{quoted(words(described[wire], spec))}\n"
        for wire, field in names
        if wire not in left_out
    ]
    return indent("".join(fields), " " * 4)


def quoted(text: str) -> str:
    """Return a text as a docstring of lines that are not too long."""
    return fill(f'"""{text}"""', width=96, break_long_words=False, break_on_hyphens=False)


def _model_template() -> str:
    text = (files("openapi_python_client") / "templates" / "model.py.jinja").read_text("utf-8")
    for own, changed in MODEL_CHANGES:
        if text.count(own) != 1:
            raise RuntimeError(f"the generator's template no longer holds {own!r} once")
        text = text.replace(own, changed)
    return text


def stale_files(committed: Path, fresh: Path) -> list[str]:
    """Return the relative paths of files that differ, are missing or should not be there."""

    def names(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    ours, theirs = names(committed), names(fresh)
    differing = {
        name
        for name in ours & theirs
        if not filecmp.cmp(committed / name, fresh / name, shallow=False)
    }
    return sorted((ours ^ theirs) | differing)


def check(description: str) -> int:
    """Compare the committed package of a description with a fresh one; return an exit code."""
    package = PACKAGES[description]
    with tempfile.TemporaryDirectory() as folder:
        if code := generate(description, Path(folder)):
            return code
        stale = stale_files(GENERATED / package, Path(folder) / package)
    for name in stale:
        sys.stderr.write(f"stale: generated_client/{package}/{name}\n")
    if stale:
        sys.stderr.write("Run `make generate` and commit the result.\n")
    return 1 if stale else 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    only_check = parser.parse_args(arguments).check
    return max(check(name) if only_check else generate(name, GENERATED) for name in PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
