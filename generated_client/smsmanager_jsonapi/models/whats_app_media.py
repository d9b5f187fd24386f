from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="WhatsAppMedia")


@_attrs_define
class WhatsAppMedia(metaclass=ModelType):
    """A file by link.

    Attributes:
        link: Link to the file.
        filename: Name that the recipient sees.
        caption: Text under the file.
    """

    link: str
    """ Link to the file. """
    filename: str | Unset = UNSET
    """ Name that the recipient sees. """
    caption: str | Unset = UNSET
    """ Text under the file. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        link = self.link

        filename = self.filename

        caption = self.caption

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "link": link,
            }
        )
        if filename is not UNSET:
            field_dict["filename"] = filename
        if caption is not UNSET:
            field_dict["caption"] = caption

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        link = d.pop("link")

        filename = d.pop("filename", UNSET)

        caption = d.pop("caption", UNSET)

        refuse_unknown(cls, d)

        whats_app_media = cls(
            link=link,
            filename=filename,
            caption=caption,
        )

        return whats_app_media
