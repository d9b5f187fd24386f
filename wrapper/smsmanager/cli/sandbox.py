"""`smsmanager sandbox`: run the stand-in of the service."""

from __future__ import annotations

import click


@click.command(
    "sandbox",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Run a local stand-in of the service."""
    # Its options are its own, so that they are described in one place.
    from smsmanager.sandbox._command import main  # noqa: PLC0415 - an extra

    context.exit(main(list(arguments)))
