from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.check_answer import CheckAnswer
from ...models.message_to_check import MessageToCheck
from ...models.rest_error import RestError
from ...types import Response


def _get_kwargs(
    *,
    body: list[MessageToCheck] | MessageToCheck,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/messaging/validate",
    }

    if isinstance(body, MessageToCheck):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = []
        for componentsschemas_messages_to_check_type_1_item_data in body:
            componentsschemas_messages_to_check_type_1_item = (
                componentsschemas_messages_to_check_type_1_item_data.to_dict()
            )
            _kwargs["json"].append(componentsschemas_messages_to_check_type_1_item)

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CheckAnswer | RestError | None:
    if response.status_code == 200:
        response_200 = CheckAnswer.from_dict(response.json())

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
) -> Response[CheckAnswer | RestError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: list[MessageToCheck] | MessageToCheck,
) -> Response[CheckAnswer | RestError]:
    """Check messages without sending them.

     Checks names and types of fields, flow steps and the format of numbers; not credit, senders, opt-
    outs or
    whether a message can be delivered. Costs nothing. The answer is 200 even if there are problems.
    Only one of
    the service's pages describes it, so a 404 means that it is not offered. The path of a field inside
    an
    array of messages is not documented.

    Args:
        body (list[MessageToCheck] | MessageToCheck): One message, or 1 to 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckAnswer | RestError]
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
    body: list[MessageToCheck] | MessageToCheck,
) -> CheckAnswer | RestError | None:
    """Check messages without sending them.

     Checks names and types of fields, flow steps and the format of numbers; not credit, senders, opt-
    outs or
    whether a message can be delivered. Costs nothing. The answer is 200 even if there are problems.
    Only one of
    the service's pages describes it, so a 404 means that it is not offered. The path of a field inside
    an
    array of messages is not documented.

    Args:
        body (list[MessageToCheck] | MessageToCheck): One message, or 1 to 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckAnswer | RestError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: list[MessageToCheck] | MessageToCheck,
) -> Response[CheckAnswer | RestError]:
    """Check messages without sending them.

     Checks names and types of fields, flow steps and the format of numbers; not credit, senders, opt-
    outs or
    whether a message can be delivered. Costs nothing. The answer is 200 even if there are problems.
    Only one of
    the service's pages describes it, so a 404 means that it is not offered. The path of a field inside
    an
    array of messages is not documented.

    Args:
        body (list[MessageToCheck] | MessageToCheck): One message, or 1 to 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckAnswer | RestError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: list[MessageToCheck] | MessageToCheck,
) -> CheckAnswer | RestError | None:
    """Check messages without sending them.

     Checks names and types of fields, flow steps and the format of numbers; not credit, senders, opt-
    outs or
    whether a message can be delivered. Costs nothing. The answer is 200 even if there are problems.
    Only one of
    the service's pages describes it, so a 404 means that it is not offered. The path of a field inside
    an
    array of messages is not documented.

    Args:
        body (list[MessageToCheck] | MessageToCheck): One message, or 1 to 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckAnswer | RestError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
