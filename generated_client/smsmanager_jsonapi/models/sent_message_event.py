from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel import Channel, check_channel
from ..models.delivery_result import DeliveryResult, check_delivery_result
from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.channel_report import ChannelReport
    from ..models.event_recipient import EventRecipient
    from ..models.payload import Payload
    from ..models.sms_report import SmsReport


T = TypeVar("T", bound="SentMessageEvent")


@_attrs_define
class SentMessageEvent(metaclass=ModelType):
    """A delivery report.

    Attributes:
        type_: Always `outgoing`.
        request_id: Id of the request that sent the message.
        message_id: Id of the message; in a batch followed by `-<recipient_index>`.
        gateway: The channel.
        timestamp: Unix seconds.
        payload: Echoed in every webhook of the message.
        to: The recipient of a reported message.
        result: What happened.
        result_info: `[code] text`, either part optional. Known codes: 0 delivered, 1 undelivered, 2
            rejected, 3 failed, 302 number format, 303 number not in the allowed list, 304 blacklisted or
            opted out, 306 too many identical messages to one recipient, 307 credit. Others appear.
        sms: The sender, route, network, price and parts of an SMS.
        viber: The sender, network, price and parts of one channel.
        whatsapp_body: The channel object when `gateway` is `whatsapp_text`.
        whatsapp_template: The sender, network, price and parts of one channel.
        rcs: The sender, network, price and parts of one channel.
    """

    type_: None | str | Unset = UNSET
    """ Always `outgoing`. """
    request_id: None | str | Unset = UNSET
    """ Id of the request that sent the message. """
    message_id: None | str | Unset = UNSET
    """ Id of the message; in a batch followed by `-<recipient_index>`. """
    gateway: Channel | None | str | Unset = UNSET
    """ The channel. """
    timestamp: float | None | str | Unset = UNSET
    """ Unix seconds. """
    payload: None | Payload | Unset = UNSET
    """ Echoed in every webhook of the message. """
    to: EventRecipient | None | Unset = UNSET
    """ The recipient of a reported message. """
    result: DeliveryResult | None | str | Unset = UNSET
    """ What happened. """
    result_info: None | str | Unset = UNSET
    """ `[code] text`, either part optional. Known codes: 0 delivered, 1 undelivered, 2 rejected, 3 failed, 302
    number format, 303 number not in the allowed list, 304 blacklisted or opted out, 306 too many identical messages
    to one recipient, 307 credit. Others appear. """
    sms: None | SmsReport | Unset = UNSET
    """ The sender, route, network, price and parts of an SMS. """
    viber: ChannelReport | None | Unset = UNSET
    """ The sender, network, price and parts of one channel. """
    whatsapp_body: ChannelReport | None | Unset = UNSET
    """ The channel object when `gateway` is `whatsapp_text`. """
    whatsapp_template: ChannelReport | None | Unset = UNSET
    """ The sender, network, price and parts of one channel. """
    rcs: ChannelReport | None | Unset = UNSET
    """ The sender, network, price and parts of one channel. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.channel_report import ChannelReport  # noqa: PLC0415
        from ..models.event_recipient import EventRecipient  # noqa: PLC0415
        from ..models.payload import Payload  # noqa: PLC0415
        from ..models.sms_report import SmsReport  # noqa: PLC0415

        type_: None | str | Unset
        if isinstance(self.type_, Unset):
            type_ = UNSET
        else:
            type_ = self.type_

        request_id: None | str | Unset
        if isinstance(self.request_id, Unset):
            request_id = UNSET
        else:
            request_id = self.request_id

        message_id: None | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        gateway: None | str | Unset
        if isinstance(self.gateway, Unset):
            gateway = UNSET
        elif isinstance(self.gateway, str):
            gateway = self.gateway
        else:
            gateway = self.gateway

        timestamp: float | None | str | Unset
        if isinstance(self.timestamp, Unset):
            timestamp = UNSET
        else:
            timestamp = self.timestamp

        payload: dict[str, Any] | None | Unset
        if isinstance(self.payload, Unset):
            payload = UNSET
        elif isinstance(self.payload, Payload):
            payload = self.payload.to_dict()
        else:
            payload = self.payload

        to: dict[str, Any] | None | Unset
        if isinstance(self.to, Unset):
            to = UNSET
        elif isinstance(self.to, EventRecipient):
            to = self.to.to_dict()
        else:
            to = self.to

        result: None | str | Unset
        if isinstance(self.result, Unset):
            result = UNSET
        elif isinstance(self.result, str):
            result = self.result
        else:
            result = self.result

        result_info: None | str | Unset
        if isinstance(self.result_info, Unset):
            result_info = UNSET
        else:
            result_info = self.result_info

        sms: dict[str, Any] | None | Unset
        if isinstance(self.sms, Unset):
            sms = UNSET
        elif isinstance(self.sms, SmsReport):
            sms = self.sms.to_dict()
        else:
            sms = self.sms

        viber: dict[str, Any] | None | Unset
        if isinstance(self.viber, Unset):
            viber = UNSET
        elif isinstance(self.viber, ChannelReport):
            viber = self.viber.to_dict()
        else:
            viber = self.viber

        whatsapp_body: dict[str, Any] | None | Unset
        if isinstance(self.whatsapp_body, Unset):
            whatsapp_body = UNSET
        elif isinstance(self.whatsapp_body, ChannelReport):
            whatsapp_body = self.whatsapp_body.to_dict()
        else:
            whatsapp_body = self.whatsapp_body

        whatsapp_template: dict[str, Any] | None | Unset
        if isinstance(self.whatsapp_template, Unset):
            whatsapp_template = UNSET
        elif isinstance(self.whatsapp_template, ChannelReport):
            whatsapp_template = self.whatsapp_template.to_dict()
        else:
            whatsapp_template = self.whatsapp_template

        rcs: dict[str, Any] | None | Unset
        if isinstance(self.rcs, Unset):
            rcs = UNSET
        elif isinstance(self.rcs, ChannelReport):
            rcs = self.rcs.to_dict()
        else:
            rcs = self.rcs

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if type_ is not UNSET:
            field_dict["type"] = type_
        if request_id is not UNSET:
            field_dict["request_id"] = request_id
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if gateway is not UNSET:
            field_dict["gateway"] = gateway
        if timestamp is not UNSET:
            field_dict["timestamp"] = timestamp
        if payload is not UNSET:
            field_dict["payload"] = payload
        if to is not UNSET:
            field_dict["to"] = to
        if result is not UNSET:
            field_dict["result"] = result
        if result_info is not UNSET:
            field_dict["result_info"] = result_info
        if sms is not UNSET:
            field_dict["sms"] = sms
        if viber is not UNSET:
            field_dict["viber"] = viber
        if whatsapp_body is not UNSET:
            field_dict["whatsapp_body"] = whatsapp_body
        if whatsapp_template is not UNSET:
            field_dict["whatsapp_template"] = whatsapp_template
        if rcs is not UNSET:
            field_dict["rcs"] = rcs

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.channel_report import ChannelReport  # noqa: PLC0415
        from ..models.event_recipient import EventRecipient  # noqa: PLC0415
        from ..models.payload import Payload  # noqa: PLC0415
        from ..models.sms_report import SmsReport  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_type_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        type_ = _parse_type_(d.pop("type", UNSET))

        def _parse_request_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request_id = _parse_request_id(d.pop("request_id", UNSET))

        def _parse_message_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_gateway(data: object) -> Channel | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                gateway_type_0 = check_channel(data)

                return gateway_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Channel | None | str | Unset, data)

        gateway = _parse_gateway(d.pop("gateway", UNSET))

        def _parse_timestamp(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        timestamp = _parse_timestamp(d.pop("timestamp", UNSET))

        def _parse_payload(data: object) -> None | Payload | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                payload_type_0 = Payload.from_dict(data)

                return payload_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Payload | Unset, data)

        payload = _parse_payload(d.pop("payload", UNSET))

        def _parse_to(data: object) -> EventRecipient | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                to_type_0 = EventRecipient.from_dict(data)

                return to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EventRecipient | None | Unset, data)

        to = _parse_to(d.pop("to", UNSET))

        def _parse_result(data: object) -> DeliveryResult | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                result_type_0 = check_delivery_result(data)

                return result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DeliveryResult | None | str | Unset, data)

        result = _parse_result(d.pop("result", UNSET))

        def _parse_result_info(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        result_info = _parse_result_info(d.pop("result_info", UNSET))

        def _parse_sms(data: object) -> None | SmsReport | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                sms_type_0 = SmsReport.from_dict(data)

                return sms_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SmsReport | Unset, data)

        sms = _parse_sms(d.pop("sms", UNSET))

        def _parse_viber(data: object) -> ChannelReport | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                viber_type_0 = ChannelReport.from_dict(data)

                return viber_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChannelReport | None | Unset, data)

        viber = _parse_viber(d.pop("viber", UNSET))

        def _parse_whatsapp_body(data: object) -> ChannelReport | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                whatsapp_body_type_0 = ChannelReport.from_dict(data)

                return whatsapp_body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChannelReport | None | Unset, data)

        whatsapp_body = _parse_whatsapp_body(d.pop("whatsapp_body", UNSET))

        def _parse_whatsapp_template(data: object) -> ChannelReport | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                whatsapp_template_type_0 = ChannelReport.from_dict(data)

                return whatsapp_template_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChannelReport | None | Unset, data)

        whatsapp_template = _parse_whatsapp_template(d.pop("whatsapp_template", UNSET))

        def _parse_rcs(data: object) -> ChannelReport | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rcs_type_0 = ChannelReport.from_dict(data)

                return rcs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChannelReport | None | Unset, data)

        rcs = _parse_rcs(d.pop("rcs", UNSET))

        sent_message_event = cls(
            type_=type_,
            request_id=request_id,
            message_id=message_id,
            gateway=gateway,
            timestamp=timestamp,
            payload=payload,
            to=to,
            result=result,
            result_info=result_info,
            sms=sms,
            viber=viber,
            whatsapp_body=whatsapp_body,
            whatsapp_template=whatsapp_template,
            rcs=rcs,
        )

        sent_message_event.additional_properties = d
        return sent_message_event

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
