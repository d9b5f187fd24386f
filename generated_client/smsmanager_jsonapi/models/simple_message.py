from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.sms_gateway import SmsGateway, check_sms_gateway
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="SimpleMessage")


@_attrs_define
class SimpleMessage(metaclass=ModelType):
    """One plain text to one number.

    Attributes:
        phone_number: The recipient. Not empty.
        message: The text. At most 1000 characters.
        sender: The sender.
        gateway: How to route an SMS. If unset, the service chooses by sender: `direct` for a virtual
            number, otherwise `high`. A value that is set always wins. `test` delivers nothing, costs 0.01
            CZK and sends real webhooks. One of `high`, `lowcost`, `direct`, `custom`, `simhost`, `gsm`,
            `test`.
        datetime_: When to send, in UTC.
        custom_id: Comes back in webhooks as `payload.customID`.
        number: Older name of `phone_number`.
        body: Older name of `message`. At most 1000 characters.
        time: Older name of `datetime`.
    """

    phone_number: str
    """ The recipient. Not empty. """
    message: str
    """ The text. At most 1000 characters. """
    sender: str
    """ The sender. """
    gateway: SmsGateway | Unset = UNSET
    """ How to route an SMS. If unset, the service chooses by sender: `direct` for a virtual number, otherwise
    `high`. A value that is set always wins. `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of
    `high`, `lowcost`, `direct`, `custom`, `simhost`, `gsm`, `test`. """
    datetime_: datetime.datetime | Unset = UNSET
    """ When to send, in UTC. """
    custom_id: str | Unset = UNSET
    """ Comes back in webhooks as `payload.customID`. """
    number: str | Unset = UNSET
    """ Older name of `phone_number`. """
    body: str | Unset = UNSET
    """ Older name of `message`. At most 1000 characters. """
    time: datetime.datetime | Unset = UNSET
    """ Older name of `datetime`. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        phone_number = self.phone_number

        message = self.message

        sender = self.sender

        gateway: str | Unset = UNSET
        if not isinstance(self.gateway, Unset):
            gateway = self.gateway

        datetime_: str | Unset = UNSET
        if not isinstance(self.datetime_, Unset):
            datetime_ = self.datetime_.isoformat()

        custom_id = self.custom_id

        number = self.number

        body = self.body

        time: str | Unset = UNSET
        if not isinstance(self.time, Unset):
            time = self.time.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone_number": phone_number,
                "message": message,
                "sender": sender,
            }
        )
        if gateway is not UNSET:
            field_dict["gateway"] = gateway
        if datetime_ is not UNSET:
            field_dict["datetime"] = datetime_
        if custom_id is not UNSET:
            field_dict["customID"] = custom_id
        if number is not UNSET:
            field_dict["number"] = number
        if body is not UNSET:
            field_dict["body"] = body
        if time is not UNSET:
            field_dict["time"] = time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        phone_number = d.pop("phone_number")

        message = d.pop("message")

        sender = d.pop("sender")

        _gateway = d.pop("gateway", UNSET)
        gateway: SmsGateway | Unset
        if isinstance(_gateway, Unset):
            gateway = UNSET
        else:
            gateway = check_sms_gateway(_gateway)

        _datetime_ = d.pop("datetime", UNSET)
        datetime_: datetime.datetime | Unset
        if isinstance(_datetime_, Unset):
            datetime_ = UNSET
        else:
            datetime_ = datetime.datetime.fromisoformat(_datetime_)

        custom_id = d.pop("customID", UNSET)

        number = d.pop("number", UNSET)

        body = d.pop("body", UNSET)

        _time = d.pop("time", UNSET)
        time: datetime.datetime | Unset
        if isinstance(_time, Unset):
            time = UNSET
        else:
            time = datetime.datetime.fromisoformat(_time)

        refuse_unknown(cls, d)

        simple_message = cls(
            phone_number=phone_number,
            message=message,
            sender=sender,
            gateway=gateway,
            datetime_=datetime_,
            custom_id=custom_id,
            number=number,
            body=body,
            time=time,
        )

        return simple_message
