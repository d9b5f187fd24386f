from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_addition import ListAddition
from ...models.list_addition_answer import ListAdditionAnswer
from ...models.rest_error import RestError
from ...types import Response


def _get_kwargs(
    *,
    body: ListAddition,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/optout",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListAdditionAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = ListAdditionAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ListAdditionAnswer.from_dict(response.json())

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
) -> Response[ListAdditionAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ListAddition,
) -> Response[ListAdditionAnswer | RestError]:
    """Add numbers to the opt-out list.

     They no longer get promotional messages; a message without a tag is promotional.
    The numbers are processed later. A Czech mobile number of nine digits gets the prefix 420.

    Args:
        body (ListAddition): Numbers to add.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListAdditionAnswer | RestError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ListAddition,
) -> ListAdditionAnswer | RestError | None:
    """Add numbers to the opt-out list.

     They no longer get promotional messages; a message without a tag is promotional.
    The numbers are processed later. A Czech mobile number of nine digits gets the prefix 420.

    Args:
        body (ListAddition): Numbers to add.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListAdditionAnswer | RestError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ListAddition,
) -> Response[ListAdditionAnswer | RestError]:
    """Add numbers to the opt-out list.

     They no longer get promotional messages; a message without a tag is promotional.
    The numbers are processed later. A Czech mobile number of nine digits gets the prefix 420.

    Args:
        body (ListAddition): Numbers to add.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListAdditionAnswer | RestError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ListAddition,
) -> ListAdditionAnswer | RestError | None:
    """Add numbers to the opt-out list.

     They no longer get promotional messages; a message without a tag is promotional.
    The numbers are processed later. A Czech mobile number of nine digits gets the prefix 420.

    Args:
        body (ListAddition): Numbers to add.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListAdditionAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
