"""Send to a fault server as often as told, and print what each call did to the peak of memory.

`python -m tests.faults.measure KIND URL COUNT`, in a process of its own because a peak never falls.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from smsmanager import SmsManagerError
from tests.faults.callers import Caller


def peak_kib() -> int:
    """Return the most memory this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        # Under Linux `getrusage` remembers what the process was that started this one.
        lines = status.read_text(encoding="ascii").splitlines()
        [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        return int(peak)
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_bytes // 1024 if sys.platform == "darwin" else peak_bytes


def main(kind: str, url: str, count: int) -> None:
    """Print one JSON line: for each call what came of it and the peak after it."""
    seen: list[tuple[str, int]] = []
    with Caller(kind, url, retries=0) as caller:
        for _ in range(count):
            try:
                caller.send("measured Hello", to="420777123456")
                came = "returned"
            except SmsManagerError as error:
                came = type(error).__name__
            seen.append((came, peak_kib()))
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
