from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="ChannelReport")


@_attrs_define
class ChannelReport(metaclass=ModelType):
    """The sender, network, price and parts of one channel.

    Attributes:
        sender: The sender that was used.
        country: Mobile country code.
        operator: Mobile network code; 0 when unknown.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        count: Billed parts.
    """

    sender: None | str | Unset = UNSET
    """ The sender that was used. """
    country: float | None | str | Unset = UNSET
    """ Mobile country code. """
    operator: float | None | str | Unset = UNSET
    """ Mobile network code; 0 when unknown. """
    price_czk: float | None | str | Unset = UNSET
    """ Price in CZK. """
    price_eur: float | None | str | Unset = UNSET
    """ Price in EUR. """
    count: float | None | str | Unset = UNSET
    """ Billed parts. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        sender: None | str | Unset
        if isinstance(self.sender, Unset):
            sender = UNSET
        else:
            sender = self.sender

        country: float | None | str | Unset
        if isinstance(self.country, Unset):
            country = UNSET
        else:
            country = self.country

        operator: float | None | str | Unset
        if isinstance(self.operator, Unset):
            operator = UNSET
        else:
            operator = self.operator

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

        count: float | None | str | Unset
        if isinstance(self.count, Unset):
            count = UNSET
        else:
            count = self.count

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if sender is not UNSET:
            field_dict["sender"] = sender
        if country is not UNSET:
            field_dict["country"] = country
        if operator is not UNSET:
            field_dict["operator"] = operator
        if price_czk is not UNSET:
            field_dict["price_czk"] = price_czk
        if price_eur is not UNSET:
            field_dict["price_eur"] = price_eur
        if count is not UNSET:
            field_dict["count"] = count

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_sender(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sender = _parse_sender(d.pop("sender", UNSET))

        def _parse_country(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        country = _parse_country(d.pop("country", UNSET))

        def _parse_operator(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        operator = _parse_operator(d.pop("operator", UNSET))

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

        def _parse_count(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count = _parse_count(d.pop("count", UNSET))

        channel_report = cls(
            sender=sender,
            country=country,
            operator=operator,
            price_czk=price_czk,
            price_eur=price_eur,
            count=count,
        )

        channel_report.additional_properties = d
        return channel_report

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
