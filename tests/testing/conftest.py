"""The fixtures of the plugin, which pytest does not load as a plugin here: see `addopts`."""

from smsmanager.testing.pytest_plugin import (
    async_smsmanager_client,
    smsmanager_client,
    smsmanager_sandbox,
    smsmanager_sandbox_options,
    smsmanager_sandbox_server,
)

__all__ = [
    "async_smsmanager_client",
    "smsmanager_client",
    "smsmanager_sandbox",
    "smsmanager_sandbox_options",
    "smsmanager_sandbox_server",
]
