from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

T = TypeVar("T", bound="Recipient")


@_attrs_define
class Recipient(metaclass=ModelType):
    """One recipient.

    Attributes:
        phone_number: E.164 without `+` or `00` (`420777123456`). The service strips every non-digit,
            then leading zeros; a national number gets the prefix of the account's country. `420777777777`
            is the test number: it is processed as usual, then treated as invalid; nothing is delivered,
            reported or charged. Not empty.
    """

    phone_number: str
    """ E.164 without `+` or `00` (`420777123456`). The service strips every non-digit, then leading zeros; a
    national number gets the prefix of the account's country. `420777777777` is the test number: it is processed as
    usual, then treated as invalid; nothing is delivered, reported or charged. Not empty. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        phone_number = self.phone_number

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phone_number": phone_number,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        phone_number = d.pop("phone_number")

        refuse_unknown(cls, d)

        recipient = cls(
            phone_number=phone_number,
        )

        return recipient
