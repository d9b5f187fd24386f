"""Ask the sandbox through both clients, one operation after another, about what was really sent to it.

What Prism says to the same questions is in `test_rest_mock_server.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from smsmanager import compose
from smsmanager.asking import CancelOutcome, MessageState
from smsmanager.sandbox import RestSettings, Sandbox, Settings
from tests.contract.mock_servers import KEY
from tests.contract.spec import REST
from tests.contract.test_rest_mock_server import CALLS, Asker
from tests.sandbox.asked.conftest import Asked

NUMBER = "420777123456"
DAY = "2027-01-01"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
SETTINGS = Settings(
    credit=Decimal(100), senders=frozenset({"Shop"}), rest=RestSettings(page_size=2)
)


@pytest.fixture(scope="module")
def running() -> Iterator[Asked]:
    # To the letter, as Prism is.
    with Sandbox(rules="spec", clock="manual", now=NOON, settings=SETTINGS) as sandbox:
        asked = Asked(sandbox)
        yield asked
        asked.close()


@pytest.fixture
def asked(running: Asked) -> Asked:
    running.sandbox.reset()
    return running


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, running: Asked) -> Asker:
    return Asker(request.param, running.sandbox.rest_base_url)


def send(asked: Asked, count: int = 1) -> list[str]:
    ids = [each for _ in range(count) for each in asked.send(key=KEY, payload={"order": 7})]
    asked.sandbox.advance(60)
    return ids


def status(ask: Asker, asked: Asked) -> None:
    (message_id,) = send(asked)
    found = ask("status", message_id)
    assert (found.state, found.price) == (MessageState.DELIVERED, Decimal("1.05"))
    assert (found.created_at, found.tags) == (NOON, ("promotional",))
    assert ask("status", "no-such-id") is None


def sent(ask: Asker, asked: Asked) -> None:
    ids = send(asked, 5)
    rows = ask("sent", DAY, phone_number=NUMBER)
    assert [row.message_id for row in rows] == ids
    assert all(row.is_sent and row.price_czk == Decimal("1.05") for row in rows)
    assert ask("sent", "2027-01-02") == []


def request_totals(ask: Asker, asked: Asked) -> None:
    send(asked)
    found = ask("request_totals", asked.sandbox.messages[0].request_id, DAY)
    assert (found.sent, found.delivered, found.price_czk) == (1, 1, Decimal("1.05"))
    assert ask("request_totals", "no-such-id", DAY) is None


def day_totals(ask: Asker, asked: Asked) -> None:
    send(asked, 3)
    (found,) = ask("day_totals", [DAY, "2027-01-02"])
    assert (found.day.isoformat(), found.tags, found.totals.sent) == (DAY, ("promotional",), 3)


def inbox(ask: Asker, asked: Asked) -> None:
    send(asked)
    asked.sandbox.reply("Yes", to=NUMBER)
    (reply,) = ask("inbox", DAY)
    assert (reply.body, reply.sender, reply.payload) == ("Yes", NUMBER, {"order": 7})


def credit(ask: Asker, asked: Asked) -> None:
    send(asked)
    found = ask("credit")
    assert (found.amount, found.currency) == (Decimal("98.95"), "czk")
    assert found.time_zone == "Europe/Prague"


def prices(ask: Asker, _asked: Asked) -> None:
    found = ask("prices")
    assert found.of(NUMBER).amount("czk") == Decimal("1.05")
    assert found.of(NUMBER, channel="viber").eur == Decimal("0.024")


def notice(ask: Asker, _asked: Asked) -> None:
    assert ask("credit_notice") is None
    ask("set_credit_notice", email="a@example.com", value=50, enable=True)
    assert ask("credit_notice").is_enabled


def key(ask: Asker, _asked: Asked) -> None:
    ask("update_key", default_callback_url="https://example.com/hook", note="Shop")
    found = ask("me")
    assert (found.account, found.default_callback_url) == ("prepaid", "https://example.com/hook")
    assert found.may_change_settings
    assert found.has_sender("Shop")


def optouts(ask: Asker, _asked: Asked) -> None:
    of_list("optouts", ask)


def blacklist(ask: Asker, _asked: Asked) -> None:
    of_list("blacklist", ask)


def of_list(name: str, ask: Asker) -> None:
    assert len(ask(f"{name}.download")) == 0
    assert ask(f"{name}.add", [NUMBER, "420777123457", "421905123456"]).accepted == 3
    assert NUMBER in ask(f"{name}.download")
    removed = ask(f"{name}.remove", NUMBER)
    assert (removed.removed, removed.remaining) == (1, 2)
    assert set(ask(f"{name}.download")) == {"420777123457", "421905123456"}
    assert ask(f"{name}.wipe_the_whole_list").is_wiped
    assert len(ask(f"{name}.download")) == 0


def cancel(ask: Asker, asked: Asked) -> None:
    (message_id,) = asked.send(key=KEY, datetime="2027-01-02T10:00:00Z")
    assert ask("cancel", message_id)[0].outcome is CancelOutcome.CANCELLED
    assert ask("cancel", message_id)[0].outcome is CancelOutcome.REFUSED


def check(ask: Asker, _asked: Asked) -> None:
    assert ask("check", compose("Hi", to=NUMBER)).accepted == (0,)
    several = [compose("Hi", to=NUMBER), compose("Hello", to=["420777123457", NUMBER])]
    assert ask("check", several).accepted == (0, 1)


# By operation; some are asked together.
OPERATIONS: dict[str, Callable[[Asker, Asked], None]] = {
    "getMessage": status,
    "listMessages": sent,
    "getRequest": request_totals,
    "listRequests": day_totals,
    "listInbox": inbox,
    "getCredit": credit,
    "getPrices": prices,
    "getCreditNotice, setCreditNotice": notice,
    "getKey, updateKey": key,
    "downloadOptOut, addToOptOut, removeFromOptOut": optouts,
    "downloadBlacklist, addToBlacklist, removeFromBlacklist": blacklist,
    "cancelMessage": cancel,
    "validateMessages": check,
}


def test_every_operation_is_asked() -> None:
    names = {name for names in OPERATIONS for name in names.split(", ")}
    assert {operation.id for operation in REST.operations()} == names


@pytest.mark.parametrize("names", OPERATIONS)
def test_operation(names: str, ask: Asker, asked: Asked) -> None:
    OPERATIONS[names](ask, asked)
    answered = {request.operation for request in asked.sandbox.requests}
    assert {*names.split(", ")} <= answered


@pytest.mark.parametrize("operation_id", CALLS)
def test_what_prism_takes_is_taken(operation_id: str, ask: Asker, asked: Asked) -> None:
    """No question of the clients breaks the description, whatever is known of it."""
    for name in ("optout", "blacklist"):
        asked.call("POST", f"/{name}", {"to": NUMBER}, key=KEY)
    arguments, options, _ = CALLS[operation_id]
    ask(*arguments, **options)
    request = asked.sandbox.requests[-1]
    assert (request.operation, request.pointer) == (operation_id, None)
