from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.network_prices import NetworkPrices


T = TypeVar("T", bound="CountryPrice")


@_attrs_define
class CountryPrice(metaclass=ModelType):
    """The price of one country.

    Attributes:
        mcc: Mobile country code.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        operators: Networks with their own price, by network code.
    """

    mcc: float | None | str | Unset = UNSET
    """ Mobile country code. """
    price_czk: float | None | str | Unset = UNSET
    """ Price in CZK. """
    price_eur: float | None | str | Unset = UNSET
    """ Price in EUR. """
    operators: NetworkPrices | None | Unset = UNSET
    """ Networks with their own price, by network code. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.network_prices import NetworkPrices  # noqa: PLC0415

        mcc: float | None | str | Unset
        if isinstance(self.mcc, Unset):
            mcc = UNSET
        else:
            mcc = self.mcc

        price_czk: float | None | str | Unset
        if isinstance(self.price_czk, Unset):
            price_czk = UNSET
        else:
            price_czk = self.price_czk

        price_eur: float | None | str | Unset
        if isinstance(self.price_eur, Unset):
            price_eur = UNSET
        else:
            price_eur = self.price_eur

        operators: dict[str, Any] | None | Unset
        if isinstance(self.operators, Unset):
            operators = UNSET
        elif isinstance(self.operators, NetworkPrices):
            operators = self.operators.to_dict()
        else:
            operators = self.operators

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if mcc is not UNSET:
            field_dict["mcc"] = mcc
        if price_czk is not UNSET:
            field_dict["price_czk"] = price_czk
        if price_eur is not UNSET:
            field_dict["price_eur"] = price_eur
        if operators is not UNSET:
            field_dict["operators"] = operators

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.network_prices import NetworkPrices  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_mcc(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        mcc = _parse_mcc(d.pop("mcc", UNSET))

        def _parse_price_czk(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        price_czk = _parse_price_czk(d.pop("price_czk", UNSET))

        def _parse_price_eur(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        price_eur = _parse_price_eur(d.pop("price_eur", UNSET))

        def _parse_operators(data: object) -> NetworkPrices | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                operators_type_0 = NetworkPrices.from_dict(data)

                return operators_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NetworkPrices | None | Unset, data)

        operators = _parse_operators(d.pop("operators", UNSET))

        country_price = cls(
            mcc=mcc,
            price_czk=price_czk,
            price_eur=price_eur,
            operators=operators,
        )

        country_price.additional_properties = d
        return country_price

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
