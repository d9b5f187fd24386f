from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.callback import Callback
    from ..models.delivery_window import DeliveryWindow
    from ..models.flow_step import FlowStep
    from ..models.message_params import MessageParams
    from ..models.payload import Payload
    from ..models.recipient import Recipient


T = TypeVar("T", bound="Message")


@_attrs_define
class Message(metaclass=ModelType):
    """One message to at most 10 recipients.

    Attributes:
        to: The recipients. Keys in the answer and ids in a batch refer to their order. Not empty, at
            most 10.
        body: The text. Required here or in every flow step that shows text. The service cuts longer
            text without an error. At most 1000 characters.
        sender: The sender of every step that does not set one: a name, a virtual number without `+`, or
            an alias set up for the account. For an SMS a name is alphanumeric and has at most 11
            characters; the agent of an RCS step and the registered name of a Viber step can be longer. If
            unset, the account's default.
        flow: The channels to try, in order. If unset, one plain SMS. Not empty.
        tag: Groups messages; several are joined by commas. The service lower-cases it and keeps only
            `a-z 0-9 - . _`. `promotional` (the service's default), `transactional` and `priority` choose a
            queue; promotional messages are checked against opt-outs and, for some destinations, are sent
            only between 8:00 and 20:00.
        message_tag: Older name of `tag`.
        datetime_: When to send, always in UTC. A time more than one minute ahead is scheduled; a time
            in the past means now.
        delivery_time: Days and hours in which to send. A message due outside them waits for the next
            time inside.
        callback: The URL for webhooks of this message.
        payload: Echoed in every webhook of the message.
        params: Special parameters. Further ones are allowed.
    """

    to: list[Recipient]
    """ The recipients. Keys in the answer and ids in a batch refer to their order. Not empty, at most 10. """
    body: str | Unset = UNSET
    """ The text. Required here or in every flow step that shows text. The service cuts longer text without an
    error. At most 1000 characters. """
    sender: str | Unset = UNSET
    """ The sender of every step that does not set one: a name, a virtual number without `+`, or an alias set up for
    the account. For an SMS a name is alphanumeric and has at most 11 characters; the agent of an RCS step and the
    registered name of a Viber step can be longer. If unset, the account's default. """
    flow: list[FlowStep] | Unset = UNSET
    """ The channels to try, in order. If unset, one plain SMS. Not empty. """
    tag: str | Unset = UNSET
    """ Groups messages; several are joined by commas. The service lower-cases it and keeps only `a-z 0-9 - . _`.
    `promotional` (the service's default), `transactional` and `priority` choose a queue; promotional messages are
    checked against opt-outs and, for some destinations, are sent only between 8:00 and 20:00. """
    message_tag: str | Unset = UNSET
    """ Older name of `tag`. """
    datetime_: datetime.datetime | Unset = UNSET
    """ When to send, always in UTC. A time more than one minute ahead is scheduled; a time in the past means now.
    """
    delivery_time: DeliveryWindow | Unset = UNSET
    """ Days and hours in which to send. A message due outside them waits for the next time inside. """
    callback: Callback | str | Unset = UNSET
    """ The URL for webhooks of this message. """
    payload: Payload | Unset = UNSET
    """ Echoed in every webhook of the message. """
    params: MessageParams | Unset = UNSET
    """ Special parameters. Further ones are allowed. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.callback import Callback  # noqa: PLC0415

        to = []
        for to_item_data in self.to:
            to_item = to_item_data.to_dict()
            to.append(to_item)

        body = self.body

        sender = self.sender

        flow: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.flow, Unset):
            flow = []
            for flow_item_data in self.flow:
                flow_item = flow_item_data.to_dict()
                flow.append(flow_item)

        tag = self.tag

        message_tag = self.message_tag

        datetime_: str | Unset = UNSET
        if not isinstance(self.datetime_, Unset):
            datetime_ = self.datetime_.isoformat()

        delivery_time: dict[str, Any] | Unset = UNSET
        if not isinstance(self.delivery_time, Unset):
            delivery_time = self.delivery_time.to_dict()

        callback: dict[str, Any] | str | Unset
        if isinstance(self.callback, Unset):
            callback = UNSET
        elif isinstance(self.callback, Callback):
            callback = self.callback.to_dict()
        else:
            callback = self.callback

        payload: dict[str, Any] | Unset = UNSET
        if not isinstance(self.payload, Unset):
            payload = self.payload.to_dict()

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "to": to,
            }
        )
        if body is not UNSET:
            field_dict["body"] = body
        if sender is not UNSET:
            field_dict["sender"] = sender
        if flow is not UNSET:
            field_dict["flow"] = flow
        if tag is not UNSET:
            field_dict["tag"] = tag
        if message_tag is not UNSET:
            field_dict["messageTag"] = message_tag
        if datetime_ is not UNSET:
            field_dict["datetime"] = datetime_
        if delivery_time is not UNSET:
            field_dict["delivery_time"] = delivery_time
        if callback is not UNSET:
            field_dict["callback"] = callback
        if payload is not UNSET:
            field_dict["payload"] = payload
        if params is not UNSET:
            field_dict["params"] = params

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.callback import Callback  # noqa: PLC0415
        from ..models.delivery_window import DeliveryWindow  # noqa: PLC0415
        from ..models.flow_step import FlowStep  # noqa: PLC0415
        from ..models.message_params import MessageParams  # noqa: PLC0415
        from ..models.payload import Payload  # noqa: PLC0415
        from ..models.recipient import Recipient  # noqa: PLC0415

        d = dict(src_dict)
        to = []
        _to = d.pop("to")
        for to_item_data in _to:
            to_item = Recipient.from_dict(to_item_data)

            to.append(to_item)

        body = d.pop("body", UNSET)

        sender = d.pop("sender", UNSET)

        _flow = d.pop("flow", UNSET)
        flow: list[FlowStep] | Unset = UNSET
        if _flow is not UNSET:
            flow = []
            for flow_item_data in _flow:
                flow_item = FlowStep.from_dict(flow_item_data)

                flow.append(flow_item)

        tag = d.pop("tag", UNSET)

        message_tag = d.pop("messageTag", UNSET)

        _datetime_ = d.pop("datetime", UNSET)
        datetime_: datetime.datetime | Unset
        if isinstance(_datetime_, Unset):
            datetime_ = UNSET
        else:
            datetime_ = datetime.datetime.fromisoformat(_datetime_)

        _delivery_time = d.pop("delivery_time", UNSET)
        delivery_time: DeliveryWindow | Unset
        if isinstance(_delivery_time, Unset):
            delivery_time = UNSET
        else:
            delivery_time = DeliveryWindow.from_dict(_delivery_time)

        def _parse_callback(data: object) -> Callback | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                callback_type_0 = Callback.from_dict(data)

                return callback_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Callback | str | Unset, data)

        callback = _parse_callback(d.pop("callback", UNSET))

        _payload = d.pop("payload", UNSET)
        payload: Payload | Unset
        if isinstance(_payload, Unset):
            payload = UNSET
        else:
            payload = Payload.from_dict(_payload)

        _params = d.pop("params", UNSET)
        params: MessageParams | Unset
        if isinstance(_params, Unset):
            params = UNSET
        else:
            params = MessageParams.from_dict(_params)

        refuse_unknown(cls, d)

        message = cls(
            to=to,
            body=body,
            sender=sender,
            flow=flow,
            tag=tag,
            message_tag=message_tag,
            datetime_=datetime_,
            delivery_time=delivery_time,
            callback=callback,
            payload=payload,
            params=params,
        )

        return message
