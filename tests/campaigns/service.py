"""A service in a process of its own, on raw sockets, that drops answers and counts what it took.

Run as `python -m tests.campaigns.service SEED`, with `calm` instead of the seed if nothing is to be dropped.
It prints its port, then one line per event: `began` when a request begins to arrive, `took` when it was read
in full and taken, `answered` when its answer was written, `dropped` when it was taken and the connection
closed, `refused` when it was answered 503 and not taken. `GET` returns how often each number was taken, and
in how many requests.

It ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import Counter

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
DROPPED, CUT, REFUSED = 0.06, 0.03, 0.05


class Service:
    """What it does with requests.

    Attributes:
        taken: How often each number was taken.
    """

    def __init__(self, seed: str) -> None:
        self.taken: Counter[str] = Counter()
        self.requests = 0
        self._calm = seed == "calm"
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated with a seed

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            say("lost")
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET"):
            ledger = {"taken": self.taken, "requests": self.requests}
            writer.write(response(200, ledger))
            await writer.drain()
            return True
        say("began")
        length = LENGTH.search(head)
        body = json.loads(await reader.readexactly(int(length[1]) if length else 0))
        chance = 1.0 if self._calm else self._chance.random()
        if chance < REFUSED:
            say("refused")
            writer.write(response(503, {}))
            await writer.drain()
            return True
        self.requests += 1
        self.taken.update(to["phone_number"] for message in body for to in message["to"])
        say("took")
        answer = response(
            200,
            {
                "request_id": f"r{self.requests}",
                "accepted": [
                    {"key": str(key), "message_id": f"r{self.requests}.{key}"}
                    for key in range(len(body))
                ],
                "rejected": [],
            },
        )
        if chance < REFUSED + DROPPED:
            say("dropped")
            return False
        if chance < REFUSED + DROPPED + CUT:
            writer.write(answer[: len(answer) // 2])
            say("dropped")
            return False
        writer.write(answer)
        await writer.drain()
        say("answered")
        return True


def response(status: int, value: object) -> bytes:
    """Return an answer."""
    body = json.dumps(value).encode()
    return f"HTTP/1.1 {status} -\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def say(line: object) -> None:
    """Tell the parent."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(seed: str) -> None:
    """Serve until the standard input closes."""
    server = await asyncio.start_server(Service(seed).serve, "127.0.0.1", 0, limit=1 << 20)
    say(server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
