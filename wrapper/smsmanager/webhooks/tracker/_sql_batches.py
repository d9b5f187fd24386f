"""Statements with many rows, passed as one JSON array that the database reads as a table.

One statement per event, even in a pipeline, costs the database more than the change itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from smsmanager.webhooks.tracker._sql_schema import STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEY = ("message_id", "reference", "channel_key")
_NAMES = ("phone_number", "request_id")
_BEGINNINGS = ("began_s", "known_since_s")
_ORDER = ("rank", "at_s", "tie")


def given_as_json(rows: Sequence[Mapping[str, Any]], table: sa.Table) -> dict[str, str]:
    """Return rows of a table as the parameter of a statement."""
    names = table.columns.keys()
    return {"given": json.dumps([[row[name] for name in names] for row in rows])}


def _given(dialect: str, table: sa.Table) -> sa.Select[Any]:
    """Return the parameter `given` as rows of a table, in order."""
    parameter = sa.bindparam("given", type_=sa.Text)
    parts: list[sa.ColumnElement[Any]]
    if dialect == "sqlite":
        each = sa.func.json_each(parameter).table_valued("value")
        parts = [sa.func.json_extract(each.c.value, f"$[{n}]") for n in range(len(table.columns))]
    else:
        element = sa.func.jsonb_array_elements(sa.cast(parameter, postgresql.JSONB))
        each = element.table_valued("value")
        parts = [
            sa.cast(each.c.value.op("->>")(n), column.type)
            for n, column in enumerate(table.columns)
        ]
    # Without a condition, SQLite would take ON for the clause of a join.
    return sa.select(*parts).select_from(each).where(sa.literal_column("1") == 1)


def fold_statement(dialect: str) -> Any:
    """Return the upsert that joins states of steps, each step once, into the stored ones.

    A state with nothing new, as in most repeated deliveries, changes no row.
    """
    on_postgresql = dialect == "postgresql"
    greater = sa.func.greatest if on_postgresql else sa.func.max
    less = sa.func.least if on_postgresql else sa.func.min
    insert = (postgresql.insert if on_postgresql else sqlite.insert)(STEPS)
    insert = insert.from_select(STEPS.columns.keys(), _given(dialect, STEPS))
    new = insert.excluded
    is_later = sa.tuple_(*(new[name] for name in _ORDER)) > sa.tuple_(
        *(STEPS.c[name] for name in _ORDER)
    )
    changed = {
        column.name: sa.case((is_later, new[column.name]), else_=column)
        for column in STEPS.c
        if column.name not in _KEY
    }
    names = {name: greater(new[name], STEPS.c[name]) for name in _NAMES}
    beginnings = {name: less(new[name], STEPS.c[name]) for name in _BEGINNINGS}
    return insert.on_conflict_do_update(
        index_elements=[STEPS.c[name] for name in _KEY],
        set_={**changed, **names, **beginnings, "touched_s": new.touched_s},
        where=sa.or_(
            is_later,
            new.began_s < STEPS.c.began_s,
            *(new[name] > STEPS.c[name] for name in _NAMES),
        ),
    )
