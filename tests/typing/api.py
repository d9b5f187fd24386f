"""What a user writes: checked by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

import httpx

from smsmanager import (
    AsyncSmsManager,
    DeliveryWindow,
    FlowStep,
    Message,
    NamedVariable,
    OutcomeUnknownError,
    PartialSendError,
    Payload,
    Rcs,
    RcsButton,
    Recipient,
    RecipientOutcome,
    RetryPolicy,
    SendResult,
    Sms,
    SmsManager,
    SmsManagerError,
    Status,
    Viber,
    ViberButton,
    WhatsAppMedia,
    WhatsAppTemplate,
    WhatsAppText,
    compose,
    message_parts,
)
from smsmanager.asking import (
    AsyncService,
    CancelOutcome,
    DownloadedList,
    Evidence,
    MessageRow,
    MessageStatus,
    Service,
)
from smsmanager.campaigns import Campaign, CampaignOptions, Row, RowState, Update
from smsmanager.transport import AsyncHTTPTransport, HTTPTransport
from smsmanager.webhooks import (
    CallbackSigner,
    ChannelDetails,
    DeliveryReport,
    DeliveryResult,
    DeliveryState,
    DeliveryTracker,
    Event,
    Gateway,
    IncomingMessage,
    RecipientStatus,
    Reply,
    Response,
    UnlistedName,
    WebhookReceiver,
    parse_webhook,
)
from smsmanager_jsonapi import AuthenticatedClient


def blocking() -> None:
    with SmsManager("key", timeout=5, retries=RetryPolicy(retries=1)) as client:
        assert_type(client, SmsManager)
        result = client.send("Hello", to="420777123456")
        assert_type(result, SendResult)
        assert_type(result[0], RecipientOutcome)
        assert_type(result[0].status, Status)
        assert_type(result[0].message_id, str | None)
        assert_type(result.accepted, tuple[RecipientOutcome, ...])
        assert_type(client.with_options(retries=0), SmsManager)
        assert_type(client.raw, AuthenticatedClient)
        client.send(
            "Hello",
            to=["420777123456", Recipient("420777123457")],
            flow=[
                Viber(body="x", buttons=[ViberButton(title="a", url="https://example.com")]),
                FlowStep(sms=Sms(gateway="lowcost", type_="utf", ttl=0.5)),
                WhatsAppText(image=WhatsAppMedia(link="https://example.com/a.png")),
                WhatsAppTemplate(
                    template_name="t",
                    language="en",
                    params=["a", NamedVariable.from_dict({"name": "b"})],
                ),
                Rcs(buttons=[RcsButton(type_="reply", text="a", postback="b")]),
            ],
            at=datetime.now(UTC),
            window=DeliveryWindow(days=["monday"], start="08:00"),
            payload={"a": 1},
            priority=True,
        )
        client.send(Message(to=[Recipient("420777123456")], payload=Payload()), tag="a")
        client.send(to=(n for n in ["420777123456"]), flow=Sms(body="x"))
        client.send_batch([compose("a", to="420777123456")])
        client.send_simple("a", to="420777123456", gateway="high")
        client.send("Hello", to=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
        client.send("Hello", to="a", tagg="b")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send("Hello")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send(flow=Sms(body="x"))  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send_priority("Hello")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send_priority("Hello", to="a", priority=False)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
        client.send(Message(to=[Recipient("420777123456")]))
        client.send_priority(Message(to=[]), to="420777123456")
        compose("a", to="b", window={"starts": "08:00"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        compose("a", to="b", window={"days": ["mon"]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Sms(gateway="fast")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def options() -> None:
    client = SmsManager("key", transport=HTTPTransport(), retries=1, deadline_s=5)
    assert_type(client.with_options(sender=None, timeout=httpx.Timeout(5)), SmsManager)
    client.with_options(api_key="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SmsManager("key", retires=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SmsManager("key", retries="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SmsManager("key", transport=AsyncHTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncSmsManager("key", transport="aiohttp")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def asynchronous() -> None:
    async with AsyncSmsManager("key", transport=AsyncHTTPTransport(retries=1)) as client:
        assert_type(client, AsyncSmsManager)
        assert_type(await client.send("Hello", to="420777123456"), SendResult)
        assert_type(await client.send_priority("Hello", to="420777123456"), SendResult)
    AsyncSmsManager("key", http_client=httpx.AsyncClient())
    AsyncSmsManager("key", http_client=httpx.AsyncClient(transport=AsyncHTTPTransport()))
    AsyncSmsManager("key", http_client=httpx.Client())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def webhooks() -> None:
    signer = CallbackSigner("https://example.com/sms", "0123456789abcdef")
    tracker = DeliveryTracker()
    SmsManager("key", callbacks=signer, on_result=tracker.record)
    AsyncSmsManager("key", callbacks=signer).with_options(callbacks=None)
    compose("a", to="420777123456", callback=signer)
    receiver = WebhookReceiver(callbacks=signer, tracker=tracker, acknowledge="after")

    @receiver.on(DeliveryReport)
    async def report(event: DeliveryReport) -> None:
        assert_type(event.result, DeliveryResult | UnlistedName)
        assert_type(event.gateway, Gateway | UnlistedName | None)
        assert_type(event.result == "delivered" or event.result is DeliveryResult.SEEN, bool)
        match event.result:
            case DeliveryResult():
                assert_type(event.result, DeliveryResult)
            case _:
                # A result that is new: an enum that is closed would not have this branch.
                assert_type(event.result, UnlistedName)
        assert_type(event.channel, ChannelDetails | None)
        assert_type(event.reference, str | None)

    @receiver.on(DeliveryReport, Reply)
    def both(event: DeliveryReport | Reply) -> None:
        assert_type(event.message_id, str)

    decorated: Callable[[DeliveryReport], Coroutine[Any, Any, None]] = report
    receiver.on(DeliveryReport)(decorated)
    both(DeliveryReport("m", "sent"))
    assert_type(parse_webhook(b"[]"), list[Event])
    assert_type(receiver.handle("POST", {}, "", b"[]"), Response)
    assert_type(tracker.state("m"), DeliveryState | None)
    assert_type(tracker.status("order-17"), tuple[RecipientStatus, ...])
    assert_type(tracker.status("order-17")[0].was_taken, bool | None)
    WebhookReceiver(acknowledge="never")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SmsManager("key", callbacks="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def errors(error: SmsManagerError) -> None:
    assert_type(error.safe_to_retry, bool)
    if isinstance(error, PartialSendError):
        assert_type(error.result, SendResult)
    elif isinstance(error, OutcomeUnknownError):
        assert_type(error.result, SendResult | None)
        assert_type(error.status_code, int | None)
    assert_type(message_parts("x").parts, int)


def asking(client: SmsManager, error: SmsManagerError) -> None:
    service = client.service
    assert_type(service, Service)
    assert_type(service.status("m"), MessageStatus | None)
    for row in service.sent("2027-01-04", tag="sale"):
        assert_type(row, MessageRow)
    for event in service.follow_inbox():
        assert_type(event, Reply | IncomingMessage)
    assert_type(service.credit().amount, Decimal | None)
    assert_type(service.optouts.download(), DownloadedList)
    assert_type([c.outcome for c in service.cancel("m")], list[CancelOutcome])
    settled = client.settle(error, patience_s=30, others=[error], states=True)
    assert_type(settled, SendResult)
    assert_type(settled[0].evidence, Evidence | None)
    client.settle(error, patience="long")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def asking_asynchronously(client: AsyncSmsManager, error: SmsManagerError) -> None:
    service = client.service
    assert_type(service, AsyncService)
    assert_type(await service.status("m"), MessageStatus | None)
    async for row in service.sent("2027-01-04"):
        assert_type(row, MessageRow)
    assert_type(await service.blacklist.download(), DownloadedList)
    assert_type(await client.settle(error), SendResult)


def campaigns(blocking_client: SmsManager) -> None:
    rows = (Row(n, "420777123456", "Hello", payload={"a": n}) for n in range(1, 3))
    options = CampaignOptions(flow=Sms(), window={"start": "08:00"}, requests_per_s=5)
    with Campaign.create("ledger.sqlite3", rows, options) as campaign:
        assert_type(campaign.run(blocking_client), Iterator[Update])
        for update in campaign.run(blocking_client, resend_unknown=True, concurrency=2):
            assert_type(update.counts[RowState.ACCEPTED], int)
        assert_type(campaign.report().price_czk, Decimal | None)
        for row in campaign.rows([RowState.UNKNOWN, RowState.UNCONFIRMED]):
            assert_type(row.phone_number, str | None)
        campaign.run(blocking_client, callback="x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def asynchronous_campaign(client: AsyncSmsManager, campaign: Campaign) -> None:
    assert_type(campaign.run(client), AsyncIterator[Update])
    async for update in campaign.run(client):
        assert_type(update.remaining_s, float | None)
