"""Change many rows with one statement, in any database.

One statement per row would stall the sending threads, because the SQLite driver releases the interpreter lock
at each step. The values are therefore passed as one JSON array to a single UPDATE.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Integer, Text, bindparam, cast, func, select, update

from smsmanager.campaigns._ledger.prepared_statement import PreparedStatement
from smsmanager.campaigns._ledger.schema import content, row
from smsmanager.campaigns.rows import RowState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Subquery, Table, Update

KEY = ("row",)
"""Columns that identify a row of a campaign."""
CARRIED = (*KEY, "message")
"""The same, and the message that carries the row or carried it last."""
# `json.dumps` would create an encoder for every call.
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def change_many(
    connection: Connection,
    campaign: int,
    before: RowState,
    columns: tuple[str, ...],
    values: Sequence[Sequence[Any]],
    after: RowState | None = None,
    same: tuple[str, ...] = KEY,
) -> int:
    """Change rows of a campaign that are in one state; return how many were changed.

    Args:
        connection: A connection inside a transaction.
        campaign: Id of the campaign.
        before: The state that a row must have; others are left alone.
        columns: The columns to set, whose values follow those of `same` in each row.
        values: For each row, the values of `same`, then of `columns`.
        after: The new state of all rows; None if `columns` includes the state. Rows that become *accepted*
            lose their doubt and their reason.
        same: Columns whose values must match: `row`, and optionally `message`.
    """
    if not values:
        return 0
    state = None if after is None else after.value
    statement = _changing(connection.dialect.name, before.value, columns, state, same)
    return statement(connection, {"campaign": campaign, "given": as_given(values)}).rowcount


def as_given(values: Iterable[Sequence[Any]]) -> str:
    """Return rows in the form of a parameter of `given_rows`."""
    return _ENCODER.encode(values)


@cache
def _changing(
    dialect: str, before: str, columns: tuple[str, ...], state: str | None, same: tuple[str, ...]
) -> PreparedStatement:
    given = given_rows(dialect, (*same, *columns))
    return PreparedStatement(changing(dialect, given, before, columns, state, same))


def changing(
    dialect: str,
    given: Subquery,
    before: str,
    columns: tuple[str, ...],
    state: str | None,
    same: tuple[str, ...],
) -> Update:
    """Return the statement that `change_many` executes, for rows from `given_rows`."""
    values: dict[str, Any] = {name: given.c[name] for name in columns}
    if state is not None:
        values["state"] = state
    if state == RowState.ACCEPTED:
        values |= {"doubt": None, "reason": None}
    is_same = same_rows(dialect, row, given, same)
    return update(row).where(*is_same, row.c.state == before).values(**values)


def contents_of(connection: Connection, campaign: int, keys: Iterable[int]) -> Sequence[Any]:
    """Return id, size and fields of contents. One JSON parameter is cheaper than thousands of ids."""
    given = as_given([(key,) for key in sorted(keys)])
    statement = _contents(connection.dialect.name)
    return statement(connection, {"campaign": campaign, "given": given}).all()


@cache
def _contents(dialect: str) -> PreparedStatement:
    key = ("id",)
    is_same = same_rows(dialect, content, given_rows(dialect, key, table=content), key)
    return PreparedStatement(select(content.c.id, content.c.size, content.c.fields).where(*is_same))


def same_rows(
    dialect: str, table: Table, given: Subquery, names: tuple[str, ...]
) -> list[ColumnElement[bool]]:
    """Return the conditions that look up each given row in a table by its primary key.

    Args:
        dialect: Name of the database's dialect.
        table: A table whose primary key begins with the campaign.
        given: Rows from `given_rows`, all of the campaign `:campaign`.
        names: The columns to compare, besides `campaign`.
    """
    same = [table.c[name] == given.c[name] for name in names]
    campaign: ColumnElement[Any] = bindparam("campaign", type_=Integer)
    if dialect == "sqlite":
        # With a constant, SQLite would scan the whole campaign, so it must depend on the given row.
        campaign += given.c[names[0]] * 0
    return [*same, table.c.campaign == campaign]


def given_rows(
    dialect: str, columns: tuple[str, ...], name: str = "given", table: Table = row
) -> Subquery:
    """Return a parameter, a JSON array of arrays, as a table.

    Args:
        dialect: Name of the database's dialect.
        columns: Names of its columns; their types are those of the same columns in `table`.
        name: Name of the parameter.
        table: The table that gives the types.
    """
    parameter = bindparam(name, type_=Text)
    parts: list[ColumnElement[Any]]
    if dialect == "sqlite":
        each = func.json_each(parameter).table_valued("value", name=f"each_{name}")
        parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))]
    else:
        each = func.json_array_elements(cast(parameter, JSON)).table_valued(
            "value", name=f"each_{name}"
        )
        parts = [
            cast(each.c.value.op("->>")(place), table.c[column].type)
            for place, column in enumerate(columns)
        ]
    named = [part.label(column) for part, column in zip(parts, columns, strict=True)]
    rows = select(*named).select_from(each)
    if dialect != "sqlite":
        # Always true. Because of it, PostgreSQL expects one row here, and looks each one up by the primary
        # key. It would otherwise scan the campaign, until it has statistics about it.
        rows = rows.where(func.json_typeof(each.c.value) == "array")
    return rows.subquery(f"{name}_rows")
