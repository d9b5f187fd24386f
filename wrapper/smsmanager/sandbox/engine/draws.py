"""Draw chances, codes and ids that a seed makes repeatable."""

from __future__ import annotations

import random
import uuid


class Draws(random.Random):
    """Random draws, or a repeatable series of them. Chances of a test double need no secrecy.

    Args:
        seed: Start of a repeatable series; `None` for draws that never repeat.
    """

    def __init__(self, seed: int | str | None) -> None:
        super().__init__(seed)
        self._start = seed

    def uuid(self) -> str:
        """Return a random UUID (version 4) in the form of the service's ids: lower case, 36 characters."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def restart(self) -> None:
        """Start a repeatable series again; a series without a seed continues."""
        if self._start is not None:
            self.seed(self._start)
