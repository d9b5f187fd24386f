from typing import Literal

SmsGateway = Literal["custom", "direct", "gsm", "high", "lowcost", "simhost", "test"]

SMS_GATEWAY_VALUES: set[SmsGateway] = {
    "custom",
    "direct",
    "gsm",
    "high",
    "lowcost",
    "simhost",
    "test",
}


def check_sms_gateway(value: str) -> SmsGateway:
    if value in SMS_GATEWAY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SMS_GATEWAY_VALUES!r}")
