"""The commands: one file per command, each with a `command`.

To add one, write `<name>_command.py` and list it here. The list holds what `smsmanager --help` prints, so
that help loads no command.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

COMMANDS = {
    "send": ("send_command", "Send one text to one or more numbers."),
    "parts": ("parts_command", "Count the parts that a text is sent and billed as."),
    "preview": ("preview_command", "Look at what a file would send and cost."),
    "campaign": ("campaign", "Send to a file; stop, crash, and go on."),
    "sandbox": ("sandbox_command", "Run a local stand-in for the service."),
    "webhook": ("webhook_command", "Receive delivery reports and replies."),
    "doctor": ("doctor_command", "Check key, connection, clock and sender."),
}
"""Module and short help of each command, in the order in which help lists them."""


def load_command(name: str) -> click.Command:
    """Load a command by its name."""
    module = import_module(f"{__name__}.{COMMANDS[name][0]}")
    command: click.Command = module.command
    return command
