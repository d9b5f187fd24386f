from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_download_answer import ListDownloadAnswer
from ...models.rest_error import RestError
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    subid: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["subid"] = subid

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/optout",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListDownloadAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = ListDownloadAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = RestError.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = RestError.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = RestError.from_dict(response.json())

        return response_404

    if response.status_code == 500:
        response_500 = RestError.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ListDownloadAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    subid: str | Unset = UNSET,
) -> Response[ListDownloadAnswer | RestError]:
    """Get the address of a download of the opt-out list.

     The address needs no key, is valid for 60 seconds, and is itself a secret. The layout of the CSV
    file
    is not documented. An empty list is answered with 404 and `success: true`.

    Args:
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListDownloadAnswer | RestError]
    """

    kwargs = _get_kwargs(
        subid=subid,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    subid: str | Unset = UNSET,
) -> ListDownloadAnswer | RestError | None:
    """Get the address of a download of the opt-out list.

     The address needs no key, is valid for 60 seconds, and is itself a secret. The layout of the CSV
    file
    is not documented. An empty list is answered with 404 and `success: true`.

    Args:
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListDownloadAnswer | RestError
    """

    return sync_detailed(
        client=client,
        subid=subid,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    subid: str | Unset = UNSET,
) -> Response[ListDownloadAnswer | RestError]:
    """Get the address of a download of the opt-out list.

     The address needs no key, is valid for 60 seconds, and is itself a secret. The layout of the CSV
    file
    is not documented. An empty list is answered with 404 and `success: true`.

    Args:
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListDownloadAnswer | RestError]
    """

    kwargs = _get_kwargs(
        subid=subid,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    subid: str | Unset = UNSET,
) -> ListDownloadAnswer | RestError | None:
    """Get the address of a download of the opt-out list.

     The address needs no key, is valid for 60 seconds, and is itself a secret. The layout of the CSV
    file
    is not documented. An empty list is answered with 404 and `success: true`.

    Args:
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListDownloadAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            subid=subid,
        )
    ).parsed
