from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.flow_status import FlowStatus
    from ..models.message_recipient import MessageRecipient
    from ..models.older_price import OlderPrice
    from ..models.rest_object import RestObject


T = TypeVar("T", bound="MessageState")


@_attrs_define
class MessageState(metaclass=ModelType):
    """The state of one message. While it is in progress, both codes are null. Stop asking when `ts_updated` no longer
    moves.

    Attributes:
        status_code: State of sending. Only `200`, sent, is documented.
        delivery_code: State of delivery. Only `201`, delivered, and `202`, seen, are documented.
        status_info: The state as a text.
        tag: Tags of the message.
        request_id: Id of the request that sent it.
        body: The text.
        to: The recipient as submitted.
        ts_created: When it was accepted.
        ts_sent: When it was sent.
        ts_delivered: When it was delivered.
        ts_seen: When it was seen.
        ts_clicked: When a link in it was clicked.
        ts_updated: When anything last changed.
        flow: The flow as sent; in an older shape the channel.
        flow_index: The step that was used.
        flow_status: The codes of each step, by its index.
        price: Price, in a currency that is not stated; in an older shape with its network.
    """

    status_code: int | None | str | Unset = UNSET
    """ State of sending. Only `200`, sent, is documented. """
    delivery_code: int | None | str | Unset = UNSET
    """ State of delivery. Only `201`, delivered, and `202`, seen, are documented. """
    status_info: None | str | Unset = UNSET
    """ The state as a text. """
    tag: None | str | Unset = UNSET
    """ Tags of the message. """
    request_id: None | str | Unset = UNSET
    """ Id of the request that sent it. """
    body: None | str | Unset = UNSET
    """ The text. """
    to: MessageRecipient | None | str | Unset = UNSET
    """ The recipient as submitted. """
    ts_created: float | None | str | Unset = UNSET
    """ When it was accepted. """
    ts_sent: float | None | str | Unset = UNSET
    """ When it was sent. """
    ts_delivered: float | None | str | Unset = UNSET
    """ When it was delivered. """
    ts_seen: float | None | str | Unset = UNSET
    """ When it was seen. """
    ts_clicked: float | None | str | Unset = UNSET
    """ When a link in it was clicked. """
    ts_updated: float | None | str | Unset = UNSET
    """ When anything last changed. """
    flow: list[RestObject] | None | str | Unset = UNSET
    """ The flow as sent; in an older shape the channel. """
    flow_index: int | None | str | Unset = UNSET
    """ The step that was used. """
    flow_status: FlowStatus | None | Unset = UNSET
    """ The codes of each step, by its index. """
    price: float | None | OlderPrice | str | Unset = UNSET
    """ Price, in a currency that is not stated; in an older shape with its network. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.flow_status import FlowStatus  # noqa: PLC0415
        from ..models.message_recipient import MessageRecipient  # noqa: PLC0415
        from ..models.older_price import OlderPrice  # noqa: PLC0415

        status_code: int | None | str | Unset
        if isinstance(self.status_code, Unset):
            status_code = UNSET
        else:
            status_code = self.status_code

        delivery_code: int | None | str | Unset
        if isinstance(self.delivery_code, Unset):
            delivery_code = UNSET
        else:
            delivery_code = self.delivery_code

        status_info: None | str | Unset
        if isinstance(self.status_info, Unset):
            status_info = UNSET
        else:
            status_info = self.status_info

        tag: None | str | Unset
        if isinstance(self.tag, Unset):
            tag = UNSET
        else:
            tag = self.tag

        request_id: None | str | Unset
        if isinstance(self.request_id, Unset):
            request_id = UNSET
        else:
            request_id = self.request_id

        body: None | str | Unset
        if isinstance(self.body, Unset):
            body = UNSET
        else:
            body = self.body

        to: dict[str, Any] | None | str | Unset
        if isinstance(self.to, Unset):
            to = UNSET
        elif isinstance(self.to, MessageRecipient):
            to = self.to.to_dict()
        else:
            to = self.to

        ts_created: float | None | str | Unset
        if isinstance(self.ts_created, Unset):
            ts_created = UNSET
        else:
            ts_created = self.ts_created

        ts_sent: float | None | str | Unset
        if isinstance(self.ts_sent, Unset):
            ts_sent = UNSET
        else:
            ts_sent = self.ts_sent

        ts_delivered: float | None | str | Unset
        if isinstance(self.ts_delivered, Unset):
            ts_delivered = UNSET
        else:
            ts_delivered = self.ts_delivered

        ts_seen: float | None | str | Unset
        if isinstance(self.ts_seen, Unset):
            ts_seen = UNSET
        else:
            ts_seen = self.ts_seen

        ts_clicked: float | None | str | Unset
        if isinstance(self.ts_clicked, Unset):
            ts_clicked = UNSET
        else:
            ts_clicked = self.ts_clicked

        ts_updated: float | None | str | Unset
        if isinstance(self.ts_updated, Unset):
            ts_updated = UNSET
        else:
            ts_updated = self.ts_updated

        flow: list[dict[str, Any]] | None | str | Unset
        if isinstance(self.flow, Unset):
            flow = UNSET
        elif isinstance(self.flow, list):
            flow = []
            for flow_type_0_item_data in self.flow:
                flow_type_0_item = flow_type_0_item_data.to_dict()
                flow.append(flow_type_0_item)

        else:
            flow = self.flow

        flow_index: int | None | str | Unset
        if isinstance(self.flow_index, Unset):
            flow_index = UNSET
        else:
            flow_index = self.flow_index

        flow_status: dict[str, Any] | None | Unset
        if isinstance(self.flow_status, Unset):
            flow_status = UNSET
        elif isinstance(self.flow_status, FlowStatus):
            flow_status = self.flow_status.to_dict()
        else:
            flow_status = self.flow_status

        price: dict[str, Any] | float | None | str | Unset
        if isinstance(self.price, Unset):
            price = UNSET
        elif isinstance(self.price, OlderPrice):
            price = self.price.to_dict()
        else:
            price = self.price

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if status_code is not UNSET:
            field_dict["status_code"] = status_code
        if delivery_code is not UNSET:
            field_dict["delivery_code"] = delivery_code
        if status_info is not UNSET:
            field_dict["status_info"] = status_info
        if tag is not UNSET:
            field_dict["tag"] = tag
        if request_id is not UNSET:
            field_dict["request_id"] = request_id
        if body is not UNSET:
            field_dict["body"] = body
        if to is not UNSET:
            field_dict["to"] = to
        if ts_created is not UNSET:
            field_dict["ts_created"] = ts_created
        if ts_sent is not UNSET:
            field_dict["ts_sent"] = ts_sent
        if ts_delivered is not UNSET:
            field_dict["ts_delivered"] = ts_delivered
        if ts_seen is not UNSET:
            field_dict["ts_seen"] = ts_seen
        if ts_clicked is not UNSET:
            field_dict["ts_clicked"] = ts_clicked
        if ts_updated is not UNSET:
            field_dict["ts_updated"] = ts_updated
        if flow is not UNSET:
            field_dict["flow"] = flow
        if flow_index is not UNSET:
            field_dict["flow_index"] = flow_index
        if flow_status is not UNSET:
            field_dict["flow_status"] = flow_status
        if price is not UNSET:
            field_dict["price"] = price

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.flow_status import FlowStatus  # noqa: PLC0415
        from ..models.message_recipient import MessageRecipient  # noqa: PLC0415
        from ..models.older_price import OlderPrice  # noqa: PLC0415
        from ..models.rest_object import RestObject  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status_code(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        status_code = _parse_status_code(d.pop("status_code", UNSET))

        def _parse_delivery_code(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        delivery_code = _parse_delivery_code(d.pop("delivery_code", UNSET))

        def _parse_status_info(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status_info = _parse_status_info(d.pop("status_info", UNSET))

        def _parse_tag(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tag = _parse_tag(d.pop("tag", UNSET))

        def _parse_request_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request_id = _parse_request_id(d.pop("request_id", UNSET))

        def _parse_body(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        body = _parse_body(d.pop("body", UNSET))

        def _parse_to(data: object) -> MessageRecipient | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                to_type_0 = MessageRecipient.from_dict(data)

                return to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MessageRecipient | None | str | Unset, data)

        to = _parse_to(d.pop("to", UNSET))

        def _parse_ts_created(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_created = _parse_ts_created(d.pop("ts_created", UNSET))

        def _parse_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_sent = _parse_ts_sent(d.pop("ts_sent", UNSET))

        def _parse_ts_delivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_delivered = _parse_ts_delivered(d.pop("ts_delivered", UNSET))

        def _parse_ts_seen(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_seen = _parse_ts_seen(d.pop("ts_seen", UNSET))

        def _parse_ts_clicked(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_clicked = _parse_ts_clicked(d.pop("ts_clicked", UNSET))

        def _parse_ts_updated(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        ts_updated = _parse_ts_updated(d.pop("ts_updated", UNSET))

        def _parse_flow(data: object) -> list[RestObject] | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                flow_type_0 = []
                _flow_type_0 = data
                for flow_type_0_item_data in _flow_type_0:
                    flow_type_0_item = RestObject.from_dict(flow_type_0_item_data)

                    flow_type_0.append(flow_type_0_item)

                return flow_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RestObject] | None | str | Unset, data)

        flow = _parse_flow(d.pop("flow", UNSET))

        def _parse_flow_index(data: object) -> int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | str | Unset, data)

        flow_index = _parse_flow_index(d.pop("flow_index", UNSET))

        def _parse_flow_status(data: object) -> FlowStatus | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                flow_status_type_0 = FlowStatus.from_dict(data)

                return flow_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FlowStatus | None | Unset, data)

        flow_status = _parse_flow_status(d.pop("flow_status", UNSET))

        def _parse_price(data: object) -> float | None | OlderPrice | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                price_type_2 = OlderPrice.from_dict(data)

                return price_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(float | None | OlderPrice | str | Unset, data)

        price = _parse_price(d.pop("price", UNSET))

        message_state = cls(
            status_code=status_code,
            delivery_code=delivery_code,
            status_info=status_info,
            tag=tag,
            request_id=request_id,
            body=body,
            to=to,
            ts_created=ts_created,
            ts_sent=ts_sent,
            ts_delivered=ts_delivered,
            ts_seen=ts_seen,
            ts_clicked=ts_clicked,
            ts_updated=ts_updated,
            flow=flow,
            flow_index=flow_index,
            flow_status=flow_status,
            price=price,
        )

        message_state.additional_properties = d
        return message_state

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
