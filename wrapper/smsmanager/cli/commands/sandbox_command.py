"""`smsmanager sandbox`: run a local stand-in for the service."""

from __future__ import annotations

import click


@click.command(
    "sandbox",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Run a local stand-in for the service."""
    # It parses its own options, so that they are described in one place.
    from smsmanager.sandbox._command import main  # noqa: PLC0415 - an extra

    return main(list(arguments))
