from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.message_state import MessageState


T = TypeVar("T", bound="MessageAnswer")


@_attrs_define
class MessageAnswer(metaclass=ModelType):
    """The state of one message.

    Attributes:
        success: Whether the request was carried out.
        message: Null when the id is unknown or belongs to another key.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    message: MessageState | None | Unset = UNSET
    """ Null when the id is unknown or belongs to another key. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.message_state import MessageState  # noqa: PLC0415

        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        message: dict[str, Any] | None | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        elif isinstance(self.message, MessageState):
            message = self.message.to_dict()
        else:
            message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.message_state import MessageState  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_message(data: object) -> MessageState | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                message_type_0 = MessageState.from_dict(data)

                return message_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MessageState | None | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        message_answer = cls(
            success=success,
            message=message,
        )

        message_answer.additional_properties = d
        return message_answer

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
