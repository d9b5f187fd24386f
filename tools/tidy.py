"""Refuse files with trailing space, marks of a merge, no final line end, or broken YAML, TOML or JSON.

`python -m tools.tidy FILE...` names each defect and exits with 1 when there is one.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

GENERATED = "generated_client/smsmanager_"
MERGE_MARKS = ("<" * 7 + " ", ">" * 7 + " ")
PARSERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def defects(path: Path) -> list[str]:
    """Return what is wrong with one file."""
    text = path.read_text(encoding="utf-8")
    found = [
        f"{path}:{number}: trailing space"
        for number, line in enumerate(text.split("\n"), start=1)
        if line != line.rstrip(" \t\r")
    ]
    found += [
        f"{path}:{number}: the mark of a merge"
        for number, line in enumerate(text.split("\n"), start=1)
        if line.startswith(MERGE_MARKS)
    ]
    if text and not text.endswith("\n"):
        found.append(f"{path}: no line end at the end")
    if text.endswith("\n\n"):
        found.append(f"{path}: empty lines at the end")
    parse = PARSERS.get(path.suffix)
    if parse is not None:
        try:
            parse(text)
        except (ValueError, yaml.YAMLError) as error:
            found.append(f"{path}: {error}")
    return found


def main(names: list[str]) -> int:
    """Check the files that are named; return an exit code."""
    paths = [Path(name) for name in names if GENERATED not in name]
    found = [defect for path in paths for defect in defects(path)]
    for defect in found:
        sys.stderr.write(f"{defect}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
