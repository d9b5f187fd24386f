"""Start and stop the sandbox, and read what it received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import anyio
import anyio.to_thread

from smsmanager._config import is_loopback
from smsmanager.sandbox._application import build_app
from smsmanager.sandbox._data.data_file import Store
from smsmanager.sandbox._inbox_view import InboxView
from smsmanager.sandbox._operations.contract import REST, load_contract
from smsmanager.sandbox._operations.service import (
    REST_PREFIX,
    SERVICE_PREFIX,
    Service,
    fingerprint,
)
from smsmanager.sandbox._operations.violations import RULE_SETS, RuleSet
from smsmanager.sandbox._server.certificate import Certificate
from smsmanager.sandbox._server.driver import Driver
from smsmanager.sandbox._server.server import BackgroundServer, bound_socket
from smsmanager.sandbox.engine.adjustable_clock import Clock
from smsmanager.sandbox.engine.inbox import Inbox
from smsmanager.sandbox.engine.pricing import PriceList
from smsmanager.sandbox.engine.processing import Engine
from smsmanager.sandbox.engine.records.value_checks import check_choice
from smsmanager.sandbox.engine.settings import Settings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

_LOCALHOST = "127.0.0.1"
_OWN_NAMES = ("127.0.0.1", "::1", "localhost")
_MAX_PORT = 65_535
_MIN_TOKEN = 12


class Sandbox(InboxView):
    """A stand-in for the service on this machine.

    Runs while its `with` or `async with` block does, in its own thread. Messages go nowhere;
    they can be read here or under `/sandbox`, also after the block. All methods can be called from
    any thread.

        with Sandbox() as sandbox:
            ...  # send to sandbox.base_url
            assert sandbox.latest(to="777123456").body == "Hello"

    Args:
        host: Address to listen on, loopback unless there is a token: an address such as
            `"127.0.0.1"` or `"::1"`, or `"localhost"`, which is 127.0.0.1 here.
        port: Port to listen on; 0 takes a free one.
        api_keys: Keys that are accepted, others are answered as the service does; `None` accepts
            any key that is not empty.
        country_prefix: Country calling code of the account, digits only, for national numbers.
        seed: Makes ids, short codes and all chances repeatable; they restart with `clear()`.
        spec: OpenAPI description to check requests against, in place of the package's own; see `unserved`.
        max_messages: How many messages, and how many requests, are kept; the oldest go first.
        rules: `"docs"` takes what the guides allow and notes what the description does not;
            `"spec"` refuses whatever the description does not allow.
        clock: `"real"`, or `"manual"`: it stands still until `advance`.
        speed: Seconds of the sandbox's clock in one real second, in place of `clock`.
        now: Time of the clock at the start; the machine's time by default.
        settings: How the sandbox behaves: credit, callback, secret, opt-outs, limits.
        prices: CZK and EUR of one part, by channel or `sms:<gateway>`.
        token: Required in requests to the API or the page, as `Authorization: Bearer` or,
            in a browser, once as `?token=`; the service's operations ask for the API key only. Needed
            to listen on another address than loopback.
        tls: Whether it speaks HTTPS, with a certificate for loopback that is made at the start; or names of
            further hosts that the certificate is for, and under which it is known.
        data: SQLite file in which messages, their outcomes, webhooks, accounts, rules and the clock are
            kept beyond a restart, for one sandbox at a time; `None` for memory only.

    Raises:
        OSError: If `spec` cannot be read.
        TypeError: If `api_keys` or `tls` is one string.
        ValueError: If `host` is not loopback and there is no token, `token` is too short, `port`,
            `max_messages`, `speed` or a price is out of range, `country_prefix` is not digits only,
            `now` has no time zone, `rules` or `clock` has an unknown name, or `spec` does not describe
            `POST /message`.
    """

    def __init__(  # noqa: PLR0913 - options, by name only
        self,
        *,
        host: str = _LOCALHOST,
        port: int = 0,
        api_keys: Iterable[str] | None = None,
        country_prefix: str = "420",
        seed: int | str | None = None,
        spec: str | os.PathLike[str] | None = None,
        max_messages: int = 100_000,
        rules: RuleSet = "docs",
        clock: Literal["real", "manual"] = "real",
        speed: float | None = None,
        now: datetime | None = None,
        settings: Settings | None = None,
        prices: Mapping[str, tuple[str, str]] | None = None,
        token: str | None = None,
        tls: bool | Iterable[str] = False,
        data: str | os.PathLike[str] | None = None,
    ) -> None:
        _check(host, port, token, api_keys, country_prefix, max_messages)
        check_choice("rules", rules, RULE_SETS)
        check_choice("clock", clock, ("real", "manual"))
        self._address = (_LOCALHOST if host.lower() == "localhost" else host, port)
        usual_speed = 1.0 if clock == "real" else 0.0
        engine = Engine(
            inbox=Inbox(max_messages=max_messages, country_prefix=country_prefix),
            clock=Clock(speed=usual_speed if speed is None else speed, start=now),
            settings=settings or Settings(),
            prices=PriceList(prices),
            seed=seed,
            max_messages=max_messages,
        )
        service = Service(
            contract=load_contract(spec),
            rest_contract=load_contract(api=REST),
            engine=engine,
            rule_set=rules,
            seed=seed,
            api_keys=None if api_keys is None else frozenset(api_keys),
        )
        super().__init__(service, Driver(engine, to_loopback=is_loopback(host)), None)
        self._settings = engine.settings
        self._token = token
        self._data = data
        if isinstance(tls, str):
            raise TypeError("tls takes several names: put the one name into a list.")
        # Names of hosts besides loopback; `None` for plain HTTP.
        self._names: frozenset[str] | None = frozenset() if tls else None
        if not isinstance(tls, bool):
            self._names = frozenset(name.lower() for name in tls)
        self._certificate: Certificate | None = None
        self._store: Store | None = None
        self._mark: str | None = None
        self._server: BackgroundServer | None = None
        self._url: str | None = None

    def __repr__(self) -> str:
        """Show how much was received, but none of its content."""
        messages, requests = self._inbox.count()
        return f"Sandbox(messages={messages}, requests={requests})"

    def __enter__(self) -> Self:
        """Start the sandbox."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the sandbox."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start the sandbox without blocking the event loop."""
        await anyio.to_thread.run_sync(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the sandbox without blocking the event loop."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)

    @property
    def url(self) -> str:
        """URL of the server, `http://127.0.0.1:<port>`, with TLS `https://`; the JSON API is at `/sandbox`.

        Raises:
            RuntimeError: If the sandbox was never started.
        """
        if self._url is None:
            raise RuntimeError(
                "The sandbox has no address yet: use `with Sandbox() as sandbox:` or `start()`."
            )
        return self._url

    @property
    def base_url(self) -> str:
        """URL to use as `SMSMANAGER_BASE_URL`.

        Raises:
            RuntimeError: If the sandbox was never started.
        """
        return self.url + SERVICE_PREFIX

    @property
    def rest_base_url(self) -> str:
        """URL to use as `SMSMANAGER_REST_BASE_URL`; a client that sends to `base_url` finds it by itself.

        Raises:
            RuntimeError: If the sandbox was never started.
        """
        return self.url + REST_PREFIX

    @property
    def unserved(self) -> Mapping[str, str]:
        """Operations of `spec` that cannot be served, by `"METHOD /path"`, and why; else empty."""
        return self._service.unserved

    @property
    def certificate(self) -> Path | None:
        """File (PEM) that a client has to trust, such as by `SSL_CERT_FILE`; `None` without TLS.

        Made at each start, and deleted at the stop.
        """
        return None if self._certificate is None else self._certificate.file

    def start(self) -> None:
        """Start listening, and return as soon as requests are answered.

        Raises:
            OSError: If the port is not available, or the data file cannot be opened or is in use.
            ValueError: If the data file is damaged, or not a sandbox's.
            RuntimeError: If the sandbox is running already.
        """
        if self._server is not None:
            raise RuntimeError("The sandbox is running already.")
        if self._data is not None:
            # What was received before the last stop is still here.
            store = Store(self._data, self._engine)
            store.start(self._mark)
            self._store, self._mark = store, store.mark
        try:
            self._listen()
        except BaseException:
            self.stop()
            raise

    def _listen(self) -> None:
        known = self._names or frozenset()
        if self._names is not None:
            self._certificate = Certificate({self._address[0], *_OWN_NAMES, *known})
        listener = bound_socket(*self._address)
        host, port = listener.getsockname()[:2]
        scheme = "http" if self._certificate is None else "https"
        url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
        self._engine.links.origin = url
        names = known if is_loopback(self._address[0]) else None
        app = build_app(self._service, self._driver, token=self._token, names=names)
        tls = None if self._certificate is None else self._certificate.context
        server = BackgroundServer(app, listener, self._driver.run, tls)
        server.start()
        self._server = server
        self._url = url

    def stop(self) -> None:
        """Stop listening and close all connections; what was received stays readable.

        Raises:
            OSError: If the data file could not be written; the sandbox is stopped.
        """
        server, self._server = self._server, None
        if server is not None:
            server.stop()
        certificate, self._certificate = self._certificate, None
        if certificate is not None:
            certificate.close()
        store, self._store = self._store, None
        if store is not None:
            store.stop()

    def inbox(self, api_key: str) -> InboxView:
        """Return the inbox of one API key: it sees nothing of the others."""
        return InboxView(self._service, self._driver, fingerprint(api_key))

    def fill_with_demo(self) -> None:
        """Send sample messages of every kind, and let the four hours pass that they take.

        With a seed and a manual clock they are the same each time.

        Raises:
            RuntimeError: If the sandbox does not run.
        """
        if not self._driver.is_running:
            raise RuntimeError(
                "The sandbox has to run first: use `with Sandbox() as sandbox:` or `start()`."
            )
        from smsmanager.sandbox._demo import fill  # noqa: PLC0415 - seldom needed

        self._driver.call(fill(self._service, self._driver))

    def reset(self) -> None:
        """Start again as a new sandbox would, at the same address.

        Messages, requests, rules, faults, opt-outs, credit and settings are as at the start, and so is the
        clock.
        """
        self._service.clear()
        self._engine.reset(self._settings)


def _check(
    host: str,
    port: int,
    token: str | None,
    api_keys: Iterable[str] | None,
    country_prefix: str,
    max_messages: int,
) -> None:
    """Raise ValueError or TypeError for an option that the sandbox cannot work with."""
    if not is_loopback(host.lower()) and token is None:
        raise ValueError(
            "The sandbox listens on loopback only, because anyone who reaches it can read "
            "the messages. Use 127.0.0.1, ::1 or localhost as host, or set a token."
        )
    if token is not None and len(token) < _MIN_TOKEN:
        raise ValueError(
            f"The token needs at least {_MIN_TOKEN} characters: it guards every message."
        )
    if not 0 <= port <= _MAX_PORT:
        raise ValueError(f"port must be between 0 and {_MAX_PORT}.")
    if isinstance(api_keys, str):
        raise TypeError("api_keys takes several keys: put the one key into a list.")
    if not (country_prefix.isascii() and country_prefix.isdecimal()):
        raise ValueError("country_prefix must be digits only, such as '420'.")
    if max_messages < 1:
        raise ValueError("max_messages must be at least 1.")
