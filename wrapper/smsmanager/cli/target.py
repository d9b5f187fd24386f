"""The target of requests: the API key, the base URL, the sandbox, and the question before a real send."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
import click

from smsmanager.cli import output
from smsmanager.cli.terminal_text import visible
from smsmanager.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.campaigns import Campaign
    from smsmanager.sandbox import Sandbox

KEY_VARIABLE = "SMSMANAGER_API_KEY"
SANDBOX = "sandbox"
"""The base URL that means a sandbox on this machine."""
SANDBOX_PORT = 8025
"""The port on which a running sandbox is expected."""
_SANDBOX_KEY = "sandbox"
_HEALTH_S = 2.0
_LONG_ENOUGH = timedelta(days=3660)
"""How far the clock of a rehearsal jumps, so that schedules and windows end too."""


@attrs.frozen
class Target:
    """Where requests go.

    Attributes:
        base_url: Root URL of the API.
        api_key: The key; not shown in the `repr`.
        is_local: Whether it is this machine, so that nothing can be sent for real.
        sandbox: The sandbox that was started for this command; None when it goes elsewhere.
    """

    base_url: str
    api_key: str = attrs.field(repr=False)
    is_local: bool
    sandbox: Sandbox | None = attrs.field(default=None, repr=False)

    def check(self) -> None:
        """Refuse a key, an address or an environment that cannot work, before anything is done.

        Raises:
            ConfigurationError: Names the variable that is wrong.
        """
        from smsmanager import SmsManager  # noqa: PLC0415 - slow to import

        SmsManager(self.api_key, base_url=self.base_url).close()

    def record_reports(self, campaign: Campaign) -> None:
        """Let a sandbox that stops with this command deliver everything, and record what it reports.

        Args:
            campaign: The campaign that was sent to it.
        """
        if self.sandbox is None:
            return
        from smsmanager.webhooks import parse_webhook  # noqa: PLC0415

        self.sandbox.advance(_LONG_ENOUGH)
        campaign.record(
            event for report in self.sandbox.reports for event in parse_webhook([report])
        )

    def confirm(self, question: str, *, yes: bool, verb: str = "Send") -> None:
        """Ask before a real send; a target on this machine needs no question.

        Args:
            question: What would be sent, with the count and the parts.
            yes: Whether the user said yes in advance.
            verb: What would be done.

        Raises:
            ConfigurationError: If the answer is no, or there is no terminal to ask at.
        """
        if yes or self.is_local:
            return
        ask(f"{question}, through {self.base_url}.", verb, "it", "Nothing was sent")


def ask(question: str, verb: str, them: str, otherwise: str) -> None:
    """Ask for a yes.

    Args:
        question: What would be done.
        verb: The same as a verb.
        them: What it would be done to, as a pronoun.
        otherwise: What happens without a yes.

    Raises:
        ConfigurationError: If the answer is no, or there is no terminal to ask at.
    """
    if not _at_terminal():
        raise ConfigurationError(
            f"{otherwise}: there is no terminal to ask for confirmation. {question} Pass --yes to "
            f"{verb.lower()} {them}."
        )
    if not click.confirm(visible(f"{question} {verb}?"), err=True):
        raise ConfigurationError(f"{otherwise}, as you chose.")


@contextlib.contextmanager
def open_target(base_url: str | None) -> Iterator[Target]:
    """Yield where requests go; a sandbox that was started for the command stops with it.

    Raises:
        ConfigurationError: If there is no key, and no terminal to ask for it.
    """
    from smsmanager._config import BASE_URL  # noqa: PLC0415 - loads httpx

    if base_url != SANDBOX:
        url = base_url or BASE_URL
        yield Target(url, _key(), is_local=_is_local(url))
        return
    found = _running_sandbox()
    if found is not None:
        output.note(f"Using the sandbox at {found}; nothing leaves this machine.")
        yield Target(found, _SANDBOX_KEY, is_local=True)
        return
    try:
        from smsmanager.sandbox import Sandbox  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise ConfigurationError(f"Nothing was sent. {error}") from error
    with Sandbox(seed=os.environ.get("SMSMANAGER_SANDBOX_SEED")) as sandbox:
        output.note("Started a sandbox for this command; nothing leaves this machine.")
        yield Target(sandbox.base_url, _SANDBOX_KEY, is_local=True, sandbox=sandbox)


def _key() -> str:
    key = os.environ.get(KEY_VARIABLE, "")
    if not key and _at_terminal():
        key = click.prompt("API key (not shown)", hide_input=True, err=True)
    if not key:
        msg = (
            f"There is no API key. Nothing was sent. Set {KEY_VARIABLE}, or try --base-url sandbox, which "
            "needs none."
        )
        raise ConfigurationError(msg)
    return key


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def is_rehearsal(base_url: str | None) -> bool:
    """Return whether requests go to a sandbox on this machine.

    Args:
        base_url: As given on the command line.
    """
    return base_url == SANDBOX or (base_url is not None and _is_local(base_url))


def _is_local(url: str) -> bool:
    from smsmanager._config import is_loopback  # noqa: PLC0415 - loads httpx

    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        # It is refused when it is used, with a text that says why.
        return False


def _running_sandbox() -> str | None:
    """Return the base URL of a sandbox that was started with `smsmanager sandbox --port 8025`."""
    import httpx  # noqa: PLC0415 - slow to import

    url = f"http://127.0.0.1:{SANDBOX_PORT}"
    try:
        # Directly, even if the environment names a proxy.
        with httpx.Client(trust_env=False, timeout=_HEALTH_S) as http:
            health = http.get(f"{url}/sandbox/health").json()
    except (httpx.HTTPError, ValueError):
        return None
    known = isinstance(health, dict) and health.get("status") == "ok" and "messages" in health
    return f"{url}/v2" if known else None
