from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="ListAddition")


@_attrs_define
class ListAddition(metaclass=ModelType):
    """Numbers to add.

    Attributes:
        to: The numbers, one on each line. Not empty.
        subid: Id of a sub-account.
    """

    to: str
    """ The numbers, one on each line. Not empty. """
    subid: str | Unset = UNSET
    """ Id of a sub-account. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        to = self.to

        subid = self.subid

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "to": to,
            }
        )
        if subid is not UNSET:
            field_dict["subid"] = subid

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        to = d.pop("to")

        subid = d.pop("subid", UNSET)

        refuse_unknown(cls, d)

        list_addition = cls(
            to=to,
            subid=subid,
        )

        return list_addition
