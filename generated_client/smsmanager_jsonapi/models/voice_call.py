from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="VoiceCall")


@_attrs_define
class VoiceCall(metaclass=ModelType):
    """Settings of a call button.

    Attributes:
        ttl_minutes: How long the button works, in minutes.
    """

    ttl_minutes: int | Unset = UNSET
    """ How long the button works, in minutes. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        ttl_minutes = self.ttl_minutes

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ttl_minutes is not UNSET:
            field_dict["ttl_minutes"] = ttl_minutes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ttl_minutes = d.pop("ttl_minutes", UNSET)

        refuse_unknown(cls, d)

        voice_call = cls(
            ttl_minutes=ttl_minutes,
        )

        return voice_call
