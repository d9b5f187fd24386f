"""Change many rows by one statement, whatever the database.

A statement a row makes the threads that send wait: the driver of SQLite gives the interpreter's lock back at
each step. So the values go in as one JSON array, and one UPDATE reads it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Text, bindparam, cast, func, select, update

from smsmanager.campaigns._tables import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Subquery, Update

_WHOLE = frozenset(("campaign", "row", "message", "place", "tried"))


def packed_values(values: Sequence[Sequence[Any]]) -> str:
    """Return the parameter `given` of a statement that `changing` made."""
    return json.dumps(values, separators=(",", ":"))


@cache
def changing(dialect: str, before: str, columns: tuple[str, ...], state: str | None) -> Update:
    """Return a statement that changes rows of one state; its parameter is `given`.

    Each of the given rows names its campaign: beside a constant, SQLite would walk through the whole campaign
    instead of looking each row up.

    Args:
        dialect: Name of the database's dialect.
        before: The state that a row must have; others are left alone.
        columns: What is given of each row behind `campaign` and `row`, in this order.
        state: The state of all of them afterwards; None when it is among the columns.
    """
    given = _given(dialect, ("campaign", "row", *columns))
    values: dict[str, Any] = {name: given.c[name] for name in columns}
    if state is not None:
        values["state"] = state
    return (
        update(row)
        .where(
            row.c.campaign == given.c.campaign,
            row.c.row == given.c.row,
            row.c.state == before,
        )
        .values(**values)
    )


def _given(dialect: str, columns: tuple[str, ...]) -> Subquery:
    """Return the parameter `given` as a table."""
    parameter = bindparam("given", type_=Text)
    parts: list[ColumnElement[Any]]
    if dialect == "sqlite":
        each = func.json_each(parameter).table_valued("value", name="each")
        parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))]
    else:
        each = func.json_array_elements(cast(parameter, JSON)).table_valued("value", name="each")
        parts = [
            cast(each.c.value.op("->>")(place), BigInteger if name in _WHOLE else Text)
            for place, name in enumerate(columns)
        ]
    named = [part.label(name) for part, name in zip(parts, columns, strict=True)]
    return select(*named).select_from(each).subquery("given")
