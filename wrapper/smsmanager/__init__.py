"""Client library for the SmsManager JSON API v2: SMS, Viber, WhatsApp and RCS.

```python
from smsmanager import SmsManager

with SmsManager() as client:
    result = client.send("Your parcel is on its way.", to="+420 777 123 456")
```

Start with `SmsManager` or `AsyncSmsManager`. The types of messages and flow steps (`Message`, `Sms`, `Viber`,
...) are generated from `openapi.yaml`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from smsmanager._message.compose import compose
from smsmanager._message.models import load_model
from smsmanager._version import __version__
from smsmanager.client import SmsManager
from smsmanager.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    IncompleteSendError,
    NotSentError,
    OutcomeUnknownError,
    PartialSendError,
    RateLimitError,
    ResponseParseError,
    ServiceError,
    SmsManagerError,
    UnsupportedMediaTypeError,
    ValidationError,
)
from smsmanager.ids import expand_message_id, reference_of, same_message, split_message_id
from smsmanager.results import RecipientOutcome, SendResult, Status
from smsmanager.retry import Retry, RetryPolicy

if TYPE_CHECKING:
    from smsmanager.aio import AsyncSmsManager
    from smsmanager.logs import hide_in_logs
    from smsmanager.parts import Encoding, MessageParts, message_parts
    from smsmanager.phone import InvalidNumberError, normalise_number
    from smsmanager_jsonapi.models import (
        Callback,
        CallbackHeaders,
        DeliveryWindow,
        FlowStep,
        LinkShortening,
        Message,
        MessageParams,
        NamedVariable,
        OpenObject,
        Payload,
        Rcs,
        RcsButton,
        RcsCard,
        RcsCarouselCard,
        RcsRaw,
        Recipient,
        ReplyHandling,
        Sms,
        TemplateButton,
        TemplateCarouselItem,
        TemplateHeader,
        TemplateProduct,
        Viber,
        ViberButton,
        VoiceCall,
        WhatsAppButton,
        WhatsAppMedia,
        WhatsAppRaw,
        WhatsAppTemplate,
        WhatsAppText,
    )

_LATER = {
    "AsyncSmsManager": "smsmanager.aio",
    "Encoding": "smsmanager.parts",
    "InvalidNumberError": "smsmanager.phone",
    "MessageParts": "smsmanager.parts",
    "hide_in_logs": "smsmanager.logs",
    "message_parts": "smsmanager.parts",
    "normalise_number": "smsmanager.phone",
}

__all__ = [
    "ApiError",
    "AsyncSmsManager",
    "AuthenticationError",
    "BadRequestError",
    "Callback",
    "CallbackHeaders",
    "ConfigurationError",
    "DeliveryWindow",
    "Encoding",
    "FlowStep",
    "IncompleteSendError",
    "InvalidNumberError",
    "LinkShortening",
    "Message",
    "MessageParams",
    "MessageParts",
    "NamedVariable",
    "NotSentError",
    "OpenObject",
    "OutcomeUnknownError",
    "PartialSendError",
    "Payload",
    "RateLimitError",
    "Rcs",
    "RcsButton",
    "RcsCard",
    "RcsCarouselCard",
    "RcsRaw",
    "Recipient",
    "RecipientOutcome",
    "ReplyHandling",
    "ResponseParseError",
    "Retry",
    "RetryPolicy",
    "SendResult",
    "ServiceError",
    "Sms",
    "SmsManager",
    "SmsManagerError",
    "Status",
    "TemplateButton",
    "TemplateCarouselItem",
    "TemplateHeader",
    "TemplateProduct",
    "UnsupportedMediaTypeError",
    "ValidationError",
    "Viber",
    "ViberButton",
    "VoiceCall",
    "WhatsAppButton",
    "WhatsAppMedia",
    "WhatsAppRaw",
    "WhatsAppTemplate",
    "WhatsAppText",
    "__version__",
    "compose",
    "expand_message_id",
    "hide_in_logs",
    "message_parts",
    "normalise_number",
    "reference_of",
    "same_message",
    "split_message_id",
]


def __getattr__(name: str) -> Any:
    """Load the generated types, and what not every service needs, on first use.

    Every name of `smsmanager_jsonapi.models` is found here, so one that a newer `openapi.yaml` brings needs
    no change.
    """
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name) if name in _LATER else load_model(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
