from typing import Literal

TtlCondition = Literal["delivered", "seen", "sent"]

TTL_CONDITION_VALUES: set[TtlCondition] = {
    "delivered",
    "seen",
    "sent",
}


def check_ttl_condition(value: str) -> TtlCondition:
    if value in TTL_CONDITION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TTL_CONDITION_VALUES!r}")
