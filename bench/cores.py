"""Which core runs what: the stub on the last one, everything measured on the first."""

from __future__ import annotations

import os

CLIENT = 0
STUB = -1
# Before this process is kept on one of them.
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(place: int) -> None:
    """Keep this process, and those it starts, on one core.

    Does nothing where there is one core only, or where the system cannot do it.

    Args:
        place: `CLIENT` or `STUB`.
    """
    if len(_CORES) > 1:
        os.sched_setaffinity(0, {_CORES[place]})


def unpin() -> None:
    """Let this process, and those it starts, use every core again."""
    if len(_CORES) > 1:
        os.sched_setaffinity(0, _CORES)
