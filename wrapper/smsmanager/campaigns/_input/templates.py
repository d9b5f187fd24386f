"""Message texts with variables.

In `Hello {name}.`, `{name}` is replaced with the value in the column `name`; `{due:%d. %m. %Y}` adds a format
(see `Format`); `{{` and `}}` are literal braces. There are no expressions or attributes. Braces in a value
stay braces.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Self

import attrs

from smsmanager.campaigns._input.cell_values import Format, UnfitValueError, value_text
from smsmanager.campaigns._input.foreign_placeholders import foreign_placeholder
from smsmanager.campaigns.campaign_errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TOKEN = re.compile(r"(\{\{)|(\}\})|\{([^{}]*)\}|([{}])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


class MissingValueError(ValueError):
    """A variable of the text has no value in a row, or one that cannot be sent.

    Attributes:
        name: The name of the column.
        reason: What is wrong, worded to follow the name.
    """

    def __init__(self, name: str, reason: str = "is empty, and the text needs it") -> None:
        """Keep the name and the reason."""
        super().__init__(f"{{{name}}} {reason}")
        self.name, self.reason = name, reason


def plain_name(name: str) -> str:
    """Return a column name in the form in which names are compared.

    Accents are removed, letters are in lower case, and any other characters become one underscore:
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
        names: The variables in order, as written in the text, with their formats.
        text: The text as it was given.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...]
    text: str = ""

    def __repr__(self) -> str:
        """Show the variables, not the text."""
        return f"Template(names={self.names!r})"

    @classmethod
    def parse(cls, text: str, what: str = "The text") -> Self:
        """Read a text.

        Args:
            text: The text, with `{name}` for a variable.
            what: How errors call the text.

        Raises:
            InputError: If there is a single brace, a variable without a name, or no text.
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
        return cls(tuple(literals), tuple(names), text)

    def bind(self, header: Sequence[str]) -> BoundTemplate:
        """Find the column of each variable.

        Raises:
            InputError: If a variable names no column or more than one, or has an invalid format, or if
                something looks like a variable of another program.
        """
        foreign = foreign_placeholder(self.text, header, plain_name)
        if foreign is not None:
            raise InputError(
                f"The text has {foreign[0]}, and {foreign[1]} is a column. For its value, write "
                f"{{{foreign[1]}}}, without other marks. If {foreign[0]} is meant literally, put a space "
                "into it, or rename the column."
            )
        found = [_column_and_format(name, header) for name in self.names]
        pairs = list(zip(self.names, found, strict=True))
        if unknown := dict.fromkeys(f"{{{name}}}" for name, (columns, _) in pairs if not columns):
            listed = ", ".join(name for name in header if name)
            msg = f"There is no column for {', '.join(unknown)}. The columns are: {listed}."
            raise InputError(msg)
        for name, (columns, _) in pairs:
            if len(columns) > 1:
                raise InputError(f"More than one column is called {name}.")
        pattern = "%s".join(literal.replace("%", "%%") for literal in self.literals)
        return BoundTemplate(
            pattern,
            tuple(columns[0] for columns, _ in found),
            tuple(header[columns[0]] for columns, _ in found),
            tuple(form for _, form in found),
        )


def _column_and_format(variable: str, header: Sequence[str]) -> tuple[list[int], Format | None]:
    """Return the columns that a variable may mean, and its format."""
    columns = find_column(variable, header)
    name, colon, form = variable.partition(":")
    if columns or not colon:
        return columns, None
    try:
        return find_column(name.strip(), header), Format(form.strip())
    except ValueError:
        msg = (
            f"{{{variable}}} has an invalid format. Write dates such as %d. %m. %Y, %-d. %-m. or %H:%M; "
            "numbers such as 0,00 or # ##0,00."
        )
        raise InputError(msg) from None


def find_column(name: str, header: Sequence[str]) -> list[int]:
    """Return the positions of the columns with a name: exact matches, else matches by `plain_name`."""
    exact = [index for index, column in enumerate(header) if column == name]
    wanted = plain_name(name)
    return exact or [index for index, column in enumerate(header) if plain_name(column) == wanted]


@attrs.frozen(repr=False)
class BoundTemplate:
    """A template whose variables are bound to positions in a row.

    Attributes:
        pattern: The text as a pattern for the `%` operator, the fastest way to fill it in.
        columns: The position of each variable.
        names: The name of each column.
        formats: The format of each variable, or None.
    """

    pattern: str
    columns: tuple[int, ...]
    names: tuple[str, ...]
    formats: tuple[Format | None, ...]

    def render(self, cells: Sequence[Any]) -> str:
        """Return the text for a row; white space around a value is removed.

        Args:
            cells: The row, as long as the header.

        Raises:
            MissingValueError: If a value is empty, damaged, or does not fit its format.
        """
        values = []
        for column, name, form in zip(self.columns, self.names, self.formats, strict=True):
            try:
                value = value_text(cells[column]) if form is None else form(cells[column])
            except UnfitValueError as error:
                raise MissingValueError(name, str(error)) from None
            if not value:
                raise MissingValueError(name)
            values.append(value)
        return self.pattern % tuple(values)


@attrs.frozen
class Texts:
    """The text of a campaign, and optional texts for other languages.

    Attributes:
        default: For rows without a language, and for languages without a text.
        by_language: Other texts, by language in lower case, such as `"cs"` or `"pt-br"`.
    """

    default: Template | None
    by_language: Mapping[str, Template] = attrs.field(factory=dict[str, Template])

    @classmethod
    def parse(cls, default: str | None, by_language: Iterable[tuple[str, str]] = ()) -> Self:
        """Read the texts.

        Args:
            default: The text for all other rows; None if every row must name one of the languages.
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
        """Find the columns of the variables in every text.

        Raises:
            InputError: As for `Template.bind`.
        """
        default = None if self.default is None else self.default.bind(header)
        return default, {name: text.bind(header) for name, text in self.by_language.items()}


def language_name(language: str) -> str:
    """Return a language in the form in which languages are compared: `"cs_CZ "` becomes `"cs-cz"`."""
    return language.strip().lower().replace("_", "-")
