from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import ModelType, masked_repr

if TYPE_CHECKING:
    from ..models.step_status import StepStatus


T = TypeVar("T", bound="FlowStatus")


@_attrs_define
class FlowStatus(metaclass=ModelType):
    """The codes of each step, by its index."""

    additional_properties: dict[str, StepStatus] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.step_status import StepStatus  # noqa: PLC0415

        d = dict(src_dict)
        flow_status = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = StepStatus.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        flow_status.additional_properties = additional_properties
        return flow_status

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> StepStatus:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: StepStatus) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
