import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.message_rows_answer import MessageRowsAnswer
from ...models.rest_error import RestError
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    date: datetime.date,
    tag: str | Unset = UNSET,
    phone_number: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_date = date.isoformat()
    params["date"] = json_date

    params["tag"] = tag

    params["phone_number"] = phone_number

    params["cursor"] = cursor

    params["subid"] = subid

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/messages",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MessageRowsAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = MessageRowsAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = RestError.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = RestError.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = RestError.from_dict(response.json())

        return response_403

    if response.status_code == 500:
        response_500 = RestError.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[MessageRowsAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    date: datetime.date,
    tag: str | Unset = UNSET,
    phone_number: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> Response[MessageRowsAnswer | RestError]:
    """List the messages of one day, page by page.

     One row per recipient. Whether messages that were rejected in processing, or are scheduled and not
    yet
    due, are listed is not documented; nor is the size of a page.

    Args:
        date (datetime.date):
        tag (str | Unset):
        phone_number (str | Unset):
        cursor (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageRowsAnswer | RestError]
    """

    kwargs = _get_kwargs(
        date=date,
        tag=tag,
        phone_number=phone_number,
        cursor=cursor,
        subid=subid,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    date: datetime.date,
    tag: str | Unset = UNSET,
    phone_number: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> MessageRowsAnswer | RestError | None:
    """List the messages of one day, page by page.

     One row per recipient. Whether messages that were rejected in processing, or are scheduled and not
    yet
    due, are listed is not documented; nor is the size of a page.

    Args:
        date (datetime.date):
        tag (str | Unset):
        phone_number (str | Unset):
        cursor (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageRowsAnswer | RestError
    """

    return sync_detailed(
        client=client,
        date=date,
        tag=tag,
        phone_number=phone_number,
        cursor=cursor,
        subid=subid,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    date: datetime.date,
    tag: str | Unset = UNSET,
    phone_number: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> Response[MessageRowsAnswer | RestError]:
    """List the messages of one day, page by page.

     One row per recipient. Whether messages that were rejected in processing, or are scheduled and not
    yet
    due, are listed is not documented; nor is the size of a page.

    Args:
        date (datetime.date):
        tag (str | Unset):
        phone_number (str | Unset):
        cursor (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageRowsAnswer | RestError]
    """

    kwargs = _get_kwargs(
        date=date,
        tag=tag,
        phone_number=phone_number,
        cursor=cursor,
        subid=subid,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    date: datetime.date,
    tag: str | Unset = UNSET,
    phone_number: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> MessageRowsAnswer | RestError | None:
    """List the messages of one day, page by page.

     One row per recipient. Whether messages that were rejected in processing, or are scheduled and not
    yet
    due, are listed is not documented; nor is the size of a page.

    Args:
        date (datetime.date):
        tag (str | Unset):
        phone_number (str | Unset):
        cursor (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageRowsAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            date=date,
            tag=tag,
            phone_number=phone_number,
            cursor=cursor,
            subid=subid,
        )
    ).parsed
