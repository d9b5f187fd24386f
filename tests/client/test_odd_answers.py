"""Answers of unusual shape: never a crash, never a false acceptance, never an unlimited read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from smsmanager import BadRequestError, ResponseParseError

TO = ["420777123456", "420777123457"]


def test_items_that_cannot_be_read_leave_the_others(client: Any, service: Any) -> None:
    answer = {"request_id": 17, "accepted": [None, 5, {"key": "1", "message_id": 7}]}
    service.script = [httpx.Response(200, json=answer)]
    result = client.send("Hello", to=TO)
    assert [(outcome.status.value, outcome.message_id) for outcome in result] == [
        ("unconfirmed", None),
        ("accepted", "7"),
    ]
    assert result[1].request_id == "17"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        pytest.param(200, b"<html>login</html>", id="html"),
        pytest.param(200, b"", id="empty"),
        pytest.param(200, b"null", id="null"),
        pytest.param(200, b"[]", id="list"),
        pytest.param(200, b"true", id="true"),
        pytest.param(200, b'{"accepted": [{"key', id="truncated"),
        pytest.param(200, b"\xff\xfe\x00", id="not-text"),
        pytest.param(200, b"[" * 100_000, id="deep"),
        pytest.param(201, b'{"accepted": []}', id="201"),
        pytest.param(204, b"", id="204"),
        pytest.param(206, b"{}", id="206"),
    ],
)
def test_a_2xx_that_cannot_be_read_was_taken(
    client: Any, service: Any, status: int, content: bytes
) -> None:
    service.script = [httpx.Response(status, content=content)]
    with pytest.raises(ResponseParseError, match="taken") as caught:
        client.send("Hello", to=TO)
    assert caught.value.status_code == status
    assert caught.value.body == content
    assert caught.value.safe_to_retry is False
    assert caught.value.result is not None
    assert len(caught.value.result.unknown) == 2
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"<html>", "is not JSON"), (b" ", "is empty"), (b"[]", "is not a JSON object")],
)
def test_an_error_names_what_is_wrong_with_an_answer(
    client: Any, service: Any, content: bytes, problem: str
) -> None:
    service.script = [httpx.Response(200, content=content)]
    with pytest.raises(ResponseParseError, match=f"the answer {problem}\\."):
        client.send("Hello", to=TO)


class Plain(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that nobody has read or decoded yet."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"accepted": [{"key": "0", "message_id": "m"}]}'

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


@pytest.mark.parametrize("coding", [" Identity ", ""])
def test_an_answer_without_a_content_encoding_is_read(
    client: Any, service: Any, coding: str
) -> None:
    service.script = [httpx.Response(200, headers={"Content-Encoding": coding}, stream=Plain())]
    assert client.send("Hello", to=TO[0]).ok


def test_an_answer_with_a_content_encoding_is_not_read(client: Any, service: Any) -> None:
    service.script = [httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Plain())]
    with pytest.raises(ResponseParseError, match="is incomplete, too large or compressed"):
        client.send("Hello", to=TO[0])


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An endless body; counts how much of it was read."""

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


# httpx wraps the stream in a generator that cannot be closed from outside; only trio warns about it.
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
