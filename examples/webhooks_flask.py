"""Delivery reports with Flask: `python examples/webhooks_flask.py`.

CALLBACK_URL is the public URL of this program, CALLBACK_SECRET a secret of your own.
"""

import logging
import os

from flask import Flask

from smsmanager.webhooks import CallbackSigner, DeliveryReport, DeliveryTracker, WebhookReceiver
from smsmanager.webhooks.flask import webhook_blueprint

signer = CallbackSigner(os.environ["CALLBACK_URL"], os.environ["CALLBACK_SECRET"])
tracker = DeliveryTracker.open(os.environ.get("TRACKER_URL", "sqlite:///reports.db"))
receiver = WebhookReceiver(callbacks=signer, tracker=tracker, once=True)


@receiver.on(DeliveryReport)
def report(event: DeliveryReport) -> None:
    """Runs once for each report."""
    print(event.message_id, event.gateway, event.result, flush=True)


app = Flask(__name__)
app.register_blueprint(webhook_blueprint(receiver, "/sms"))

if __name__ == "__main__":
    # The development server logs whole URLs, and these carry a token.
    logging.getLogger("werkzeug").addFilter(lambda record: "token=" not in record.getMessage())
    app.run(port=int(os.environ.get("PORT", "8000")))
