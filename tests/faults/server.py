"""A server on raw sockets that handles each request according to a script, and records what it took.

It runs an event loop in its own thread. The next step of the script begins when a request begins to
arrive. `REFUSE` is different, because a refused connection never reaches the server: the listening socket
is closed before the preceding answer is sent, and `next_attempt()` ends it.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import ssl
import stat
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qs

from tests.faults.answers import FAULTS, Turn, answer_status, whole
from tests.faults.certificate import contexts
from tests.faults.script import Fault, Late, Step

T = TypeVar("T")
Address = tuple[str, int]
_RESET = struct.pack("ii", 1, 0)
_ON = 1
MOST_KEYS = 10
_TLS_HANDSHAKE = b"\x16"


@dataclass
class Received:
    """A request that was read in full.

    Attributes:
        path: Its path.
        headers: Names in lower case.
        body: The JSON value, or the form.
        case: First word of its text: the call it belongs to.
        recipients: Numbers of each of its keys.
    """

    path: str
    headers: dict[str, str] = field(repr=False)
    body: Any = field(repr=False)
    case: str = ""
    recipients: list[list[str]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.path.endswith("/simple/message"):
            texts, self.recipients = [self.body["message"]], [[self.body["phone_number"]]]
        elif isinstance(self.body, list):
            texts = [message["body"] for message in self.body]
            self.recipients = [[to["phone_number"] for to in m["to"]] for m in self.body]
        else:
            texts = [self.body["body"]]
            self.recipients = [[to["phone_number"]] for to in self.body["to"]]
        [self.case] = {text.partition(" ")[0] for text in texts}

    def message_id(self, request_id: str, key: int, index: int) -> str:
        """Return the id under which webhooks would report a recipient."""
        return f"{request_id}.{key}" + (f"-{index}" if isinstance(self.body, list) else "")


class Ledger:
    """What the service really did.

    Attributes:
        requests: Every request that was read in full, with its step.
        taken: Ids under which each recipient of each case was taken.
        arrived: How often each recipient of each case arrived in a full request.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[Received, Step]] = []
        self.taken: dict[tuple[str, str], list[str]] = {}
        self.arrived: Counter[tuple[str, str]] = Counter()

    def enter(self, received: Received, step: Step) -> str:
        """Record a request; return its id."""
        self.requests.append((received, step))
        request_id = f"{received.case}.{len(self.requests)}"
        for key, numbers in enumerate(received.recipients):
            for index, number in enumerate(numbers):
                who = (received.case, number)
                self.arrived[who] += 1
                if step.takes(key):
                    message_id = received.message_id(request_id, key, index)
                    self.taken.setdefault(who, []).append(message_id)
        return request_id

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self.taken.clear()
        self.arrived.clear()


class Peer:
    """One connection of a client."""

    def __init__(self, sock: socket.socket, server: FaultServer) -> None:
        self.sock = sock
        self.server = server
        self.buffer = b""
        self._loop = asyncio.get_running_loop()
        self._tls: TLS | None = None
        self._held_back = b""

    async def more(self) -> bool:
        """Read more; return whether anything arrived."""
        if self._tls is None:
            data = await self._loop.sock_recv(self.sock, 65536)
        else:
            data = await self._through(self._tls, self._tls.read)
        self.buffer += data
        return bool(data)

    async def write(self, *pieces: bytes, held: int = 0) -> None:
        """Write everything at once; over TLS each piece is in separate records.

        The last `held` bytes are kept back until the next write.
        """
        sealed = [self._tls.seal(piece) if self._tls else piece for piece in pieces]
        data = self._held_back + b"".join(sealed)
        at = len(data) - held
        self._held_back = data[at:]
        await self._loop.sock_sendall(self.sock, data[:at])
        self.server.sent += sum(map(len, pieces))

    async def shake_hands(self, behind: bytes) -> None:
        """Use TLS from here on, and write something directly after the last records of the handshake."""
        tls = TLS()
        await self._through(tls, lambda: tls.shake_hands(behind))
        self._tls = tls

    async def _through(self, tls: TLS, step: Callable[[], T | None]) -> T:
        """Carry out a step of TLS that may need more data from the client."""
        while (done := step()) is None:
            await self._loop.sock_sendall(self.sock, tls.outgoing.read())
            tls.hear(await self._loop.sock_recv(self.sock, 65536))
        await self._loop.sock_sendall(self.sock, tls.outgoing.read())
        return done

    async def idle(self) -> bool:
        """Wait for the next request without reading it; return whether one begins.

        Over TLS everything that arrived is read, because a record may or may not be part of a request.
        """
        if self._tls is not None:
            return bool(self.buffer) or await self.more()
        if not self.buffer:
            readable = self._loop.create_future()
            self._loop.add_reader(self.sock, _settle, readable)
            try:
                await readable
            finally:
                self._loop.remove_reader(self.sock)
        return bool(self.buffer or self.sock.recv(1, socket.MSG_PEEK))

    async def head(self) -> tuple[str, dict[str, str]] | None:
        """Read the head of a request."""
        while b"\r\n\r\n" not in self.buffer:
            if not await self.more():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return first.split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs}

    async def request(self) -> Received | None:
        """Read a whole request."""
        head = await self.head()
        if head is None:
            return None
        path, headers = head
        if "content-length" not in headers:
            return None
        length = int(headers["content-length"])
        while len(self.buffer) < length:
            if not await self.more():
                return None
        content, self.buffer = self.buffer[:length], self.buffer[length:]
        if headers["content-type"] == "application/x-www-form-urlencoded":
            form = parse_qs(content.decode(), keep_blank_values=True)
            return Received(path, headers, {name: value[0] for name, value in form.items()})
        return Received(path, headers, json.loads(content))

    def reset(self) -> None:
        """Make the next close a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    async def until_client_leaves(self) -> None:
        """Wait until the other side closes."""
        while await self.more():
            self.buffer = b""


class TLS:
    """The server's side of one TLS connection, in memory."""

    def __init__(self) -> None:
        self._incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        shown, _ = contexts()
        self._object = shown.wrap_bio(self._incoming, self.outgoing, server_side=True)

    def hear(self, data: bytes) -> None:
        """Take what the client wrote; an empty value is the end."""
        self._incoming.write(data) if data else self._incoming.write_eof()

    def shake_hands(self, behind: bytes) -> bool | None:
        """Continue the handshake; return None if more data from the client is needed."""
        with suppress(ssl.SSLWantReadError):
            self._object.do_handshake()
            # Together with the session tickets, so that a client that sees one sees both.
            self._object.write(behind)
            return True
        return None

    def read(self) -> bytes | None:
        """Return what the client wrote; None if more is needed."""
        try:
            return self._object.read(65536)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError:
            return b""

    def seal(self, data: bytes) -> bytes:
        """Return the records that carry some bytes."""
        self._object.write(data)
        return self.outgoing.read()


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class FaultServer:
    """Serves a script; at its end, everything is accepted.

    Attributes:
        ledger: What the service really did.
        connections: How many connections were made.
        played: Every step that was begun.
        on_received: Called in the server's thread once a request was read in full, before it is answered.
        on_event: Called there when a request begins to arrive, was read in full, and was answered.
        elsewhere: Where redirects point.
        speaks_tls: Whether it answers TLS handshakes correctly. It always serves plain HTTP too.
        behind_handshakes: What it writes directly after each TLS handshake, unasked.
        makes_tunnels: Whether it opens a tunnel if it is used as a proxy; the tunnel leads to itself.
    """

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.connections = 0
        self.sent = 0
        self.on_received: Callable[[Received], None] | None = None
        self.on_event: Callable[[], object] = lambda: None
        self.elsewhere = "http://127.0.0.1:9/v2/message"
        self.speaks_tls = self.makes_tunnels = True
        self.behind_handshakes = b""
        self.played: list[Step] = []
        self._script: deque[Step] = deque()
        self._healthy = Step()
        self._owing: tuple[Late, str, Peer] | None = None
        self._peers: dict[Peer, asyncio.Task[None]] = {}
        self._busy: set[socket.socket] = set()
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._ours: dict[Any, asyncio.Future[None]] = {}
        self._listening: socket.socket | None = None
        # Bound but never listening: it reserves the port while connections are refused.
        self._place = _bound(("127.0.0.1", 0))
        self._address = self._place.getsockname()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """The base URL of the service."""
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def tls_url(self) -> str:
        """The same over TLS."""
        return f"https://127.0.0.1:{self.port}/v2"

    @property
    def port(self) -> int:
        """The addresses where it listens, for plain HTTP and for TLS."""
        return int(self._address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open_or_shut())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()
        self._place.close()

    def play(self, *steps: Step) -> None:
        """Begin a new script."""
        self.say_late(Late.BETWEEN)

        async def begin() -> list[Address]:
            self._script = deque(steps)
            return await self._open_or_shut()

        _wait_until_readable(self._run(begin()), self._address)

    def next_attempt(self) -> None:
        """End one refusal: the client is about to try again."""

        self.say_late(Late.BETWEEN)

        async def end() -> list[Address]:
            if self._refusing:
                self.played.append(self._script.popleft())
            return await self._open_or_shut()

        _wait_until_readable(self._run(end()), self._address)

    def settle(self) -> None:
        """Wait until everything that was sent to the server has been read and handled."""

        async def quiet() -> None:
            # Connections are accepted in the order in which they were made, so ours comes after all others.
            if self._listening is not None:
                with socket.create_connection(self._address) as ours:
                    taken = self._ours[ours.getsockname()] = self._loop.create_future()
                    await taken
            for _ in range(6):
                await asyncio.sleep(0)
            await self._at_rest.wait()

        self._run(quiet())

    def say(self, *pieces: bytes, held: int = 0) -> int:
        """Write unrequested data to every idle connection; return to how many.

        The last `held` bytes are kept back until the next answer.

        It returns when all of it has arrived at the client, so that the client's next action comes later.
        """
        self.settle()
        return self._say([*self._peers], *pieces, held=held)

    def say_late(self, moment: Late) -> None:
        """Write the pending surplus of a step, if any, to the connection of that step."""
        if self._owing is not None and self._owing[0] is moment:
            _, path, peer = self._owing
            self._owing = None
            answer = json.dumps(self._healthy.acceptance(path, MOST_KEYS, "nobody"))
            self.settle()
            self._say([peer], whole(200, answer.encode()))

    def _say(self, peers: list[Peer], *pieces: bytes, held: int = 0) -> int:
        async def unasked() -> list[Address]:
            reached = []
            for peer in peers:
                with suppress(OSError):
                    reached.append(peer.sock.getpeername())
                    await peer.write(*pieces, held=held)
            return reached

        reached = self._run(unasked())
        _wait_until_readable(reached, self._address)
        return len(reached)

    def until_left(self) -> None:
        """Wait until the clients have closed every connection."""

        async def left() -> None:
            while self._peers:
                await asyncio.wait([*self._peers.values()])
                await asyncio.sleep(0)

        self._run(left())

    def drop(self) -> None:
        """Close every idle connection; on return, the client can notice it."""
        _wait_until_readable(self._run(self._drop()), self._address)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @property
    def _refusing(self) -> bool:
        return bool(self._script) and self._script[0].fault is Fault.REFUSE

    async def _open_or_shut(self) -> list[Address]:
        """Listen or refuse connections for the next step; return which clients lost their connections."""
        if not self._refusing:
            self._listen()
            return []
        self._stop_listening()
        return await self._drop()

    async def _drop(self) -> list[Address]:
        dropped = []
        for peer, task in self._peers.items():
            if peer.sock not in self._busy:
                task.cancel()
                with suppress(OSError):
                    dropped.append(peer.sock.getpeername())
                    peer.sock.shutdown(socket.SHUT_RDWR)
        return dropped

    def _listen(self) -> None:
        if self._listening is None:
            listener = _bound(self._address)
            listener.listen(128)
            listener.setblocking(False)  # noqa: FBT003 - the only way to say it
            # Not a task that awaits: a cancelled one could hold a connection, and would leave it open.
            self._loop.add_reader(listener, self._accept, listener)
            self._listening = listener

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def _accept(self, listener: socket.socket) -> None:
        try:
            sock, address = listener.accept()
        except OSError:
            return
        if address in self._ours:
            self._ours.pop(address).set_result(None)
            sock.close()
            return
        self.connections += 1
        sock.setblocking(False)  # noqa: FBT003 - the only way to say it
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = Peer(sock, self)
        task = self._loop.create_task(self._serve(peer))
        self._peers[peer] = task
        task.add_done_callback(partial(self._gone, peer))

    def _gone(self, peer: Peer, _: asyncio.Task[None]) -> None:
        # Even if the task was cancelled before it began, and closed nothing.
        self._peers.pop(peer, None)
        peer.sock.close()

    async def _serve(self, peer: Peer) -> None:
        try:
            if not await self._made(peer):
                return
            while await peer.idle():
                self._rests(peer.sock, rests=False)
                if not await self._treat(peer):
                    break
                self._rests(peer.sock, rests=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._rests(peer.sock, rests=True)
            peer.sock.close()

    def _rests(self, sock: socket.socket, *, rests: bool) -> None:
        if rests:
            self._busy.discard(sock)
        else:
            self._busy.add(sock)
        if self._busy:
            self._at_rest.clear()
        else:
            self._at_rest.set()

    async def _made(self, peer: Peer) -> bool:
        """Open a tunnel and use TLS if the client wants that; return whether requests may follow."""
        for begins, answer in ((b"CONNECT ", self._tunnel), (_TLS_HANDSHAKE, self._shake_hands)):
            if not await peer.idle():
                return False
            if (peer.buffer or peer.sock.recv(8, socket.MSG_PEEK)).startswith(begins):
                self._rests(peer.sock, rests=False)
                if not await answer(peer):
                    return False
                self._rests(peer.sock, rests=True)
        return True

    async def _tunnel(self, peer: Peer) -> bool:
        await peer.head()
        made = b"200 Made" if self.makes_tunnels else b"502 Bad Gateway"
        await peer.write(b"HTTP/1.1 " + made + b"\r\n\r\n")
        return self.makes_tunnels

    async def _shake_hands(self, peer: Peer) -> bool:
        if self.speaks_tls:
            await peer.shake_hands(self.behind_handshakes)
        else:
            await peer.more()
            await peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return self.speaks_tls

    async def _treat(self, peer: Peer) -> bool:
        """Handle one request; return whether the connection stays open."""
        step = self._script.popleft() if self._script else self._healthy
        self.played.append(step)
        self.on_event()
        keep = step.keep and not self._refusing
        self._stop_listening() if self._refusing else self._listen()
        if step.fault is Fault.RESET_UNREAD:
            peer.reset()
            return False
        if step.fault is Fault.UNREAD:
            self._rests(peer.sock, rests=True)
            await self._loop.create_future()
        if step.fault in {Fault.RESET_AFTER_HEAD, Fault.EARLY_STATUS}:
            await peer.head()
            if step.fault is Fault.EARLY_STATUS:
                return await answer_status(Turn(peer, step))
            peer.reset()
            return False
        received = await peer.request()
        if received is None:
            return False
        request_id = self.ledger.enter(received, step)
        self.on_event()
        if step.late is not Late.NEVER:
            self._owing = step.late, received.path, peer
        if self.on_received is not None:
            self.on_received(received)
        stays = await FAULTS[step.fault](Turn(peer, step, received, request_id, keep))
        self.on_event()
        return stays

    async def _stop(self) -> None:
        self._stop_listening()
        tasks = [*self._peers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _wait_until_readable(addresses: list[Address], server: Address) -> None:
    """Wait until each socket between one of the addresses and the server is readable."""
    if not addresses:
        return
    for file in Path("/dev/fd").iterdir():
        with suppress(OSError):
            number = int(file.name)
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as found:
                # Another connection of this process can use the same port at its end.
                mine = found.family is socket.AF_INET and (
                    found.getsockname() in addresses and found.getpeername() == server
                )
                if mine and not select.select([found], [], [], 30)[0]:
                    raise AssertionError("what was written did not arrive")


def _bound(address: tuple[str, int]) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, _ON)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, _ON)
    sock.bind(address)
    return sock
