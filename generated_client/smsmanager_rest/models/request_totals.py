from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="RequestTotals")


@_attrs_define
class RequestTotals(metaclass=ModelType):
    """Totals of one request, with numbers as strings.

    Attributes:
        count_sent: Messages sent.
        count_notsent: Messages not sent.
        count_delivered: Messages delivered.
        count_nondelivered: Messages not delivered.
        count_replied: Messages with a reply.
        count_optout: Recipients who opted out.
        msg_sent: Parts sent.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
        first_ts_sent: When the first one was sent.
        last_ts_sent: When the last one was sent.
    """

    count_sent: float | None | str | Unset = UNSET
    """ Messages sent. """
    count_notsent: float | None | str | Unset = UNSET
    """ Messages not sent. """
    count_delivered: float | None | str | Unset = UNSET
    """ Messages delivered. """
    count_nondelivered: float | None | str | Unset = UNSET
    """ Messages not delivered. """
    count_replied: float | None | str | Unset = UNSET
    """ Messages with a reply. """
    count_optout: float | None | str | Unset = UNSET
    """ Recipients who opted out. """
    msg_sent: float | None | str | Unset = UNSET
    """ Parts sent. """
    price_czk: float | None | str | Unset = UNSET
    """ Price in CZK. """
    price_eur: float | None | str | Unset = UNSET
    """ Price in EUR. """
    first_ts_sent: float | None | str | Unset = UNSET
    """ When the first one was sent. """
    last_ts_sent: float | None | str | Unset = UNSET
    """ When the last one was sent. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        count_sent: float | None | str | Unset
        if isinstance(self.count_sent, Unset):
            count_sent = UNSET
        else:
            count_sent = self.count_sent

        count_notsent: float | None | str | Unset
        if isinstance(self.count_notsent, Unset):
            count_notsent = UNSET
        else:
            count_notsent = self.count_notsent

        count_delivered: float | None | str | Unset
        if isinstance(self.count_delivered, Unset):
            count_delivered = UNSET
        else:
            count_delivered = self.count_delivered

        count_nondelivered: float | None | str | Unset
        if isinstance(self.count_nondelivered, Unset):
            count_nondelivered = UNSET
        else:
            count_nondelivered = self.count_nondelivered

        count_replied: float | None | str | Unset
        if isinstance(self.count_replied, Unset):
            count_replied = UNSET
        else:
            count_replied = self.count_replied

        count_optout: float | None | str | Unset
        if isinstance(self.count_optout, Unset):
            count_optout = UNSET
        else:
            count_optout = self.count_optout

        msg_sent: float | None | str | Unset
        if isinstance(self.msg_sent, Unset):
            msg_sent = UNSET
        else:
            msg_sent = self.msg_sent

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

        first_ts_sent: float | None | str | Unset
        if isinstance(self.first_ts_sent, Unset):
            first_ts_sent = UNSET
        else:
            first_ts_sent = self.first_ts_sent

        last_ts_sent: float | None | str | Unset
        if isinstance(self.last_ts_sent, Unset):
            last_ts_sent = UNSET
        else:
            last_ts_sent = self.last_ts_sent

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if count_sent is not UNSET:
            field_dict["count_sent"] = count_sent
        if count_notsent is not UNSET:
            field_dict["count_notsent"] = count_notsent
        if count_delivered is not UNSET:
            field_dict["count_delivered"] = count_delivered
        if count_nondelivered is not UNSET:
            field_dict["count_nondelivered"] = count_nondelivered
        if count_replied is not UNSET:
            field_dict["count_replied"] = count_replied
        if count_optout is not UNSET:
            field_dict["count_optout"] = count_optout
        if msg_sent is not UNSET:
            field_dict["msg_sent"] = msg_sent
        if price_czk is not UNSET:
            field_dict["price_czk"] = price_czk
        if price_eur is not UNSET:
            field_dict["price_eur"] = price_eur
        if first_ts_sent is not UNSET:
            field_dict["first_ts_sent"] = first_ts_sent
        if last_ts_sent is not UNSET:
            field_dict["last_ts_sent"] = last_ts_sent

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_count_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_sent = _parse_count_sent(d.pop("count_sent", UNSET))

        def _parse_count_notsent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_notsent = _parse_count_notsent(d.pop("count_notsent", UNSET))

        def _parse_count_delivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_delivered = _parse_count_delivered(d.pop("count_delivered", UNSET))

        def _parse_count_nondelivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_nondelivered = _parse_count_nondelivered(d.pop("count_nondelivered", UNSET))

        def _parse_count_replied(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_replied = _parse_count_replied(d.pop("count_replied", UNSET))

        def _parse_count_optout(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_optout = _parse_count_optout(d.pop("count_optout", UNSET))

        def _parse_msg_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        msg_sent = _parse_msg_sent(d.pop("msg_sent", UNSET))

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

        def _parse_first_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        first_ts_sent = _parse_first_ts_sent(d.pop("first_ts_sent", UNSET))

        def _parse_last_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        last_ts_sent = _parse_last_ts_sent(d.pop("last_ts_sent", UNSET))

        request_totals = cls(
            count_sent=count_sent,
            count_notsent=count_notsent,
            count_delivered=count_delivered,
            count_nondelivered=count_nondelivered,
            count_replied=count_replied,
            count_optout=count_optout,
            msg_sent=msg_sent,
            price_czk=price_czk,
            price_eur=price_eur,
            first_ts_sent=first_ts_sent,
            last_ts_sent=last_ts_sent,
        )

        request_totals.additional_properties = d
        return request_totals

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
