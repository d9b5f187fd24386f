from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.template_product import TemplateProduct


T = TypeVar("T", bound="TemplateCarouselItem")


@_attrs_define
class TemplateCarouselItem(metaclass=ModelType):
    """One card of a product carousel.

    Attributes:
        product: A product of a catalogue.
    """

    product: TemplateProduct
    """ A product of a catalogue. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        product = self.product.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "product": product,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.template_product import TemplateProduct  # noqa: PLC0415

        d = dict(src_dict)
        product = TemplateProduct.from_dict(d.pop("product"))

        refuse_unknown(cls, d)

        template_carousel_item = cls(
            product=product,
        )

        return template_carousel_item
