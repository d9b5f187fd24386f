from typing import Literal

IncomingChannel = Literal["sms", "viber", "whatsapp"]

INCOMING_CHANNEL_VALUES: set[IncomingChannel] = {
    "sms",
    "viber",
    "whatsapp",
}


def check_incoming_channel(value: str) -> IncomingChannel:
    if value in INCOMING_CHANNEL_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {INCOMING_CHANNEL_VALUES!r}")
