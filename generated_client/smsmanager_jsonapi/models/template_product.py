from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import ModelType, masked_repr, refuse_unknown

T = TypeVar("T", bound="TemplateProduct")


@_attrs_define
class TemplateProduct(metaclass=ModelType):
    """A product of a catalogue.

    Attributes:
        product_retailer_id: Id of the product.
        catalog_id: Id of the catalogue.
    """

    product_retailer_id: str
    """ Id of the product. """
    catalog_id: str
    """ Id of the catalogue. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        product_retailer_id = self.product_retailer_id

        catalog_id = self.catalog_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "product_retailer_id": product_retailer_id,
                "catalog_id": catalog_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        product_retailer_id = d.pop("product_retailer_id")

        catalog_id = d.pop("catalog_id")

        refuse_unknown(cls, d)

        template_product = cls(
            product_retailer_id=product_retailer_id,
            catalog_id=catalog_id,
        )

        return template_product
