from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="WhatsAppButton")


@_attrs_define
class WhatsAppButton(metaclass=ModelType):
    """A quick reply.

    Attributes:
        title: Caption.
        id: Comes back with the reply.
    """

    title: str
    """ Caption. """
    id: str | Unset = UNSET
    """ Comes back with the reply. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        id = self.id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "title": title,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        title = d.pop("title")

        id = d.pop("id", UNSET)

        refuse_unknown(cls, d)

        whats_app_button = cls(
            title=title,
            id=id,
        )

        return whats_app_button
