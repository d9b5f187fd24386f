from typing import Literal

CallbackContentType = Literal["application/json", "application/x-www-form-urlencoded"]

CALLBACK_CONTENT_TYPE_VALUES: set[CallbackContentType] = {
    "application/json",
    "application/x-www-form-urlencoded",
}


def check_callback_content_type(value: str) -> CallbackContentType:
    if value in CALLBACK_CONTENT_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CALLBACK_CONTENT_TYPE_VALUES!r}")
