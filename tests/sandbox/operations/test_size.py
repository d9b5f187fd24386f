"""The limit of 128 KB."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from smsmanager.sandbox import Sandbox
from tests.sandbox.conftest import FORM_TYPE, JSON_TYPE, raw

LIMIT = 131_072
MESSAGE = json.dumps({"to": [{"phone_number": "420777123456"}], "body": "Hello"}).encode()
FORM = b"phone_number=420777123456&message=Hello&sender=Shop&customID="


def test_a_body_of_the_limit_is_taken(sandbox: Sandbox) -> None:
    answer = raw(sandbox, MESSAGE.ljust(LIMIT))

    assert answer.status_code == 200


@pytest.mark.parametrize("size", [LIMIT + 1, 10 * LIMIT])
@pytest.mark.parametrize("path", ["/message", "/message/priority", "/messages"])
def test_a_larger_body_is_refused(sandbox: Sandbox, path: str, size: int) -> None:
    answer = raw(sandbox, MESSAGE.ljust(size), path)

    assert answer.status_code == 400
    assert answer.json() == {"Message": "/: the body has more than 131072 bytes"}
    assert sandbox.requests[0].reason == "/: the body has more than 131072 bytes"


def test_a_larger_form_is_refused(sandbox: Sandbox) -> None:
    taken = raw(sandbox, FORM.ljust(LIMIT, b"a"), "/simple/message", content_type=FORM_TYPE)
    refused = raw(sandbox, FORM.ljust(LIMIT + 1, b"a"), "/simple/message", content_type=FORM_TYPE)

    assert taken.json()["accepted"] is True
    assert (refused.status_code, refused.json()["accepted"]) == (400, False)
    assert sandbox.requests[1].reason == "/: the body has more than 131072 bytes"


def test_the_size_is_counted_where_no_length_is_announced(sandbox: Sandbox) -> None:
    def pieces() -> Iterator[bytes]:
        yield MESSAGE
        for _ in range(LIMIT // 1024):
            yield b" " * 1024

    answer = raw(sandbox, pieces())

    assert answer.status_code == 400
    assert answer.json() == {"Message": "/: the body has more than 131072 bytes"}


def test_a_connection_is_still_good_after_a_body_that_was_too_large(service: httpx.Client) -> None:
    large = service.post(
        "/message", content=MESSAGE.ljust(LIMIT + 1), headers={"content-type": JSON_TYPE}
    )
    after = service.post("/message", content=MESSAGE, headers={"content-type": JSON_TYPE})

    assert (large.status_code, after.status_code) == (400, 200)


def test_a_request_that_breaks_off_is_no_request(sandbox: Sandbox) -> None:
    address = httpx.URL(sandbox.url)
    with socket.create_connection((address.host, address.port or 0)) as connection:
        connection.sendall(
            b"POST /v2/message HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: k\r\n"
            b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n" + MESSAGE,
        )
    answer = raw(sandbox, MESSAGE)

    assert answer.status_code == 200
    assert len(sandbox.requests) == len(sandbox.messages) == 1
