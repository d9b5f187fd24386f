from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.ttl_condition import TtlCondition, check_ttl_condition
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.rcs_button import RcsButton
    from ..models.rcs_card import RcsCard
    from ..models.rcs_carousel_card import RcsCarouselCard
    from ..models.rcs_raw import RcsRaw


T = TypeVar("T", bound="Rcs")


@_attrs_define
class Rcs(metaclass=ModelType):
    """An RCS step. With a reply button: `flow=[Rcs(buttons=[RcsButton(type_="reply", text="Book", postback="book")])]`.

    Attributes:
        body: The text; if unset, that of the message. At most 1000 characters.
        sender: The sender; if unset, that of the message.
        ttl: Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up
            to whole minutes. At least 0.5, at most 43200.
        ttl_condition: The state that the message must reach within `ttl` minutes; otherwise the next
            step runs. If unset, `sent` for an SMS and `delivered` for all other channels. One of `sent`,
            `delivered`, `seen`.
        buttons: Suggestions under the text.
        card: A card.
        carousel: Cards to swipe through.
        raw: A raw RCS message, passed on as it is; exactly one of the two.
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
    buttons: list[RcsButton] | Unset = UNSET
    """ Suggestions under the text. """
    card: RcsCard | Unset = UNSET
    """ A card. """
    carousel: list[RcsCarouselCard] | Unset = UNSET
    """ Cards to swipe through. """
    raw: RcsRaw | Unset = UNSET
    """ A raw RCS message, passed on as it is; exactly one of the two. """

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

        card: dict[str, Any] | Unset = UNSET
        if not isinstance(self.card, Unset):
            card = self.card.to_dict()

        carousel: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.carousel, Unset):
            carousel = []
            for carousel_item_data in self.carousel:
                carousel_item = carousel_item_data.to_dict()
                carousel.append(carousel_item)

        raw: dict[str, Any] | Unset = UNSET
        if not isinstance(self.raw, Unset):
            raw = self.raw.to_dict()

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
        if card is not UNSET:
            field_dict["card"] = card
        if carousel is not UNSET:
            field_dict["carousel"] = carousel
        if raw is not UNSET:
            field_dict["raw"] = raw

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rcs_button import RcsButton  # noqa: PLC0415
        from ..models.rcs_card import RcsCard  # noqa: PLC0415
        from ..models.rcs_carousel_card import RcsCarouselCard  # noqa: PLC0415
        from ..models.rcs_raw import RcsRaw  # noqa: PLC0415

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
        buttons: list[RcsButton] | Unset = UNSET
        if _buttons is not UNSET:
            buttons = []
            for buttons_item_data in _buttons:
                buttons_item = RcsButton.from_dict(buttons_item_data)

                buttons.append(buttons_item)

        _card = d.pop("card", UNSET)
        card: RcsCard | Unset
        if isinstance(_card, Unset):
            card = UNSET
        else:
            card = RcsCard.from_dict(_card)

        _carousel = d.pop("carousel", UNSET)
        carousel: list[RcsCarouselCard] | Unset = UNSET
        if _carousel is not UNSET:
            carousel = []
            for carousel_item_data in _carousel:
                carousel_item = RcsCarouselCard.from_dict(carousel_item_data)

                carousel.append(carousel_item)

        _raw = d.pop("raw", UNSET)
        raw: RcsRaw | Unset
        if isinstance(_raw, Unset):
            raw = UNSET
        else:
            raw = RcsRaw.from_dict(_raw)

        refuse_unknown(cls, d)

        rcs = cls(
            body=body,
            sender=sender,
            ttl=ttl,
            ttl_condition=ttl_condition,
            buttons=buttons,
            card=card,
            carousel=carousel,
            raw=raw,
        )

        return rcs
