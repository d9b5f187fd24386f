from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import ModelType, masked_repr

if TYPE_CHECKING:
    from ..models.network_price import NetworkPrice


T = TypeVar("T", bound="NetworkPrices")


@_attrs_define
class NetworkPrices(metaclass=ModelType):
    """Prices by mobile network code."""

    additional_properties: dict[str, NetworkPrice] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.network_price import NetworkPrice  # noqa: PLC0415

        d = dict(src_dict)
        network_prices = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = NetworkPrice.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        network_prices.additional_properties = additional_properties
        return network_prices

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> NetworkPrice:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: NetworkPrice) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
