from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.day_totals_answer import DayTotalsAnswer
from ...models.rest_error import RestError
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    dates: str,
    tag: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["dates"] = dates

    params["tag"] = tag

    params["subid"] = subid

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/requests",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DayTotalsAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = DayTotalsAnswer.from_dict(response.json())

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
) -> Response[DayTotalsAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    dates: str,
    tag: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> Response[DayTotalsAnswer | RestError]:
    """Read the totals of days, by tag.

     Days without data are left out.

    Args:
        dates (str):
        tag (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DayTotalsAnswer | RestError]
    """

    kwargs = _get_kwargs(
        dates=dates,
        tag=tag,
        subid=subid,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    dates: str,
    tag: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> DayTotalsAnswer | RestError | None:
    """Read the totals of days, by tag.

     Days without data are left out.

    Args:
        dates (str):
        tag (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DayTotalsAnswer | RestError
    """

    return sync_detailed(
        client=client,
        dates=dates,
        tag=tag,
        subid=subid,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    dates: str,
    tag: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> Response[DayTotalsAnswer | RestError]:
    """Read the totals of days, by tag.

     Days without data are left out.

    Args:
        dates (str):
        tag (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DayTotalsAnswer | RestError]
    """

    kwargs = _get_kwargs(
        dates=dates,
        tag=tag,
        subid=subid,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    dates: str,
    tag: str | Unset = UNSET,
    subid: str | Unset = UNSET,
) -> DayTotalsAnswer | RestError | None:
    """Read the totals of days, by tag.

     Days without data are left out.

    Args:
        dates (str):
        tag (str | Unset):
        subid (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DayTotalsAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            dates=dates,
            tag=tag,
            subid=subid,
        )
    ).parsed
