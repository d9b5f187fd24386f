"""The queue of webhooks alone: what is planned, batched, repeated and forgotten."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from smsmanager.sandbox import Settings
from smsmanager.sandbox.engine.accounts import Account
from smsmanager.sandbox.engine.records.incoming_message import IncomingMessage
from smsmanager.sandbox.engine.records.webhook_delivery import Attempt, Delivery, Target
from smsmanager.sandbox.engine.schedule import Schedule
from smsmanager.sandbox.engine.webhook_queue import ATTEMPT, Webhooks

URL = "https://receiver.invalid/hook"
IN_BATCHES: Any = {"url": URL, "batch_size": 3}


class Queue:
    """A queue of webhooks, with what it plans and publishes."""

    def __init__(self, *, most: int = 100, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.schedule = Schedule()
        self.published: list[tuple[Any, ...]] = []
        self.account = Account("key", self.settings, 10)
        self.webhooks = Webhooks(
            lock=threading.RLock(),
            settings=lambda: self.settings,
            schedule=self.schedule,
            feed=self,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            seed=1,
            max_deliveries=most,
        )

    def publish(self, *told: Any) -> None:
        self.published.append(told)

    def add(
        self, callback: Any = URL, at: float = 10.0, account: Account | None = None
    ) -> IncomingMessage:
        message = IncomingMessage(
            sequence=1,
            key_fingerprint="key",
            gateway="sms",
            sender="1",
            recipient="2",
            body="x",
            at=at,
        )
        self.webhooks.add(account or self.account, callback, message, None, at)
        return message

    @property
    def planned(self) -> list[tuple[float, str, Any, Any]]:
        return [
            (task.due, task.kind, task.subject, task.detail) for task in self.schedule.first(1_000)
        ]

    @property
    def kept(self) -> list[Delivery]:
        return list(self.webhooks)


def attempt(status: int | None, at: float = 10.0, *, by_hand: bool = False) -> Attempt:
    return Attempt(at, status, None, 1.0, by_hand)


def test_a_webhook_is_kept_planned_and_published() -> None:
    queue = Queue()
    message = queue.add()
    [delivery] = queue.kept
    assert (delivery.id, delivery.key_fingerprint, delivery.due, delivery.state) == (
        1,
        "key",
        10.0,
        "waiting",
    )
    assert (delivery.target.url, delivery.items) == (URL, [(message, None)])
    assert queue.planned == [(10.0, ATTEMPT, delivery, None)]
    assert queue.published == [("webhook", "key", 1)]
    assert message.deliveries == [delivery]
    assert queue.webhooks.find(1) is delivery
    assert queue.webhooks.find(2) is None
    queue.add()
    assert [each.id for each in queue.kept] == [1, 2]
    assert len({each.request_id for each in queue.kept}) == 2


@pytest.mark.parametrize(
    ("own", "of_the_key", "url"),
    [
        (URL, "https://key.invalid", URL),
        (None, URL, URL),
        ("", URL, URL),
        (None, None, None),
        ("", "", None),
    ],
)
def test_where_it_goes(own: Any, of_the_key: Any, url: str | None) -> None:
    queue = Queue(callback=of_the_key)
    queue.add(own)
    assert [each.target.url for each in queue.kept] == ([] if url is None else [url])


def test_a_batch_is_filled() -> None:
    queue = Queue()
    for _ in range(7):
        queue.add(IN_BATCHES)
    assert [len(each.items) for each in queue.kept] == [3, 3, 1]
    assert [task[2] for task in queue.planned] == queue.kept
    assert [told[2] for told in queue.published] == [1, 1, 1, 2, 2, 2, 3]


def test_what_does_not_share_a_batch() -> None:
    queue = Queue()
    queue.add(IN_BATCHES)
    queue.add(IN_BATCHES, at=11.0)
    queue.add(IN_BATCHES, at=11.0, account=Account("other", queue.settings, 10))
    queue.add({**IN_BATCHES, "method": "PUT"}, at=11.0)
    queue.add(at=11.0)
    queue.add(at=11.0)
    assert [len(each.items) for each in queue.kept] == [1] * 6
    queue.add(IN_BATCHES, at=11.0)
    assert [len(each.items) for each in queue.kept] == [1, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("how", ["handed over", "attempted"])
def test_a_batch_that_is_on_its_way_takes_no_more(how: str) -> None:
    queue = Queue()
    queue.add(IN_BATCHES)
    [delivery] = queue.kept
    if how == "handed over":
        queue.webhooks.attempt(delivery, by_hand=False)
    else:
        delivery.attempts.append(attempt(500))
    queue.add(IN_BATCHES)
    assert [len(each.items) for each in queue.kept] == [1, 1]


def test_the_same_event_is_not_twice_in_one_batch() -> None:
    queue = Queue(duplicates=1.0)
    queue.add(IN_BATCHES)
    assert [len(each.items) for each in queue.kept] == [1, 1]


def test_duplicates_and_disorder() -> None:
    queue = Queue(duplicates=1.0)
    queue.add()
    assert [each.due for each in queue.kept] == [10.0, 10.0]
    queue = Queue(disorder=1.0)
    for _ in range(50):
        queue.add()
    late = [each.due - 10.0 for each in queue.kept if each.due is not None]
    assert len(late) == 50
    assert 1 <= min(late) < 10
    assert 50 < max(late) <= 60
    queue = Queue(most=1_000, duplicates=0.5, disorder=0.5)
    for _ in range(100):
        queue.add()
    assert 120 < len(queue.kept) < 180
    assert 40 < sum(each.due == 10.0 for each in queue.kept) < 110
    queue = Queue()
    for _ in range(20):
        queue.add()
    assert [each.due for each in queue.kept] == [10.0] * 20


def test_the_oldest_go_first() -> None:
    queue = Queue(most=2)
    for _ in range(4):
        queue.add()
    assert [each.id for each in queue.kept] == [3, 4]


def test_what_is_due_is_taken_once_and_can_be_given_back() -> None:
    queue = Queue()
    for _ in range(3):
        queue.add()
    one, two, three = queue.kept
    for each in (one, two):
        queue.webhooks.attempt(each, by_hand=False)
    assert queue.webhooks.take_due() == [(one, False), (two, False)]
    assert queue.webhooks.take_due() == []
    queue.webhooks.attempt(three, by_hand=True)
    queue.webhooks.give_back([(one, False), (two, False)])
    assert queue.webhooks.take_due() == [(one, False), (two, False), (three, True)]


def test_only_what_waits_is_attempted_by_itself() -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    for state in ("delivered", "given_up", "blocked"):
        delivery.state = state  # pyright: ignore[reportAttributeAccessIssue]
        queue.webhooks.attempt(delivery, by_hand=False)
        assert queue.webhooks.take_due() == []
        queue.webhooks.attempt(delivery, by_hand=True)
        assert queue.webhooks.take_due() == [(delivery, True)]


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_success_ends_it(status: int) -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    queue.published.clear()
    queue.webhooks.settle(delivery, attempt(status))
    assert (delivery.state, delivery.due, len(delivery.attempts)) == ("delivered", None, 1)
    assert len(queue.planned) == 1
    assert queue.published == [("webhook", "key", 1)]


@pytest.mark.parametrize("status", [None, 199, 300, 404, 500])
def test_a_failure_is_repeated_four_times(status: int | None) -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    for number, wait_s in enumerate((30.0, 60.0, 120.0, 240.0), start=1):
        queue.webhooks.settle(delivery, attempt(status, at=100.0))
        assert (delivery.state, delivery.due, delivery.retries) == (
            "waiting",
            100.0 + wait_s,
            number,
        )
        assert (100.0 + wait_s, ATTEMPT, delivery, None) in queue.planned
    queue.webhooks.settle(delivery, attempt(status, at=100.0))
    assert (delivery.state, delivery.due, len(delivery.attempts)) == ("given_up", None, 5)
    assert len(queue.planned) == 5


def test_a_failure_by_hand_changes_no_plan() -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    queue.webhooks.settle(delivery, attempt(500, by_hand=True))
    assert (delivery.state, delivery.due, delivery.retries) == ("waiting", 10.0, 0)
    assert len(delivery.attempts) == len(queue.planned) == 1
    queue.webhooks.settle(delivery, attempt(204, by_hand=True))
    assert (delivery.state, delivery.due) == ("delivered", None)


def test_a_blocked_one_was_not_attempted() -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    queue.webhooks.settle(delivery, attempt(None), blocked=True)
    assert (delivery.state, delivery.due, delivery.attempts) == ("blocked", None, [])
    assert len(queue.planned) == 1


def test_sending_again_by_hand_is_planned_at_once() -> None:
    queue = Queue()
    queue.add()
    [delivery] = queue.kept
    queue.webhooks.resend(delivery, 5.0)
    assert queue.planned[0] == (5.0, ATTEMPT, delivery, True)


def test_clearing() -> None:
    queue = Queue()
    queue.add(IN_BATCHES)
    ids = [each.request_id for each in queue.kept]
    queue.webhooks.attempt(queue.kept[0], by_hand=False)
    queue.add(IN_BATCHES)
    queue.webhooks.clear()
    assert (queue.kept, queue.webhooks.take_due()) == ([], [])
    queue.add(IN_BATCHES)
    assert [len(each.items) for each in queue.kept] == [1], "no batch is left open"
    assert [each.request_id for each in queue.kept] == ids, "the seed begins again"


def test_clearing_one_key() -> None:
    queue = Queue()
    other = Account("other", queue.settings, 10)
    queue.add(IN_BATCHES)
    queue.add(IN_BATCHES, account=other)
    own, foreign = queue.kept
    queue.webhooks.attempt(own, by_hand=True)
    queue.webhooks.attempt(foreign, by_hand=True)
    queue.add(IN_BATCHES)
    queue.add(IN_BATCHES, account=other)
    assert [each.id for each in queue.webhooks.clear_key("key")] == [1, 3]
    assert [each.id for each in queue.kept] == [2, 4]
    assert queue.webhooks.take_due() == [(foreign, True)]
    queue.add(IN_BATCHES)
    queue.add(IN_BATCHES, account=other)
    assert [len(each.items) for each in queue.kept] == [1, 2, 1]


def test_what_was_in_a_file_goes_on() -> None:
    queue, message = Queue(), Queue().add()
    message.deliveries.clear()
    for number, state, due in ((7, "waiting", 20.0), (8, "delivered", None), (9, "waiting", None)):
        read = Delivery(number, "key", "id", Target.of(URL), due)
        read.state = state  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
        read.items.append((message, None))
        queue.webhooks.restore(read)
    assert [each.id for each in queue.kept] == [7, 8, 9]
    assert [(due, subject.id) for due, _, subject, _ in queue.planned] == [(20.0, 7)]
    assert [each.id for each in message.deliveries] == [7, 8, 9]
    queue.add()
    assert [each.id for each in queue.kept] == [7, 8, 9, 10]
