"""Several processes that deliver the same events to one tracker: `python -m tests.webhooks.crowd URL`.

Each process posts every event three times, shuffled, many per body, to its own receiver, which shares the
tracker's database, and repeats posts that are answered with 503, like the service. The last line shows, as
JSON, what the handlers got and whether each message has the state that follows from its reports; the exit
status is 1 if a handler got an event twice or never, or a state is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from typing import Any

from smsmanager.webhooks import DeliveryReport, DeliveryTracker, WebhookReceiver
from tests.webhooks.bodies import encoded, report

PROCESSES = 8
TIMES = 3
BODY = 50
COURSES = (
    ("sending", "sent", "delivered", "seen"),
    ("sending", "sent", "undelivered", "delivered"),
    ("sending", "sent", "queued", "failed"),
    ("sending", "sent", "expired", "rejected"),
)
"""The reports on a message; the last one is its final state."""


def course_of(message: int) -> tuple[str, ...]:
    """Return the reports on a message."""
    return COURSES[message % len(COURSES)]


def events(count: int) -> list[dict[str, Any]]:
    """Return the given number of different reports, in the order in which they happen."""
    return [
        report(
            message_id=f"message-{message}-1",
            result=course_of(message)[step],
            timestamp=1_767_225_600 + step,
        )
        for message in range(count // 4)
        for step in range(4)
    ]


def deliver(url: str, count: int, seed: int) -> tuple[list[str], int, int]:
    """Post everything; return the keys that the handler got, the requests, and how many were answered 503."""
    got: list[str] = []
    with DeliveryTracker.open(url) as tracker:
        receiver = WebhookReceiver(insecure=True, acknowledge="after", tracker=tracker, once=True)

        @receiver.on(DeliveryReport)
        def keep(event: DeliveryReport) -> None:
            got.append(event.dedup_key)

        shuffled = events(count) * TIMES
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order is no secret
        bodies = [
            encoded(*shuffled[start : start + BODY]) for start in range(0, len(shuffled), BODY)
        ]
        requests = repeated = 0
        while bodies:
            left = []
            for body in bodies:
                requests += 1
                status = receiver.handle("POST", {}, "", body).status
                if status == 503:  # another process is handling an event of it
                    left.append(body)
                elif status != 204:
                    raise AssertionError(f"answered with {status}")
            repeated += len(left)
            bodies = left
    return got, requests, repeated


def child(url: str, count: int, seed: int, start: int, answer: int) -> None:
    """Wait for the start, deliver, and write what happened."""
    os.read(start, 1)
    with os.fdopen(answer, "w") as told:
        json.dump(deliver(url, count, seed), told)


def crowd(url: str, count: int, processes: int) -> dict[str, Any]:
    """Run the processes; return the result."""
    DeliveryTracker.open(url).close()
    start, starter = os.pipe()
    answers = []
    for seed in range(processes):
        answer, own = os.pipe()
        # Forked before there is a thread or a connection, which spares each the time of the imports.
        if os.fork() == 0:
            status = 1
            try:
                child(url, count, seed, start, own)
                status = 0
            finally:
                os._exit(status)
        os.close(own)
        answers.append(answer)
    began = time.monotonic()
    os.write(starter, b"x" * processes)
    told = []
    for answer in answers:
        with os.fdopen(answer) as stream:
            told.append(json.load(stream))
    seconds = time.monotonic() - began
    failed = sum(bool(os.wait()[1]) for _ in range(processes))
    handled = Counter(key for keys, _, _ in told for key in keys)
    with DeliveryTracker.open(url) as tracker:
        wrong = 0
        for message in range(count // 4):
            state = tracker.state(f"message-{message}-1")
            wrong += state is None or state.result != course_of(message)[-1]
    return {
        "processes": processes,
        "failed": failed,
        "events": count // 4 * 4,
        "deliveries": processes * TIMES * (count // 4 * 4),
        "requests": sum(requests for _, requests, _ in told),
        "repeated_for_503": sum(repeated for _, _, repeated in told),
        "handled_once": sum(times == 1 for times in handled.values()),
        "handled_more": sum(times > 1 for times in handled.values()),
        "processes_that_handled": sum(bool(keys) for keys, _, _ in told),
        "messages": count // 4,
        "wrong_states": wrong,
        "seconds": round(seconds, 1),
    }


def is_right(found: dict[str, Any]) -> bool:
    """Return whether each handler ran once per event and each state is right."""
    return (
        found["handled_once"] == found["events"]
        and not found["handled_more"]
        and not found["wrong_states"]
        and not found["failed"]
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the crowd; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.webhooks.crowd", description=__doc__)
    parser.add_argument("url", help="SQLAlchemy URL of an empty database")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    options = parser.parse_args(arguments)
    found = crowd(options.url, options.events, options.processes)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if is_right(found) else 1


if __name__ == "__main__":
    sys.exit(main())
