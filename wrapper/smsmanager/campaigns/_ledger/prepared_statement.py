"""Statements that a run executes at each turn, compiled to SQL once.

SQLAlchemy inspects each part of a statement on every execution, which takes several times as long as SQLite
needs to run it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ClauseElement, Connection, CursorResult


class PreparedStatement:
    """A statement with named parameters, none of which is a list.

    Args:
        statement: The statement.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Sequence[str] | None, Mapping[str, Any]]] = {}

    def __call__(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any]:
        """Execute the statement.

        Args:
            connection: A connection inside a transaction.
            values: The parameters; a list of them executes the statement once for each.
        """
        dialect = connection.dialect
        if (known := self._compiled.get(dialect.name)) is None:
            made: Any = self._statement.compile(dialect=dialect)
            known = self._compiled[dialect.name] = (made.string, made.positiontup, made.params)
        text, order, fixed = known
        given: Any = (
            _ordered(values, order, fixed)
            if not isinstance(values, list)
            else [_ordered(each, order, fixed) for each in values]
        )
        return connection.exec_driver_sql(text, given)


def _ordered(values: Any, order: Sequence[str] | None, fixed: Mapping[str, Any]) -> Any:
    whole = {**fixed, **values}
    return whole if order is None else tuple([whole[name] for name in order])
