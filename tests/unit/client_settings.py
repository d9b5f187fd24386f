"""The settings of a client, for tests of what is pure."""

from __future__ import annotations

from typing import Unpack

from smsmanager._config import ClientOptions, Settings


def settings_with(**options: Unpack[ClientOptions]) -> Settings:
    """Return settings with some options, whatever the environment holds."""
    return Settings(api_key="any-key", base_url="http://127.0.0.1/v2", **options)  # type: ignore[arg-type]
