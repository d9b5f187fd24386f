"""One recipient of many: how little each costs when one request carries a hundred."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from bench.figures import Comparison, Kind, Row, Section, quotients
from bench.sends import KEY, RAW, TEXT
from bench.turns import Contender, cost_of_rounds
from smsmanager import SmsManager, compose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.options import Options

AIM = 1 / 60
"""Most that a recipient of a full request should take of the CPU time of one raw send."""

_MESSAGE_SIZE = 10
_NUMBERS = [f"4207771{index:05d}" for index in range(100)]


def _messages() -> list[dict[str, Any]]:
    return [
        {
            "body": TEXT,
            "to": [{"phone_number": n} for n in _NUMBERS[start : start + _MESSAGE_SIZE]],
        }
        for start in range(0, len(_NUMBERS), _MESSAGE_SIZE)
    ]


@contextmanager
def _raw_batch(base_url: str) -> Iterator[Callable[[], object]]:
    with httpx.Client(base_url=base_url, headers={"x-api-key": KEY}) as client:

        def send() -> object:
            response = client.post("/messages", json=_messages())
            response.raise_for_status()
            return response.json()

        yield send


@contextmanager
def _one_text(base_url: str) -> Iterator[Callable[[], object]]:
    with SmsManager(KEY, base_url=base_url) as client:
        yield lambda: client.send(TEXT, to=_NUMBERS)


def _own_texts(count: int) -> Callable[[str], Any]:
    """Return what opens a send of that many messages, each with a text and a recipient of its own."""

    @contextmanager
    def opened(base_url: str) -> Iterator[Callable[[], object]]:
        with SmsManager(KEY, base_url=base_url) as client:
            yield lambda: client.send_batch(
                [
                    compose(f"{TEXT} No. {position}", to=number)
                    for position, number in enumerate(_NUMBERS[:count])
                ]
            )

    return opened


CONTENDERS = (
    RAW,
    Contender("httpx, 100 recipients", blocking=_raw_batch, recipients=100, share=0.4),
    Contender("send, 100 recipients", blocking=_one_text, recipients=100, share=0.4),
    Contender("send_batch, 10 messages", blocking=_own_texts(10), recipients=10, share=0.4),
    Contender("send_batch, 100 messages", blocking=_own_texts(100), recipients=100, share=0.08),
)
_FULL_REQUESTS = ("send, 100 recipients",)


def measure(options: Options) -> Section:
    """Measure sends to many, per recipient."""
    rows: list[Row] = []
    for contender in CONTENDERS[1:]:
        costs = cost_of_rounds(__name__, (RAW, contender), options)
        raw, cost = costs[RAW.name], costs[contender.name]
        if not rows:
            rows.append(Row(f"{RAW.name}, one send", (raw.cpu_us, raw.wall_us)))
        aim = AIM if contender.name in _FULL_REQUESTS else None
        compared = Comparison(
            f"{RAW.name}, one send", quotients(cost.cpu_us, raw.cpu_us), Kind.FRACTION, aim
        )
        rows.append(Row(contender.name, (cost.cpu_us, cost.wall_us), (compared,)))
    return Section(
        "One recipient of many",
        ("CPU us", "wall us"),
        tuple(rows),
        "  Ratios of CPU time. A request carries at most 10 messages of at most 10 recipients: 100\n"
        "  recipients of one text take one request, 10 messages take one, 100 messages take ten.\n"
        "  Messages are composed within the time.",
    )
