"""Attackers who know callback URLs of some messages: `python -m tests.webhooks.attack URL`.

Each example has a few messages. Four processes (four threads, for a tracker in memory) post drawn bodies with
the tokens of these messages: reports on each other's ids, requests and numbers, in JSON, forms and broken
bytes. Afterwards the state of each message must be exactly as if only its own token had been used, and its
handlers must have run for the same events. The last line shows, as JSON, how the posts were answered; a
violation ends the run with the example that caused it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smsmanager import RecipientOutcome, SendResult, Status
from smsmanager.webhooks import (
    CallbackSigner,
    DeliveryReport,
    DeliveryTracker,
    Reply,
    WebhookReceiver,
)
from tests.webhooks.bodies import SECRET, reply, report
from tests.webhooks.fuzzing import VALUES

PROCESSES = 4
POSTS = 100
"""Posts of one example: drawing is expensive and posting is cheap."""
SIGNER = CallbackSigner("https://example.com/sms", SECRET)
FORM = {"content-type": "application/x-www-form-urlencoded"}
RESULTS = ("sending", "sent", "delivered", "undelivered", "failed", "rejected", "seen", "expired")
GATEWAYS = ("sms", "viber", "whatsapp_text", "rcs", "telegram", None)

Handled: TypeAlias = tuple[str | None, str, str]
"""An event that a handler got: reference, key, handler."""


@attrs.frozen
class Post:
    """One request with the token of a reference."""

    reference: str
    method: str
    headers: dict[str, str]
    query: str
    body: bytes


@attrs.frozen
class Message:
    """A message under attack: a recipient with an id, and one whose outcome is unknown."""

    reference: str
    message_id: str
    request_id: str
    numbers: tuple[str, str]
    is_recorded: bool

    @property
    def send(self) -> SendResult:
        """What the call returned."""
        known = RecipientOutcome(
            0, "given", self.numbers[0], Status.ACCEPTED, self.message_id, self.request_id,
            reference=self.reference,
        )  # fmt: skip
        lost = RecipientOutcome(
            1, "given", self.numbers[1], Status.UNKNOWN, None, self.request_id,
            reference=self.reference,
        )  # fmt: skip
        return SendResult((known, lost))


_examples = itertools.count()


@st.composite
def attacks(draw: st.DrawFn) -> tuple[list[Message], list[Post]]:
    """Draw messages and the posts about them."""
    # Drawing each choice of a hundred posts would take longer than making them.
    random = Random(draw(st.integers(0, 2**64)))  # noqa: S311 - a choice is no secret
    values = draw(st.lists(VALUES, min_size=4, max_size=4))
    chunk = draw(st.binary(max_size=8))
    # Unique names, so that examples can share a database.
    name = f"{multiprocessing.current_process().pid}-{next(_examples)}"
    endings = draw(
        st.sampled_from([("a", "b", "c"), ("x" * 200, "x" * 201), ("\0", "\ufffd"), ("é", "e")])
    )
    messages = [
        Message(
            f"{name}-{ending}",
            f"{name}-{number}{random.choice(('', '-0', '-1'))}",
            f"{name}-request-{number % 2}",
            (f"42077700000{number}", f"42077700001{number % 2}"),
            random.random() < 0.5,
        )
        for number, ending in enumerate(endings)
    ]
    return messages, [_post(random, messages, values, chunk) for _ in range(POSTS)]


def _post(random: Random, messages: list[Message], values: list[Any], chunk: bytes) -> Post:
    by = random.choice(messages)
    elements = [
        _element(random, by, messages, values) for _ in range(random.choice((1, 1, 1, 2, 4)))
    ]
    query = urlsplit(SIGNER.callback_for(by.reference)).query
    kind = random.random()
    if kind < 0.1:
        return Post(by.reference, "GET", {}, f"{query}&{_form(elements[0])}", b"")
    if kind < 0.2:
        return Post(by.reference, "PUT", FORM, query, _form(elements[0]).encode())
    body = json.dumps(elements).encode()
    if kind < 0.25:
        # Of two fields with the same name, decoders use the last.
        other = random.choice(messages).reference
        body = body.replace(
            b'"result"', json.dumps({"payload": _payload(other)}).encode()[1:-1] + b', "result"'
        )
    elif kind < 0.35:
        at = random.randrange(len(body))
        body = body[:at] + chunk + body[at + random.choice((0, len(chunk))) :]
    elif kind < 0.4:
        other = urlsplit(SIGNER.callback_for(random.choice(messages).reference)).query
        query = random.choice(
            (f"{query}&{other}", f"{query}&x={other}", query.replace(".", "%2e", 1))
        )
    return Post(by.reference, random.choice(("POST", "PATCH")), {}, query, body)


def _payload(reference: str) -> dict[str, Any]:
    return {"smsmanager_reference": reference}


def _form(element: Any) -> str:
    if not isinstance(element, dict):
        return "x=1"
    return urlencode(
        [
            (name, value if isinstance(value, str) else json.dumps(value))
            for name, value in element.items()
        ],
        errors="replace",
    )


def _element(random: Random, by: Message, messages: list[Message], values: list[Any]) -> Any:
    about, beside = random.choice(messages), random.choice(messages)
    own = by.reference if random.random() < 0.9 else about.reference
    payload = random.choice(
        (
            _payload(own),
            _payload(own),
            {"customID": own},
            {**_payload(own), "customID": about.reference},
            {"customID": own, "smsmanager_reference": None},
            {"customID": own, "smsmanager_reference": [about.reference]},
        )
    )
    fields: dict[str, Any] = {
        "message_id": random.choice(
            (
                about.message_id,
                f"{about.message_id}-0",
                about.message_id.removesuffix("-0"),
                f"{beside.message_id}-1",
            )
        ),
        "request_id": beside.request_id,
        "payload": payload,
        "timestamp": random.choice((1, 2, 1_767_225_600, 253_402_300_799, "1", None)),
        "gateway": random.choice(GATEWAYS),
    }
    kind = random.random()
    if kind < 0.1:
        return reply(**fields, sender=random.choice(about.numbers))
    element = report(
        **fields, result=random.choice(RESULTS), to={"phone_number": random.choice(beside.numbers)}
    )
    if kind < 0.4:
        element[random.choice([*element, "x"])] = random.choice(values)
    elif kind < 0.45:
        return random.choice(values)
    return element


class Receiver:
    """A receiver that records what its handlers got.

    Args:
        tracker: May be shared by threads, and by processes if it is on a database.
    """

    def __init__(self, tracker: DeliveryTracker) -> None:
        self.tracker = tracker
        self.statuses: Counter[int] = Counter()
        self._handled: list[Handled] = []
        self._receiver = WebhookReceiver(
            callbacks=SIGNER, tracker=tracker, once=True, acknowledge="after"
        )
        for handler in ("one", "other"):
            self._receiver.on(DeliveryReport, Reply)(self._noting(handler))

    def _noting(self, handler: str) -> Callable[[DeliveryReport | Reply], None]:
        def note(event: DeliveryReport | Reply) -> None:
            self._handled.append((event.reference, event.dedup_key, handler))

        note.__qualname__ = handler
        return note

    def take(self, posts: list[Post]) -> tuple[list[Handled], Counter[int]]:
        """Answer posts, repeatedly while another process is handling the same event; return the answers."""
        self._handled, self.statuses = [], Counter()
        while posts:
            left = []
            for post in posts:
                status = self._receiver.handle(
                    post.method, post.headers, post.query, post.body
                ).status
                self.statuses[status] += 1
                if status == 503:
                    left.append(post)
            posts = left
        return self._handled, self.statuses


Run: TypeAlias = Callable[[list[list[Post]]], list[tuple[list[Handled], "Counter[int]"]]]


def attack(
    tracker: DeliveryTracker, run: Run, messages: list[Message], posts: list[Post]
) -> Counter[int]:
    """Run one example, and check that no message was touched by the token of another; return the answers."""
    _record(tracker, messages)
    took = run([posts[start::PROCESSES] for start in range(PROCESSES)])
    handled = Counter(one for got, _ in took for one in got)
    assert not [one for one, times in handled.items() if times > 1], "a handler got an event twice"
    for message in messages:
        alone = Receiver(DeliveryTracker())
        _record(alone.tracker, messages)
        got, _ = alone.take([post for post in posts if post.reference == message.reference])
        assert {one for one in handled if one[0] == message.reference} == set(got)
        for is_later in (False, True):
            assert _known(tracker, message) == _known(alone.tracker, message)
            if not is_later:
                for each in (tracker, alone.tracker):
                    each.record(message.send)
    return sum((answers for _, answers in took), Counter())


def _record(tracker: DeliveryTracker, messages: list[Message]) -> None:
    for message in messages:
        if message.is_recorded:
            tracker.record(message.send)


def _known(tracker: DeliveryTracker, message: Message) -> Any:
    """Return everything that can be asked about a message."""
    by_id = tracker.state(message.message_id) if tracker.status(message.reference) else None
    return (
        tracker.status(message.send),
        tracker.status(message.reference),
        tracker.state(message.message_id, reference=message.reference),
        by_id,
    )


def explore(
    run: Run, posts: int, tracker: Callable[[], DeliveryTracker], *, shrink: bool = True
) -> Counter[int]:
    """Make the given number of posts; return how they were answered."""
    answers: Counter[int] = Counter()
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)

    @settings(
        max_examples=-(-posts // POSTS),
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(attacks())
    def one(drawn: tuple[list[Message], list[Post]]) -> None:
        answers.update(attack(tracker(), run, *drawn))

    one()
    return answers


def in_memory(posts: int) -> Counter[int]:
    """Attack trackers in memory, in four threads."""
    current: list[Receiver] = []

    def tracker() -> DeliveryTracker:
        made = DeliveryTracker()
        current[:] = [Receiver(made) for _ in range(PROCESSES)]
        return made

    with ThreadPoolExecutor(PROCESSES) as threads:

        def run(shares: list[list[Post]]) -> list[tuple[list[Handled], Counter[int]]]:
            return list(threads.map(Receiver.take, current, shares))

        return explore(run, posts, tracker)


_receiver: Receiver | None = None


def _begin(url: str) -> None:
    global _receiver  # noqa: PLW0603 - what each process of a pool has
    _receiver = Receiver(DeliveryTracker.open(url))


def _take(posts: list[Post]) -> tuple[list[Handled], Counter[int]]:
    assert _receiver is not None
    return _receiver.take(posts)


def in_processes(url: str, posts: int) -> Counter[int]:
    """Attack a tracker on a database, in four processes."""
    with (
        multiprocessing.get_context("fork").Pool(PROCESSES, _begin, (url,)) as pool,
        DeliveryTracker.open(url) as tracker,
    ):
        # One share each, so that all four work at the same time.
        return explore(lambda shares: pool.map(_take, shares, 1), posts, lambda: tracker)


def main(arguments: list[str] | None = None) -> int:
    """Run the attack; an exception reports a violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.webhooks.attack", description=__doc__)
    parser.add_argument("url", help='SQLAlchemy URL of an empty database, or "memory"')
    parser.add_argument("--posts", type=int, default=20_000)
    options = parser.parse_args(arguments)
    # It logs every refusal.
    logging.getLogger("smsmanager.webhooks").setLevel(logging.CRITICAL)
    if options.url == "memory":
        answers = in_memory(options.posts)
    else:
        answers = in_processes(options.url, options.posts)
    told = {
        "posts": sum(answers.values()),
        "answers": {str(k): n for k, n in sorted(answers.items())},
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
