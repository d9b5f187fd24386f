"""Lost answers: how to ask about the messages of a `send`, and what the findings mean."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.cli.target import Target
    from smsmanager.results import SendResult

FINDINGS = {
    "not_found": "the service lists no matching message",
    "several": "more than one message matches, or the match may belong to another send",
    "doubtful": "one message matches, but not in every respect",
}
"""What each finding means; see `smsmanager.asking.Evidence`."""


def how_to_ask(result: SendResult | None, target: Target) -> str:
    """Return how to ask about the open recipients of a `send`; empty if none is open.

    It names neither numbers nor the text: the reader has the command that was run.
    """
    if result is None or result.called is None or not (result.unknown or result.unconfirmed):
        return ""
    if target.sandbox is not None:
        return "The outcome cannot be asked for: this command's sandbox is gone. 'smsmanager sandbox' stays."
    begin, end = math.floor(result.called[0]), math.ceil(result.called[1])
    return (
        "To ask for the outcome without sending, run the same command with 'settle' in place of 'send', and "
        f"--between {_moment(begin)} {_moment(end)}"
    )


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
