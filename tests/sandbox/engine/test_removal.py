"""Removing one message, and putting it back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.sandbox import Sandbox
from smsmanager.sandbox.engine.removal import Removed
from tests.sandbox.conftest import NUMBER, message_to, post, send
from tests.webhook_receiver import Receiver

SECOND = "421905123456"


def test_nothing_more_is_sent_of_a_message_that_was_removed(
    still: Sandbox, receiver: Receiver
) -> None:
    later = datetime(2027, 1, 2, tzinfo=UTC).isoformat()
    send(still, NUMBER, datetime=later, callback=receiver.url)
    send(still, SECOND, datetime=later, callback=receiver.url)
    removal = still._service.engine.removal
    gone, kept = still.messages
    removed = removal.remove(gone)
    assert removed is not None
    assert removal.remove(gone) is None
    still.settle()
    assert [*still.messages] == [kept]
    assert gone.journey.runs == ()
    assert receiver.bodies
    assert not any(NUMBER.encode() in body for body in receiver.bodies)

    # Its time has passed meanwhile: it goes out at once.
    removal.put_back(removed)
    removal.put_back(removed)
    assert [*still.messages] == [gone, kept]
    still.settle()
    assert gone.state == "delivered"
    assert any(NUMBER.encode() in body for body in receiver.bodies)


def test_a_webhook_that_carries_others_too_is_still_sent(
    still: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses[:] = [503, 503, 503]
    send(still, NUMBER, SECOND, callback={"url": receiver.url, "batch_size": 10})
    still.flush()
    still._service.engine.removal.remove(still.messages[0])
    del receiver.calls[:]
    still.settle()
    assert any(NUMBER.encode() in body and SECOND.encode() in body for body in receiver.bodies)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 11), max_size=30), st.integers(0, 3))
def test_any_order_of_removing_and_putting_back_leaves_the_inbox_consistent(
    touched: list[int], room: int
) -> None:
    with Sandbox(clock="manual", seed=1, max_messages=12 + room) as sandbox:
        engine = sandbox._service.engine
        for key in ("a", "b"):
            batch = [message_to(NUMBER, SECOND, body=f"{n}") for n in range(3)]
            post(sandbox, batch, path="/messages", key=key).raise_for_status()
        everything = sandbox.messages
        assert len(everything) == 12
        waiting = engine.waiting_count
        removed: dict[int, Removed | None] = {}
        for index in touched:
            if index in removed:
                back = removed.pop(index)
                assert back is not None
                engine.removal.put_back(back)
            else:
                removed[index] = engine.removal.remove(everything[index])
            kept = [m for n, m in enumerate(everything) if n not in removed]
            assert list(engine.inbox.messages()) == kept
            assert [*engine.inbox.newest()] == kept[::-1]
            for account in engine.accounts:
                own = [m for m in kept if m.key_fingerprint == account.fingerprint]
                assert list(engine.inbox.messages(account.fingerprint)) == own
                counts = {state: count for state, count in account.counts.items() if count}
                assert counts == Counter(message.state for message in own)
            for message in everything:
                assert message.message_id
                found = engine.inbox.find(message.message_id)
                assert found == ((message,) if message in kept else ())
                siblings = tuple(m for m in kept if m.request_id == message.request_id)
                answered = message.message_id[:36]
                same = tuple(m for m in siblings if (m.message_id or "").startswith(answered))
                assert engine.inbox.find(answered) == same
        for one in removed.values():
            assert one is not None
            engine.removal.put_back(one)
        assert engine.waiting_count == waiting


def test_what_was_removed_stays_so_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.sqlite"
    with Sandbox(data=data) as sandbox:
        send(sandbox, NUMBER, SECOND)
    with Sandbox(data=data) as sandbox:
        first, second = sandbox.messages
        removal = sandbox._service.engine.removal
        assert removal.remove(first)
        back = removal.remove(second)
        assert back is not None
        removal.put_back(back)
    with Sandbox(data=data) as sandbox:
        assert [message.to for message in sandbox.messages] == [SECOND]
