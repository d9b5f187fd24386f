"""Options as they are kept in the ledger; pure."""

from __future__ import annotations

from typing import Any

import attrs

from smsmanager.campaigns._contents import shared_fields
from smsmanager.campaigns.options import CampaignOptions, RunChanges

_OF_RUNS = tuple(RunChanges.__annotations__)


def stored(options: CampaignOptions) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return options as JSON values, and what every message has.

    Raises:
        ValidationError: If one would be refused in every message.
    """
    shared = shared_fields(options)
    runs = {name: getattr(options, name) for name in _OF_RUNS}
    if options.window is not None:
        runs["window"] = dict(options.window)
    return {"references": options.references, "shared": shared, **runs}, shared


def options_of(kept: dict[str, Any]) -> CampaignOptions:
    """Return the options of a run, as they were kept."""
    known = {field.name for field in attrs.fields(CampaignOptions)}
    return CampaignOptions(**{name: value for name, value in kept.items() if name in known})
