from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="ListRemovalTotals")


@_attrs_define
class ListRemovalTotals(metaclass=ModelType):
    """What was removed.

    Attributes:
        removed: How many were removed.
        remaining: How many are left.
        invalid: Numbers that are not valid.
        wiped: Whether the list was wiped.
        message: Why nothing was removed.
    """

    removed: float | None | str | Unset = UNSET
    """ How many were removed. """
    remaining: float | None | str | Unset = UNSET
    """ How many are left. """
    invalid: list[str] | None | Unset = UNSET
    """ Numbers that are not valid. """
    wiped: bool | int | None | str | Unset = UNSET
    """ Whether the list was wiped. """
    message: None | str | Unset = UNSET
    """ Why nothing was removed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        removed: float | None | str | Unset
        if isinstance(self.removed, Unset):
            removed = UNSET
        else:
            removed = self.removed

        remaining: float | None | str | Unset
        if isinstance(self.remaining, Unset):
            remaining = UNSET
        else:
            remaining = self.remaining

        invalid: list[str] | None | Unset
        if isinstance(self.invalid, Unset):
            invalid = UNSET
        elif isinstance(self.invalid, list):
            invalid = self.invalid

        else:
            invalid = self.invalid

        wiped: bool | int | None | str | Unset
        if isinstance(self.wiped, Unset):
            wiped = UNSET
        else:
            wiped = self.wiped

        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if removed is not UNSET:
            field_dict["removed"] = removed
        if remaining is not UNSET:
            field_dict["remaining"] = remaining
        if invalid is not UNSET:
            field_dict["invalid"] = invalid
        if wiped is not UNSET:
            field_dict["wiped"] = wiped
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_removed(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        removed = _parse_removed(d.pop("removed", UNSET))

        def _parse_remaining(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        remaining = _parse_remaining(d.pop("remaining", UNSET))

        def _parse_invalid(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                invalid_type_0 = cast(list[str], data)

                return invalid_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        invalid = _parse_invalid(d.pop("invalid", UNSET))

        def _parse_wiped(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        wiped = _parse_wiped(d.pop("wiped", UNSET))

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        list_removal_totals = cls(
            removed=removed,
            remaining=remaining,
            invalid=invalid,
            wiped=wiped,
            message=message,
        )

        list_removal_totals.additional_properties = d
        return list_removal_totals

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
