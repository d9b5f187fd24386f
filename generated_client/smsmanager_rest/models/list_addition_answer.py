from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="ListAdditionAnswer")


@_attrs_define
class ListAdditionAnswer(metaclass=ModelType):
    """What was added.

    Attributes:
        success: Whether the request was carried out.
        accepted: How many different valid numbers were accepted.
        invalid: Numbers that are not valid.
        message: A message for people.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    accepted: float | None | str | Unset = UNSET
    """ How many different valid numbers were accepted. """
    invalid: list[str] | None | Unset = UNSET
    """ Numbers that are not valid. """
    message: None | str | Unset = UNSET
    """ A message for people. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        accepted: float | None | str | Unset
        if isinstance(self.accepted, Unset):
            accepted = UNSET
        else:
            accepted = self.accepted

        invalid: list[str] | None | Unset
        if isinstance(self.invalid, Unset):
            invalid = UNSET
        elif isinstance(self.invalid, list):
            invalid = self.invalid

        else:
            invalid = self.invalid

        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if accepted is not UNSET:
            field_dict["accepted"] = accepted
        if invalid is not UNSET:
            field_dict["invalid"] = invalid
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_accepted(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        accepted = _parse_accepted(d.pop("accepted", UNSET))

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

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        list_addition_answer = cls(
            success=success,
            accepted=accepted,
            invalid=invalid,
            message=message,
        )

        list_addition_answer.additional_properties = d
        return list_addition_answer

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
