from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.message_answer import MessageAnswer
from ...models.rest_error import RestError
from ...types import UNSET, Response


def _get_kwargs(
    *,
    id: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["id"] = id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/message",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MessageAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = MessageAnswer.from_dict(response.json())

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
) -> Response[MessageAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    id: str,
) -> Response[MessageAnswer | RestError]:
    """Read the state of one message.

     An id that is unknown, or that belongs to another key, is answered with 200 and `message: null`. For
    a
    recipient of a batch the id has the suffix `-<index>`.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageAnswer | RestError]
    """

    kwargs = _get_kwargs(
        id=id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    id: str,
) -> MessageAnswer | RestError | None:
    """Read the state of one message.

     An id that is unknown, or that belongs to another key, is answered with 200 and `message: null`. For
    a
    recipient of a batch the id has the suffix `-<index>`.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageAnswer | RestError
    """

    return sync_detailed(
        client=client,
        id=id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    id: str,
) -> Response[MessageAnswer | RestError]:
    """Read the state of one message.

     An id that is unknown, or that belongs to another key, is answered with 200 and `message: null`. For
    a
    recipient of a batch the id has the suffix `-<index>`.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MessageAnswer | RestError]
    """

    kwargs = _get_kwargs(
        id=id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    id: str,
) -> MessageAnswer | RestError | None:
    """Read the state of one message.

     An id that is unknown, or that belongs to another key, is answered with 200 and `message: null`. For
    a
    recipient of a batch the id has the suffix `-<index>`.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MessageAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            id=id,
        )
    ).parsed
