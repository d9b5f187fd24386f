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

# "as" tells type checkers that a name is public.
from smsmanager._config import ClientOptions as ClientOptions
from smsmanager._config import __version__ as __version__
from smsmanager._message.compose import compose as compose
from smsmanager.aio import AsyncSmsManager as AsyncSmsManager
from smsmanager.client import SmsManager as SmsManager
from smsmanager.errors import ApiError as ApiError
from smsmanager.errors import AuthenticationError as AuthenticationError
from smsmanager.errors import BadRequestError as BadRequestError
from smsmanager.errors import ConfigurationError as ConfigurationError
from smsmanager.errors import IncompleteSendError as IncompleteSendError
from smsmanager.errors import NotSentError as NotSentError
from smsmanager.errors import OutcomeUnknownError as OutcomeUnknownError
from smsmanager.errors import PartialSendError as PartialSendError
from smsmanager.errors import RateLimitError as RateLimitError
from smsmanager.errors import ResponseParseError as ResponseParseError
from smsmanager.errors import ServiceError as ServiceError
from smsmanager.errors import SmsManagerError as SmsManagerError
from smsmanager.errors import UnsupportedMediaTypeError as UnsupportedMediaTypeError
from smsmanager.errors import ValidationError as ValidationError
from smsmanager.ids import expand_message_id as expand_message_id
from smsmanager.ids import reference_of as reference_of
from smsmanager.ids import same_message as same_message
from smsmanager.ids import split_message_id as split_message_id
from smsmanager.logs import hide_in_logs as hide_in_logs
from smsmanager.phone import InvalidNumberError as InvalidNumberError
from smsmanager.phone import normalise_number as normalise_number
from smsmanager.results import RecipientOutcome as RecipientOutcome
from smsmanager.results import SendResult as SendResult
from smsmanager.results import Status as Status
from smsmanager.retry import Retry as Retry
from smsmanager.retry import RetryPolicy as RetryPolicy

if TYPE_CHECKING:
    from smsmanager.parts import Encoding as Encoding
    from smsmanager.parts import MessageParts as MessageParts
    from smsmanager.parts import message_parts as message_parts
    from smsmanager_jsonapi.models import *  # noqa: F403

_PARTS = ("Encoding", "MessageParts", "message_parts")
_GENERATED = (
    "Callback CallbackHeaders DeliveryWindow FlowStep LinkShortening Message MessageParams NamedVariable "
    "OpenObject Payload Rcs RcsButton RcsCard RcsCarouselCard RcsRaw Recipient ReplyHandling Sms "
    "TemplateButton TemplateCarouselItem TemplateHeader TemplateProduct Viber ViberButton VoiceCall "
    "WhatsAppButton WhatsAppMedia WhatsAppRaw WhatsAppTemplate WhatsAppText"
)

if not TYPE_CHECKING:
    _own = {n for n, v in globals().items() if getattr(v, "__module__", "").startswith(__name__)}
    __all__ = sorted({"__version__", *_own, *_PARTS, *_GENERATED.split()})  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Load the generated types and the part counter on first use.

    Every name of `smsmanager_jsonapi.models` is available here, so a type that is added to `openapi.yaml`
    needs no change in this module.
    """
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "smsmanager.parts" if name in _PARTS else "smsmanager_jsonapi.models"
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(globals()["__all__"])
