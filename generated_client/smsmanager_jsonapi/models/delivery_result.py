from typing import Literal

DeliveryResult = Literal[
    "delivered", "failed", "rejected", "seen", "sending", "sent", "undelivered"
]

DELIVERY_RESULT_VALUES: set[DeliveryResult] = {
    "delivered",
    "failed",
    "rejected",
    "seen",
    "sending",
    "sent",
    "undelivered",
}


def check_delivery_result(value: str) -> DeliveryResult:
    if value in DELIVERY_RESULT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DELIVERY_RESULT_VALUES!r}")
