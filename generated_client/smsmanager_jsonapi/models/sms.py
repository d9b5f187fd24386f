from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.sms_gateway import SmsGateway, check_sms_gateway
from ..models.sms_type import SmsType, check_sms_type
from ..models.ttl_condition import TtlCondition, check_ttl_condition
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="Sms")


@_attrs_define
class Sms(metaclass=ModelType):
    """An SMS step. After a Viber step, with its own text: `flow=[Viber(ttl=5), Sms(body="Your table is ready.")]`.

    Attributes:
        body: The text; if unset, that of the message. At most 1000 characters.
        sender: The sender; if unset, that of the message.
        ttl: Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up
            to whole minutes. At least 0.5, at most 43200.
        ttl_condition: The state that the message must reach within `ttl` minutes; otherwise the next
            step runs. If unset, `sent` for an SMS and `delivered` for all other channels. One of `sent`,
            `delivered`, `seen`.
        gateway: How to route an SMS. If unset, the service chooses by sender: `direct` for a virtual
            number, otherwise `high`. A value that is set always wins. `test` delivers nothing, costs 0.01
            CZK and sends real webhooks. One of `high`, `lowcost`, `direct`, `custom`, `simhost`, `gsm`,
            `test`.
        type_: `utf` keeps Unicode; with `sms` the service transliterates or drops characters outside
            GSM-7. The service's pages disagree about its default: the reference says `utf`, the Czech guide
            says that such characters are dropped unless `utf` is set. So set it for every text that is not
            plain GSM-7. One of `utf`, `sms`.
    """

    body: str | Unset = UNSET
    """ The text; if unset, that of the message. At most 1000 characters. """
    sender: str | Unset = UNSET
    """ The sender; if unset, that of the message. """
    ttl: float | Unset = UNSET
    """ Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up to whole
    minutes. At least 0.5, at most 43200. """
    ttl_condition: TtlCondition | Unset = UNSET
    """ The state that the message must reach within `ttl` minutes; otherwise the next step runs. If unset, `sent`
    for an SMS and `delivered` for all other channels. One of `sent`, `delivered`, `seen`. """
    gateway: SmsGateway | Unset = UNSET
    """ How to route an SMS. If unset, the service chooses by sender: `direct` for a virtual number, otherwise
    `high`. A value that is set always wins. `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of
    `high`, `lowcost`, `direct`, `custom`, `simhost`, `gsm`, `test`. """
    type_: SmsType | Unset = UNSET
    """ `utf` keeps Unicode; with `sms` the service transliterates or drops characters outside GSM-7. The service's
    pages disagree about its default: the reference says `utf`, the Czech guide says that such characters are
    dropped unless `utf` is set. So set it for every text that is not plain GSM-7. One of `utf`, `sms`. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        sender = self.sender

        ttl = self.ttl

        ttl_condition: str | Unset = UNSET
        if not isinstance(self.ttl_condition, Unset):
            ttl_condition = self.ttl_condition

        gateway: str | Unset = UNSET
        if not isinstance(self.gateway, Unset):
            gateway = self.gateway

        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = self.type_

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if body is not UNSET:
            field_dict["body"] = body
        if sender is not UNSET:
            field_dict["sender"] = sender
        if ttl is not UNSET:
            field_dict["ttl"] = ttl
        if ttl_condition is not UNSET:
            field_dict["ttl_condition"] = ttl_condition
        if gateway is not UNSET:
            field_dict["gateway"] = gateway
        if type_ is not UNSET:
            field_dict["type"] = type_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        body = d.pop("body", UNSET)

        sender = d.pop("sender", UNSET)

        ttl = d.pop("ttl", UNSET)

        _ttl_condition = d.pop("ttl_condition", UNSET)
        ttl_condition: TtlCondition | Unset
        if isinstance(_ttl_condition, Unset):
            ttl_condition = UNSET
        else:
            ttl_condition = check_ttl_condition(_ttl_condition)

        _gateway = d.pop("gateway", UNSET)
        gateway: SmsGateway | Unset
        if isinstance(_gateway, Unset):
            gateway = UNSET
        else:
            gateway = check_sms_gateway(_gateway)

        _type_ = d.pop("type", UNSET)
        type_: SmsType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = check_sms_type(_type_)

        refuse_unknown(cls, d)

        sms = cls(
            body=body,
            sender=sender,
            ttl=ttl,
            ttl_condition=ttl_condition,
            gateway=gateway,
            type_=type_,
        )

        return sms
