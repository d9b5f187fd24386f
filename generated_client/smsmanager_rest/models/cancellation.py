from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="Cancellation")


@_attrs_define
class Cancellation(metaclass=ModelType):
    """What to cancel; exactly one of the two fields.

    Attributes:
        message_id: Id of a scheduled message. Not empty.
        bulk_id: Id of a scheduled upload. Not empty.
    """

    message_id: str | Unset = UNSET
    """ Id of a scheduled message. Not empty. """
    bulk_id: str | Unset = UNSET
    """ Id of a scheduled upload. Not empty. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        message_id = self.message_id

        bulk_id = self.bulk_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if bulk_id is not UNSET:
            field_dict["bulk_id"] = bulk_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message_id = d.pop("message_id", UNSET)

        bulk_id = d.pop("bulk_id", UNSET)

        refuse_unknown(cls, d)

        cancellation = cls(
            message_id=message_id,
            bulk_id=bulk_id,
        )

        return cancellation
