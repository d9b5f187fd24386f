"""One process that imports, makes a client and sends, and then prints its peak memory in MiB.

Run as `python -m bench.peak raw|ours BASE_URL SENDS`. It imports nothing that is not counted.
"""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"VmHWM:\s*([0-9]+) kB")
_KEY = "bench-key"
_TEXT = "Your parcel is on its way."
_NUMBER = "420777123456"


def peak_mib() -> float:
    """Return the peak memory of this process."""
    try:
        # Not ru_maxrss where it can be helped: on Linux a new process begins with its parent's size.
        found = _PEAK.search(_STATUS.read_text(encoding="ascii", errors="replace"))
    except OSError:
        found = None
    if found:
        return int(found[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _raw(base_url: str, sends: int) -> None:
    import httpx  # noqa: PLC0415 - must not be counted where it is not used

    with httpx.Client(base_url=base_url, headers={"x-api-key": _KEY}) as client:
        for _ in range(sends):
            message = {"body": _TEXT, "to": [{"phone_number": _NUMBER}]}
            response = client.post("/message", json=message)
            response.raise_for_status()
            response.json()


def _ours(base_url: str, sends: int) -> None:
    from smsmanager import SmsManager  # noqa: PLC0415 - must not be counted where it is not used

    with SmsManager(_KEY, base_url=base_url) as client:
        for _ in range(sends):
            client.send(_TEXT, to=_NUMBER)


def _main(which: str, base_url: str, sends: str) -> None:
    {"raw": _raw, "ours": _ours}[which](base_url, int(sends))
    print(peak_mib())


if __name__ == "__main__":
    _main(*sys.argv[1:])
