"""Message texts with variables.

In `Hello {name}.`, `{name}` is replaced with the value in the column `name`; `{{` and `}}` are literal
braces. There are no expressions, attributes or formats. A value is inserted as it is, so braces in it stay
braces.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Self

import attrs

from smsmanager.campaigns._input.number_repair import cell_text
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TOKEN = re.compile(r"(\{\{)|(\}\})|\{([^{}]*)\}|([{}])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


class MissingValueError(ValueError):
    """A variable of the text has no value in a row; `name` is the variable as written in the text."""

    def __init__(self, name: str) -> None:
        """Keep the name."""
        super().__init__(f"the text needs {{{name}}}, which is empty")
        self.name = name


def plain_name(name: str) -> str:
    """Return a column name as names are compared: no accents, lower case, one underscore for the rest.

    `"Křestní jméno "` becomes `"krestni_jmeno"`.
    """
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NO_LETTER.sub("_", bare).strip("_") or bare.strip()


@attrs.frozen(repr=False)
class Template:
    """One text with variables.

    Attributes:
        literals: The text before, between and after the variables: one more than `names`.
        names: The variables in order, as written in the text.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...]

    def __repr__(self) -> str:
        """Show the variables, not the text."""
        return f"Template(names={self.names!r})"

    @classmethod
    def parse(cls, text: str, what: str = "The text") -> Self:
        """Read a text.

        Args:
            text: The text, with `{name}` for a variable.
            what: Name of the text in errors.

        Raises:
            InputError: If there is a single brace, a variable has no name, or the text is empty.
        """
        if not text.strip():
            raise InputError(f"{what} is empty.")
        literals, names, end = [""], list[str](), 0
        for found in _TOKEN.finditer(text):
            literals[-1] += text[end : found.start()]
            end = found.end()
            opened, closed, name, alone = found.groups()
            if opened or closed:
                literals[-1] += "{" if opened else "}"
            elif alone:
                msg = (
                    f"{what} has a single {alone} at character {found.start() + 1}. Write a variable as "
                    f"{{name}}, and a literal brace twice: {alone}{alone}."
                )
                raise InputError(msg)
            elif not name.strip():
                msg = f"{what} has {{}} without a name at character {found.start() + 1}."
                raise InputError(msg)
            else:
                names.append(name.strip())
                literals.append("")
        literals[-1] += text[end:]
        return cls(tuple(literals), tuple(names))

    def bind(self, header: Sequence[str]) -> BoundTemplate:
        """Find the column of each variable.

        Raises:
            InputError: If a variable names no column, or more than one.
        """
        columns = [find_column(name, header) for name in self.names]
        unknown = list(dict.fromkeys(n for n, c in zip(self.names, columns, strict=True) if not c))
        if unknown:
            names = ", ".join(f"{{{name}}}" for name in unknown)
            listed = ", ".join(name for name in header if name)
            msg = f"There is no column for {names}. The columns are: {listed}."
            raise InputError(msg)
        for name, found in zip(self.names, columns, strict=True):
            if len(found) > 1:
                raise InputError(f"More than one column is called {name}.")
        pattern = "%s".join(literal.replace("%", "%%") for literal in self.literals)
        return BoundTemplate(pattern, tuple(found[0] for found in columns), self.names)


def find_column(name: str, header: Sequence[str]) -> list[int]:
    """Return the positions of the columns with a name: exact matches, else matches by `plain_name`."""
    exact = [index for index, column in enumerate(header) if column == name]
    wanted = plain_name(name)
    return exact or [index for index, column in enumerate(header) if plain_name(column) == wanted]


@attrs.frozen(repr=False)
class BoundTemplate:
    """A template whose variables are positions in a row.

    Attributes:
        pattern: The text as a pattern for the `%` operator, the fastest way to fill it in.
        columns: The position of each variable.
        names: The variables, as written in the text.
    """

    pattern: str
    columns: tuple[int, ...]
    names: tuple[str, ...]

    def render(self, cells: Sequence[Any]) -> str:
        """Return the text for a row; white space around a value is removed.

        Args:
            cells: The row, as long as the header.

        Raises:
            MissingValueError: If a value is empty, or is not a plain value.
        """
        values = []
        for column in self.columns:
            cell = cells[column]
            if not isinstance(cell, str):
                cell = "" if isinstance(cell, (dict, list)) else cell_text(cell)
            values.append(cell.strip())
        if "" in values:
            raise MissingValueError(self.names[values.index("")])
        return self.pattern % tuple(values)


@attrs.frozen
class Texts:
    """The text of a campaign, and optionally others for some languages.

    Attributes:
        default: For rows without a language, and for languages without a text of their own.
        by_language: Other texts, by language in lower case, such as `"cs"` or `"pt-br"`.
    """

    default: Template | None
    by_language: Mapping[str, Template] = attrs.field(factory=dict[str, Template])

    @classmethod
    def parse(cls, default: str | None, by_language: Iterable[tuple[str, str]] = ()) -> Self:
        """Read the texts.

        Args:
            default: The text for all other rows; None if every row has to name one of the languages.
            by_language: Languages and their texts.

        Raises:
            InputError: If there is no text at all, a language is given twice, or a text cannot be read.
        """
        found: dict[str, Template] = {}
        for language, text in by_language:
            name = language_name(language)
            if name in found:
                raise InputError(f"There are two texts for the language {name}.")
            found[name] = Template.parse(text, f"The text for the language {name}")
        if default is None and not found:
            raise InputError("There is no text.")
        return cls(None if default is None else Template.parse(default), found)

    def bind(self, header: Sequence[str]) -> tuple[BoundTemplate | None, dict[str, BoundTemplate]]:
        """Find the columns of every text's variables.

        Raises:
            InputError: If a variable names no column, or more than one.
        """
        default = None if self.default is None else self.default.bind(header)
        return default, {name: text.bind(header) for name, text in self.by_language.items()}


def language_name(language: str) -> str:
    """Return a language as languages are compared: `"cs_CZ "` becomes `"cs-cz"`."""
    return language.strip().lower().replace("_", "-")
