"""`smsmanager sandbox`: run a local stand-in for the service."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import click

from smsmanager.sandbox import _command

_EPILOG = """\b
Examples:
  smsmanager sandbox --port 8025
  smsmanager sandbox --port 8025 --demo
  smsmanager sandbox --data sandbox.sqlite3 --rules spec

With --port 8025 other commands find it with --base-url sandbox. Its page in a
browser shows each message as a phone would. Ctrl-C stops it.

\b
Exit codes: 0 stopped by Ctrl-C or a signal like it, 2 usage, or it could not
be started.
"""


class _Options:
    """Turns the options that the sandbox describes into options of this command line."""

    def __init__(self) -> None:
        self.made: list[click.Option] = []

    def add_argument(self, *names: str, **facts: Any) -> None:
        """Add an option, as `argparse` takes it."""
        text = facts["help"] % {"default": facts.get("default")}
        settings: dict[str, Any] = {"help": f"{text[0].upper()}{text[1:]}."}
        action = facts.get("action")
        if action == "store_true":
            settings["is_flag"] = True
        else:
            choices = facts.get("choices")
            settings |= {
                "type": click.Choice(choices) if choices else facts.get("type", str),
                "default": facts.get("default"),
                "multiple": action == "append",
                "metavar": facts.get("metavar")
                or (None if choices else names[0].strip("-").upper()),
            }
        self.made.append(click.Option(names, **settings))


def _run(**given: Any) -> int:
    lists = {name: list(value) for name, value in given.items() if isinstance(value, tuple)}
    # As in argparse: None for a list without a default that was not given.
    empty = {name: None for name, value in lists.items() if not value and name not in _WITH_LISTS}
    return _command.run(Namespace(**{**given, **lists, **empty}))


_options = _Options()
_command.add_arguments(_options)
_WITH_LISTS = {option.name for option in _options.made if option.default == []}
command = click.Command(
    "sandbox",
    params=list(_options.made),
    callback=_run,
    help="Run a local stand-in for the service. Nothing is sent anywhere.",
    epilog=_EPILOG,
)
