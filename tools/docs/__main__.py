"""Build the documentation site without the network: `make docs`.

`python -m tools.docs` builds the tree that it belongs to; every warning is an error. `--versions` also builds
each released version (each tag `v...` that has a site), and the sidebar of each links to the others.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
HERE = "dev"
_REDIRECT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>smsmanager</title>
<meta http-equiv="refresh" content="0; url={version}/index.html">
<a href="{version}/index.html">The documentation of smsmanager, version {version}</a>
</html>
"""


def main(arguments: list[str] | None = None) -> int:
    """Build the site; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--output", type=Path, default=SITE, help="the folder of the site")
    parser.add_argument(
        "--versions", action="store_true", help="build every released version as well"
    )
    parser.add_argument("--draft", action="store_true", help="warnings are not errors")
    given = parser.parse_args(arguments)
    released = _released() if given.versions else []
    versions = [HERE, *released]
    failed = _build(ROOT, HERE, versions, given.output, draft=given.draft)
    for version in released:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder, version)
            _git("worktree", "add", "--detach", "--quiet", str(tree), f"v{version}")
            try:
                # As it was released: a newer Sphinx may warn where an older one did not.
                failed |= _build(tree, version, versions, given.output, draft=True)
            finally:
                _git("worktree", "remove", "--force", str(tree))
    first = released[0] if released else HERE
    (given.output / "index.html").write_text(_REDIRECT.format(version=first), encoding="utf-8")
    if not failed:
        sys.stdout.write(f"Open {given.output / 'index.html'}\n")
    return failed


def _build(tree: Path, version: str, versions: list[str], output: Path, *, draft: bool) -> int:
    """Build one version into a folder of its own; return an exit code."""
    strict = [] if draft else ["--fail-on-warning", "--keep-going"]
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", *strict]
    # What was read before would hide a warning.
    command += ["--fresh-env", "--jobs", "auto", "--doctree-dir", str(output / f".{version}")]
    surroundings = {
        **os.environ,
        "SMSMANAGER_DOCS_VERSION": version,
        "SMSMANAGER_DOCS_VERSIONS": " ".join(versions),
        # Whatever a terminal of the reader looks like.
        "NO_COLOR": "1",
        "COLUMNS": "80",
    }
    return subprocess.call([*command, "docs", str(output / version)], cwd=tree, env=surroundings)  # noqa: S603


def _released() -> list[str]:
    """Return the released versions that have a site, the newest first."""
    tags = _git("tag", "--list", "v*", "--sort=-version:refname").split()
    plain = [tag for tag in tags if re.fullmatch(r"v\d+(\.\d+)*", tag)]
    return [tag[1:] for tag in plain if _git("ls-tree", tag, "docs/conf.py")]


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
