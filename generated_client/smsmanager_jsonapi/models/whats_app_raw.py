from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.open_object import OpenObject


T = TypeVar("T", bound="WhatsAppRaw")


@_attrs_define
class WhatsAppRaw(metaclass=ModelType):
    """A raw interactive message, passed on as it is.

    Attributes:
        interactive: An object whose fields are not documented; it is passed on as it is.
    """

    interactive: OpenObject
    """ An object whose fields are not documented; it is passed on as it is. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        interactive = self.interactive.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "interactive": interactive,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.open_object import OpenObject  # noqa: PLC0415

        d = dict(src_dict)
        interactive = OpenObject.from_dict(d.pop("interactive"))

        refuse_unknown(cls, d)

        whats_app_raw = cls(
            interactive=interactive,
        )

        return whats_app_raw
