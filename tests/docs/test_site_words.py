"""The extensions that the site is built with: spelling, search words, docstrings."""

from __future__ import annotations

from typing import Any

from spellchecker import SpellChecker

from tools.docs import public_names, search_words, spelling


def test_a_misspelt_word_is_found_and_code_is_not() -> None:
    assert spelling.misspelt("The mesage was recieved, twice.") == ["mesage", "recieved"]
    assert spelling.misspelt("The service's webhooks, smsmanager.asking, max_ids and Viber.") == []


def test_every_accepted_word_is_one_that_the_dictionary_lacks() -> None:
    words = spelling.WORDS.read_text(encoding="utf-8").split()
    assert words == sorted(set(words))
    assert all(word.islower() for word in words)
    checker = SpellChecker()
    assert sorted(checker.unknown(words)) == words


def test_search_words_become_main_entries_of_the_index() -> None:
    source = ["# Title\n\n<!-- search: resend; send again -->\n\nText. <!-- not this -->\n"]
    app: Any = None
    search_words._as_index_entries(app, "page", source)
    assert "   ! single: resend\n   ! single: send again\n" in source[0]
    assert "   :keywords: again, resend, send\n" in source[0]
    assert "<!-- not this -->" in source[0]


def test_markdown_in_a_docstring_becomes_what_sphinx_reads() -> None:
    lines = [
        "Use `with`, or `<id>-0`.",
        "",
        "```python",
        "a = 1",
        "```",
        "  type_: A.",
        "  a_b: C.",
    ]
    nothing: Any = None
    public_names._docstring(nothing, "class", "a.B", nothing, nothing, lines)
    assert lines == [
        "Use :py:obj:`with`, or ``<id>-0``.",
        "",
        ".. code-block:: python",
        "",
        "   a = 1",
        "",
        r"  type\_: A.",
        "  a_b: C.",
    ]
