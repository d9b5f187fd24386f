from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.link_shortening import LinkShortening
    from ..models.reply_handling import ReplyHandling


T = TypeVar("T", bound="MessageParams")


@_attrs_define
class MessageParams(metaclass=ModelType):
    """Special parameters. Further ones are allowed.

    Attributes:
        param_url: Shortens the links of the text.
        param_incoming: What happens to replies.
    """

    param_url: LinkShortening | Unset = UNSET
    """ Shortens the links of the text. """
    param_incoming: ReplyHandling | Unset = UNSET
    """ What happens to replies. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        param_url: dict[str, Any] | Unset = UNSET
        if not isinstance(self.param_url, Unset):
            param_url = self.param_url.to_dict()

        param_incoming: dict[str, Any] | Unset = UNSET
        if not isinstance(self.param_incoming, Unset):
            param_incoming = self.param_incoming.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if param_url is not UNSET:
            field_dict["_url"] = param_url
        if param_incoming is not UNSET:
            field_dict["_incoming"] = param_incoming

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.link_shortening import LinkShortening  # noqa: PLC0415
        from ..models.reply_handling import ReplyHandling  # noqa: PLC0415

        d = dict(src_dict)
        _param_url = d.pop("_url", UNSET)
        param_url: LinkShortening | Unset
        if isinstance(_param_url, Unset):
            param_url = UNSET
        else:
            param_url = LinkShortening.from_dict(_param_url)

        _param_incoming = d.pop("_incoming", UNSET)
        param_incoming: ReplyHandling | Unset
        if isinstance(_param_incoming, Unset):
            param_incoming = UNSET
        else:
            param_incoming = ReplyHandling.from_dict(_param_incoming)

        message_params = cls(
            param_url=param_url,
            param_incoming=param_incoming,
        )

        message_params.additional_properties = d
        return message_params

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
