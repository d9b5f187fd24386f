"""Webhooks: from bytes on the wire to events that you can trust.

```python
from smsmanager.webhooks import CallbackSigner, DeliveryReport, WebhookReceiver

signer = CallbackSigner("https://example.com/sms", "a secret of your own, 16 bytes or more")
receiver = WebhookReceiver(callbacks=signer)


@receiver.on(DeliveryReport)
def report(event: DeliveryReport) -> None:
    print(event.message_id, event.result)
```

| module | job |
| --- | --- |
| `_signatures` | signing and checking `X-Request-Signature` |
| `_callbacks` | making and checking callback URLs with a token |
| `_basic_auth`, `_trust` | user and password of a URL; the checks of a receiver |
| `_webhook_body`, `_parse`, `_lenient_values` | JSON or a form, within limits; its events; single values |
| `_events`, `_channels` | the events; the channel object of a report |
| `_receiver`, `_handlers` | one HTTP request in, one answer out; the handlers of each event |
| `tracker` | the current state of each message |
| `starlette`, `fastapi`, `flask`, `django` | adapters for the frameworks |
| `_webhook_errors` | the exceptions |
"""

import sys

from smsmanager.webhooks import _webhook_errors
from smsmanager.webhooks._callbacks import (
    CallbackSigner,
    Capability,
    callback_url,
    verify_callback,
)
from smsmanager.webhooks._channels import ChannelDetails
from smsmanager.webhooks._events import (
    DeliveryReport,
    DeliveryResult,
    Event,
    Gateway,
    IncomingMessage,
    Reply,
    ResultInfo,
    UnknownEvent,
    UnlistedName,
)
from smsmanager.webhooks._parse import parse_webhook
from smsmanager.webhooks._receiver import Response, WebhookReceiver
from smsmanager.webhooks._signatures import SIGNATURE_HEADER, sign, verify_signature
from smsmanager.webhooks._webhook_errors import CallbackRefusedError, WebhookParseError
from smsmanager.webhooks.tracker import DeliveryState, DeliveryTracker, RecipientStatus

__all__ = [
    "SIGNATURE_HEADER",
    "CallbackRefusedError",
    "CallbackSigner",
    "Capability",
    "ChannelDetails",
    "DeliveryReport",
    "DeliveryResult",
    "DeliveryState",
    "DeliveryTracker",
    "Event",
    "Gateway",
    "IncomingMessage",
    "RecipientStatus",
    "Reply",
    "Response",
    "ResultInfo",
    "UnknownEvent",
    "UnlistedName",
    "WebhookParseError",
    "WebhookReceiver",
    "callback_url",
    "parse_webhook",
    "sign",
    "verify_callback",
    "verify_signature",
]

# Pickles of earlier versions name the exceptions by their former module.
sys.modules[f"{__name__}._errors"] = _webhook_errors
