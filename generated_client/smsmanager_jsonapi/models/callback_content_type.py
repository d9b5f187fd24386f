from typing import Literal

CallbackContentType = Literal["form", "json"]

CALLBACK_CONTENT_TYPE_VALUES: set[CallbackContentType] = {
    "form",
    "json",
}


def check_callback_content_type(value: str) -> CallbackContentType:
    if value in CALLBACK_CONTENT_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CALLBACK_CONTENT_TYPE_VALUES!r}")
