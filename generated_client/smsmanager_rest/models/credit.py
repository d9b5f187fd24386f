from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.currency import Currency, check_currency
from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.price_levels import PriceLevels


T = TypeVar("T", bound="Credit")


@_attrs_define
class Credit(metaclass=ModelType):
    """Credit and settings of the account.

    Attributes:
        credit_czk: Credit in CZK.
        credit_eur: Credit in EUR.
        currency: The currency of the account.
        billing_id: Id of the billing account.
        vat: Whether VAT applies.
        tz: IANA time zone of the account.
        price_levels: The discount reached, by `<platform>_<mcc>`; only those above 0.
    """

    credit_czk: float | None | str | Unset = UNSET
    """ Credit in CZK. """
    credit_eur: float | None | str | Unset = UNSET
    """ Credit in EUR. """
    currency: Currency | None | str | Unset = UNSET
    """ The currency of the account. """
    billing_id: int | None | str | Unset = UNSET
    """ Id of the billing account. """
    vat: bool | int | None | str | Unset = UNSET
    """ Whether VAT applies. """
    tz: None | str | Unset = UNSET
    """ IANA time zone of the account. """
    price_levels: None | PriceLevels | Unset = UNSET
    """ The discount reached, by `<platform>_<mcc>`; only those above 0. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.price_levels import PriceLevels  # noqa: PLC0415

        credit_czk: float | None | str | Unset
        if isinstance(self.credit_czk, Unset):
            credit_czk = UNSET
        else:
            credit_czk = self.credit_czk

        credit_eur: float | None | str | Unset
        if isinstance(self.credit_eur, Unset):
            credit_eur = UNSET
        else:
            credit_eur = self.credit_eur

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        elif isinstance(self.currency, str):
            currency = self.currency
        else:
            currency = self.currency

        billing_id: int | None | str | Unset
        if isinstance(self.billing_id, Unset):
            billing_id = UNSET
        else:
            billing_id = self.billing_id

        vat: bool | int | None | str | Unset
        if isinstance(self.vat, Unset):
            vat = UNSET
        else:
            vat = self.vat

        tz: None | str | Unset
        if isinstance(self.tz, Unset):
            tz = UNSET
        else:
            tz = self.tz

        price_levels: dict[str, Any] | None | Unset
        if isinstance(self.price_levels, Unset):
            price_levels = UNSET
        elif isinstance(self.price_levels, PriceLevels):
            price_levels = self.price_levels.to_dict()
        else:
            price_levels = self.price_levels

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if credit_czk is not UNSET:
            field_dict["credit_czk"] = credit_czk
        if credit_eur is not UNSET:
            field_dict["credit_eur"] = credit_eur
        if currency is not UNSET:
            field_dict["currency"] = currency
        if billing_id is not UNSET:
            field_dict["billing_id"] = billing_id
        if vat is not UNSET:
            field_dict["vat"] = vat
        if tz is not UNSET:
            field_dict["tz"] = tz
        if price_levels is not UNSET:
            field_dict["priceLevels"] = price_levels

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.price_levels import PriceLevels  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_credit_czk(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        credit_czk = _parse_credit_czk(d.pop("credit_czk", UNSET))

        def _parse_credit_eur(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        credit_eur = _parse_credit_eur(d.pop("credit_eur", UNSET))

        def _parse_currency(data: object) -> Currency | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                currency_type_0 = check_currency(data)

                return currency_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Currency | None | str | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        def _parse_billing_id(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        billing_id = _parse_billing_id(d.pop("billing_id", UNSET))

        def _parse_vat(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        vat = _parse_vat(d.pop("vat", UNSET))

        def _parse_tz(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tz = _parse_tz(d.pop("tz", UNSET))

        def _parse_price_levels(data: object) -> None | PriceLevels | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                price_levels_type_0 = PriceLevels.from_dict(data)

                return price_levels_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PriceLevels | Unset, data)

        price_levels = _parse_price_levels(d.pop("priceLevels", UNSET))

        credit = cls(
            credit_czk=credit_czk,
            credit_eur=credit_eur,
            currency=currency,
            billing_id=billing_id,
            vat=vat,
            tz=tz,
            price_levels=price_levels,
        )

        credit.additional_properties = d
        return credit

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
