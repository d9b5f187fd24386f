from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.prices_answer import PricesAnswer
from ...models.rest_error import RestError
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/credit/prices",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PricesAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = PricesAnswer.from_dict(response.json())

        return response_200

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
) -> Response[PricesAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[PricesAnswer | RestError]:
    """Read the prices of the account.

     By channel (`sms`, `smsdirect`, `smscustom`, `viber`) and calling code. Whether a price is per part,
    with VAT, or discounted is not documented. There are none for the lowcost route, WhatsApp and RCS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PricesAnswer | RestError]
    """

    kwargs = _get_kwargs()

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
) -> PricesAnswer | RestError | None:
    """Read the prices of the account.

     By channel (`sms`, `smsdirect`, `smscustom`, `viber`) and calling code. Whether a price is per part,
    with VAT, or discounted is not documented. There are none for the lowcost route, WhatsApp and RCS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PricesAnswer | RestError
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[PricesAnswer | RestError]:
    """Read the prices of the account.

     By channel (`sms`, `smsdirect`, `smscustom`, `viber`) and calling code. Whether a price is per part,
    with VAT, or discounted is not documented. There are none for the lowcost route, WhatsApp and RCS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PricesAnswer | RestError]
    """

    kwargs = _get_kwargs()

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
) -> PricesAnswer | RestError | None:
    """Read the prices of the account.

     By channel (`sms`, `smsdirect`, `smscustom`, `viber`) and calling code. Whether a price is per part,
    with VAT, or discounted is not documented. There are none for the lowcost route, WhatsApp and RCS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PricesAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
