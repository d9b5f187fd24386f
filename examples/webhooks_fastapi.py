"""Delivery reports with FastAPI: `python examples/webhooks_fastapi.py`.

CALLBACK_URL is the public URL of this program, CALLBACK_SECRET a secret of your own.
"""

import os
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI

from smsmanager.webhooks import CallbackSigner, DeliveryTracker, Event, WebhookReceiver
from smsmanager.webhooks.fastapi import webhook_events

signer = CallbackSigner(os.environ["CALLBACK_URL"], os.environ["CALLBACK_SECRET"])
tracker = DeliveryTracker.open(os.environ.get("TRACKER_URL", "sqlite:///reports.db"))
trusted = Depends(webhook_events(WebhookReceiver(callbacks=signer, tracker=tracker)))
app = FastAPI()


@app.post("/sms", status_code=204)
async def sms(events: Annotated[list[Event], trusted]) -> None:
    """Runs once for each request; the tracker has already stored its events."""
    print(len(events), "events", flush=True)


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8000")), access_log=False)
