from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.ttl_condition import TtlCondition, check_ttl_condition
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.viber_button import ViberButton


T = TypeVar("T", bound="Viber")


@_attrs_define
class Viber(metaclass=ModelType):
    """A Viber step. If it is not seen within five minutes, an SMS: `flow=[Viber(ttl=5, ttl_condition="seen"), Sms()]`.

    Attributes:
        body: The text; if unset, that of the message. At most 1000 characters.
        sender: The sender; if unset, that of the message.
        ttl: Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up
            to whole minutes. At least 0.5, at most 43200.
        ttl_condition: The state that the message must reach within `ttl` minutes; otherwise the next
            step runs. If unset, `sent` for an SMS and `delivered` for all other channels. One of `sent`,
            `delivered`, `seen`.
        buttons: Buttons under the text, each with a link. At most 1.
    """

    body: str | Unset = UNSET
    """ The text; if unset, that of the message. At most 1000 characters. """
    sender: str | Unset = UNSET
    """ The sender; if unset, that of the message. """
    ttl: float | Unset = UNSET
    """ Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up to whole
    minutes. At least 0.5, at most 43200. """
    ttl_condition: TtlCondition | Unset = UNSET
    """ The state that the message must reach within `ttl` minutes; otherwise the next step runs. If unset, `sent`
    for an SMS and `delivered` for all other channels. One of `sent`, `delivered`, `seen`. """
    buttons: list[ViberButton] | Unset = UNSET
    """ Buttons under the text, each with a link. At most 1. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        sender = self.sender

        ttl = self.ttl

        ttl_condition: str | Unset = UNSET
        if not isinstance(self.ttl_condition, Unset):
            ttl_condition = self.ttl_condition

        buttons: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.buttons, Unset):
            buttons = []
            for buttons_item_data in self.buttons:
                buttons_item = buttons_item_data.to_dict()
                buttons.append(buttons_item)

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if body is not UNSET:
            field_dict["body"] = body
        if sender is not UNSET:
            field_dict["sender"] = sender
        if ttl is not UNSET:
            field_dict["ttl"] = ttl
        if ttl_condition is not UNSET:
            field_dict["ttl_condition"] = ttl_condition
        if buttons is not UNSET:
            field_dict["buttons"] = buttons

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.viber_button import ViberButton  # noqa: PLC0415

        d = dict(src_dict)
        body = d.pop("body", UNSET)

        sender = d.pop("sender", UNSET)

        ttl = d.pop("ttl", UNSET)

        _ttl_condition = d.pop("ttl_condition", UNSET)
        ttl_condition: TtlCondition | Unset
        if isinstance(_ttl_condition, Unset):
            ttl_condition = UNSET
        else:
            ttl_condition = check_ttl_condition(_ttl_condition)

        _buttons = d.pop("buttons", UNSET)
        buttons: list[ViberButton] | Unset = UNSET
        if _buttons is not UNSET:
            buttons = []
            for buttons_item_data in _buttons:
                buttons_item = ViberButton.from_dict(buttons_item_data)

                buttons.append(buttons_item)

        refuse_unknown(cls, d)

        viber = cls(
            body=body,
            sender=sender,
            ttl=ttl,
            ttl_condition=ttl_condition,
            buttons=buttons,
        )

        return viber
