"""The settings of a client, for tests of pure functions."""

from __future__ import annotations

from typing import Unpack

from smsmanager._config import ClientOptions, Settings


def settings_with(**options: Unpack[ClientOptions]) -> Settings:
    """Return settings with some options, independent of the environment."""
    return Settings(api_key="any-key", base_url="http://127.0.0.1/v2", **options)
