"""Every Python snippet of the pages runs as it stands."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def snippets(page: Path) -> list[str]:
    """Return the Python snippets of a page, in order."""
    return re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


PAGES = [
    page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if snippets(page)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_run(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a page sets is gone afterwards.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    found = snippets(page)
    # One namespace a page: a reader goes from top to bottom as well.
    namespace: dict[str, Any] = {"__name__": "snippet"}
    try:
        for number, code in enumerate(found, start=1):
            exec(compile(code, f"{page.name}, snippet {number}", "exec"), namespace)  # noqa: S102 - our own pages
    finally:
        for value in list(namespace.values()):
            stop = getattr(value, "stop", None) or getattr(value, "close", None)
            if callable(stop) and hasattr(type(value), "__exit__"):
                stop()
    if page.name == "README.md":
        printed = capsys.readouterr().out
        assert "420777123456 accepted" in printed
        assert "421905123456 accepted" in printed
        assert "body: has 1001 characters" in printed
        assert "True " in printed
