"""Keep the module names under which earlier versions pickled messages and what belongs to them."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_ROOM = "smsmanager.sandbox"
_EARLIER = (
    "_faults",
    "_outcomes",
    "_received",
    "engine.clock",
    "engine.journey",
    "engine.rules",
    "engine.webhooks",
)
_NOW = (
    "_operations.faults",
    "engine.adjustable_clock",
    "engine.outcome_rules",
    "engine.records.journey",
    "engine.records.message_outcome",
    "engine.records.received_message",
    "engine.records.received_request",
    "engine.records.webhook_delivery",
)


class _EarlierModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        for module in _NOW:
            found = vars(importlib.import_module(f"{_ROOM}.{module}")).get(name)
            if isinstance(found, type):
                return found
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def keep() -> None:
    """Make the earlier names importable."""
    for name in _EARLIER:
        path = f"{_ROOM}.{name}"
        sys.modules.setdefault(path, _EarlierModule(path, "The earlier name of some modules."))
