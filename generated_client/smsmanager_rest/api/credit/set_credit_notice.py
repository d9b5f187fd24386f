from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.credit_notice_settings import CreditNoticeSettings
from ...models.done_answer import DoneAnswer
from ...models.rest_error import RestError
from ...types import Response


def _get_kwargs(
    *,
    body: CreditNoticeSettings,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/credit/notify",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DoneAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = DoneAnswer.from_dict(response.json())

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
) -> Response[DoneAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: CreditNoticeSettings,
) -> Response[DoneAnswer | RestError]:
    """Set when an e-mail warns of low credit.

     The field is called `enable` here and `enabled` in the answer to the GET.

    Args:
        body (CreditNoticeSettings): Settings of the e-mail that warns of low credit.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DoneAnswer | RestError]
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
    body: CreditNoticeSettings,
) -> DoneAnswer | RestError | None:
    """Set when an e-mail warns of low credit.

     The field is called `enable` here and `enabled` in the answer to the GET.

    Args:
        body (CreditNoticeSettings): Settings of the e-mail that warns of low credit.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DoneAnswer | RestError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: CreditNoticeSettings,
) -> Response[DoneAnswer | RestError]:
    """Set when an e-mail warns of low credit.

     The field is called `enable` here and `enabled` in the answer to the GET.

    Args:
        body (CreditNoticeSettings): Settings of the e-mail that warns of low credit.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DoneAnswer | RestError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: CreditNoticeSettings,
) -> DoneAnswer | RestError | None:
    """Set when an e-mail warns of low credit.

     The field is called `enable` here and `enabled` in the answer to the GET.

    Args:
        body (CreditNoticeSettings): Settings of the e-mail that warns of low credit.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DoneAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
