from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import ModelType, masked_repr

if TYPE_CHECKING:
    from ..models.country_price import CountryPrice


T = TypeVar("T", bound="CountryPrices")


@_attrs_define
class CountryPrices(metaclass=ModelType):
    """Prices by calling code."""

    additional_properties: dict[str, CountryPrice] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.country_price import CountryPrice  # noqa: PLC0415

        d = dict(src_dict)
        country_prices = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = CountryPrice.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        country_prices.additional_properties = additional_properties
        return country_prices

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> CountryPrice:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: CountryPrice) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
