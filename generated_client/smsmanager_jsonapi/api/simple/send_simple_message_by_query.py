import datetime
from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.simple_send_response import SimpleSendResponse
from ...models.sms_gateway import SmsGateway
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    apikey: str,
    phone_number: str,
    message: str,
    sender: str,
    gateway: SmsGateway | Unset = UNSET,
    datetime_: datetime.datetime | Unset = UNSET,
    custom_id: str | Unset = UNSET,
    number: str | Unset = UNSET,
    body: str | Unset = UNSET,
    time: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["apikey"] = apikey

    params["phone_number"] = phone_number

    params["message"] = message

    params["sender"] = sender

    json_gateway: str | Unset = UNSET
    if not isinstance(gateway, Unset):
        json_gateway = gateway

    params["gateway"] = json_gateway

    json_datetime_: str | Unset = UNSET
    if not isinstance(datetime_, Unset):
        json_datetime_ = datetime_.isoformat()
    params["datetime"] = json_datetime_

    params["customID"] = custom_id

    params["number"] = number

    params["body"] = body

    json_time: str | Unset = UNSET
    if not isinstance(time, Unset):
        json_time = time.isoformat()
    params["time"] = json_time

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/simple/message",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | ErrorResponse | SimpleSendResponse | None:
    if response.status_code == 200:
        response_200 = SimpleSendResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = cast(Any, None)
        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ErrorResponse.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = ErrorResponse.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | ErrorResponse | SimpleSendResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    apikey: str,
    phone_number: str,
    message: str,
    sender: str,
    gateway: SmsGateway | Unset = UNSET,
    datetime_: datetime.datetime | Unset = UNSET,
    custom_id: str | Unset = UNSET,
    number: str | Unset = UNSET,
    body: str | Unset = UNSET,
    time: datetime.datetime | Unset = UNSET,
) -> Response[Any | ErrorResponse | SimpleSendResponse]:
    """Send one plain text by query string.

     The key, the number and the text are in the URL, where proxies and access logs keep them. Prefer
    `POST /simple/message`. The server also accepts `number` for `phone_number`, `body` for `message`
    and `time` for `datetime`.

    Args:
        apikey (str):
        phone_number (str):
        message (str):
        sender (str):
        gateway (SmsGateway | Unset): How to route an SMS. If unset, the service chooses by
            sender: `direct` for a virtual number, otherwise `high`. A value that is set always wins.
            `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of `high`, `lowcost`,
            `direct`, `custom`, `simhost`, `gsm`, `test`.
        datetime_ (datetime.datetime | Unset):
        custom_id (str | Unset):
        number (str | Unset):
        body (str | Unset):
        time (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorResponse | SimpleSendResponse]
    """

    kwargs = _get_kwargs(
        apikey=apikey,
        phone_number=phone_number,
        message=message,
        sender=sender,
        gateway=gateway,
        datetime_=datetime_,
        custom_id=custom_id,
        number=number,
        body=body,
        time=time,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    apikey: str,
    phone_number: str,
    message: str,
    sender: str,
    gateway: SmsGateway | Unset = UNSET,
    datetime_: datetime.datetime | Unset = UNSET,
    custom_id: str | Unset = UNSET,
    number: str | Unset = UNSET,
    body: str | Unset = UNSET,
    time: datetime.datetime | Unset = UNSET,
) -> Any | ErrorResponse | SimpleSendResponse | None:
    """Send one plain text by query string.

     The key, the number and the text are in the URL, where proxies and access logs keep them. Prefer
    `POST /simple/message`. The server also accepts `number` for `phone_number`, `body` for `message`
    and `time` for `datetime`.

    Args:
        apikey (str):
        phone_number (str):
        message (str):
        sender (str):
        gateway (SmsGateway | Unset): How to route an SMS. If unset, the service chooses by
            sender: `direct` for a virtual number, otherwise `high`. A value that is set always wins.
            `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of `high`, `lowcost`,
            `direct`, `custom`, `simhost`, `gsm`, `test`.
        datetime_ (datetime.datetime | Unset):
        custom_id (str | Unset):
        number (str | Unset):
        body (str | Unset):
        time (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorResponse | SimpleSendResponse
    """

    return sync_detailed(
        client=client,
        apikey=apikey,
        phone_number=phone_number,
        message=message,
        sender=sender,
        gateway=gateway,
        datetime_=datetime_,
        custom_id=custom_id,
        number=number,
        body=body,
        time=time,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    apikey: str,
    phone_number: str,
    message: str,
    sender: str,
    gateway: SmsGateway | Unset = UNSET,
    datetime_: datetime.datetime | Unset = UNSET,
    custom_id: str | Unset = UNSET,
    number: str | Unset = UNSET,
    body: str | Unset = UNSET,
    time: datetime.datetime | Unset = UNSET,
) -> Response[Any | ErrorResponse | SimpleSendResponse]:
    """Send one plain text by query string.

     The key, the number and the text are in the URL, where proxies and access logs keep them. Prefer
    `POST /simple/message`. The server also accepts `number` for `phone_number`, `body` for `message`
    and `time` for `datetime`.

    Args:
        apikey (str):
        phone_number (str):
        message (str):
        sender (str):
        gateway (SmsGateway | Unset): How to route an SMS. If unset, the service chooses by
            sender: `direct` for a virtual number, otherwise `high`. A value that is set always wins.
            `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of `high`, `lowcost`,
            `direct`, `custom`, `simhost`, `gsm`, `test`.
        datetime_ (datetime.datetime | Unset):
        custom_id (str | Unset):
        number (str | Unset):
        body (str | Unset):
        time (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorResponse | SimpleSendResponse]
    """

    kwargs = _get_kwargs(
        apikey=apikey,
        phone_number=phone_number,
        message=message,
        sender=sender,
        gateway=gateway,
        datetime_=datetime_,
        custom_id=custom_id,
        number=number,
        body=body,
        time=time,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    apikey: str,
    phone_number: str,
    message: str,
    sender: str,
    gateway: SmsGateway | Unset = UNSET,
    datetime_: datetime.datetime | Unset = UNSET,
    custom_id: str | Unset = UNSET,
    number: str | Unset = UNSET,
    body: str | Unset = UNSET,
    time: datetime.datetime | Unset = UNSET,
) -> Any | ErrorResponse | SimpleSendResponse | None:
    """Send one plain text by query string.

     The key, the number and the text are in the URL, where proxies and access logs keep them. Prefer
    `POST /simple/message`. The server also accepts `number` for `phone_number`, `body` for `message`
    and `time` for `datetime`.

    Args:
        apikey (str):
        phone_number (str):
        message (str):
        sender (str):
        gateway (SmsGateway | Unset): How to route an SMS. If unset, the service chooses by
            sender: `direct` for a virtual number, otherwise `high`. A value that is set always wins.
            `test` delivers nothing, costs 0.01 CZK and sends real webhooks. One of `high`, `lowcost`,
            `direct`, `custom`, `simhost`, `gsm`, `test`.
        datetime_ (datetime.datetime | Unset):
        custom_id (str | Unset):
        number (str | Unset):
        body (str | Unset):
        time (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorResponse | SimpleSendResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            apikey=apikey,
            phone_number=phone_number,
            message=message,
            sender=sender,
            gateway=gateway,
            datetime_=datetime_,
            custom_id=custom_id,
            number=number,
            body=body,
            time=time,
        )
    ).parsed
