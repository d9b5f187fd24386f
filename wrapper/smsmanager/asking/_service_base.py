"""Base of both services: the REST address, and the exchange for a question."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from smsmanager.asking._downloads import MOST_BYTES
from smsmanager.asking._rest_address import rest_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from smsmanager._config import Settings
    from smsmanager._transport.connections import Connections
    from smsmanager.asking._questions import Question

Exchange = TypeVar("Exchange")


class ServiceBase(Generic[Exchange]):
    """The REST API, asked with the key, connections and options of a client.

    A subclass sets the classes of its exchanges: for the API, and for a download.
    """

    _exchange: type[Exchange]
    _download: type[Exchange]

    def __init__(
        self, connections: Connections, settings: Settings, sleep: Callable[[float], Any]
    ) -> None:
        self._settings = rest_settings(settings)
        self._connections = connections
        self._sleep = sleep
        self._wall: Callable[[], float] = time.time

    @property
    def base_url(self) -> str:
        """The root of the REST API."""
        return self._settings.base_url

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    def _carrier(self, question: Question) -> tuple[Exchange, dict[str, Any]]:
        """Return the exchange that sends a question, and the arguments of its `request`."""
        settings, kind = self._settings, self._exchange
        if question.url is not None:
            most = max(settings.max_response_bytes, MOST_BYTES)
            settings, kind = attrs.evolve(settings, max_response_bytes=most), self._download
        make: Any = kind
        return make(self._connections, settings, question.deadline_at), question.request()

    def __repr__(self) -> str:
        """Show the base URL, never the key."""
        return f"{type(self).__name__}(base_url={self.base_url!r})"
