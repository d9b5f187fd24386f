"""A web service that verifies a phone number with a one-time code: `uvicorn app:app`.

It reads SMSMANAGER_API_KEY; CALLBACK_URL, the public URL of `/sms` in this program; and
CALLBACK_SECRET, a secret of your own with 16 bytes or more.
"""

import hmac
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import anyio
from fastapi import Depends, FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from smsmanager import (
    AsyncSmsManager,
    InvalidNumberError,
    SendResult,
    SmsManagerError,
    Status,
    normalise_number,
)
from smsmanager.webhooks import CallbackSigner, DeliveryTracker, Event, WebhookReceiver
from smsmanager.webhooks.fastapi import webhook_events

LIFETIME_S = 300
WAIT_S = 30
ATTEMPTS = 5
SETTLE_EVERY_S = 30.0

log = logging.getLogger("uvicorn.error")
signer = CallbackSigner(os.environ["CALLBACK_URL"], os.environ["CALLBACK_SECRET"])
tracker = DeliveryTracker.open(os.environ.get("TRACKER_URL", "sqlite:///reports.db"))
trusted = Depends(webhook_events(WebhookReceiver(callbacks=signer, tracker=tracker)))


@dataclass
class Code:
    """A code that was sent, and how many attempts are left."""

    phone_number: str
    digits: str
    sent_at: float
    attempts_left: int = ATTEMPTS


# In the memory of one process. With several, keep them where all processes can read them.
codes: dict[str, Code] = {}
# Sends whose outcome is open, by the id of their code; the service is asked about them.
in_doubt: dict[str, SendResult] = {}


class Wanted(BaseModel):
    """A request for a code."""

    phone: str


class Guess(BaseModel):
    """What the user entered."""

    code: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client and one timer for the whole life of the process."""
    async with (
        AsyncSmsManager(callbacks=signer) as app.state.client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(settle_again_and_again)
        yield
        tasks.cancel_scope.cancel()
    tracker.close()


app = FastAPI(lifespan=lifespan)


async def settle_again_and_again() -> None:
    """Ask about what is in doubt, until the process ends."""
    while True:
        await anyio.sleep(SETTLE_EVERY_S)
        try:
            await settle()
        except Exception as error:  # noqa: BLE001 - a database that is away must not end the timer
            log.warning("What is in doubt could not be settled: %s", type(error).__name__)


async def settle() -> None:
    """Ask the service for the outcome of codes whose answer was lost; this sends nothing."""
    client: AsyncSmsManager = app.state.client
    forget_old_codes()
    for code_id, result in list(in_doubt.items()):
        others = [other for other in in_doubt.values() if other is not result]
        found = await client.settle(result, patience_s=0, others=others)
        if found.ok:
            await run_in_threadpool(tracker.record, found)
            in_doubt.pop(code_id, None)


def forget_old_codes() -> None:
    """Forget codes that are no longer valid. Nobody waits for them, so nobody has to ask about them."""
    now = time.monotonic()
    for code_id in [code_id for code_id, code in codes.items() if now - code.sent_at > LIFETIME_S]:
        del codes[code_id]
    for code_id in in_doubt.keys() - codes.keys():
        del in_doubt[code_id]


@app.post("/codes", status_code=202)
async def send_code(wanted: Wanted) -> dict[str, str]:
    """Send a code; the id in the answer is needed to check it."""
    forget_old_codes()
    now = time.monotonic()
    try:
        phone_number = normalise_number(wanted.phone)
    except InvalidNumberError as error:
        raise HTTPException(422, "This is not a phone number.") from error
    if any(c.phone_number == phone_number and now - c.sent_at < WAIT_S for c in codes.values()):
        raise HTTPException(429, "A code is on its way.", {"retry-after": str(WAIT_S)})
    code = Code(phone_number, f"{secrets.randbelow(1_000_000):06}", now)
    code_id = secrets.token_urlsafe(16)
    codes[code_id] = code
    state = await send(code, code_id)
    if state in {Status.NOT_SENT, Status.REJECTED}:
        del codes[code_id]
        raise HTTPException(503, "The code was not sent. Please try again.")
    return {"id": code_id, "state": state}


async def send(code: Code, code_id: str) -> Status:
    """Send a code, and return its state.

    A user is waiting, so the call takes at most ten seconds. A request that was certainly not taken is
    repeated within that time. One that may have been taken is not: the code still works if it arrives.
    """
    client: AsyncSmsManager = app.state.client
    text = f"Your code is {code.digits}. It is valid for {LIFETIME_S // 60} minutes."
    try:
        result = await client.send_priority(
            text, to=code.phone_number, reference=code_id, deadline_s=10
        )
    except SmsManagerError as error:
        log.warning("A code: %s", error)  # names neither the number, nor the code, nor the key
        if error.result is None:
            return Status.NOT_SENT
        result = error.result
    if result[0].status in {Status.UNKNOWN, Status.UNCONFIRMED}:
        in_doubt[code_id] = result
    await run_in_threadpool(tracker.record, result)
    return result[0].status


@app.get("/codes/{code_id}")
async def state_of(code_id: str) -> dict[str, str | None]:
    """Return the state of a code, so that the page can offer another way."""
    for recipient in await run_in_threadpool(tracker.status, code_id):
        reported = recipient.result
        return {"state": recipient.outcome.status, "delivery": reported and str(reported)}
    raise HTTPException(404, "No such code.")


@app.post("/codes/{code_id}/check")
async def check(code_id: str, guess: Guess) -> dict[str, bool]:
    """Check what the user entered; a code works once."""
    code = codes.get(code_id)
    if code is None or time.monotonic() - code.sent_at > LIFETIME_S or not code.attempts_left:
        raise HTTPException(404, "This code is no longer valid.")
    code.attempts_left -= 1
    correct = hmac.compare_digest(guess.code.encode(), code.digits.encode())
    if correct:
        del codes[code_id]
    return {"correct": correct}


@app.post("/sms", status_code=204)
async def sms(events: Annotated[list[Event], trusted]) -> None:
    """Receive delivery reports; the tracker has already stored them."""
    log.info("%s delivery reports", len(events))
