"""Make ids in the shape of the service's own."""

import random
import uuid


class IdSource:
    """Draw random UUIDs (version 4), or a repeatable series of them.

    Args:
        seed: Start of a repeatable series; `None` for ids that never repeat.
    """

    def __init__(self, seed: int | str | None) -> None:
        """Start the series."""
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  ids of a test double are no secrets

    def draw(self) -> str:
        """Return the next id, a lower-case UUID of 36 characters."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def restart(self) -> None:
        """Begin a repeatable series anew; a series without a seed just goes on."""
        if self._seed is not None:
            self._random.seed(self._seed)
