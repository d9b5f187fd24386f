"""A set of phone numbers of any size in bounded memory."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Self

_PAGE_BITS = 15
_PAGE_MASK = (1 << _PAGE_BITS) - 1
_PAGE_BYTES = 1 << (_PAGE_BITS - 3)
MOST_PAGES = 6_000
"""Maximum pages of 4 KiB in memory: 24 MB, enough for the mobile numbers of one or two countries."""
_INSERT = "INSERT OR IGNORE INTO numbers VALUES (?)"
_SELECT = "SELECT 1 FROM numbers WHERE number = ?"


class NumberSet:
    """A set of canonical numbers, exact and bounded in memory.

    Numbers of one country lie close together, so one bit per number in pages of 32,768 is small and fast.
    Numbers outside the first pages go into a temporary SQLite file, which is removed with the set.

    Args:
        most_pages: Maximum pages kept in memory.
    """

    def __init__(self, most_pages: int = MOST_PAGES) -> None:
        self._pages: dict[int, bytearray] = {}
        self._most_pages = most_pages
        self._overflow: sqlite3.Connection | None = None
        self._length = 0

    def __len__(self) -> int:
        """Return how many different numbers were added."""
        return self._length

    def __enter__(self) -> Self:
        """Return the set itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove the temporary file."""
        self.close()

    def __del__(self) -> None:
        """Remove the temporary file of an unclosed set."""
        self.close()

    def close(self) -> None:
        """Forget the numbers and remove the temporary file."""
        self._pages.clear()
        overflow, self._overflow = self._overflow, None
        if overflow is not None:
            overflow.close()

    def add(self, phone_number: str) -> bool:
        """Add a number; return whether it was new.

        Args:
            phone_number: Digits without leading zeros.
        """
        number = int(phone_number)
        page = self._pages.get(number >> _PAGE_BITS)
        if page is None:
            if len(self._pages) >= self._most_pages:
                return self._add_outside(number)
            page = self._pages[number >> _PAGE_BITS] = bytearray(_PAGE_BYTES)
        index = (number & _PAGE_MASK) >> 3
        bit = 1 << (number & 7)
        if page[index] & bit:
            return False
        page[index] |= bit
        self._length += 1
        return True

    def __contains__(self, phone_number: str) -> bool:
        """Return whether a number was added."""
        number = int(phone_number)
        page = self._pages.get(number >> _PAGE_BITS)
        if page is not None:
            return bool(page[(number & _PAGE_MASK) >> 3] & 1 << (number & 7))
        return self._overflow is not None and bool(
            self._overflow.execute(_SELECT, (number,)).fetchone()
        )

    def _add_outside(self, number: int) -> bool:
        if self._overflow is None:
            self._overflow = _temporary_database()
        new = self._overflow.execute(_INSERT, (number,)).rowcount == 1
        self._length += new
        return new


def _temporary_database() -> sqlite3.Connection:
    # The empty name means a temporary file, which SQLite removes itself. It is never read after a crash, so
    # nothing needs to be synchronised.
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    with contextlib.closing(database.cursor()) as cursor:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        cursor.execute("BEGIN")
    return database
