"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured, and against what.

    Attributes:
        base_url: Root of the stub.
        rounds: Rounds of everything but imports.
        sends: Calls of each contender in a round.
        imports: Fresh interpreters for each import statement.
        rows: Rows of a campaign.
    """

    base_url: str
    rounds: int
    sends: int
    imports: int
    rows: int
