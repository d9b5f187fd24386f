from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.callback_content_type import CallbackContentType, check_callback_content_type
from ..models.callback_method import CallbackMethod, check_callback_method
from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.callback_headers import CallbackHeaders
    from ..models.open_object import OpenObject


T = TypeVar("T", bound="Callback")


@_attrs_define
class Callback(metaclass=ModelType):
    """Extended settings of the webhook for one message. Further settings are allowed.

    Attributes:
        url: The `http` or `https` URL to post to. At least 8 characters, at most 2048 characters.
        method: HTTP method of a webhook. One of `POST`, `PUT`, `PATCH`, `GET`.
        content_type: Media type of a webhook's body; JSON if unset. One of `application/json`,
            `application/x-www-form-urlencoded`.
        headers: Up to 20 additional headers of a webhook.
        item: Template of one event, an object or an array.
        body: Template of the whole body, an object or an array.
        batch_size: Maximum number of events in one request. At least 1, at most 500.
        timeout_ms: Maximum wait for the receiver's answer, in milliseconds. At least 1000, at most
            10000.
    """

    url: str
    """ The `http` or `https` URL to post to. At least 8 characters, at most 2048 characters. """
    method: CallbackMethod | Unset = UNSET
    """ HTTP method of a webhook. One of `POST`, `PUT`, `PATCH`, `GET`. """
    content_type: CallbackContentType | Unset = UNSET
    """ Media type of a webhook's body; JSON if unset. One of `application/json`, `application/x-www-form-
    urlencoded`. """
    headers: CallbackHeaders | Unset = UNSET
    """ Up to 20 additional headers of a webhook. """
    item: list[OpenObject] | OpenObject | Unset = UNSET
    """ Template of one event, an object or an array. """
    body: list[OpenObject] | OpenObject | Unset = UNSET
    """ Template of the whole body, an object or an array. """
    batch_size: int | Unset = UNSET
    """ Maximum number of events in one request. At least 1, at most 500. """
    timeout_ms: int | Unset = UNSET
    """ Maximum wait for the receiver's answer, in milliseconds. At least 1000, at most 10000. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.open_object import OpenObject  # noqa: PLC0415

        url = self.url

        method: str | Unset = UNSET
        if not isinstance(self.method, Unset):
            method = self.method

        content_type: str | Unset = UNSET
        if not isinstance(self.content_type, Unset):
            content_type = self.content_type

        headers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.headers, Unset):
            headers = self.headers.to_dict()

        item: dict[str, Any] | list[dict[str, Any]] | Unset
        if isinstance(self.item, Unset):
            item = UNSET
        elif isinstance(self.item, OpenObject):
            item = self.item.to_dict()
        else:
            item = []
            for item_type_1_item_data in self.item:
                item_type_1_item = item_type_1_item_data.to_dict()
                item.append(item_type_1_item)

        body: dict[str, Any] | list[dict[str, Any]] | Unset
        if isinstance(self.body, Unset):
            body = UNSET
        elif isinstance(self.body, OpenObject):
            body = self.body.to_dict()
        else:
            body = []
            for body_type_1_item_data in self.body:
                body_type_1_item = body_type_1_item_data.to_dict()
                body.append(body_type_1_item)

        batch_size = self.batch_size

        timeout_ms = self.timeout_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
            }
        )
        if method is not UNSET:
            field_dict["method"] = method
        if content_type is not UNSET:
            field_dict["content_type"] = content_type
        if headers is not UNSET:
            field_dict["headers"] = headers
        if item is not UNSET:
            field_dict["item"] = item
        if body is not UNSET:
            field_dict["body"] = body
        if batch_size is not UNSET:
            field_dict["batch_size"] = batch_size
        if timeout_ms is not UNSET:
            field_dict["timeout_ms"] = timeout_ms

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.callback_headers import CallbackHeaders  # noqa: PLC0415
        from ..models.open_object import OpenObject  # noqa: PLC0415

        d = dict(src_dict)
        url = d.pop("url")

        _method = d.pop("method", UNSET)
        method: CallbackMethod | Unset
        if isinstance(_method, Unset):
            method = UNSET
        else:
            method = check_callback_method(_method)

        _content_type = d.pop("content_type", UNSET)
        content_type: CallbackContentType | Unset
        if isinstance(_content_type, Unset):
            content_type = UNSET
        else:
            content_type = check_callback_content_type(_content_type)

        _headers = d.pop("headers", UNSET)
        headers: CallbackHeaders | Unset
        if isinstance(_headers, Unset):
            headers = UNSET
        else:
            headers = CallbackHeaders.from_dict(_headers)

        def _parse_item(data: object) -> list[OpenObject] | OpenObject | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                item_type_0 = OpenObject.from_dict(data)

                return item_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            item_type_1 = []
            _item_type_1 = data
            for item_type_1_item_data in _item_type_1:
                item_type_1_item = OpenObject.from_dict(item_type_1_item_data)

                item_type_1.append(item_type_1_item)

            return item_type_1

        item = _parse_item(d.pop("item", UNSET))

        def _parse_body(data: object) -> list[OpenObject] | OpenObject | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                body_type_0 = OpenObject.from_dict(data)

                return body_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            body_type_1 = []
            _body_type_1 = data
            for body_type_1_item_data in _body_type_1:
                body_type_1_item = OpenObject.from_dict(body_type_1_item_data)

                body_type_1.append(body_type_1_item)

            return body_type_1

        body = _parse_body(d.pop("body", UNSET))

        batch_size = d.pop("batch_size", UNSET)

        timeout_ms = d.pop("timeout_ms", UNSET)

        callback = cls(
            url=url,
            method=method,
            content_type=content_type,
            headers=headers,
            item=item,
            body=body,
            batch_size=batch_size,
            timeout_ms=timeout_ms,
        )

        callback.additional_properties = d
        return callback

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
