"""The reference, by the names that a user imports.

`.. public-names:: smsmanager.asking` documents every public name of a package, or those of `:only:`.
Annotations name a class by the module that defines it, or by its bare name; links lead to where the reference
has it. What belongs to another library, or to Python, stays without a link.
"""

from __future__ import annotations

import inspect
import re
from enum import Enum
from importlib import import_module
from textwrap import indent
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.domains.python._object import PyObject
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# The name of a field such as `datetime_`, which would be a reference.
_UNDERSCORE = re.compile(r"^( +\w+)_(?=: )", re.MULTILINE)
_MEMBERS = {"attribute", "method", "property"}
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(\))?")
_PLUMBING = "to_dict, from_dict, additional_properties, additional_keys, with_traceback, add_note"


_as_written: dict[str, list[str]] = {}


class PublicNames(SphinxDirective):
    """Documents the public names of a package."""

    required_arguments = 1
    option_spec: ClassVar[Any] = {"only": directives.unchanged, "except": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the entries of the reference."""
        package = self.arguments[0]
        found = import_module(package)
        names = self.options.get("only", "").split() or list(found.__all__)
        left_out = self.options.get("except", "").split()
        lines: list[str] = []
        for name in names:
            if name not in left_out:
                lines += _entry(f"{package}.{name}", getattr(found, name))
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(StringList(lines, source=package), self.content_offset, section)
        return section.children


def _entry(path: str, documented: object) -> list[str]:
    """Return the lines that document one name."""
    if not isinstance(documented, type):
        if callable(documented):
            return [f".. autofunction:: {path}", ""]
        kind = type(documented)
        return [f".. py:data:: {path}", f"   :type: {kind.__module__}.{kind.__qualname__}", ""]
    lines = [f".. autoclass:: {path}", "   :members:", f"   :exclude-members: {_PLUMBING}"]
    if "Attributes:" in (documented.__doc__ or "") and not documented.__module__.startswith(
        "smsmanager."
    ):
        # A generated class: its fields are in its docstring.
        del lines[1:]
    elif issubclass(documented, Enum):
        lines.append("   :undoc-members:")
    elif issubclass(documented, Exception):
        lines[0] = f".. autoexception:: {path}"
        lines.append("   :show-inheritance:")
    elif documented.__module__.startswith("smsmanager."):
        lines.append("   :inherited-members: object, dict, tuple, str, int")
    return [*lines, ""]


class Links(SphinxPostTransform):
    """Links names of the reference, before Sphinx looks for the very path that was written."""

    default_priority = 5

    def run(self, **_options: Any) -> None:
        """Replace every reference to a Python name, by a link or by its text alone."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refdomain") == "py":
                shown = node[0].deepcopy()
                node.replace_self(self._link(node, shown) or shown)
        for text in list(self.document.findall(nodes.Text)):
            # Sphinx writes it behind the name of a field.
            if text == " -- ":
                text.parent.replace(text, nodes.Text(" \u2013 "))

    def _link(self, node: addnodes.pending_xref, content: Any) -> nodes.Node | None:
        target = str(node["reftarget"]).removesuffix("()").lstrip("~.")
        found = _places(self.env).get(target.rpartition(".")[2], [])
        if node["reftype"] == "obj":
            # A word of a docstring: only what is written in full, or is not a mere field, is a link.
            found = [one for one in found if f".{one[0]}".endswith(f".{target}")]
            found = [one for one in found if "." in target or one[1].objtype not in _MEMBERS]
        here = str(node.get("py:module") or "smsmanager")
        # The own package first, then what a user imports, then what is generated.
        best = min(
            found,
            key=lambda one: (not one[0].startswith(f"{here}."), one[1].objtype in _MEMBERS, one[0]),
            default=None,
        )
        if best is None:
            return None
        name, entry = best
        return make_refnode(
            self.app.builder, self.env.docname, entry.docname, entry.node_id, content, name
        )


def _places(env: BuildEnvironment) -> dict[str, list[tuple[str, Any]]]:
    """Return the entries of the reference by their last name."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, entry in env.domains.python_domain.objects.items():
        if name.startswith("smsmanager") and not entry.aliased:
            found.setdefault(name.rpartition(".")[2], []).append((name, entry))
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("public-names", PublicNames)
    for kind in PyObject.doc_field_types:
        if kind.name == "variable":
            kind.label = "Attributes"
    app.connect("sphinx-click-process-description", _literal)
    app.connect("sphinx-click-process-epilog", _literal)
    app.add_post_transform(Links)
    app.connect("autodoc-process-signature", _signature)
    # Before Napoleon, which reads the sections; and after it, where there are none to read.
    app.connect("autodoc-process-docstring", _docstring, priority=400)
    app.connect("autodoc-process-docstring", _attribute, priority=600)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _signature(
    _app: Sphinx,
    _what: str,
    _name: str,
    _of: Any,
    _options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str, str | None] | None:
    if signature is None:
        return None
    signature = re.sub(r"attr_dict\['\w+'\]\.default", "UNSET", signature)
    if returns and returns.rpartition(".")[2].strip("~") == "Result":
        returns = "SendResult"
    return re.sub(r"\bUnpack\[(\w+)\]", r"\1", signature), returns


def _docstring(
    _app: Sphinx, _what: str, name: str, _of: Any, _options: Any, lines: list[str]
) -> None:
    """Turn marks of Markdown into those of reStructuredText."""
    text = _FENCE.sub(
        lambda block: f"{block[1]}.. code-block:: {block[2]}\n\n{indent(block[3], '   ')}",
        "\n".join(lines),
    )
    text = _UNDERSCORE.sub(r"\1\\_", text)
    lines[:] = re.sub(r"(?<![`:\w])`([^`]+)`(?!`)", _code, text).split("\n")
    _as_written[name] = list(lines)


def _attribute(
    _app: Sphinx, what: str, name: str, _of: Any, _options: Any, lines: list[str]
) -> None:
    # Napoleon takes the words before the first colon for a type.
    if what in {"attribute", "data", "property"}:
        lines[:] = _as_written[name]


def _code(marked: re.Match[str]) -> str:
    return f":py:obj:`{marked[1]}`" if _NAME.fullmatch(marked[1]) else f"``{marked[1]}``"


def _literal(_app: Sphinx, _context: Any, lines: list[str]) -> None:
    """Keep examples and tables of a command's help as they are printed."""
    shown: list[str] = []
    for line in lines:
        if not line.startswith("| "):
            shown.append(line)
            continue
        if not shown or not shown[-1].startswith("   "):
            shown += ["", ".. code-block:: text", ""]
        shown.append(f"   {line[2:]}")
    lines[:] = shown


def _skip(
    _app: Sphinx,
    _what: str,
    _name: str,
    member: Any,
    skip: bool,  # noqa: FBT001 - Sphinx's signature
    _options: Any,
) -> bool | None:
    # An inherited method of another library has a docstring in another markup.
    module = getattr(inspect.unwrap(member) if callable(member) else member, "__module__", None)
    if isinstance(module, str) and not module.startswith("smsmanager"):
        return True
    return skip or None
