from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.ttl_condition import TtlCondition, check_ttl_condition
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.named_variable import NamedVariable
    from ..models.template_button import TemplateButton
    from ..models.template_carousel_item import TemplateCarouselItem
    from ..models.template_header import TemplateHeader


T = TypeVar("T", bound="WhatsAppTemplate")


@_attrs_define
class WhatsAppTemplate(metaclass=ModelType):
    """A WhatsApp step from an approved template. It has no text: `flow=[WhatsAppTemplate(template_name="order_sent",
    language="en", params=["Jana"])]`.

    Attributes:
        template_name: Name of the template. At most 100 characters.
        language: Language of the template.
        sender: Id of the WhatsApp phone number; if unset, the sender of the message.
        ttl: Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up
            to whole minutes. At least 0.5, at most 43200.
        ttl_condition: The state that the message must reach within `ttl` minutes; otherwise the next
            step runs. If unset, `sent` for an SMS and `delivered` for all other channels. One of `sent`,
            `delivered`, `seen`.
        params: Values of the text, by position (strings) or by name (objects of one key).
        params_header: The one value of the header. Exactly 1.
        params_buttons: One entry per button; `null` for a static one, a string for a dynamic link.
        params_carousel: The cards of a product carousel.
        params_lto: The one expiry of a limited-time offer, Unix milliseconds. Exactly 1.
        parameters_body: Older name of `params`.
        parameters_header: Older name of `params_header`. Exactly 1.
        parameters_buttons: Older name of `params_buttons`.
    """

    template_name: str
    """ Name of the template. At most 100 characters. """
    language: str
    """ Language of the template. """
    sender: str | Unset = UNSET
    """ Id of the WhatsApp phone number; if unset, the sender of the message. """
    ttl: float | Unset = UNSET
    """ Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up to whole
    minutes. At least 0.5, at most 43200. """
    ttl_condition: TtlCondition | Unset = UNSET
    """ The state that the message must reach within `ttl` minutes; otherwise the next step runs. If unset, `sent`
    for an SMS and `delivered` for all other channels. One of `sent`, `delivered`, `seen`. """
    params: list[NamedVariable | str] | Unset = UNSET
    """ Values of the text, by position (strings) or by name (objects of one key). """
    params_header: list[str | TemplateHeader] | Unset = UNSET
    """ The one value of the header. Exactly 1. """
    params_buttons: list[None | str | TemplateButton] | Unset = UNSET
    """ One entry per button; `null` for a static one, a string for a dynamic link. """
    params_carousel: list[TemplateCarouselItem] | Unset = UNSET
    """ The cards of a product carousel. """
    params_lto: list[float | str] | Unset = UNSET
    """ The one expiry of a limited-time offer, Unix milliseconds. Exactly 1. """
    parameters_body: list[NamedVariable | str] | Unset = UNSET
    """ Older name of `params`. """
    parameters_header: list[str | TemplateHeader] | Unset = UNSET
    """ Older name of `params_header`. Exactly 1. """
    parameters_buttons: list[None | str | TemplateButton] | Unset = UNSET
    """ Older name of `params_buttons`. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.named_variable import NamedVariable  # noqa: PLC0415
        from ..models.template_button import TemplateButton  # noqa: PLC0415
        from ..models.template_header import TemplateHeader  # noqa: PLC0415

        template_name = self.template_name

        language = self.language

        sender = self.sender

        ttl = self.ttl

        ttl_condition: str | Unset = UNSET
        if not isinstance(self.ttl_condition, Unset):
            ttl_condition = self.ttl_condition

        params: list[dict[str, Any] | str] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = []
            for params_item_data in self.params:
                params_item: dict[str, Any] | str
                if isinstance(params_item_data, NamedVariable):
                    params_item = params_item_data.to_dict()
                else:
                    params_item = params_item_data
                params.append(params_item)

        params_header: list[dict[str, Any] | str] | Unset = UNSET
        if not isinstance(self.params_header, Unset):
            params_header = []
            for params_header_item_data in self.params_header:
                params_header_item: dict[str, Any] | str
                if isinstance(params_header_item_data, TemplateHeader):
                    params_header_item = params_header_item_data.to_dict()
                else:
                    params_header_item = params_header_item_data
                params_header.append(params_header_item)

        params_buttons: list[dict[str, Any] | None | str] | Unset = UNSET
        if not isinstance(self.params_buttons, Unset):
            params_buttons = []
            for params_buttons_item_data in self.params_buttons:
                params_buttons_item: dict[str, Any] | None | str
                if isinstance(params_buttons_item_data, TemplateButton):
                    params_buttons_item = params_buttons_item_data.to_dict()
                else:
                    params_buttons_item = params_buttons_item_data
                params_buttons.append(params_buttons_item)

        params_carousel: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.params_carousel, Unset):
            params_carousel = []
            for params_carousel_item_data in self.params_carousel:
                params_carousel_item = params_carousel_item_data.to_dict()
                params_carousel.append(params_carousel_item)

        params_lto: list[float | str] | Unset = UNSET
        if not isinstance(self.params_lto, Unset):
            params_lto = []
            for params_lto_item_data in self.params_lto:
                params_lto_item: float | str
                params_lto_item = params_lto_item_data
                params_lto.append(params_lto_item)

        parameters_body: list[dict[str, Any] | str] | Unset = UNSET
        if not isinstance(self.parameters_body, Unset):
            parameters_body = []
            for parameters_body_item_data in self.parameters_body:
                parameters_body_item: dict[str, Any] | str
                if isinstance(parameters_body_item_data, NamedVariable):
                    parameters_body_item = parameters_body_item_data.to_dict()
                else:
                    parameters_body_item = parameters_body_item_data
                parameters_body.append(parameters_body_item)

        parameters_header: list[dict[str, Any] | str] | Unset = UNSET
        if not isinstance(self.parameters_header, Unset):
            parameters_header = []
            for parameters_header_item_data in self.parameters_header:
                parameters_header_item: dict[str, Any] | str
                if isinstance(parameters_header_item_data, TemplateHeader):
                    parameters_header_item = parameters_header_item_data.to_dict()
                else:
                    parameters_header_item = parameters_header_item_data
                parameters_header.append(parameters_header_item)

        parameters_buttons: list[dict[str, Any] | None | str] | Unset = UNSET
        if not isinstance(self.parameters_buttons, Unset):
            parameters_buttons = []
            for parameters_buttons_item_data in self.parameters_buttons:
                parameters_buttons_item: dict[str, Any] | None | str
                if isinstance(parameters_buttons_item_data, TemplateButton):
                    parameters_buttons_item = parameters_buttons_item_data.to_dict()
                else:
                    parameters_buttons_item = parameters_buttons_item_data
                parameters_buttons.append(parameters_buttons_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "template_name": template_name,
                "language": language,
            }
        )
        if sender is not UNSET:
            field_dict["sender"] = sender
        if ttl is not UNSET:
            field_dict["ttl"] = ttl
        if ttl_condition is not UNSET:
            field_dict["ttl_condition"] = ttl_condition
        if params is not UNSET:
            field_dict["params"] = params
        if params_header is not UNSET:
            field_dict["params_header"] = params_header
        if params_buttons is not UNSET:
            field_dict["params_buttons"] = params_buttons
        if params_carousel is not UNSET:
            field_dict["params_carousel"] = params_carousel
        if params_lto is not UNSET:
            field_dict["params_lto"] = params_lto
        if parameters_body is not UNSET:
            field_dict["parameters_body"] = parameters_body
        if parameters_header is not UNSET:
            field_dict["parameters_header"] = parameters_header
        if parameters_buttons is not UNSET:
            field_dict["parameters_buttons"] = parameters_buttons

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.named_variable import NamedVariable  # noqa: PLC0415
        from ..models.template_button import TemplateButton  # noqa: PLC0415
        from ..models.template_carousel_item import TemplateCarouselItem  # noqa: PLC0415
        from ..models.template_header import TemplateHeader  # noqa: PLC0415

        d = dict(src_dict)
        template_name = d.pop("template_name")

        language = d.pop("language")

        sender = d.pop("sender", UNSET)

        ttl = d.pop("ttl", UNSET)

        _ttl_condition = d.pop("ttl_condition", UNSET)
        ttl_condition: TtlCondition | Unset
        if isinstance(_ttl_condition, Unset):
            ttl_condition = UNSET
        else:
            ttl_condition = check_ttl_condition(_ttl_condition)

        _params = d.pop("params", UNSET)
        params: list[NamedVariable | str] | Unset = UNSET
        if _params is not UNSET:
            params = []
            for params_item_data in _params:

                def _parse_params_item(data: object) -> NamedVariable | str:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        params_item_type_0 = NamedVariable.from_dict(data)

                        return params_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(NamedVariable | str, data)

                params_item = _parse_params_item(params_item_data)

                params.append(params_item)

        _params_header = d.pop("params_header", UNSET)
        params_header: list[str | TemplateHeader] | Unset = UNSET
        if _params_header is not UNSET:
            params_header = []
            for params_header_item_data in _params_header:

                def _parse_params_header_item(data: object) -> str | TemplateHeader:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        params_header_item_type_0 = TemplateHeader.from_dict(data)

                        return params_header_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(str | TemplateHeader, data)

                params_header_item = _parse_params_header_item(params_header_item_data)

                params_header.append(params_header_item)

        _params_buttons = d.pop("params_buttons", UNSET)
        params_buttons: list[None | str | TemplateButton] | Unset = UNSET
        if _params_buttons is not UNSET:
            params_buttons = []
            for params_buttons_item_data in _params_buttons:

                def _parse_params_buttons_item(data: object) -> None | str | TemplateButton:
                    if data is None:
                        return data
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        params_buttons_item_type_0 = TemplateButton.from_dict(data)

                        return params_buttons_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(None | str | TemplateButton, data)

                params_buttons_item = _parse_params_buttons_item(params_buttons_item_data)

                params_buttons.append(params_buttons_item)

        _params_carousel = d.pop("params_carousel", UNSET)
        params_carousel: list[TemplateCarouselItem] | Unset = UNSET
        if _params_carousel is not UNSET:
            params_carousel = []
            for params_carousel_item_data in _params_carousel:
                params_carousel_item = TemplateCarouselItem.from_dict(params_carousel_item_data)

                params_carousel.append(params_carousel_item)

        _params_lto = d.pop("params_lto", UNSET)
        params_lto: list[float | str] | Unset = UNSET
        if _params_lto is not UNSET:
            params_lto = []
            for params_lto_item_data in _params_lto:

                def _parse_params_lto_item(data: object) -> float | str:
                    return cast(float | str, data)

                params_lto_item = _parse_params_lto_item(params_lto_item_data)

                params_lto.append(params_lto_item)

        _parameters_body = d.pop("parameters_body", UNSET)
        parameters_body: list[NamedVariable | str] | Unset = UNSET
        if _parameters_body is not UNSET:
            parameters_body = []
            for parameters_body_item_data in _parameters_body:

                def _parse_parameters_body_item(data: object) -> NamedVariable | str:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        parameters_body_item_type_0 = NamedVariable.from_dict(data)

                        return parameters_body_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(NamedVariable | str, data)

                parameters_body_item = _parse_parameters_body_item(parameters_body_item_data)

                parameters_body.append(parameters_body_item)

        _parameters_header = d.pop("parameters_header", UNSET)
        parameters_header: list[str | TemplateHeader] | Unset = UNSET
        if _parameters_header is not UNSET:
            parameters_header = []
            for parameters_header_item_data in _parameters_header:

                def _parse_parameters_header_item(data: object) -> str | TemplateHeader:
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        parameters_header_item_type_0 = TemplateHeader.from_dict(data)

                        return parameters_header_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(str | TemplateHeader, data)

                parameters_header_item = _parse_parameters_header_item(parameters_header_item_data)

                parameters_header.append(parameters_header_item)

        _parameters_buttons = d.pop("parameters_buttons", UNSET)
        parameters_buttons: list[None | str | TemplateButton] | Unset = UNSET
        if _parameters_buttons is not UNSET:
            parameters_buttons = []
            for parameters_buttons_item_data in _parameters_buttons:

                def _parse_parameters_buttons_item(data: object) -> None | str | TemplateButton:
                    if data is None:
                        return data
                    try:
                        if not isinstance(data, dict):
                            raise TypeError()
                        parameters_buttons_item_type_0 = TemplateButton.from_dict(data)

                        return parameters_buttons_item_type_0
                    except (TypeError, ValueError, AttributeError, KeyError):
                        pass
                    return cast(None | str | TemplateButton, data)

                parameters_buttons_item = _parse_parameters_buttons_item(
                    parameters_buttons_item_data
                )

                parameters_buttons.append(parameters_buttons_item)

        refuse_unknown(cls, d)

        whats_app_template = cls(
            template_name=template_name,
            language=language,
            sender=sender,
            ttl=ttl,
            ttl_condition=ttl_condition,
            params=params,
            params_header=params_header,
            params_buttons=params_buttons,
            params_carousel=params_carousel,
            params_lto=params_lto,
            parameters_body=parameters_body,
            parameters_header=parameters_header,
            parameters_buttons=parameters_buttons,
        )

        return whats_app_template
