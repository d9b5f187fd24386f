"""Variables in the syntax of other programs, which would be sent verbatim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# In a look-ahead, because the mark that closes one match may open the next: 100 % of %name%.
_PLACEHOLDER = re.compile(
    r"""(?=(
      \{\{+ ([^{}]{1,60}) \}\}+       # Jinja, Handlebars, Liquid
    | \$\{ ([^{}]{1,60}) \}          # shells, JavaScript
    | %\( ([^(){}]{1,60}) \)s?          # Python
    | %% ([^%{}]{1,60}) %%
    | % ([^%{}]{1,60}) %                # Windows
    | \(\( ([^(){}]{1,60}) \)\)
    | \[+ ([^\[\]{}]{1,60}) \]+
    | <+ ([^<>{}]{1,60}) >+
    | « ([^«»{}]{1,60}) »               # Word
    | \*?\| ([^|{}]{1,60}) \|\*?        # Mailchimp
    | \#+ ([^\#{}]{1,60}) \#+
    | \$ (\w{1,60}) \$?               # Perl
    ))""",
    re.VERBOSE,
)
# The variables of this library, whatever their names contain.
_VARIABLE = re.compile(r"(?<![{$])\{[^{}]*\}(?!\})")
_STEPS = re.compile(r"[.|:]")


def foreign_placeholder(
    text: str, names: Iterable[str], plain: Callable[[str], str]
) -> tuple[str, str] | None:
    """Return the first placeholder of another program around the name of a column, and that name.

    Args:
        text: The text, in which `{name}` is a variable.
        names: The names of columns.
        plain: Returns a name in the form in which names are compared.
    """
    columns = {plain(name): name for name in names if name.strip()}
    for found in _PLACEHOLDER.finditer(_VARIABLE.sub("{}", text)):
        whole, *inner = found.groups()
        content = next(part for part in inner if part is not None)
        # Braces may contain a path, or a filter after a bar.
        for part in (content, *(_STEPS.split(content) if "{" in whole else ())):
            if (name := columns.get(plain(part))) is not None:
                return whole, name
    return None
