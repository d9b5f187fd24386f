"""Run an ASGI application in a thread, on a socket that is already bound."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.responses import JSONResponse

from smsmanager.sandbox._server.tcp import WiredConnection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Longer than any client keeps an idle connection: when both ends give up at the same moment, a
# request gets lost, and a test fails that has nothing to do with it.
_KEEP_ALIVE_S = 600
_SHUTDOWN_S = 1
_PAUSE_S = 0.001
_TICK_S = 1
# uvicorn writes the Date header anew in each tenth of its own ticks.
_DATE = 0
# A graceful end takes at most a little over a second; stopping a server must not take forever.
_PATIENCE_S = 15


_STOPPED = JSONResponse({"message": "The sandbox was stopped."}, 503)


class BackgroundServer:
    """A server of an application, in a daemon thread.

    Args:
        app: The application; it gets no lifespan events.
        listener: Bound socket. It is closed when the server stops.
        background: Runs in the server's event loop, and is cancelled when it stops.
        tls: What is shown to clients that start TLS, which all have to; `None` for plain HTTP.
    """

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        background: Callable[[], Coroutine[Any, Any, None]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        config = uvicorn.Config(
            self._ending(app),
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            # Logging belongs to the process, not to the sandbox: nothing is configured.
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE_S,
        )
        config.load()
        config.ssl = tls
        config.http_protocol_class = _adapted(config.http_protocol_class)
        self._server = _SignallingServer(config, background)
        self._listener = listener
        self._thread = threading.Thread(
            target=self._run,
            name="smsmanager-sandbox",
            daemon=True,
        )
        self._error: BaseException | None = None

    def start(self) -> None:
        """Start the thread and return as soon as connections are accepted.

        Raises:
            RuntimeError: If the server cannot start.
        """
        self._thread.start()
        self._server.settled.wait()
        if self._error is not None:
            raise RuntimeError("The sandbox could not be started.") from self._error

    def stop(self) -> None:
        """Close all connections and wait for the thread to end.

        Raises:
            RuntimeError: If the thread does not end even by force; says where it hangs.
        """
        self._server.end()
        self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            self._server.force()
            self._thread.join(_PATIENCE_S)
        if self._thread.is_alive():
            frame = sys._current_frames().get(self._thread.ident or 0)  # noqa: SLF001 - no other door
            where = "".join(traceback.format_stack(frame)) if frame else "nowhere to be seen"
            raise RuntimeError(f"The sandbox does not stop. Its thread hangs here:\n{where}")

    def _ending(self, app: ASGIApp) -> ASGIApp:
        """Return an application that answers what still waits when the server stops."""

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            is_started = False

            async def noted(message: Message) -> None:
                nonlocal is_started
                is_started = True
                await send(message)

            try:
                await app(scope, receive, noted)
            except asyncio.CancelledError:
                # Otherwise, the server would log a traceback for each.
                if is_started or not self._server.should_exit:
                    raise
                await _STOPPED(scope, receive, send)

        return answered

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._error = error
        finally:
            self._listener.close()
            self._server.settled.set()


class _SignallingServer(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, background: Callable[[], Coroutine[Any, Any, None]] | None
    ) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._background = background
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(_Resolvers())
        if self._background is not None:
            self._task = self._loop.create_task(self._background())
            # Until it runs, before the first request is answered.
            await asyncio.sleep(0)
        await super().startup(sockets=sockets)
        self.settled.set()

    async def main_loop(self) -> None:
        # uvicorn looks ten times a second whether it should end, and a test would wait for that each time.
        while not await self.on_tick(_DATE):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Do what uvicorn does, without its pauses of 0.1 s."""
        del sockets  # the caller bound them, and closes them
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        state = self.server_state
        try:
            async with asyncio.timeout(_SHUTDOWN_S):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn offers no event
                    await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            for task in tuple(state.tasks):
                task.cancel()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def end(self) -> None:
        """Ask it from another thread to end."""
        self.should_exit = True
        self._call(self._ended.set)

    def force(self) -> None:
        """End the event loop from another thread, whatever it still waits for."""
        if self._loop is not None:
            self._call(self._loop.stop)

    def _call(self, callback: Callable[[], object]) -> None:
        # It may have ended by itself in this moment.
        with contextlib.suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(callback)


class _Resolvers(ThreadPoolExecutor):
    """The threads in which asyncio looks up names; a stop does not wait for a resolver that hangs."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        del wait, cancel_futures
        super().shutdown(wait=False, cancel_futures=True)


def _adapted(protocol: type) -> type:
    """Return an HTTP protocol of uvicorn that logs no requests, and lets them reach their connection.

    The paths of `GET /simple/message` hold key, number and text. uvicorn's own switch is global and
    can be undone by anyone who configures logging; an attribute of the connection cannot.
    """
    off = property(lambda _self: False, lambda _self, _value: None)
    return type(protocol.__name__, (WiredConnection, protocol), {"access_log": off})


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address, for a server to listen on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small packets at once (TCP_NODELAY): header and body of
    # an answer are two, and the second would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # So that a fixed port can be taken again at once. On Windows this would share the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(os.name == "posix"))
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
