from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.open_object import OpenObject
    from ..models.voice_call import VoiceCall


T = TypeVar("T", bound="TemplateButton")


@_attrs_define
class TemplateButton(metaclass=ModelType):
    """Value of one button of a template, of exactly one kind.

    Attributes:
        url: Dynamic part of the button's link.
        payload: Comes back with the reply.
        code: Code that the button copies.
        catalog: Catalogue to show; the shape is not documented.
        voice_call: Settings of a call button.
        mpm: Multi-product message; the shape is not documented.
        flow: Data for a WhatsApp flow.
    """

    url: str | Unset = UNSET
    """ Dynamic part of the button's link. """
    payload: str | Unset = UNSET
    """ Comes back with the reply. """
    code: str | Unset = UNSET
    """ Code that the button copies. """
    catalog: Any | Unset = UNSET
    """ Catalogue to show; the shape is not documented. """
    voice_call: VoiceCall | Unset = UNSET
    """ Settings of a call button. """
    mpm: Any | Unset = UNSET
    """ Multi-product message; the shape is not documented. """
    flow: None | OpenObject | Unset = UNSET
    """ Data for a WhatsApp flow. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.open_object import OpenObject  # noqa: PLC0415

        url = self.url

        payload = self.payload

        code = self.code

        catalog = self.catalog

        voice_call: dict[str, Any] | Unset = UNSET
        if not isinstance(self.voice_call, Unset):
            voice_call = self.voice_call.to_dict()

        mpm = self.mpm

        flow: dict[str, Any] | None | Unset
        if isinstance(self.flow, Unset):
            flow = UNSET
        elif isinstance(self.flow, OpenObject):
            flow = self.flow.to_dict()
        else:
            flow = self.flow

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if url is not UNSET:
            field_dict["url"] = url
        if payload is not UNSET:
            field_dict["payload"] = payload
        if code is not UNSET:
            field_dict["code"] = code
        if catalog is not UNSET:
            field_dict["catalog"] = catalog
        if voice_call is not UNSET:
            field_dict["voice_call"] = voice_call
        if mpm is not UNSET:
            field_dict["mpm"] = mpm
        if flow is not UNSET:
            field_dict["flow"] = flow

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.open_object import OpenObject  # noqa: PLC0415
        from ..models.voice_call import VoiceCall  # noqa: PLC0415

        d = dict(src_dict)
        url = d.pop("url", UNSET)

        payload = d.pop("payload", UNSET)

        code = d.pop("code", UNSET)

        catalog = d.pop("catalog", UNSET)

        _voice_call = d.pop("voice_call", UNSET)
        voice_call: VoiceCall | Unset
        if isinstance(_voice_call, Unset):
            voice_call = UNSET
        else:
            voice_call = VoiceCall.from_dict(_voice_call)

        mpm = d.pop("mpm", UNSET)

        def _parse_flow(data: object) -> None | OpenObject | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                flow_type_0 = OpenObject.from_dict(data)

                return flow_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OpenObject | Unset, data)

        flow = _parse_flow(d.pop("flow", UNSET))

        refuse_unknown(cls, d)

        template_button = cls(
            url=url,
            payload=payload,
            code=code,
            catalog=catalog,
            voice_call=voice_call,
            mpm=mpm,
            flow=flow,
        )

        return template_button
