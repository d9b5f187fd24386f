"""How the documentation site is built: `make docs`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The tree that is documented, even where another one is installed.
sys.path[:0] = [str(ROOT), str(ROOT / "wrapper"), str(ROOT / "generated_client")]

from smsmanager import __version__  # noqa: E402 - from the tree above

project = "smsmanager"
author = "smsmanager maintainers"
copyright = "smsmanager maintainers, MIT licence"  # noqa: A001 - Sphinx's name
release = version = os.environ.get("SMSMANAGER_DOCS_VERSION", __version__)
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "tools.docs.public_names",
    "tools.docs.search_words",
    "tools.docs.spelling",
]
nitpicky = True
templates_path = ["_templates"]
exclude_patterns = ["_templates", "_static"]

myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
smartquotes = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "smsmanager"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_search_scorer = str(ROOT / "docs" / "_static" / "search_scores.js")
html_show_sourcelink = False
html_copy_source = False
html_context = {
    "versions": os.environ.get("SMSMANAGER_DOCS_VERSIONS", version).split(),
    "this_version": version,
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/versions.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
copybutton_prompt_text = "$ "
pygments_style = "friendly"
pygments_dark_style = "github-dark"
