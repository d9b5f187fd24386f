from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="ReplyHandling")


@_attrs_define
class ReplyHandling(metaclass=ModelType):
    """What happens to replies.

    Attributes:
        email_to: Replies are sent to this address.
        callback: Replies are posted to this URL.
        reply: Automatic answers, matched by keyword; the shape is not documented.
    """

    email_to: str | Unset = UNSET
    """ Replies are sent to this address. """
    callback: str | Unset = UNSET
    """ Replies are posted to this URL. """
    reply: Any | Unset = UNSET
    """ Automatic answers, matched by keyword; the shape is not documented. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        email_to = self.email_to

        callback = self.callback

        reply = self.reply

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if email_to is not UNSET:
            field_dict["email_to"] = email_to
        if callback is not UNSET:
            field_dict["callback"] = callback
        if reply is not UNSET:
            field_dict["reply"] = reply

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email_to = d.pop("email_to", UNSET)

        callback = d.pop("callback", UNSET)

        reply = d.pop("reply", UNSET)

        reply_handling = cls(
            email_to=email_to,
            callback=callback,
            reply=reply,
        )

        reply_handling.additional_properties = d
        return reply_handling

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
