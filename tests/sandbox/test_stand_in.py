"""Starting, stopping, threads."""

import asyncio
import http.client
import logging
import socket
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import anyio
import anyio.abc
import httpx
import pytest
from starlette.applications import Starlette

from smsmanager.sandbox import Fault, Sandbox
from smsmanager.sandbox._server.server import BackgroundServer, bound_socket
from tests.sandbox.conftest import post

MESSAGE = {"to": [{"phone_number": "420777123456"}], "body": "Hello"}
HEADERS = {"x-api-key": "k"}


def threads_of_sandboxes() -> int:
    return sum(thread.name == "smsmanager-sandbox" for thread in threading.enumerate())


def test_it_answers_inside_the_block_and_is_readable_after_it() -> None:
    before = threads_of_sandboxes()
    with Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert sandbox.base_url == f"{sandbox.url}/v2"
        answer = post(sandbox, MESSAGE)
        assert answer.status_code == 200
    assert threads_of_sandboxes() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.url}/sandbox/health")
    assert [message.body for message in sandbox.messages] == ["Hello"]


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_it_starts_and_stops_beside_an_event_loop(anyio_backend: str) -> None:
    async with Sandbox() as sandbox, httpx.AsyncClient() as client:
        answer = await client.post(f"{sandbox.base_url}/message", json=MESSAGE, headers=HEADERS)
    assert answer.status_code == 200, anyio_backend
    assert len(sandbox.messages) == 1


def test_an_open_connection_does_not_hold_up_the_stop() -> None:
    with httpx.Client() as client:
        with Sandbox() as sandbox:
            assert client.get(f"{sandbox.url}/sandbox/health").status_code == 200
        with pytest.raises(httpx.ConnectError):
            client.get(f"{sandbox.url}/sandbox/health")


def test_it_can_be_started_again_but_not_twice() -> None:
    sandbox = Sandbox()
    sandbox.stop()
    for _ in range(2):
        sandbox.start()
        with pytest.raises(RuntimeError, match="running already"):
            sandbox.start()
        post(sandbox, MESSAGE)
        sandbox.stop()
        sandbox.stop()
    assert len(sandbox.messages) == 2


def test_it_has_no_address_before_the_start() -> None:
    sandbox = Sandbox()

    for name in ("url", "base_url"):
        with pytest.raises(RuntimeError, match="no address yet"):
            getattr(sandbox, name)


def test_a_given_port_is_used_and_a_taken_one_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            Sandbox(port=port).start()
    with Sandbox(port=port) as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{port}"
    with Sandbox(port=port) as again:
        assert again.url == sandbox.url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_every_loopback_host_can_be_used(host: str) -> None:
    if ":" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with Sandbox(host=host) as sandbox:
        assert httpx.get(f"{sandbox.url}/sandbox/health").status_code == 200


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "", "localhost.evil"])  # noqa: S104
def test_another_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        Sandbox(host=host)


def test_options_are_checked() -> None:
    with pytest.raises(TypeError, match="put the one key into a list"):
        Sandbox(api_keys="key")
    for prefix in ("", "+420", "٤٢٠"):
        with pytest.raises(ValueError, match="digits only"):
            Sandbox(country_prefix=prefix)
    for port in (-1, 65_536):
        with pytest.raises(ValueError, match="between 0 and 65535"):
            Sandbox(port=port)
    with pytest.raises(ValueError, match="at least 1"):
        Sandbox(max_messages=0)


def test_national_numbers_get_the_prefix_of_the_account() -> None:
    message = {**MESSAGE, "to": [{"phone_number": "0905 123 456"}, {"phone_number": "777777001"}]}
    with Sandbox(country_prefix="421") as sandbox:
        answer = post(sandbox, message)

    assert [received.to for received in sandbox.messages] == ["421905123456", "421777777001"]
    assert answer.json()["rejected"] == []
    assert len(sandbox.search(to="905123456")) == 1


def test_many_threads_send_while_others_read(sandbox: Sandbox) -> None:
    senders, rounds = 8, 10
    done = threading.Event()

    def read() -> int:
        reads = 0
        while not done.is_set():
            messages = sandbox.messages
            sequences = [message.sequence for message in messages]
            assert sequences == sorted(set(sequences))
            assert all(sandbox.find(str(found.message_id)) for found in messages[-3:])
            sandbox.search(containing="hello", tag="promotional")
            reads += 1
        return reads

    def send(_number: int) -> list[str]:
        with httpx.Client(base_url=sandbox.base_url, headers=HEADERS) as client:
            answers = [client.post("/message", json=MESSAGE).json() for _ in range(rounds)]
        return [answer["accepted"][0]["message_id"] for answer in answers]

    with ThreadPoolExecutor(senders + 1) as pool:
        reading = pool.submit(read)
        try:
            ids = [found for batch in pool.map(send, range(senders)) for found in batch]
        finally:
            done.set()
        assert reading.result() > 0
    assert len(set(ids)) == senders * rounds
    assert {message.message_id for message in sandbox.messages} == set(ids)
    assert len(sandbox.requests) == senders * rounds


def test_sandboxes_do_not_share_anything() -> None:
    with Sandbox() as one, Sandbox() as two:
        post(one, MESSAGE)
        assert (len(one.messages), len(two.messages)) == (1, 0)


def test_nothing_personal_is_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fields = {"phone_number": "420777123456", "message": "SECRET", "sender": "Shop"}
    query = urlencode({"apikey": "SECRET-KEY", **fields})
    address = httpx.URL(sandbox.url)
    connection = http.client.HTTPConnection(address.host, address.port)
    for path in (
        f"/v2/simple/message?{query}",
        f"/v2/simple/message?{query}&datetime=x",
        "/SECRET",
    ):
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()

    assert len(sandbox.requests) == 3
    assert len(sandbox.messages) == 1
    assert "SECRET" not in caplog.text
    assert "777123456" not in caplog.text


def test_logging_is_left_as_it_was() -> None:
    access = logging.getLogger("uvicorn.access")
    before = (access.level, access.propagate, list(access.handlers))
    with Sandbox():
        pass

    assert (access.level, access.propagate, list(access.handlers)) == before


def test_a_server_that_cannot_start_says_so() -> None:
    listener = bound_socket("127.0.0.1", 0)
    listener.close()
    before = threads_of_sandboxes()

    with pytest.raises(RuntimeError, match="could not be started") as caught:
        BackgroundServer(Starlette(), listener).start()
    assert isinstance(caught.value.__cause__, OSError)
    assert threads_of_sandboxes() == before


def test_a_server_that_does_not_end_by_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsmanager.sandbox._server.server._PATIENCE_S", 0.2)
    server = BackgroundServer(Starlette(), bound_socket("127.0.0.1", 0))

    async def for_ever(sockets: object = None) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(server._server, "shutdown", for_ever)
    server.start()
    server.stop()
    assert not server._thread.is_alive()


def test_a_server_that_cannot_be_ended_says_where_it_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsmanager.sandbox._server.server._PATIENCE_S", 0.01)
    release, entered = threading.Event(), threading.Event()

    async def stands_still(sockets: object = None) -> None:
        entered.set()
        release.wait()

    server = BackgroundServer(Starlette(), bound_socket("127.0.0.1", 0))
    monkeypatch.setattr(server._server, "shutdown", stands_still)
    server.start()
    server._server.should_exit = True
    entered.wait()
    with pytest.raises(RuntimeError, match=r"(?s)does not stop.*stands_still"):
        server.stop()
    release.set()
    server._thread.join()


def test_small_packets_are_sent_at_once() -> None:
    # asyncio sets TCP_NODELAY only where the listening socket names its protocol. Without it, the
    # body of each answer waits for the acknowledgement of its header.
    with bound_socket("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_the_asynchronous_twins_leave_the_event_loop_free(anyio_backend: str) -> None:
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    received: list[bytes] = []

    async def receive(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            received.append(await stream.receive())
            await stream.send(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")

    async def send(url: str, port: int) -> None:
        message = {**MESSAGE, "callback": f"http://127.0.0.1:{port}/"}
        async with httpx.AsyncClient() as client:
            await client.post(url, json=message, headers=HEADERS)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with (
        Sandbox(clock="manual", now=begin) as sandbox,
        listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(listener.serve, receive)
        port = listener.listeners[0].extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610
        group.start_soon(send, f"{sandbox.base_url}/message", port)
        message = await sandbox.wait_for_async(to="777123456", timeout_s=60)
        # The webhooks are received by the very loop that waits.
        moved = await sandbox.advance_async(1)
        assert (message.state, moved.now) == ("sent", begin + timedelta(seconds=1))
        assert (await sandbox.advance_async(to=begin + timedelta(seconds=2))).now.second == 2
        await sandbox.settle_async()
        assert (message.state, len(received)) == ("delivered", 3)
        with pytest.raises(TimeoutError):
            await sandbox.wait_for_async(to="777", timeout_s=0)
        group.cancel_scope.cancel()


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_wait_can_be_cancelled(anyio_backend: str) -> None:
    with Sandbox() as sandbox:
        with anyio.move_on_after(0) as scope:
            await sandbox.wait_for_async(timeout_s=0.2)
        assert scope.cancelled_caught


@pytest.mark.parametrize("tls", [True, ["api.example", "SMS.example"]])
def test_it_speaks_https_with_a_certificate_made_on_the_spot(tls: bool | list[str]) -> None:  # noqa: FBT001
    with Sandbox(tls=tls) as sandbox:
        assert sandbox.url.startswith("https://127.0.0.1:")
        assert sandbox.certificate is not None
        file = sandbox.certificate
        trusting = ssl.create_default_context(cafile=str(file))
        with httpx.Client(verify=trusting) as client:
            answer = client.post(f"{sandbox.base_url}/message", json=MESSAGE, headers=HEADERS)
            assert answer.status_code == 200
            assert client.get(f"{sandbox.url}/").status_code == 200
            local = sandbox.url.replace("127.0.0.1", "localhost")
            assert client.get(f"{local}/sandbox/health").status_code == 200
        # As for a client that the name leads here.
        with httpx.Client(verify=trusting) as client:
            request = client.build_request(
                "GET",
                f"{sandbox.url}/sandbox/health",
                headers={"host": "sms.example"},
                extensions={"sni_hostname": "sms.example"},
            )
            if tls is True:
                with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
                    client.send(request)
            else:
                assert client.send(request).status_code == 200
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(sandbox.url)
    assert not file.exists()
    assert sandbox.certificate is None


def test_a_connection_over_tls_can_be_cut() -> None:
    with Sandbox(tls=True) as sandbox:
        trusting = ssl.create_default_context(cafile=str(sandbox.certificate))
        for kind in ("reset", "close"):
            sandbox.inject(Fault(kind))
            with httpx.Client(verify=trusting) as client, pytest.raises(httpx.TransportError):
                client.post(f"{sandbox.base_url}/message", json=MESSAGE, headers=HEADERS)
    assert len(sandbox.messages) == 2


def test_what_tls_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="put the one name into a list"):
        Sandbox(tls="api.example")
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ImportError, match=r"install smsmanager\[sandbox\]"):
        Sandbox(tls=True).start()
