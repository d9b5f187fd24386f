from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.check_problem import CheckProblem
    from ..models.checked_item import CheckedItem


T = TypeVar("T", bound="CheckFindings")


@_attrs_define
class CheckFindings(metaclass=ModelType):
    """What was found.

    Attributes:
        accepted: What would be accepted.
        rejected: What would be rejected.
        errors: What is wrong.
    """

    accepted: list[CheckedItem] | None | Unset = UNSET
    """ What would be accepted. """
    rejected: list[CheckedItem] | None | Unset = UNSET
    """ What would be rejected. """
    errors: list[CheckProblem] | None | Unset = UNSET
    """ What is wrong. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        accepted: list[dict[str, Any]] | None | Unset
        if isinstance(self.accepted, Unset):
            accepted = UNSET
        elif isinstance(self.accepted, list):
            accepted = []
            for accepted_type_0_item_data in self.accepted:
                accepted_type_0_item = accepted_type_0_item_data.to_dict()
                accepted.append(accepted_type_0_item)

        else:
            accepted = self.accepted

        rejected: list[dict[str, Any]] | None | Unset
        if isinstance(self.rejected, Unset):
            rejected = UNSET
        elif isinstance(self.rejected, list):
            rejected = []
            for rejected_type_0_item_data in self.rejected:
                rejected_type_0_item = rejected_type_0_item_data.to_dict()
                rejected.append(rejected_type_0_item)

        else:
            rejected = self.rejected

        errors: list[dict[str, Any]] | None | Unset
        if isinstance(self.errors, Unset):
            errors = UNSET
        elif isinstance(self.errors, list):
            errors = []
            for errors_type_0_item_data in self.errors:
                errors_type_0_item = errors_type_0_item_data.to_dict()
                errors.append(errors_type_0_item)

        else:
            errors = self.errors

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if accepted is not UNSET:
            field_dict["accepted"] = accepted
        if rejected is not UNSET:
            field_dict["rejected"] = rejected
        if errors is not UNSET:
            field_dict["errors"] = errors

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_problem import CheckProblem  # noqa: PLC0415
        from ..models.checked_item import CheckedItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_accepted(data: object) -> list[CheckedItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                accepted_type_0 = []
                _accepted_type_0 = data
                for accepted_type_0_item_data in _accepted_type_0:
                    accepted_type_0_item = CheckedItem.from_dict(accepted_type_0_item_data)

                    accepted_type_0.append(accepted_type_0_item)

                return accepted_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CheckedItem] | None | Unset, data)

        accepted = _parse_accepted(d.pop("accepted", UNSET))

        def _parse_rejected(data: object) -> list[CheckedItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                rejected_type_0 = []
                _rejected_type_0 = data
                for rejected_type_0_item_data in _rejected_type_0:
                    rejected_type_0_item = CheckedItem.from_dict(rejected_type_0_item_data)

                    rejected_type_0.append(rejected_type_0_item)

                return rejected_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CheckedItem] | None | Unset, data)

        rejected = _parse_rejected(d.pop("rejected", UNSET))

        def _parse_errors(data: object) -> list[CheckProblem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                errors_type_0 = []
                _errors_type_0 = data
                for errors_type_0_item_data in _errors_type_0:
                    errors_type_0_item = CheckProblem.from_dict(errors_type_0_item_data)

                    errors_type_0.append(errors_type_0_item)

                return errors_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CheckProblem] | None | Unset, data)

        errors = _parse_errors(d.pop("errors", UNSET))

        check_findings = cls(
            accepted=accepted,
            rejected=rejected,
            errors=errors,
        )

        check_findings.additional_properties = d
        return check_findings

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
