from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.list_removal_totals import ListRemovalTotals


T = TypeVar("T", bound="BlacklistRemovalAnswer")


@_attrs_define
class BlacklistRemovalAnswer(metaclass=ModelType):
    """What was removed.

    Attributes:
        success: Whether the request was carried out.
        blacklist: What was removed.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    blacklist: ListRemovalTotals | None | Unset = UNSET
    """ What was removed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.list_removal_totals import ListRemovalTotals  # noqa: PLC0415

        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        blacklist: dict[str, Any] | None | Unset
        if isinstance(self.blacklist, Unset):
            blacklist = UNSET
        elif isinstance(self.blacklist, ListRemovalTotals):
            blacklist = self.blacklist.to_dict()
        else:
            blacklist = self.blacklist

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if blacklist is not UNSET:
            field_dict["blacklist"] = blacklist

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.list_removal_totals import ListRemovalTotals  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_blacklist(data: object) -> ListRemovalTotals | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                blacklist_type_0 = ListRemovalTotals.from_dict(data)

                return blacklist_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ListRemovalTotals | None | Unset, data)

        blacklist = _parse_blacklist(d.pop("blacklist", UNSET))

        blacklist_removal_answer = cls(
            success=success,
            blacklist=blacklist,
        )

        blacklist_removal_answer.additional_properties = d
        return blacklist_removal_answer

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
