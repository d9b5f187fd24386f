from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="MessageRow")


@_attrs_define
class MessageRow(metaclass=ModelType):
    """One message of a day. A row has no `request_id`, `payload`, `tag`, `ts_created` or code.

    Attributes:
        message_id: Id of the message, per recipient.
        message_parts: Billed parts.
        ts_sent: When it was sent.
        ts_delivered: When it was delivered.
        ts_updated: When anything last changed.
        ts_clicked: When a link in it was clicked.
        ts_seen: When it was seen.
        ts_replied: When the recipient replied.
        ts_optout: When the recipient opted out.
        sent: 1 if it was sent.
        delivered: 1 if it was delivered.
        seen: 1 if it was seen.
        clicked: 1 if a link in it was clicked.
        replied: 1 if the recipient replied.
        optout: 1 if the recipient opted out.
        nondelivered: 1 if it was not delivered.
        body: The text.
        flow: The channel.
        sender: The sender.
        phone_number: The recipient.
        to: The recipient, in an older shape.
        price_czk: Price in CZK.
        price_eur: Price in EUR.
    """

    message_id: None | str | Unset = UNSET
    """ Id of the message, per recipient. """
    message_parts: float | None | str | Unset = UNSET
    """ Billed parts. """
    ts_sent: float | None | str | Unset = UNSET
    """ When it was sent. """
    ts_delivered: float | None | str | Unset = UNSET
    """ When it was delivered. """
    ts_updated: float | None | str | Unset = UNSET
    """ When anything last changed. """
    ts_clicked: float | None | str | Unset = UNSET
    """ When a link in it was clicked. """
    ts_seen: float | None | str | Unset = UNSET
    """ When it was seen. """
    ts_replied: float | None | str | Unset = UNSET
    """ When the recipient replied. """
    ts_optout: float | None | str | Unset = UNSET
    """ When the recipient opted out. """
    sent: bool | int | None | str | Unset = UNSET
    """ 1 if it was sent. """
    delivered: bool | int | None | str | Unset = UNSET
    """ 1 if it was delivered. """
    seen: bool | int | None | str | Unset = UNSET
    """ 1 if it was seen. """
    clicked: bool | int | None | str | Unset = UNSET
    """ 1 if a link in it was clicked. """
    replied: bool | int | None | str | Unset = UNSET
    """ 1 if the recipient replied. """
    optout: bool | int | None | str | Unset = UNSET
    """ 1 if the recipient opted out. """
    nondelivered: bool | int | None | str | Unset = UNSET
    """ 1 if it was not delivered. """
    body: None | str | Unset = UNSET
    """ The text. """
    flow: None | str | Unset = UNSET
    """ The channel. """
    sender: None | str | Unset = UNSET
    """ The sender. """
    phone_number: None | str | Unset = UNSET
    """ The recipient. """
    to: None | str | Unset = UNSET
    """ The recipient, in an older shape. """
    price_czk: float | None | str | Unset = UNSET
    """ Price in CZK. """
    price_eur: float | None | str | Unset = UNSET
    """ Price in EUR. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        message_id: None | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        message_parts: float | None | str | Unset
        if isinstance(self.message_parts, Unset):
            message_parts = UNSET
        else:
            message_parts = self.message_parts

        ts_sent: float | None | str | Unset
        if isinstance(self.ts_sent, Unset):
            ts_sent = UNSET
        else:
            ts_sent = self.ts_sent

        ts_delivered: float | None | str | Unset
        if isinstance(self.ts_delivered, Unset):
            ts_delivered = UNSET
        else:
            ts_delivered = self.ts_delivered

        ts_updated: float | None | str | Unset
        if isinstance(self.ts_updated, Unset):
            ts_updated = UNSET
        else:
            ts_updated = self.ts_updated

        ts_clicked: float | None | str | Unset
        if isinstance(self.ts_clicked, Unset):
            ts_clicked = UNSET
        else:
            ts_clicked = self.ts_clicked

        ts_seen: float | None | str | Unset
        if isinstance(self.ts_seen, Unset):
            ts_seen = UNSET
        else:
            ts_seen = self.ts_seen

        ts_replied: float | None | str | Unset
        if isinstance(self.ts_replied, Unset):
            ts_replied = UNSET
        else:
            ts_replied = self.ts_replied

        ts_optout: float | None | str | Unset
        if isinstance(self.ts_optout, Unset):
            ts_optout = UNSET
        else:
            ts_optout = self.ts_optout

        sent: bool | int | None | str | Unset
        if isinstance(self.sent, Unset):
            sent = UNSET
        else:
            sent = self.sent

        delivered: bool | int | None | str | Unset
        if isinstance(self.delivered, Unset):
            delivered = UNSET
        else:
            delivered = self.delivered

        seen: bool | int | None | str | Unset
        if isinstance(self.seen, Unset):
            seen = UNSET
        else:
            seen = self.seen

        clicked: bool | int | None | str | Unset
        if isinstance(self.clicked, Unset):
            clicked = UNSET
        else:
            clicked = self.clicked

        replied: bool | int | None | str | Unset
        if isinstance(self.replied, Unset):
            replied = UNSET
        else:
            replied = self.replied

        optout: bool | int | None | str | Unset
        if isinstance(self.optout, Unset):
            optout = UNSET
        else:
            optout = self.optout

        nondelivered: bool | int | None | str | Unset
        if isinstance(self.nondelivered, Unset):
            nondelivered = UNSET
        else:
            nondelivered = self.nondelivered

        body: None | str | Unset
        if isinstance(self.body, Unset):
            body = UNSET
        else:
            body = self.body

        flow: None | str | Unset
        if isinstance(self.flow, Unset):
            flow = UNSET
        else:
            flow = self.flow

        sender: None | str | Unset
        if isinstance(self.sender, Unset):
            sender = UNSET
        else:
            sender = self.sender

        phone_number: None | str | Unset
        if isinstance(self.phone_number, Unset):
            phone_number = UNSET
        else:
            phone_number = self.phone_number

        to: None | str | Unset
        if isinstance(self.to, Unset):
            to = UNSET
        else:
            to = self.to

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if message_parts is not UNSET:
            field_dict["message_parts"] = message_parts
        if ts_sent is not UNSET:
            field_dict["ts_sent"] = ts_sent
        if ts_delivered is not UNSET:
            field_dict["ts_delivered"] = ts_delivered
        if ts_updated is not UNSET:
            field_dict["ts_updated"] = ts_updated
        if ts_clicked is not UNSET:
            field_dict["ts_clicked"] = ts_clicked
        if ts_seen is not UNSET:
            field_dict["ts_seen"] = ts_seen
        if ts_replied is not UNSET:
            field_dict["ts_replied"] = ts_replied
        if ts_optout is not UNSET:
            field_dict["ts_optout"] = ts_optout
        if sent is not UNSET:
            field_dict["sent"] = sent
        if delivered is not UNSET:
            field_dict["delivered"] = delivered
        if seen is not UNSET:
            field_dict["seen"] = seen
        if clicked is not UNSET:
            field_dict["clicked"] = clicked
        if replied is not UNSET:
            field_dict["replied"] = replied
        if optout is not UNSET:
            field_dict["optout"] = optout
        if nondelivered is not UNSET:
            field_dict["nondelivered"] = nondelivered
        if body is not UNSET:
            field_dict["body"] = body
        if flow is not UNSET:
            field_dict["flow"] = flow
        if sender is not UNSET:
            field_dict["sender"] = sender
        if phone_number is not UNSET:
            field_dict["phone_number"] = phone_number
        if to is not UNSET:
            field_dict["to"] = to
        if price_czk is not UNSET:
            field_dict["price_czk"] = price_czk
        if price_eur is not UNSET:
            field_dict["price_eur"] = price_eur

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_message_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_message_parts(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        message_parts = _parse_message_parts(d.pop("message_parts", UNSET))

        def _parse_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_sent = _parse_ts_sent(d.pop("ts_sent", UNSET))

        def _parse_ts_delivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_delivered = _parse_ts_delivered(d.pop("ts_delivered", UNSET))

        def _parse_ts_updated(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_updated = _parse_ts_updated(d.pop("ts_updated", UNSET))

        def _parse_ts_clicked(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_clicked = _parse_ts_clicked(d.pop("ts_clicked", UNSET))

        def _parse_ts_seen(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_seen = _parse_ts_seen(d.pop("ts_seen", UNSET))

        def _parse_ts_replied(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_replied = _parse_ts_replied(d.pop("ts_replied", UNSET))

        def _parse_ts_optout(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_optout = _parse_ts_optout(d.pop("ts_optout", UNSET))

        def _parse_sent(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        sent = _parse_sent(d.pop("sent", UNSET))

        def _parse_delivered(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        delivered = _parse_delivered(d.pop("delivered", UNSET))

        def _parse_seen(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        seen = _parse_seen(d.pop("seen", UNSET))

        def _parse_clicked(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        clicked = _parse_clicked(d.pop("clicked", UNSET))

        def _parse_replied(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        replied = _parse_replied(d.pop("replied", UNSET))

        def _parse_optout(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        optout = _parse_optout(d.pop("optout", UNSET))

        def _parse_nondelivered(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        nondelivered = _parse_nondelivered(d.pop("nondelivered", UNSET))

        def _parse_body(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        body = _parse_body(d.pop("body", UNSET))

        def _parse_flow(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        flow = _parse_flow(d.pop("flow", UNSET))

        def _parse_sender(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sender = _parse_sender(d.pop("sender", UNSET))

        def _parse_phone_number(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        phone_number = _parse_phone_number(d.pop("phone_number", UNSET))

        def _parse_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        to = _parse_to(d.pop("to", UNSET))

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

        message_row = cls(
            message_id=message_id,
            message_parts=message_parts,
            ts_sent=ts_sent,
            ts_delivered=ts_delivered,
            ts_updated=ts_updated,
            ts_clicked=ts_clicked,
            ts_seen=ts_seen,
            ts_replied=ts_replied,
            ts_optout=ts_optout,
            sent=sent,
            delivered=delivered,
            seen=seen,
            clicked=clicked,
            replied=replied,
            optout=optout,
            nondelivered=nondelivered,
            body=body,
            flow=flow,
            sender=sender,
            phone_number=phone_number,
            to=to,
            price_czk=price_czk,
            price_eur=price_eur,
        )

        message_row.additional_properties = d
        return message_row

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
