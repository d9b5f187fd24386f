from typing import Literal

Channel = Literal["rcs", "sms", "viber", "whatsapp_template", "whatsapp_text"]

CHANNEL_VALUES: set[Channel] = {
    "rcs",
    "sms",
    "viber",
    "whatsapp_template",
    "whatsapp_text",
}


def check_channel(value: str) -> Channel:
    if value in CHANNEL_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CHANNEL_VALUES!r}")
