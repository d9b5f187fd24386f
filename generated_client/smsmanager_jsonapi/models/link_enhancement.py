from typing import Literal

LinkEnhancement = Literal["code", "id"]

LINK_ENHANCEMENT_VALUES: set[LinkEnhancement] = {
    "code",
    "id",
}


def check_link_enhancement(value: str) -> LinkEnhancement:
    if value in LINK_ENHANCEMENT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LINK_ENHANCEMENT_VALUES!r}")
