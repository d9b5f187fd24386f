from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

T = TypeVar("T", bound="CreditNoticeSettings")


@_attrs_define
class CreditNoticeSettings(metaclass=ModelType):
    """Settings of the e-mail that warns of low credit.

    Attributes:
        email: Where the warning goes.
        value: The credit below which it is sent. More than 0.
        enable: Whether it is on.
    """

    email: str
    """ Where the warning goes. """
    value: float
    """ The credit below which it is sent. More than 0. """
    enable: bool
    """ Whether it is on. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        value = self.value

        enable = self.enable

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "value": value,
                "enable": enable,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        value = d.pop("value")

        enable = d.pop("enable")

        refuse_unknown(cls, d)

        credit_notice_settings = cls(
            email=email,
            value=value,
            enable=enable,
        )

        return credit_notice_settings
