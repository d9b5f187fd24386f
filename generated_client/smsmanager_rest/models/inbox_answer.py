from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.inbox_item import InboxItem


T = TypeVar("T", bound="InboxAnswer")


@_attrs_define
class InboxAnswer(metaclass=ModelType):
    """The incoming messages of one day.

    Attributes:
        success: Whether the request was carried out.
        inbox: The incoming messages.
        messages: The same list, in an older shape.
    """

    success: bool | None | Unset = UNSET
    """ Whether the request was carried out. """
    inbox: list[InboxItem] | None | Unset = UNSET
    """ The incoming messages. """
    messages: list[InboxItem] | None | Unset = UNSET
    """ The same list, in an older shape. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        success: bool | None | Unset
        if isinstance(self.success, Unset):
            success = UNSET
        else:
            success = self.success

        inbox: list[dict[str, Any]] | None | Unset
        if isinstance(self.inbox, Unset):
            inbox = UNSET
        elif isinstance(self.inbox, list):
            inbox = []
            for inbox_type_0_item_data in self.inbox:
                inbox_type_0_item = inbox_type_0_item_data.to_dict()
                inbox.append(inbox_type_0_item)

        else:
            inbox = self.inbox

        messages: list[dict[str, Any]] | None | Unset
        if isinstance(self.messages, Unset):
            messages = UNSET
        elif isinstance(self.messages, list):
            messages = []
            for messages_type_0_item_data in self.messages:
                messages_type_0_item = messages_type_0_item_data.to_dict()
                messages.append(messages_type_0_item)

        else:
            messages = self.messages

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if success is not UNSET:
            field_dict["success"] = success
        if inbox is not UNSET:
            field_dict["inbox"] = inbox
        if messages is not UNSET:
            field_dict["messages"] = messages

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.inbox_item import InboxItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_success(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        success = _parse_success(d.pop("success", UNSET))

        def _parse_inbox(data: object) -> list[InboxItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                inbox_type_0 = []
                _inbox_type_0 = data
                for inbox_type_0_item_data in _inbox_type_0:
                    inbox_type_0_item = InboxItem.from_dict(inbox_type_0_item_data)

                    inbox_type_0.append(inbox_type_0_item)

                return inbox_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[InboxItem] | None | Unset, data)

        inbox = _parse_inbox(d.pop("inbox", UNSET))

        def _parse_messages(data: object) -> list[InboxItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                messages_type_0 = []
                _messages_type_0 = data
                for messages_type_0_item_data in _messages_type_0:
                    messages_type_0_item = InboxItem.from_dict(messages_type_0_item_data)

                    messages_type_0.append(messages_type_0_item)

                return messages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[InboxItem] | None | Unset, data)

        messages = _parse_messages(d.pop("messages", UNSET))

        inbox_answer = cls(
            success=success,
            inbox=inbox,
            messages=messages,
        )

        inbox_answer.additional_properties = d
        return inbox_answer

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
