"""Delivery reports with Starlette: `python examples/webhooks_starlette.py`.

CALLBACK_URL is the public URL of this program, CALLBACK_SECRET a secret of your own.
"""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from smsmanager.webhooks import CallbackSigner, DeliveryReport, DeliveryTracker, WebhookReceiver
from smsmanager.webhooks.starlette import WebhookApp

signer = CallbackSigner(os.environ["CALLBACK_URL"], os.environ["CALLBACK_SECRET"])
tracker = DeliveryTracker.open(os.environ.get("TRACKER_URL", "sqlite:///reports.db"))
receiver = WebhookReceiver(callbacks=signer, tracker=tracker, once=True)


@receiver.on(DeliveryReport)
async def report(event: DeliveryReport) -> None:
    """Runs once for each report."""
    print(event.message_id, event.gateway, event.result, flush=True)


app = Starlette(routes=[Route("/sms", WebhookApp(receiver))])

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8000")), access_log=False)
