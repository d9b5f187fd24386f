from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.open_object import OpenObject


T = TypeVar("T", bound="RcsRaw")


@_attrs_define
class RcsRaw(metaclass=ModelType):
    """A raw RCS message, passed on as it is; exactly one of the two.

    Attributes:
        suggestions: Raw suggestions.
        rich_card: An object whose fields are not documented; it is passed on as it is.
    """

    suggestions: list[OpenObject] | Unset = UNSET
    """ Raw suggestions. """
    rich_card: OpenObject | Unset = UNSET
    """ An object whose fields are not documented; it is passed on as it is. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        suggestions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.suggestions, Unset):
            suggestions = []
            for suggestions_item_data in self.suggestions:
                suggestions_item = suggestions_item_data.to_dict()
                suggestions.append(suggestions_item)

        rich_card: dict[str, Any] | Unset = UNSET
        if not isinstance(self.rich_card, Unset):
            rich_card = self.rich_card.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if suggestions is not UNSET:
            field_dict["suggestions"] = suggestions
        if rich_card is not UNSET:
            field_dict["richCard"] = rich_card

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.open_object import OpenObject  # noqa: PLC0415

        d = dict(src_dict)
        _suggestions = d.pop("suggestions", UNSET)
        suggestions: list[OpenObject] | Unset = UNSET
        if _suggestions is not UNSET:
            suggestions = []
            for suggestions_item_data in _suggestions:
                suggestions_item = OpenObject.from_dict(suggestions_item_data)

                suggestions.append(suggestions_item)

        _rich_card = d.pop("richCard", UNSET)
        rich_card: OpenObject | Unset
        if isinstance(_rich_card, Unset):
            rich_card = UNSET
        else:
            rich_card = OpenObject.from_dict(_rich_card)

        refuse_unknown(cls, d)

        rcs_raw = cls(
            suggestions=suggestions,
            rich_card=rich_card,
        )

        return rcs_raw
