"""Answers of unusual shape: never a crash, never an acceptance that was not given."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsmanager import BadRequestError, ResponseParseError, Status
from tests.client.conftest import Face, Service

TO = ["420777123456", "420777123457"]
ODD = [
    ({"accepted": [{"key": 0, "message_id": 17}]}, [("accepted", "17"), ("unconfirmed", None)]),
    ({"accepted": [{"key": "0"}]}, [("accepted", None), ("unconfirmed", None)]),
    ({"accepted": [{"key": "0", "message_id": None}]}, [("accepted", None), ("unconfirmed", None)]),
    ({"accepted": None, "rejected": None}, [("unconfirmed", None)] * 2),
    ({}, [("unconfirmed", None)] * 2),
    ({"accepted": {}, "rejected": "no"}, [("unconfirmed", None)] * 2),
    ({"accepted": True}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": "7", "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": "-1", "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": -1, "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": True, "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": 1.0, "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": "²", "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    ({"accepted": [{"key": "9" * 5000, "message_id": "m"}]}, [("unconfirmed", None)] * 2),
    (
        {"accepted": [None, "x", 5, {"key": "1", "message_id": "m"}]},
        [("unconfirmed", None), ("accepted", "m")],
    ),
    (
        {"accepted": [{"key": "0", "message_id": "a"}, {"key": "0", "message_id": "b"}]},
        [("accepted", "a"), ("unconfirmed", None)],
    ),
    (
        {"accepted": [{"key": "0", "message_id": "a"}], "rejected": [{"key": "0"}, {"key": 1}]},
        [("accepted", "a"), ("rejected", None)],
    ),
]


@pytest.mark.parametrize(("answer", "expected"), ODD)
def test_odd_answers(
    client: Any, service: Any, answer: Any, expected: list[tuple[str, str | None]]
) -> None:
    service.script = [httpx.Response(200, json=answer)]
    result = client.send("Hello", to=TO)
    assert [(outcome.status.value, outcome.message_id) for outcome in result] == expected


def test_request_ids_of_other_types(client: Any, service: Any) -> None:
    cases: list[Any] = [(17, "17"), (None, None), ("", None), ({}, None), (True, None)]
    for value, expected in cases:
        service.script = [httpx.Response(200, json={"request_id": value})]
        assert client.send("Hello", to=TO)[0].request_id == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.text("0123a-", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["key", "message_id", "accepted", "rejected", "request_id"]), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answer=st.dictionaries(st.sampled_from(["accepted", "rejected", "request_id"]), JSON),
    recipients=st.sampled_from([1, 3, 10, 25]),
)
def test_any_answer(answer: dict[str, Any], recipients: int) -> None:
    service = Service()
    service.script = [httpx.Response(200, json=answer)]
    result = Face("sync", service, {}).send(
        "Hello", to=[f"4207771{n:05d}" for n in range(recipients)]
    )
    assert len(result) == recipients
    items = answer.get("accepted")
    items = items if isinstance(items, list) else []
    named = {str(i["key"]) for i in items if isinstance(i, dict) and "key" in i}
    for outcome in result.accepted:
        key = outcome.index if recipients <= 10 else outcome.index // 10
        assert str(key) in {name.lstrip("0") or "0" for name in named}
    assert {outcome.status for outcome in result} <= {
        Status.ACCEPTED,
        Status.REJECTED,
        Status.UNCONFIRMED,
    }


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without end; counts what was read of it."""

    def __init__(self) -> None:
        self.read = 0
        self.closed = False

    def __iter__(self) -> Endless:
        return self

    def __next__(self) -> bytes:
        self.read += 40
        return b" " * 40

    def __aiter__(self) -> Endless:
        return self

    async def __anext__(self) -> bytes:
        return next(self)

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


# httpx wraps the stream in a generator that cannot be closed from outside; only trio remarks on it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_answer_is_read_up_to_a_limit(make: Any, service: Any) -> None:
    client = make(max_response_bytes=100)
    endless = Endless()
    service.script = [
        httpx.Response(200, stream=endless),
        httpx.Response(400, content=b"x" * 5000),
    ]
    with pytest.raises(ResponseParseError) as caught:
        client.send("Hello", to=TO)
    assert caught.value.body == b" " * 100
    assert endless.read == 120
    assert endless.closed
    with pytest.raises(BadRequestError) as refused:
        client.send("Hello", to=TO)
    assert len(refused.value.body) == 100
