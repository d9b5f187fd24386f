"""Further words under which the search finds a page or a section.

A line `<!-- search: resend; send again -->` in a page becomes entries of the index, which the search of the
site weighs most, and each of its words counts as if the page had it. Elsewhere, such as in an editor, it is a
comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LINE = re.compile(r"^<!-- search: (.+?) -->$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", _as_index_entries)
    return {"parallel_read_safe": True}


def _as_index_entries(_app: Sphinx, _docname: str, source: list[str]) -> None:
    source[0] = _LINE.sub(_directive, source[0])


def _directive(line: re.Match[str]) -> str:
    # An exclamation mark makes an entry a main one; others come after every other result.
    entries = [f"   ! single: {words.strip()}" for words in line[1].split(";")]
    keywords = sorted(set(re.findall(r"\w+", line[1].lower())))
    meta = ["", ".. meta::", f"   :keywords: {', '.join(keywords)}"]
    return "\n".join(["```{eval-rst}", ".. index::", *entries, *meta, "```"])
