from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.channel_prices import ChannelPrices


T = TypeVar("T", bound="PricesAnswer")


@_attrs_define
class PricesAnswer(metaclass=ModelType):
    """The prices of the account.

    Attributes:
        success: Whether the request was carried out.
        prices: By channel.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    prices: ChannelPrices | None | Unset = UNSET
    """ By channel. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.channel_prices import ChannelPrices  # noqa: PLC0415

        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        prices: dict[str, Any] | None | Unset
        if isinstance(self.prices, Unset):
            prices = UNSET
        elif isinstance(self.prices, ChannelPrices):
            prices = self.prices.to_dict()
        else:
            prices = self.prices

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if prices is not UNSET:
            field_dict["prices"] = prices

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.channel_prices import ChannelPrices  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_prices(data: object) -> ChannelPrices | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                prices_type_0 = ChannelPrices.from_dict(data)

                return prices_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChannelPrices | None | Unset, data)

        prices = _parse_prices(d.pop("prices", UNSET))

        prices_answer = cls(
            success=success,
            prices=prices,
        )

        prices_answer.additional_properties = d
        return prices_answer

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
