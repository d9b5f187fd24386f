from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.link_enhancement import LinkEnhancement, check_link_enhancement
from ..models.link_type import LinkType, check_link_type
from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="LinkShortening")


@_attrs_define
class LinkShortening(metaclass=ModelType):
    """Shortens the links of the text.

    Attributes:
        type_: Which links are shortened. `full`, the service's default, means only links with a
            protocol. One of `full`, `all`.
        domain: Domain of the short links.
        get_enhance: What the service adds to the link's target: the message id, the short code, or
            nothing (`false`).
        get_name: Name of the query parameter that is added. If unset, the service uses `_`.
        expires_at: When the link expires, in Unix seconds. If unset, after 7 days; at most 30 days are
            advised.
        expires: Older name of `expires_at`.
    """

    type_: LinkType | Unset = UNSET
    """ Which links are shortened. `full`, the service's default, means only links with a protocol. One of `full`,
    `all`. """
    domain: str | Unset = UNSET
    """ Domain of the short links. """
    get_enhance: bool | LinkEnhancement | Unset = UNSET
    """ What the service adds to the link's target: the message id, the short code, or nothing (`false`). """
    get_name: str | Unset = UNSET
    """ Name of the query parameter that is added. If unset, the service uses `_`. """
    expires_at: int | Unset = UNSET
    """ When the link expires, in Unix seconds. If unset, after 7 days; at most 30 days are advised. """
    expires: int | Unset = UNSET
    """ Older name of `expires_at`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = self.type_

        domain = self.domain

        get_enhance: bool | str | Unset
        if isinstance(self.get_enhance, Unset):
            get_enhance = UNSET
        elif isinstance(self.get_enhance, str):
            get_enhance = self.get_enhance
        else:
            get_enhance = self.get_enhance

        get_name = self.get_name

        expires_at = self.expires_at

        expires = self.expires

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if type_ is not UNSET:
            field_dict["type"] = type_
        if domain is not UNSET:
            field_dict["domain"] = domain
        if get_enhance is not UNSET:
            field_dict["get_enhance"] = get_enhance
        if get_name is not UNSET:
            field_dict["get_name"] = get_name
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if expires is not UNSET:
            field_dict["expires"] = expires

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _type_ = d.pop("type", UNSET)
        type_: LinkType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = check_link_type(_type_)

        domain = d.pop("domain", UNSET)

        def _parse_get_enhance(data: object) -> bool | LinkEnhancement | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                get_enhance_type_0 = check_link_enhancement(data)

                return get_enhance_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(bool | LinkEnhancement | Unset, data)

        get_enhance = _parse_get_enhance(d.pop("get_enhance", UNSET))

        get_name = d.pop("get_name", UNSET)

        expires_at = d.pop("expires_at", UNSET)

        expires = d.pop("expires", UNSET)

        link_shortening = cls(
            type_=type_,
            domain=domain,
            get_enhance=get_enhance,
            get_name=get_name,
            expires_at=expires_at,
            expires=expires,
        )

        link_shortening.additional_properties = d
        return link_shortening

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
