from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.check_findings import CheckFindings


T = TypeVar("T", bound="CheckAnswer")


@_attrs_define
class CheckAnswer(metaclass=ModelType):
    """What would be accepted, and the problems.

    Attributes:
        success: True only if there is no problem.
        validate: What was found.
        message: A message for people.
    """

    success: bool | None | Unset = UNSET
    """ True only if there is no problem. """
    validate: CheckFindings | None | Unset = UNSET
    """ What was found. """
    message: None | str | Unset = UNSET
    """ A message for people. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.check_findings import CheckFindings  # noqa: PLC0415

        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        validate: dict[str, Any] | None | Unset
        if isinstance(self.validate, Unset):
            validate = UNSET
        elif isinstance(self.validate, CheckFindings):
            validate = self.validate.to_dict()
        else:
            validate = self.validate

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
        if validate is not UNSET:
            field_dict["validate"] = validate
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_findings import CheckFindings  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_validate(data: object) -> CheckFindings | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                validate_type_0 = CheckFindings.from_dict(data)

                return validate_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CheckFindings | None | Unset, data)

        validate = _parse_validate(d.pop("validate", UNSET))

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        check_answer = cls(
            success=success,
            validate=validate,
            message=message,
        )

        check_answer.additional_properties = d
        return check_answer

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
