from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.list_removal_totals import ListRemovalTotals


T = TypeVar("T", bound="OptOutRemovalAnswer")


@_attrs_define
class OptOutRemovalAnswer(metaclass=ModelType):
    """What was removed.

    Attributes:
        success: Whether the request was carried out.
        optout: What was removed.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    optout: ListRemovalTotals | None | Unset = UNSET
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

        optout: dict[str, Any] | None | Unset
        if isinstance(self.optout, Unset):
            optout = UNSET
        elif isinstance(self.optout, ListRemovalTotals):
            optout = self.optout.to_dict()
        else:
            optout = self.optout

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if optout is not UNSET:
            field_dict["optout"] = optout

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

        def _parse_optout(data: object) -> ListRemovalTotals | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                optout_type_0 = ListRemovalTotals.from_dict(data)

                return optout_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ListRemovalTotals | None | Unset, data)

        optout = _parse_optout(d.pop("optout", UNSET))

        opt_out_removal_answer = cls(
            success=success,
            optout=optout,
        )

        opt_out_removal_answer.additional_properties = d
        return opt_out_removal_answer

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
