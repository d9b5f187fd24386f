from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.accepted_item import AcceptedItem
    from ..models.rejected_item import RejectedItem


T = TypeVar("T", bound="SendResponse")


@_attrs_define
class SendResponse(metaclass=ModelType):
    """What the service accepted. `accepted` and `rejected` need not add up to what was sent: decide by `accepted` alone. A
    recipient or message in neither list is unconfirmed.

    Attributes:
        request_id: Id of the request.
        accepted: What was accepted for processing.
        rejected: What was not accepted; send it again.
    """

    request_id: None | str | Unset = UNSET
    """ Id of the request. """
    accepted: list[AcceptedItem] | None | Unset = UNSET
    """ What was accepted for processing. """
    rejected: list[RejectedItem] | None | Unset = UNSET
    """ What was not accepted; send it again. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        request_id: None | str | Unset
        if isinstance(self.request_id, Unset):
            request_id = UNSET
        else:
            request_id = self.request_id

        accepted: list[dict[str, Any]] | None | Unset
        if isinstance(self.accepted, Unset):
            accepted = UNSET
        elif isinstance(self.accepted, list):
            accepted = []
            for accepted_type_0_item_data in self.accepted:
                accepted_type_0_item = accepted_type_0_item_data.to_dict()
                accepted.append(accepted_type_0_item)

        else:
            accepted = self.accepted

        rejected: list[dict[str, Any]] | None | Unset
        if isinstance(self.rejected, Unset):
            rejected = UNSET
        elif isinstance(self.rejected, list):
            rejected = []
            for rejected_type_0_item_data in self.rejected:
                rejected_type_0_item = rejected_type_0_item_data.to_dict()
                rejected.append(rejected_type_0_item)

        else:
            rejected = self.rejected

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if request_id is not UNSET:
            field_dict["request_id"] = request_id
        if accepted is not UNSET:
            field_dict["accepted"] = accepted
        if rejected is not UNSET:
            field_dict["rejected"] = rejected

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.accepted_item import AcceptedItem  # noqa: PLC0415
        from ..models.rejected_item import RejectedItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_request_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request_id = _parse_request_id(d.pop("request_id", UNSET))

        def _parse_accepted(data: object) -> list[AcceptedItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                accepted_type_0 = []
                _accepted_type_0 = data
                for accepted_type_0_item_data in _accepted_type_0:
                    accepted_type_0_item = AcceptedItem.from_dict(accepted_type_0_item_data)

                    accepted_type_0.append(accepted_type_0_item)

                return accepted_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[AcceptedItem] | None | Unset, data)

        accepted = _parse_accepted(d.pop("accepted", UNSET))

        def _parse_rejected(data: object) -> list[RejectedItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                rejected_type_0 = []
                _rejected_type_0 = data
                for rejected_type_0_item_data in _rejected_type_0:
                    rejected_type_0_item = RejectedItem.from_dict(rejected_type_0_item_data)

                    rejected_type_0.append(rejected_type_0_item)

                return rejected_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RejectedItem] | None | Unset, data)

        rejected = _parse_rejected(d.pop("rejected", UNSET))

        send_response = cls(
            request_id=request_id,
            accepted=accepted,
            rejected=rejected,
        )

        send_response.additional_properties = d
        return send_response

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
