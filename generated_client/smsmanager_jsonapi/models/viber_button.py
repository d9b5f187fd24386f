from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

T = TypeVar("T", bound="ViberButton")


@_attrs_define
class ViberButton(metaclass=ModelType):
    """A button that opens a link.

    Attributes:
        title: Caption.
        url: Target.
    """

    title: str
    """ Caption. """
    url: str
    """ Target. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        url = self.url

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "title": title,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        title = d.pop("title")

        url = d.pop("url")

        refuse_unknown(cls, d)

        viber_button = cls(
            title=title,
            url=url,
        )

        return viber_button
