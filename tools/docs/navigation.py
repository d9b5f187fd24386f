"""Places in the navigation for pages that need not be there.

A line of a `toctree` that ends with a question mark, such as `cookbook/*?`, counts if there is such a page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_TOCTREE = re.compile(r"^```\{toctree\}\n.*?^```$", re.DOTALL | re.MULTILINE)
_OPTIONAL = re.compile(r"^([\w/*-]+)\?\n", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _without_missing_pages)
    return {"parallel_read_safe": True}


def _without_missing_pages(app: Sphinx, _docname: str, source: list[str]) -> None:
    def kept(line: re.Match[str]) -> str:
        return f"{line[1]}\n" if any(Path(app.srcdir).glob(f"{line[1]}.md")) else ""

    source[0] = _TOCTREE.sub(lambda tree: _OPTIONAL.sub(kept, tree[0]), source[0])
