from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="ListRemoval")


@_attrs_define
class ListRemoval(metaclass=ModelType):
    """Numbers to remove, or all.

    Attributes:
        to: The numbers, one on each line. Not empty.
        all_: Wipes the list, which cannot be undone.
        subid: Id of a sub-account.
    """

    to: str | Unset = UNSET
    """ The numbers, one on each line. Not empty. """
    all_: bool | Unset = UNSET
    """ Wipes the list, which cannot be undone. """
    subid: str | Unset = UNSET
    """ Id of a sub-account. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        to = self.to

        all_ = self.all_

        subid = self.subid

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if to is not UNSET:
            field_dict["to"] = to
        if all_ is not UNSET:
            field_dict["all"] = all_
        if subid is not UNSET:
            field_dict["subid"] = subid

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        to = d.pop("to", UNSET)

        all_ = d.pop("all", UNSET)

        subid = d.pop("subid", UNSET)

        refuse_unknown(cls, d)

        list_removal = cls(
            to=to,
            all_=all_,
            subid=subid,
        )

        return list_removal
