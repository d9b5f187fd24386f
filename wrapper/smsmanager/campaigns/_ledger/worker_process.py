"""The process that holds a lease, and whether it is known to be gone.

This is only a hint that lets a lease end early. The lease itself protects the rows.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

_STARTED = 19
"""Position of the start time in /proc/PID/stat, counted from the state, which follows the name."""


def this_worker(label: str = "") -> str:
    """Identify this worker: host, process, its start, and a label such as an engine's name."""
    process = os.getpid()
    return " ".join(
        filter(None, (_host(), str(process), _born(process) or "-", " ".join(label.split())))
    )


def is_gone(worker: str) -> bool:
    """Return whether a worker has certainly exited; False if that is not known.

    Args:
        worker: A result of `this_worker`, perhaps from another machine.
    """
    host, process, born = [*worker.split(" "), "", "", ""][:3]
    place, _, started = born.rpartition(".")
    # Another host, or another container: nothing is known about its processes.
    if not started or host != _host() or place != _place():
        return False
    found = _started(int(process))
    return not _exists(int(process)) if found is None else found != started


def shown(worker: str) -> str:
    """Return a worker in readable form: host, process and label."""
    host, process, _, *label = worker.split(" ")
    return " ".join((host, process, *label))


def _host() -> str:
    return socket.gethostname().replace(" ", "-") or "-"


def _born(process: int) -> str | None:
    started, place = _started(process), _place()
    return None if started is None or place is None else f"{place}.{started}"


def _started(process: int) -> str | None:
    """Return a process's start time as the kernel counts it; "" if it has ended, None if it is not shown."""
    with suppress(OSError, IndexError):
        told = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        state, *rest = told.rpartition(")")[2].split()
        return "" if state in "ZX" else rest[_STARTED - 1]
    return None


def _exists(process: int) -> bool:
    """Return whether a process exists that /proc may hide, as `hidepid` does for other users."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _place() -> str | None:
    """Return an id of this boot and container, within which process numbers are unique; None if unknown."""
    if sys.platform != "linux":
        return None
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot[:8]}.{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116 - a link that names no file
    return None
