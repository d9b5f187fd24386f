from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.rest_object import RestObject


T = TypeVar("T", bound="InboxItem")


@_attrs_define
class InboxItem(metaclass=ModelType):
    """One incoming message.

    Attributes:
        ts_received: When it arrived.
        body: The text.
        from_: The sender.
        to: The number or account that received it.
        gateway: The channel.
        payload: The payload of the message that the service pairs it with.
        id: An id, in an older shape.
    """

    ts_received: float | None | str | Unset = UNSET
    """ When it arrived. """
    body: None | str | Unset = UNSET
    """ The text. """
    from_: None | str | Unset = UNSET
    """ The sender. """
    to: None | str | Unset = UNSET
    """ The number or account that received it. """
    gateway: None | str | Unset = UNSET
    """ The channel. """
    payload: None | RestObject | Unset = UNSET
    """ The payload of the message that the service pairs it with. """
    id: int | None | str | Unset = UNSET
    """ An id, in an older shape. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.rest_object import RestObject  # noqa: PLC0415

        ts_received: float | None | str | Unset
        if isinstance(self.ts_received, Unset):
            ts_received = UNSET
        else:
            ts_received = self.ts_received

        body: None | str | Unset
        if isinstance(self.body, Unset):
            body = UNSET
        else:
            body = self.body

        from_: None | str | Unset
        if isinstance(self.from_, Unset):
            from_ = UNSET
        else:
            from_ = self.from_

        to: None | str | Unset
        if isinstance(self.to, Unset):
            to = UNSET
        else:
            to = self.to

        gateway: None | str | Unset
        if isinstance(self.gateway, Unset):
            gateway = UNSET
        else:
            gateway = self.gateway

        payload: dict[str, Any] | None | Unset
        if isinstance(self.payload, Unset):
            payload = UNSET
        elif isinstance(self.payload, RestObject):
            payload = self.payload.to_dict()
        else:
            payload = self.payload

        id: int | None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if ts_received is not UNSET:
            field_dict["ts_received"] = ts_received
        if body is not UNSET:
            field_dict["body"] = body
        if from_ is not UNSET:
            field_dict["from"] = from_
        if to is not UNSET:
            field_dict["to"] = to
        if gateway is not UNSET:
            field_dict["gateway"] = gateway
        if payload is not UNSET:
            field_dict["payload"] = payload
        if id is not UNSET:
            field_dict["id"] = id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rest_object import RestObject  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_ts_received(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_received = _parse_ts_received(d.pop("ts_received", UNSET))

        def _parse_body(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        body = _parse_body(d.pop("body", UNSET))

        def _parse_from_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        from_ = _parse_from_(d.pop("from", UNSET))

        def _parse_to(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        to = _parse_to(d.pop("to", UNSET))

        def _parse_gateway(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        gateway = _parse_gateway(d.pop("gateway", UNSET))

        def _parse_payload(data: object) -> None | RestObject | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                payload_type_0 = RestObject.from_dict(data)

                return payload_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RestObject | Unset, data)

        payload = _parse_payload(d.pop("payload", UNSET))

        def _parse_id(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        inbox_item = cls(
            ts_received=ts_received,
            body=body,
            from_=from_,
            to=to,
            gateway=gateway,
            payload=payload,
            id=id,
        )

        inbox_item.additional_properties = d
        return inbox_item

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
