from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="OlderPrice")


@_attrs_define
class OlderPrice(metaclass=ModelType):
    """A price in an older shape.

    Attributes:
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        mcc: Mobile country code.
        mnc: Mobile network code.
    """

    price_czk: float | None | str | Unset = UNSET
    """ Price in CZK. """
    price_eur: float | None | str | Unset = UNSET
    """ Price in EUR. """
    mcc: float | None | str | Unset = UNSET
    """ Mobile country code. """
    mnc: float | None | str | Unset = UNSET
    """ Mobile network code. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
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

        mcc: float | None | str | Unset
        if isinstance(self.mcc, Unset):
            mcc = UNSET
        else:
            mcc = self.mcc

        mnc: float | None | str | Unset
        if isinstance(self.mnc, Unset):
            mnc = UNSET
        else:
            mnc = self.mnc

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if price_czk is not UNSET:
            field_dict["price_czk"] = price_czk
        if price_eur is not UNSET:
            field_dict["price_eur"] = price_eur
        if mcc is not UNSET:
            field_dict["mcc"] = mcc
        if mnc is not UNSET:
            field_dict["mnc"] = mnc

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

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

        def _parse_mcc(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        mcc = _parse_mcc(d.pop("mcc", UNSET))

        def _parse_mnc(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        mnc = _parse_mnc(d.pop("mnc", UNSET))

        older_price = cls(
            price_czk=price_czk,
            price_eur=price_eur,
            mcc=mcc,
            mnc=mnc,
        )

        older_price.additional_properties = d
        return older_price

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
