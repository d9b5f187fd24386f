from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

T = TypeVar("T", bound="StepStatus")


@_attrs_define
class StepStatus(metaclass=ModelType):
    """The codes of one step.

    Attributes:
        status_code: State of sending.
        delivery_code: State of delivery.
    """

    status_code: int | None | str | Unset = UNSET
    """ State of sending. """
    delivery_code: int | None | str | Unset = UNSET
    """ State of delivery. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        status_code: int | None | str | Unset
        if isinstance(self.status_code, Unset):
            status_code = UNSET
        else:
            status_code = self.status_code

        delivery_code: int | None | str | Unset
        if isinstance(self.delivery_code, Unset):
            delivery_code = UNSET
        else:
            delivery_code = self.delivery_code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if status_code is not UNSET:
            field_dict["status_code"] = status_code
        if delivery_code is not UNSET:
            field_dict["delivery_code"] = delivery_code

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_status_code(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        status_code = _parse_status_code(d.pop("status_code", UNSET))

        def _parse_delivery_code(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        delivery_code = _parse_delivery_code(d.pop("delivery_code", UNSET))

        step_status = cls(
            status_code=status_code,
            delivery_code=delivery_code,
        )

        step_status.additional_properties = d
        return step_status

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
