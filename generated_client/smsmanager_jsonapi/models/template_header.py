from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.named_variable import NamedVariable
    from ..models.open_object import OpenObject


T = TypeVar("T", bound="TemplateHeader")


@_attrs_define
class TemplateHeader(metaclass=ModelType):
    """Value of a template's header, of exactly one kind.

    Attributes:
        text: Text, or an object with one named variable.
        image: A link, or an object that the service passes on.
        video: A link, or an object that the service passes on.
        document: A link, or an object that the service passes on.
        location: An object whose fields are not documented; it is passed on as it is.
        product: An object whose fields are not documented; it is passed on as it is.
    """

    text: NamedVariable | str | Unset = UNSET
    """ Text, or an object with one named variable. """
    image: OpenObject | str | Unset = UNSET
    """ A link, or an object that the service passes on. """
    video: OpenObject | str | Unset = UNSET
    """ A link, or an object that the service passes on. """
    document: OpenObject | str | Unset = UNSET
    """ A link, or an object that the service passes on. """
    location: OpenObject | Unset = UNSET
    """ An object whose fields are not documented; it is passed on as it is. """
    product: OpenObject | Unset = UNSET
    """ An object whose fields are not documented; it is passed on as it is. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.named_variable import NamedVariable  # noqa: PLC0415
        from ..models.open_object import OpenObject  # noqa: PLC0415

        text: dict[str, Any] | str | Unset
        if isinstance(self.text, Unset):
            text = UNSET
        elif isinstance(self.text, NamedVariable):
            text = self.text.to_dict()
        else:
            text = self.text

        image: dict[str, Any] | str | Unset
        if isinstance(self.image, Unset):
            image = UNSET
        elif isinstance(self.image, OpenObject):
            image = self.image.to_dict()
        else:
            image = self.image

        video: dict[str, Any] | str | Unset
        if isinstance(self.video, Unset):
            video = UNSET
        elif isinstance(self.video, OpenObject):
            video = self.video.to_dict()
        else:
            video = self.video

        document: dict[str, Any] | str | Unset
        if isinstance(self.document, Unset):
            document = UNSET
        elif isinstance(self.document, OpenObject):
            document = self.document.to_dict()
        else:
            document = self.document

        location: dict[str, Any] | Unset = UNSET
        if not isinstance(self.location, Unset):
            location = self.location.to_dict()

        product: dict[str, Any] | Unset = UNSET
        if not isinstance(self.product, Unset):
            product = self.product.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if text is not UNSET:
            field_dict["text"] = text
        if image is not UNSET:
            field_dict["image"] = image
        if video is not UNSET:
            field_dict["video"] = video
        if document is not UNSET:
            field_dict["document"] = document
        if location is not UNSET:
            field_dict["location"] = location
        if product is not UNSET:
            field_dict["product"] = product

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.named_variable import NamedVariable  # noqa: PLC0415
        from ..models.open_object import OpenObject  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_text(data: object) -> NamedVariable | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                text_type_0 = NamedVariable.from_dict(data)

                return text_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NamedVariable | str | Unset, data)

        text = _parse_text(d.pop("text", UNSET))

        def _parse_image(data: object) -> OpenObject | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_template_media_type_1 = OpenObject.from_dict(data)

                return componentsschemas_template_media_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(OpenObject | str | Unset, data)

        image = _parse_image(d.pop("image", UNSET))

        def _parse_video(data: object) -> OpenObject | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_template_media_type_1 = OpenObject.from_dict(data)

                return componentsschemas_template_media_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(OpenObject | str | Unset, data)

        video = _parse_video(d.pop("video", UNSET))

        def _parse_document(data: object) -> OpenObject | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_template_media_type_1 = OpenObject.from_dict(data)

                return componentsschemas_template_media_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(OpenObject | str | Unset, data)

        document = _parse_document(d.pop("document", UNSET))

        _location = d.pop("location", UNSET)
        location: OpenObject | Unset
        if isinstance(_location, Unset):
            location = UNSET
        else:
            location = OpenObject.from_dict(_location)

        _product = d.pop("product", UNSET)
        product: OpenObject | Unset
        if isinstance(_product, Unset):
            product = UNSET
        else:
            product = OpenObject.from_dict(_product)

        refuse_unknown(cls, d)

        template_header = cls(
            text=text,
            image=image,
            video=video,
            document=document,
            location=location,
            product=product,
        )

        return template_header
