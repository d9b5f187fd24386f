from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.rcs_button import RcsButton


T = TypeVar("T", bound="RcsCard")


@_attrs_define
class RcsCard(metaclass=ModelType):
    """A card.

    Attributes:
        title: Title.
        description: Text.
        file: Link to the picture or video.
        thumbnail: Link to the small picture.
        buttons: Suggestions of the card.
    """

    title: str | Unset = UNSET
    """ Title. """
    description: str | Unset = UNSET
    """ Text. """
    file: str | Unset = UNSET
    """ Link to the picture or video. """
    thumbnail: str | Unset = UNSET
    """ Link to the small picture. """
    buttons: list[RcsButton] | Unset = UNSET
    """ Suggestions of the card. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        description = self.description

        file = self.file

        thumbnail = self.thumbnail

        buttons: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.buttons, Unset):
            buttons = []
            for buttons_item_data in self.buttons:
                buttons_item = buttons_item_data.to_dict()
                buttons.append(buttons_item)

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if title is not UNSET:
            field_dict["title"] = title
        if description is not UNSET:
            field_dict["description"] = description
        if file is not UNSET:
            field_dict["file"] = file
        if thumbnail is not UNSET:
            field_dict["thumbnail"] = thumbnail
        if buttons is not UNSET:
            field_dict["buttons"] = buttons

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rcs_button import RcsButton  # noqa: PLC0415

        d = dict(src_dict)
        title = d.pop("title", UNSET)

        description = d.pop("description", UNSET)

        file = d.pop("file", UNSET)

        thumbnail = d.pop("thumbnail", UNSET)

        _buttons = d.pop("buttons", UNSET)
        buttons: list[RcsButton] | Unset = UNSET
        if _buttons is not UNSET:
            buttons = []
            for buttons_item_data in _buttons:
                buttons_item = RcsButton.from_dict(buttons_item_data)

                buttons.append(buttons_item)

        refuse_unknown(cls, d)

        rcs_card = cls(
            title=title,
            description=description,
            file=file,
            thumbnail=thumbnail,
            buttons=buttons,
        )

        return rcs_card
