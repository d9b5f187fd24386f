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
    from collections.abc import Iterable, Iterator

    from smsmanager.campaigns import Row

KEY = "bench-key"
TEXT = "Your parcel is on its way."
_FULL = 100
_BODIES = 20
_MESSAGES = 10
_FIRST = 420_700_000_000


def bodies(count: int, *, own: bool) -> list[bytes]:
    """Return encoded requests of ten messages: each to one recipient with its own text, or to ten."""
    size = 1 if own else 10
    made = []
    for first in range(0, count * _MESSAGES * size, _MESSAGES * size):
        messages = [
            {
                "body": text_of(at) if own else TEXT,
                "to": [{"phone_number": str(_FIRST + place)} for place in range(at, at + size)],
            }
            for at in range(first, first + _MESSAGES * size, size)
        ]
        made.append(json.dumps(messages).encode())
    return made


def post_all(base_url: str, requests: Iterable[bytes]) -> None:
    """Post encoded requests, one after the other."""
    import httpx  # noqa: PLC0415 - must not be counted where it is not used

    headers = {"x-api-key": KEY, "content-type": "application/json"}
    with httpx.Client(base_url=base_url, headers=headers) as client:
        for body in requests:
            response = client.post("/messages", content=body)
            response.raise_for_status()
            response.json()


def text_of(row: int) -> str:
    """Return the text of a row that has its own."""
    return f"{TEXT} No. {row}"


def rows_of(count: int, *, own: bool) -> Iterator[Row]:
    """Yield rows, each with its own text or all with one."""
    from smsmanager.campaigns import Row  # noqa: PLC0415 - must not be counted where it is not used

    for row in range(1, count + 1):
        yield Row(row, str(_FIRST + row), text_of(row) if own else TEXT)


def _bare(base_url: str, rows: int) -> dict[str, float]:
    import httpx  # noqa: F401, PLC0415 - before the time begins

    encoded = bodies(_BODIES, own=False)
    began, used = time.perf_counter(), time.process_time()
    post_all(base_url, (encoded[request % _BODIES] for request in range(rows // _FULL)))
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used
    return {"wall_s": wall_s, "cpu_s": cpu_s, "accepted": rows // _FULL * _FULL}


def _campaign(base_url: str, rows: int, *, own: bool) -> dict[str, float]:
    from smsmanager import SmsManager  # noqa: PLC0415 - must not be counted where it is not used
    from smsmanager.campaigns import Campaign, RowState  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory() as folder:
        made, used = time.perf_counter(), time.process_time()
        with (
            Campaign.create(Path(folder) / "ledger.sqlite3", rows_of(rows, own=own)) as campaign,
            SmsManager(KEY, base_url=base_url) as client,
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
