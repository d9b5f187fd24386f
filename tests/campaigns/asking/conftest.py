"""A campaign over a service that can be asked, run and settled in each of the three ways."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from smsmanager import AsyncSmsManager
from smsmanager.campaigns import Campaign
from tests.campaigns.conftest import BASE_URL, Runner, Service, client_of
from tests.campaigns.listing import Listing

Answer = Callable[[Any], httpx.Response]


class ListingService(Service):
    """Accepts batches and lists them.

    Attributes:
        listing: What was taken, and what the service tells about it.
        cancelling: Answers to attempts to cancel, by id; everything else is refused.
        changes: Every body of a change, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing()
        self.cancelling: dict[str, httpx.Response | BaseException] = {}
        self.changes: list[Any] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/v1"):
            return super().__call__(request)
        if request.method == "GET":
            answer = self.listing.asked(request.url.path, dict(request.url.params))
            return httpx.Response(200, json=answer)
        assert request.url.path == "/v1/messaging/cancel"
        self.changes.append(json.loads(request.content))
        refused = httpx.Response(500, json={"message": "Failed to cancel schedule"})
        answered = self.cancelling.get(self.changes[-1]["message_id"], refused)
        if isinstance(answered, BaseException):
            raise answered
        return answered

    def accept(self, body: Any) -> httpx.Response:
        """Accept all messages."""
        self.taken.update(to["phone_number"] for message in body for to in message["to"])
        request_id = f"r{len(self.requests)}"
        accepted = self.listing.take(request_id, body)
        return httpx.Response(
            200, json={"request_id": request_id, "accepted": accepted, "rejected": []}
        )

    def take_and_lose(self, body: Any) -> httpx.Response:
        """Accept all messages, and lose the answer."""
        self.accept(body)
        raise httpx.ReadTimeout("late")

    def forget_to_mention(self, body: Any) -> httpx.Response:
        """Accept all messages, and mention only the first."""
        answer = self.accept(body).json()
        return httpx.Response(200, json={**answer, "accepted": answer["accepted"][:1]})


class Asker(Runner):
    """Runs campaigns, and asks about them.

    Attributes:
        waits: The seconds of each wait while asking.
    """

    service: ListingService

    def __init__(self, kind: str, service: ListingService, folder: Path) -> None:
        super().__init__(kind, service, folder)
        self.waits: list[float] = []
        service.listing.now = self.time.now

    def call(self, campaign: Campaign, method: str, **options: Any) -> Any:
        """Call a method of a campaign with a client."""
        if self.kind == "sync":
            with client_of(self.service, retries=0) as client:
                client._sleep = self._wait
                return getattr(campaign, method)(client, **options)

        async def wait(seconds: float) -> None:
            self._wait(seconds)

        async def main() -> Any:
            transport = httpx.MockTransport(self.service)
            async with AsyncSmsManager(
                "key", base_url=BASE_URL, transport=transport, retries=0
            ) as client:
                client._sleep = wait  # type: ignore[method-assign]
                return await getattr(campaign, method)(client, **options)

        return anyio.run(main, backend=self.kind)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time.seconds += seconds

    settle = functools.partialmethod(call, method="settle")
    cancel = functools.partialmethod(call, method="cancel")


@pytest.fixture
def service() -> ListingService:
    return ListingService()


@pytest.fixture
def asker(kind: str, service: ListingService, tmp_path: Path) -> Iterator[Asker]:
    asker = Asker(kind, service, tmp_path)
    yield asker
    asker.close()
