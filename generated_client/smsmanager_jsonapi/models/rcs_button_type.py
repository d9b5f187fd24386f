from typing import Literal

RcsButtonType = Literal["reply", "url"]

RCS_BUTTON_TYPE_VALUES: set[RcsButtonType] = {
    "reply",
    "url",
}


def check_rcs_button_type(value: str) -> RcsButtonType:
    if value in RCS_BUTTON_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RCS_BUTTON_TYPE_VALUES!r}")
