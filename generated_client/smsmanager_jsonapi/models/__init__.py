"""Data models of what is sent and what comes back, each loaded when it is first used.

Generated from `openapi.yaml` by `make generate`; do not edit.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accepted_item import AcceptedItem
    from .callback import Callback
    from .callback_content_type import CallbackContentType
    from .callback_headers import CallbackHeaders
    from .callback_method import CallbackMethod
    from .channel import Channel
    from .channel_report import ChannelReport
    from .delivery_result import DeliveryResult
    from .delivery_window import DeliveryWindow
    from .error_response import ErrorResponse
    from .event_recipient import EventRecipient
    from .flow_step import FlowStep
    from .incoming_channel import IncomingChannel
    from .incoming_message_event import IncomingMessageEvent
    from .incoming_reply_message_event import IncomingReplyMessageEvent
    from .link_enhancement import LinkEnhancement
    from .link_shortening import LinkShortening
    from .link_type import LinkType
    from .message import Message
    from .message_params import MessageParams
    from .named_variable import NamedVariable
    from .open_object import OpenObject
    from .payload import Payload
    from .rcs import Rcs
    from .rcs_button import RcsButton
    from .rcs_button_type import RcsButtonType
    from .rcs_card import RcsCard
    from .rcs_carousel_card import RcsCarouselCard
    from .rcs_raw import RcsRaw
    from .recipient import Recipient
    from .rejected_item import RejectedItem
    from .reply_handling import ReplyHandling
    from .send_response import SendResponse
    from .sent_message_event import SentMessageEvent
    from .simple_message import SimpleMessage
    from .simple_send_response import SimpleSendResponse
    from .sms import Sms
    from .sms_gateway import SmsGateway
    from .sms_report import SmsReport
    from .sms_type import SmsType
    from .template_button import TemplateButton
    from .template_carousel_item import TemplateCarouselItem
    from .template_header import TemplateHeader
    from .template_product import TemplateProduct
    from .ttl_condition import TtlCondition
    from .unsupported_media_type import UnsupportedMediaType
    from .viber import Viber
    from .viber_button import ViberButton
    from .voice_call import VoiceCall
    from .weekday import Weekday
    from .whats_app_button import WhatsAppButton
    from .whats_app_media import WhatsAppMedia
    from .whats_app_raw import WhatsAppRaw
    from .whats_app_template import WhatsAppTemplate
    from .whats_app_text import WhatsAppText

_MODULES = {
    "AcceptedItem": ".accepted_item",
    "Callback": ".callback",
    "CallbackContentType": ".callback_content_type",
    "CallbackHeaders": ".callback_headers",
    "CallbackMethod": ".callback_method",
    "Channel": ".channel",
    "ChannelReport": ".channel_report",
    "DeliveryResult": ".delivery_result",
    "DeliveryWindow": ".delivery_window",
    "ErrorResponse": ".error_response",
    "EventRecipient": ".event_recipient",
    "FlowStep": ".flow_step",
    "IncomingChannel": ".incoming_channel",
    "IncomingMessageEvent": ".incoming_message_event",
    "IncomingReplyMessageEvent": ".incoming_reply_message_event",
    "LinkEnhancement": ".link_enhancement",
    "LinkShortening": ".link_shortening",
    "LinkType": ".link_type",
    "Message": ".message",
    "MessageParams": ".message_params",
    "NamedVariable": ".named_variable",
    "OpenObject": ".open_object",
    "Payload": ".payload",
    "Rcs": ".rcs",
    "RcsButton": ".rcs_button",
    "RcsButtonType": ".rcs_button_type",
    "RcsCard": ".rcs_card",
    "RcsCarouselCard": ".rcs_carousel_card",
    "RcsRaw": ".rcs_raw",
    "Recipient": ".recipient",
    "RejectedItem": ".rejected_item",
    "ReplyHandling": ".reply_handling",
    "SendResponse": ".send_response",
    "SentMessageEvent": ".sent_message_event",
    "SimpleMessage": ".simple_message",
    "SimpleSendResponse": ".simple_send_response",
    "Sms": ".sms",
    "SmsGateway": ".sms_gateway",
    "SmsReport": ".sms_report",
    "SmsType": ".sms_type",
    "TemplateButton": ".template_button",
    "TemplateCarouselItem": ".template_carousel_item",
    "TemplateHeader": ".template_header",
    "TemplateProduct": ".template_product",
    "TtlCondition": ".ttl_condition",
    "UnsupportedMediaType": ".unsupported_media_type",
    "Viber": ".viber",
    "ViberButton": ".viber_button",
    "VoiceCall": ".voice_call",
    "Weekday": ".weekday",
    "WhatsAppButton": ".whats_app_button",
    "WhatsAppMedia": ".whats_app_media",
    "WhatsAppRaw": ".whats_app_raw",
    "WhatsAppTemplate": ".whats_app_template",
    "WhatsAppText": ".whats_app_text",
}

__all__ = (
    "AcceptedItem",
    "Callback",
    "CallbackContentType",
    "CallbackHeaders",
    "CallbackMethod",
    "Channel",
    "ChannelReport",
    "DeliveryResult",
    "DeliveryWindow",
    "ErrorResponse",
    "EventRecipient",
    "FlowStep",
    "IncomingChannel",
    "IncomingMessageEvent",
    "IncomingReplyMessageEvent",
    "LinkEnhancement",
    "LinkShortening",
    "LinkType",
    "Message",
    "MessageParams",
    "NamedVariable",
    "OpenObject",
    "Payload",
    "Rcs",
    "RcsButton",
    "RcsButtonType",
    "RcsCard",
    "RcsCarouselCard",
    "RcsRaw",
    "Recipient",
    "RejectedItem",
    "ReplyHandling",
    "SendResponse",
    "SentMessageEvent",
    "SimpleMessage",
    "SimpleSendResponse",
    "Sms",
    "SmsGateway",
    "SmsReport",
    "SmsType",
    "TemplateButton",
    "TemplateCarouselItem",
    "TemplateHeader",
    "TemplateProduct",
    "TtlCondition",
    "UnsupportedMediaType",
    "Viber",
    "ViberButton",
    "VoiceCall",
    "Weekday",
    "WhatsAppButton",
    "WhatsAppMedia",
    "WhatsAppRaw",
    "WhatsAppTemplate",
    "WhatsAppText",
)


def __getattr__(name: str) -> Any:
    """Load the module of a model on first use: all of them at once would double the import time."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
