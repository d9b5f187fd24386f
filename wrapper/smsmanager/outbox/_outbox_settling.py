"""Ask the service about the messages in doubt; no I/O."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from smsmanager._message.wire_requests import MAX_RECIPIENTS
from smsmanager.outbox._kept_message import id_of_first, id_of_recipient, stored_result
from smsmanager.outbox._outbox_queries import accept, ids_between, open_rows
from smsmanager.outbox._outbox_steps import Ask, Clocks, Plan, Work

if TYPE_CHECKING:
    from smsmanager.outbox._outbox_store import OutboxStore
    from smsmanager.results import SendResult

_AROUND_S = 3600.0
"""Seconds around a call in which other messages could be mistaken for its messages; well above `late_s`."""


def settle(
    store: OutboxStore, clocks: Clocks, target: str, most: int, options: dict[str, Any]
) -> Plan[int]:
    """Ask a service about the messages in doubt that went to it; see `Outbox.settle`."""
    # What a process left in flight when it died is in doubt, whether or not anybody drains.
    yield Work(partial(store.tend, clocks.now()))
    rows = yield Work(partial(open_rows, store, target, most))
    results = [stored_result(row) for row in rows]
    settled = 0
    for position, (row, result) in enumerate(zip(rows, results, strict=True)):
        begin_s, end_s = result.called or (0.0, 0.0)
        known = yield Work(partial(ids_between, store, begin_s - _AROUND_S, end_s + _AROUND_S))
        bound = [id_of_recipient(each, index) for each in known for index in range(MAX_RECIPIENTS)]
        others = [other for at, other in enumerate(results) if at != position]
        asked = {
            **options,
            "others": [*options.get("others", ()), *others],
            "bound": [*options.get("bound", ()), *bound],
        }

        def ask(client: Any, result: SendResult = result, asked: dict[str, Any] = asked) -> Any:
            return client.settle(result, **asked)

        found: SendResult = yield Ask(ask)
        if found.accepted:
            taken = found.accepted[0]
            first_id = id_of_first(taken.message_id, taken.index)
            note = partial(accept, store, row, first_id, taken.request_id, clocks.now())
            settled += yield Work(note)
            results[position] = found
    return settled
