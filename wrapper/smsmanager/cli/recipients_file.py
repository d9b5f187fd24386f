"""Options that describe a file of recipients, its texts, and the excluded numbers."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import attrs
import click

from smsmanager.cli.shared_options import add_options, region_option
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smsmanager.asking import DownloadedList
    from smsmanager.campaigns import PriceTable, Selection, Texts
    from smsmanager.campaigns._input.number_set import NumberSet
    from smsmanager.campaigns._input.recipients import Role
    from smsmanager.campaigns._input.tabular import Table
    from smsmanager.cli.account_options import Account

STDIN = "-"
KINDS = ("csv", "jsonl", "spreadsheet")
FILE_HELP = """\b
The file is CSV (any delimiter; UTF-8, UTF-16 or cp1250), JSON Lines, .xlsx,
.xls or .ods, or - for standard input; the format is detected. Every column
is a variable: {name} in the text is the column "name", {{ is a literal brace.
Columns called phone, number, to, tel, telefon, mobil, ... hold the number;
sender, tag, payload, language and reference hold what they say. A row without
a value for a variable is refused, never sent with a gap; so are numbers that
a spreadsheet damaged (4.20777E+11), duplicates and numbers that opted out.
"""
_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@attrs.frozen
class RecipientsFile:
    """A file of recipients, opened.

    Attributes:
        name: Its name in messages.
        path: Where it is read from; for standard input a temporary copy.
        table: Its format and header.
        columns: The name of each column that is used, by its role.
        selection: Its rows, ready to be sent or refused.
        prices: The prices of a part.
        account: The data asked from the account.
    """

    name: str
    path: Path
    table: Table
    columns: dict[str, str]
    selection: Selection
    prices: PriceTable | None
    account: Account | None = None

    @property
    def is_stdin(self) -> bool:
        """Whether it came from standard input."""
        return self.name == "standard input"


recipients_file_options = add_options(
    click.argument("file", metavar="FILE"),
    click.option("--text", "-m", metavar="TEXT", help="The text; {name} is a column of the file."),
    click.option("--text-file", metavar="FILE", type=_PATH, help="The text, from a UTF-8 file."),
    click.option(
        "--language-text",
        nargs=2,
        multiple=True,
        metavar="LANG TEXT",
        help="Text for rows with this language; can be repeated.",
    ),
    click.option(
        "--language-file",
        nargs=2,
        multiple=True,
        metavar="LANG FILE",
        type=(str, _PATH),
        help="The same, from a UTF-8 file.",
    ),
    click.option(
        "--column",
        multiple=True,
        metavar="ROLE=NAME",
        help="Column for number, sender, tag, payload, language or reference, if it is not found; "
        "an empty NAME means that there is none. Of several for number, the first that a row fills counts.",
    ),
    region_option("Country of numbers without + or 00, such as CZ; default: the account's."),
    click.option(
        "--opt-out",
        metavar="FILE",
        type=_PATH,
        help="Numbers that get nothing; a file of the same form as FILE.",
    ),
    click.option(
        "--prices", metavar="FILE", type=_PATH, help="Price table: prefix, price, currency."
    ),
    click.option(
        "--refused",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write every refused row and its reason here, as CSV.",
    ),
    click.option("--format", "kind", type=click.Choice(KINDS), help="Format of the file."),
    click.option("--encoding", metavar="NAME", help="Encoding of a text file, such as cp1250."),
    click.option("--delimiter", metavar="CHAR", help="Character between the cells of CSV."),
    click.option("--sheet", metavar="NAME", help="Sheet of a spreadsheet; default: the first."),
    click.option(
        "--hidden-rows",
        is_flag=True,
        help="Also send to rows hidden in a spreadsheet, for instance by a filter.",
    ),
)
"""The argument FILE, and the options that `open_recipients_file` takes."""


@contextlib.contextmanager
def open_recipients_file(
    file: str, account: Account | None = None, **options: Any
) -> Iterator[RecipientsFile]:
    """Open the file that the options of `recipients_file_options` describe.

    Args:
        file: The file.
        account: The data asked from the account.
        **options: The options.

    Raises:
        click.UsageError: If an option is wrong.
        InputError: If a file cannot be used.
    """
    from smsmanager.campaigns import (  # noqa: PLC0415 - an extra
        PriceTable,
        Selection,
        open_recipients,
    )

    texts = _texts(options)
    roles: dict[Role, list[str]] = {}
    for role, column in map(_role, options["column"]):
        roles.setdefault(role, []).append(column)
    region = options["region"]
    opt_out, prices = options["opt_out"], options["prices"]
    own_prices = None if account is None else account.prices
    with _as_path(file) as (name, path):
        recipients = open_recipients(
            path,
            columns=roles,
            kind=options["kind"],
            encoding=options["encoding"],
            delimiter=_delimiter(options["delimiter"]),
            sheet=options["sheet"],
        )
        selection = Selection(
            recipients,
            texts,
            default_region=region,
            opted_out=_opted_out(opt_out, region, account),
            blacklisted=None if account is None else account.blacklist,
            hidden_rows=options["hidden_rows"],
        )
        yield RecipientsFile(
            name=name,
            path=path,
            table=recipients.table,
            columns=recipients.columns.named(recipients.table.header),
            selection=selection,
            prices=PriceTable.read(prices) if prices else own_prices,
            account=account,
        )


def _opted_out(
    path: Path | None, region: str | None, account: Account | None
) -> NumberSet | DownloadedList | None:
    """Return the numbers that opted out: those of a file, of the account, or of both."""
    from smsmanager.campaigns import open_recipients, read_opt_outs  # noqa: PLC0415 - an extra

    listed = None if account is None else account.opt_outs
    if path is None:
        return listed
    numbers = read_opt_outs(open_recipients(path), region)
    for number in listed or ():
        numbers.add(number)
    return numbers


def _texts(options: Mapping[str, Any]) -> Texts:
    from smsmanager.campaigns import Texts  # noqa: PLC0415 - an extra

    text, path = options["text"], options["text_file"]
    if text is not None and path is not None:
        raise click.UsageError("Give --text or --text-file, not both.")
    default = _content(path) if path is not None else text
    files = options["language_file"]
    others = [*options["language_text"], *((name, _content(at)) for name, at in files)]
    if default is None and not others:
        raise click.UsageError("There is no text: give --text or --text-file.")
    return Texts.parse(default, others)


def _delimiter(text: str | None) -> str | None:
    if text is not None and len(text := text.replace("\\t", "\t")) != 1:
        raise click.UsageError("--delimiter takes one character; a tab is \\t.")
    return text


def _role(text: str) -> tuple[Role, str]:
    from smsmanager.campaigns._input.recipients import Role  # noqa: PLC0415 - an extra

    name, found, column = text.partition("=")
    for role in get_args(Role):
        if found and name.strip().lower() == role:
            return role, column.strip()
    listed = ", ".join(get_args(Role))
    raise click.UsageError(f"--column takes ROLE=NAME, where ROLE is one of: {listed}.")


def _content(path: Path) -> str:
    try:
        # An editor added the line break at the end; it is not part of the message.
        return path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        msg = f"{path.name} is not UTF-8 text. Nothing was sent. Save it in UTF-8."
        raise ConfigurationError(msg) from None


@contextlib.contextmanager
def _as_path(file: str) -> Iterator[tuple[str, Path]]:
    path = Path(file)
    if file != STDIN and path.is_dir():
        raise click.UsageError(f"{file} is a folder. Name a file in it.")
    if file != STDIN:
        if not path.is_file():
            raise click.UsageError(f"There is no file {file}.")
        yield path.name, path
        return
    # A copy, because the rows are read twice: for the preview, and to send.
    with tempfile.TemporaryDirectory(prefix="smsmanager-") as folder:
        path = Path(folder, "standard input")
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield path.name, path
