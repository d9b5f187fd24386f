from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="KeySettings")


@_attrs_define
class KeySettings(metaclass=ModelType):
    """The new settings of a key.

    Attributes:
        default_callback_url: Where webhooks go by default; an empty string clears it.
        note: Your note; an empty string clears it.
        default_sender: The sender of messages that set none. Only one page outside the reference names
            it.
        default_callback_secret: The secret that signs webhooks. Only another vendor's client names it.
    """

    default_callback_url: str
    """ Where webhooks go by default; an empty string clears it. """
    note: str
    """ Your note; an empty string clears it. """
    default_sender: str | Unset = UNSET
    """ The sender of messages that set none. Only one page outside the reference names it. """
    default_callback_secret: str | Unset = UNSET
    """ The secret that signs webhooks. Only another vendor's client names it. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        default_callback_url = self.default_callback_url

        note = self.note

        default_sender = self.default_sender

        default_callback_secret = self.default_callback_secret

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "default_callback_url": default_callback_url,
                "note": note,
            }
        )
        if default_sender is not UNSET:
            field_dict["default_sender"] = default_sender
        if default_callback_secret is not UNSET:
            field_dict["default_callback_secret"] = default_callback_secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        default_callback_url = d.pop("default_callback_url")

        note = d.pop("note")

        default_sender = d.pop("default_sender", UNSET)

        default_callback_secret = d.pop("default_callback_secret", UNSET)

        refuse_unknown(cls, d)

        key_settings = cls(
            default_callback_url=default_callback_url,
            note=note,
            default_sender=default_sender,
            default_callback_secret=default_callback_secret,
        )

        return key_settings
