"""Write the programs of `examples/` into the pages of the cookbook.

A block that begins with ```` ```python title="examples/one_time_codes/app.py" ```` holds that file.
With `--check` nothing is written, and stale pages are named.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r'^(```\w+ title="(examples/[^"]+)"\n).*?^```$', re.DOTALL | re.MULTILINE)


def filled(page: str) -> str:
    """Return the text of a page, with each program as it is now."""

    def fill(found: re.Match[str]) -> str:
        return f"{found[1]}{(ROOT / found[2]).read_text('utf-8')}```"

    return _BLOCK.sub(fill, page)


def main(arguments: list[str]) -> int:
    """Fill in the pages, or say which are stale; return an exit code."""
    stale = 0
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text("utf-8")
        if filled(text) == text:
            continue
        if "--check" in arguments:
            stale = 1
            print(f"{path.relative_to(ROOT)} is stale: run python -m tools.cookbook")
        else:
            path.write_text(filled(text), "utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
