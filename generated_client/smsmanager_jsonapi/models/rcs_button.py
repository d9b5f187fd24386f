from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.rcs_button_type import RcsButtonType, check_rcs_button_type
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="RcsButton")


@_attrs_define
class RcsButton(metaclass=ModelType):
    """A suggestion.

    Attributes:
        type_: What a suggestion does. One of `reply`, `url`.
        text: Caption.
        postback: Comes back when the recipient chooses it.
        url: Target of a `url` suggestion.
        description: Text for screen readers.
        webview: How the link opens; the shape is not documented.
    """

    type_: RcsButtonType
    """ What a suggestion does. One of `reply`, `url`. """
    text: str
    """ Caption. """
    postback: str
    """ Comes back when the recipient chooses it. """
    url: str | Unset = UNSET
    """ Target of a `url` suggestion. """
    description: str | Unset = UNSET
    """ Text for screen readers. """
    webview: Any | Unset = UNSET
    """ How the link opens; the shape is not documented. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        text = self.text

        postback = self.postback

        url = self.url

        description = self.description

        webview = self.webview

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "text": text,
                "postback": postback,
            }
        )
        if url is not UNSET:
            field_dict["url"] = url
        if description is not UNSET:
            field_dict["description"] = description
        if webview is not UNSET:
            field_dict["webview"] = webview

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = check_rcs_button_type(d.pop("type"))

        text = d.pop("text")

        postback = d.pop("postback")

        url = d.pop("url", UNSET)

        description = d.pop("description", UNSET)

        webview = d.pop("webview", UNSET)

        refuse_unknown(cls, d)

        rcs_button = cls(
            type_=type_,
            text=text,
            postback=postback,
            url=url,
            description=description,
            webview=webview,
        )

        return rcs_button
