"""One process that sends to a list of recipients, and prints what that took as JSON.

Run as `python -m bench.campaign_run bare|one|own BASE_URL ROWS`. It imports nothing that is not counted.

- `bare`: a loop of requests whose bodies were encoded before, over httpx, with no account of anything.
- `one`: a campaign with the SQLite ledger on, one text for all.
- `own`: a campaign with a text for each.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.peak import peak_mib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.campaigns import Row

_KEY = "bench-key"
_TEXT = "Your parcel is on its way."
_FULL = 100
_BODIES = 20
_FIRST = 420_700_000_000


def _bare(base_url: str, rows: int) -> dict[str, float]:
    import httpx  # noqa: PLC0415 - must not be counted where it is not used

    bodies = []
    for body in range(_BODIES):
        numbers = [str(_FIRST + body * _FULL + place) for place in range(_FULL)]
        messages = [
            {"body": _TEXT, "to": [{"phone_number": number} for number in numbers[at : at + 10]]}
            for at in range(0, _FULL, 10)
        ]
        bodies.append(json.dumps(messages).encode())
    headers = {"x-api-key": _KEY, "content-type": "application/json"}
    with httpx.Client(base_url=base_url, headers=headers) as client:
        began, used = time.perf_counter(), time.process_time()
        for request in range(rows // _FULL):
            response = client.post("/messages", content=bodies[request % _BODIES])
            response.raise_for_status()
            response.json()
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used
    return {"wall_s": wall_s, "cpu_s": cpu_s, "accepted": rows // _FULL * _FULL}


def _campaign(base_url: str, rows: int, *, own: bool) -> dict[str, float]:
    from smsmanager import SmsManager  # noqa: PLC0415 - must not be counted where it is not used
    from smsmanager.campaigns import Campaign, Row, RowState  # noqa: PLC0415 - as above

    def given() -> Iterator[Row]:
        for row in range(1, rows + 1):
            yield Row(row, str(_FIRST + row), f"{_TEXT} No. {row}" if own else _TEXT)

    with tempfile.TemporaryDirectory() as folder:
        made, used = time.perf_counter(), time.process_time()
        with (
            Campaign.create(Path(folder) / "ledger.sqlite3", given()) as campaign,
            SmsManager(_KEY, base_url=base_url) as client,
        ):
            began = time.perf_counter()
            create_cpu_s = time.process_time() - used
            for _ in campaign.run(client):
                pass
            wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used - create_cpu_s
            accepted = campaign.status().counts[RowState.ACCEPTED]
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "create_s": began - made,
        "accepted": accepted,
        "ledger_mib": size / 1024 / 1024,
    }


def _main(kind: str, base_url: str, rows: str) -> None:
    count = int(rows)
    figures = (
        _bare(base_url, count) if kind == "bare" else _campaign(base_url, count, own=kind == "own")
    )
    print(json.dumps({**figures, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
