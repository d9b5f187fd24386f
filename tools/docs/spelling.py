"""A warning for each misspelt word of the pages and docstrings; what is code is left out.

Words that are right and that the dictionary lacks are in `docs/words.txt`, one in a line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from spellchecker import SpellChecker
from sphinx import addnodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORDS = Path(__file__).resolve().parents[2] / "docs" / "words.txt"
_WORD = re.compile(r"(?<![\w./@{-])[A-Z]?[a-z]{2,}(?:'[a-z]+)?(?![\w/@}]|\.\w)")
_CODE = (
    nodes.literal,
    nodes.literal_block,
    nodes.raw,
    nodes.comment,
    addnodes.desc_signature,
    addnodes.literal_strong,
    addnodes.literal_emphasis,
)
_OTHER_LANGUAGES = re.compile(r"(^|/)cs\b|[-_]cs$")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-resolved", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def misspelt(text: str) -> list[str]:
    """Return the words of a text that are neither in the dictionary nor in `docs/words.txt`."""
    words = {word.removesuffix("'s") for word in _WORD.findall(text.replace("\u2019", "'"))}
    return sorted(_dictionary().unknown(words))


_loaded: list[SpellChecker] = []


def _dictionary() -> SpellChecker:
    if not _loaded:
        checker = SpellChecker()
        checker.word_frequency.load_words(WORDS.read_text(encoding="utf-8").split())
        _loaded.append(checker)
    return _loaded[0]


def _check(_app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if _OTHER_LANGUAGES.search(docname):
        return
    for node in doctree.findall(nodes.Text):
        if any(isinstance(above, _CODE) for above in _above(node)):
            continue
        for word in misspelt(node.astext()):
            logging.getLogger(__name__).warning(
                "misspelt, or missing in docs/words.txt: %s",
                word,
                location=node.parent,
                type="spelling",
            )


def _above(node: nodes.Node) -> list[nodes.Node]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found
