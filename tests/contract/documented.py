"""What the service's pages document, as tables: operations, fields, types, limits and enums.

The type of a field is written in one line, such as `string <=1000`, `[Recipient] 1..10, required` or
`A | null`; a component stands for itself.
"""

from __future__ import annotations

from typing import NamedTuple

TEXT = "string <=1000"
WAIT = "number >=0.5 <=43200"
LENIENT_NUMBER = "number|string|null"
LENIENT_CODE = "string|number|null"
KEY = "string | integer | null"
CHANNEL_REPORT = {
    "sender": "string|null",
    "country": LENIENT_CODE,
    "operator": LENIENT_CODE,
    "price_czk": LENIENT_NUMBER,
    "price_eur": LENIENT_NUMBER,
    "count": LENIENT_NUMBER,
}
CARD = {
    "title": "string",
    "description": "string",
    "file": "string",
    "thumbnail": "string",
    "buttons": "[RcsButton]",
}

SENT_FIELDS: dict[str, dict[str, str]] = {
    "Message": {
        "to": "[Recipient] 1..10, required",
        "body": TEXT,
        "sender": "string",
        "flow": "[FlowStep] 1..",
        "tag": "string",
        "messageTag": "string (deprecated)",
        "datetime": "string date-time",
        "delivery_time": "DeliveryWindow",
        "callback": "Callback | string uri",
        "payload": "Payload",
        "params": "MessageParams",
    },
    "Recipient": {"phone_number": "string >=1, required"},
    "DeliveryWindow": {
        "days": "[Weekday] 1.. unique",
        "start": "string /^([01][0-9]|2[0-3]):[0-5][0-9]$/",
        "end": "string /^([01][0-9]|2[0-3]):[0-5][0-9]$/",
        "tz": "string >=1",
    },
    "Callback": {
        "url": "string >=8 <=2048 /^https?:///, required",
        "method": "CallbackMethod",
        "content_type": "CallbackContentType",
        "headers": "CallbackHeaders",
        "item": "OpenObject | [OpenObject]",
        "body": "OpenObject | [OpenObject]",
        "batch_size": "integer >=1 <=500",
        "timeout_ms": "integer >=1000 <=10000",
    },
    "MessageParams": {"_url": "LinkShortening", "_incoming": "ReplyHandling"},
    "LinkShortening": {
        "type": "LinkType",
        "domain": "string",
        "get_enhance": "LinkEnhancement | boolean =False",
        "get_name": "string",
        "expires_at": "integer",
        "expires": "integer (deprecated)",
    },
    "ReplyHandling": {"email_to": "string", "callback": "string", "reply": "any"},
    "FlowStep": {
        "sms": "Sms",
        "viber": "Viber",
        "whatsapp_text": "WhatsAppText",
        "whatsapp_template": "WhatsAppTemplate",
        "rcs": "Rcs",
    },
    "Sms": {
        "body": TEXT,
        "sender": "string",
        "ttl": WAIT,
        "ttl_condition": "TtlCondition",
        "gateway": "SmsGateway",
        "type": "SmsType",
    },
    "Viber": {
        "body": TEXT,
        "sender": "string",
        "ttl": WAIT,
        "ttl_condition": "TtlCondition",
        "buttons": "[ViberButton] ..1",
    },
    "ViberButton": {"title": "string, required", "url": "string uri, required"},
    "WhatsAppText": {
        "body": TEXT,
        "sender": "string",
        "ttl": WAIT,
        "ttl_condition": "TtlCondition",
        "preview": "boolean",
        "image": "WhatsAppMedia",
        "video": "WhatsAppMedia",
        "document": "WhatsAppMedia",
        "audio": "WhatsAppMedia",
        "buttons": "[WhatsAppButton] ..3",
        "url": "string",
        "title": "string",
        "raw": "WhatsAppRaw",
        "header": "string",
        "footer": "string",
    },
    "WhatsAppMedia": {"link": "string, required", "filename": "string", "caption": "string"},
    "WhatsAppButton": {"title": "string, required", "id": "string"},
    "WhatsAppRaw": {"interactive": "OpenObject, required"},
    "WhatsAppTemplate": {
        "template_name": "string <=100, required",
        "language": "string, required",
        "sender": "string",
        "ttl": WAIT,
        "ttl_condition": "TtlCondition",
        "params": "[NamedVariable | string]",
        "params_header": "[TemplateHeader | string] 1..1",
        "params_buttons": "[TemplateButton | string | null]",
        "params_carousel": "[TemplateCarouselItem]",
        "params_lto": "[string | number] 1..1",
        "parameters_body": "[NamedVariable | string] (deprecated)",
        "parameters_header": "[TemplateHeader | string] 1..1 (deprecated)",
        "parameters_buttons": "[TemplateButton | string | null] (deprecated)",
    },
    "TemplateHeader": {
        "text": "NamedVariable | string",
        "image": "TemplateMedia",
        "video": "TemplateMedia",
        "document": "TemplateMedia",
        "location": "OpenObject",
        "product": "OpenObject",
    },
    "TemplateButton": {
        "url": "string",
        "payload": "string",
        "code": "string",
        "catalog": "any",
        "voice_call": "VoiceCall",
        "mpm": "any",
        "flow": "OpenObject | null",
    },
    "VoiceCall": {"ttl_minutes": "integer"},
    "TemplateCarouselItem": {"product": "TemplateProduct, required"},
    "TemplateProduct": {
        "product_retailer_id": "string, required",
        "catalog_id": "string, required",
    },
    "Rcs": {
        "body": TEXT,
        "sender": "string",
        "ttl": WAIT,
        "ttl_condition": "TtlCondition",
        "buttons": "[RcsButton]",
        "card": "RcsCard",
        "carousel": "[RcsCarouselCard]",
        "raw": "RcsRaw",
    },
    "RcsButton": {
        "type": "RcsButtonType, required",
        "text": "string, required",
        "postback": "string, required",
        "url": "string",
        "description": "string",
        "webview": "any",
    },
    "RcsCard": CARD,
    "RcsCarouselCard": {"type": "string", **CARD},
    "RcsRaw": {"suggestions": "[OpenObject]", "richCard": "OpenObject"},
    "SimpleMessage": {
        "phone_number": "string >=1, required",
        "message": f"{TEXT}, required",
        "sender": "string, required",
        "gateway": "SmsGateway",
        "datetime": "string date-time",
        "customID": "string",
        "number": "string (deprecated)",
        "body": "string <=1000 (deprecated)",
        "time": "string date-time (deprecated)",
    },
}
RECEIVED_FIELDS: dict[str, dict[str, str]] = {
    "SendResponse": {
        "request_id": "string|null",
        "accepted": "[AcceptedItem] or null",
        "rejected": "[RejectedItem] or null",
    },
    "AcceptedItem": {"key": KEY, "message_id": "string|null"},
    "RejectedItem": {"key": KEY},
    "SimpleSendResponse": {
        "request_id": "string|null",
        "message_id": "string|null",
        "accepted": "boolean|null",
    },
    "ErrorResponse": {"Message": "string|null"},
    "UnsupportedMediaType": {"message": "string|null"},
    "SentMessageEvent": {
        "type": "string|null",
        "request_id": "string|null",
        "message_id": "string|null",
        "gateway": "Channel | string | null",
        "timestamp": LENIENT_NUMBER,
        "payload": "Payload | null",
        "to": "EventRecipient | null",
        "result": "DeliveryResult | string | null",
        "result_info": "string|null",
        "sms": "SmsReport | null",
        "viber": "ChannelReport | null",
        "whatsapp_body": "ChannelReport | null",
        "whatsapp_template": "ChannelReport | null",
        "rcs": "ChannelReport | null",
    },
    "EventRecipient": {"phone_number": "string|null"},
    "ChannelReport": CHANNEL_REPORT,
    "SmsReport": {"gateway": "string|null", **CHANNEL_REPORT},
    "IncomingReplyMessageEvent": {
        "type": "string|null",
        "request_id": "string|null",
        "message_id": "string|null",
        "payload": "Payload | null",
        "gateway": "IncomingChannel | string | null",
        "timestamp": LENIENT_NUMBER,
        "sender": "string|null",
        "recipient": "string|null",
        "body": "string|null",
    },
    "IncomingMessageEvent": {
        "type": "string|null",
        "gateway": "IncomingChannel | string | null",
        "timestamp": LENIENT_NUMBER,
        "sender": "string|null",
        "recipient": "string|null",
        "body": "string|null",
    },
}
ENUMS = {
    "Weekday": "monday tuesday wednesday thursday friday saturday sunday",
    "CallbackMethod": "POST PUT PATCH GET",
    "CallbackContentType": "application/json application/x-www-form-urlencoded",
    "LinkType": "full all",
    "LinkEnhancement": "id code",
    "TtlCondition": "sent delivered seen",
    "SmsGateway": "high lowcost direct custom simhost gsm test",
    "SmsType": "utf sms",
    "RcsButtonType": "reply url",
    "Channel": "sms viber whatsapp_text whatsapp_template rcs",
    "IncomingChannel": "sms viber whatsapp",
    "DeliveryResult": "sending sent delivered undelivered rejected failed seen",
}
OPEN = {"Callback", "MessageParams", "LinkShortening", "ReplyHandling"}
EXACTLY_ONE_FIELD = {"FlowStep", "NamedVariable", "RcsRaw", "TemplateButton", "TemplateHeader"}
SIMPLE_QUERY = {
    "apikey": "string, required",
    "phone_number": "string >=1, required",
    "message": "string <=1000, required",
    "sender": "string, required",
    "gateway": "SmsGateway",
    "datetime": "string date-time",
    "customID": "string",
    "number": "string",
    "body": TEXT,
    "time": "string date-time",
}


class DocumentedOperation(NamedTuple):
    """An operation as the pages have it.

    Attributes:
        call: Method and path.
        tag: Its one tag.
        key: The security scheme.
        body: Media type without `application/`, and type; empty without a body.
        answers: Type of each status's body, None without one.
    """

    call: str
    tag: str
    key: str
    body: str
    answers: dict[str, str | None]


ERRORS: dict[str, str | None] = dict.fromkeys(
    ("400", "401", "403", "429", "500", "503"), "ErrorResponse"
)
SENT = {**ERRORS, "200": "SendResponse"}
SENT_SIMPLY = {**ERRORS, "200": "SimpleSendResponse"}
HEADER = "ApiKeyHeader"
OPERATIONS = {
    "sendMessage": DocumentedOperation("POST /message", "messages", HEADER, "json Message", SENT),
    "sendPriorityMessage": DocumentedOperation(
        "POST /message/priority", "messages", HEADER, "json Message", SENT
    ),
    "sendMessages": DocumentedOperation(
        "POST /messages", "messages", HEADER, "json [Message] 1..10", SENT
    ),
    "sendSimpleMessageByQuery": DocumentedOperation(
        "GET /simple/message", "simple", "ApiKeyQuery", "", {**SENT_SIMPLY, "400": None}
    ),
    "sendSimpleMessage": DocumentedOperation(
        "POST /simple/message",
        "simple",
        HEADER,
        "x-www-form-urlencoded SimpleMessage",
        {**SENT_SIMPLY, "400": "SimpleSendResponse", "415": "UnsupportedMediaType"},
    ),
}
