"""One process with a sandbox that keeps messages; prints its memory in MiB.

Run as `python -m bench.kept MESSAGES`. Each message has another number and another text, and its journey is
done: what a long session leaves behind.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from bench.peak import peak_mib
from smsmanager.sandbox import Sandbox
from smsmanager.sandbox._operations.answers import Call


def _main(count: int) -> None:
    sandbox = Sandbox(clock="manual", max_messages=count)
    service = sandbox._service  # noqa: SLF001 - without HTTP, which is not measured here
    operation = service.operations[0]
    for index in range(count):
        text = f"Parcel {index} is on its way and will arrive tomorrow between 9:00 and 11:00."
        message = {"to": [{"phone_number": f"4207{index:08d}"}], "body": text}
        body = json.dumps(message).encode()
        call = Call(
            path="/v2/message",
            header_key="bench",
            origin="http://127.0.0.1",
            content_type="application/json",
            query=b"",
            body=body,
        )
        service.answer(operation, call)
        if index % 100 == 0:
            sandbox.advance(timedelta(seconds=5))
    sandbox.advance(timedelta(seconds=5))
    assert len(sandbox.search(state="delivered")) == count  # noqa: S101
    print(peak_mib())


if __name__ == "__main__":
    _main(int(sys.argv[1]))
