"""Delivery reports with Django: `python examples/webhooks_django.py`.

CALLBACK_URL is the public URL of this program, CALLBACK_SECRET a secret of your own. In your own project, the
settings already exist, and the rest goes into `urls.py`; under WSGI use `webhook_view`.
"""

import os

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

from smsmanager.webhooks import CallbackSigner, DeliveryReport, DeliveryTracker, WebhookReceiver
from smsmanager.webhooks.django import async_webhook_view

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(32).hex())

signer = CallbackSigner(os.environ["CALLBACK_URL"], os.environ["CALLBACK_SECRET"])
tracker = DeliveryTracker.open(os.environ.get("TRACKER_URL", "sqlite:///reports.db"))
receiver = WebhookReceiver(callbacks=signer, tracker=tracker, once=True)


@receiver.on(DeliveryReport)
async def report(event: DeliveryReport) -> None:
    """Runs once for each report."""
    print(event.message_id, event.gateway, event.result, flush=True)


urlpatterns = [path("sms", async_webhook_view(receiver))]
app = get_asgi_application()

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ.get("PORT", "8000")), access_log=False, lifespan="off")
