"""Send to a list of any length, stop, crash, go on, and end with an exact account of every row.

A campaign is a ledger: every row and what is known of it, in a SQLite file beside the input or in PostgreSQL.
A row is noted as *in flight*, durably, before its request leaves. What was in flight when a process died is
*unknown* from then on, and is sent again only when the caller asks for it.

Needs `smsmanager[campaigns]`.

| module | job |
| --- | --- |
| `campaign` | `Campaign`: make, open, run, record, report |
| `rows`, `states`, `options`, `updates`, `errors` | what goes in, what comes out |
| `_plan`, `_steps` | what a run does in which order, as a generator; pure |
| `_drive` | the blocking and the awaiting driver of a plan; the only places that wait |
| `_grouping`, `_contents`, `_pace` | which rows share a request, what a message holds, when it may go; pure |
| `_outcomes`, `_transitions` | what an answer makes of rows; pure |
| `_database`, `_tables`, `_bulk` | where a ledger lives, the lock, the tables |
| `ledger`, `_session`, `_recording` | making and reading it, what a run writes, what reports write |
| `_stored`, `_delivery`, `_last`, `_countries` | options as they are kept, reports of a row, countries |
| `report` | figures, charts, page, table |
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.campaigns._database import fingerprint_of, ledger_beside
    from smsmanager.campaigns.campaign import Campaign, CampaignStatus
    from smsmanager.campaigns.errors import (
        CampaignError,
        CampaignExistsError,
        CampaignLockedError,
        CampaignNotFoundError,
        LedgerError,
    )
    from smsmanager.campaigns.options import CampaignOptions
    from smsmanager.campaigns.preview import Preview, PreviewBuilder, RefusedReport
    from smsmanager.campaigns.prices import PriceTable
    from smsmanager.campaigns.recipients import Recipients, open_recipients, read_opt_outs
    from smsmanager.campaigns.refusals import InputError, Refusal, RefusedInput
    from smsmanager.campaigns.report.figures import Cost, Failure, Interval, Reason, Report
    from smsmanager.campaigns.rows import Delivery, LedgerRow, RefusedRow, Row
    from smsmanager.campaigns.selection import Selection
    from smsmanager.campaigns.states import RowState
    from smsmanager.campaigns.templates import Texts
    from smsmanager.campaigns.updates import Phase, Update

_LATER = {
    "Campaign": "campaign",
    "CampaignError": "errors",
    "CampaignExistsError": "errors",
    "CampaignLockedError": "errors",
    "CampaignNotFoundError": "errors",
    "CampaignOptions": "options",
    "CampaignStatus": "campaign",
    "Cost": "report.figures",
    "Delivery": "rows",
    "Failure": "report.figures",
    "InputError": "refusals",
    "Interval": "report.figures",
    "LedgerError": "errors",
    "LedgerRow": "rows",
    "Phase": "updates",
    "Preview": "preview",
    "PreviewBuilder": "preview",
    "PriceTable": "prices",
    "Reason": "report.figures",
    "Recipients": "recipients",
    "Refusal": "refusals",
    "RefusedInput": "refusals",
    "RefusedReport": "preview",
    "RefusedRow": "rows",
    "Report": "report.figures",
    "Row": "rows",
    "RowState": "states",
    "Selection": "selection",
    "Texts": "templates",
    "Update": "updates",
    "fingerprint_of": "_database",
    "ledger_beside": "_database",
    "open_recipients": "recipients",
    "read_opt_outs": "recipients",
}

__all__ = [
    "Campaign",
    "CampaignError",
    "CampaignExistsError",
    "CampaignLockedError",
    "CampaignNotFoundError",
    "CampaignOptions",
    "CampaignStatus",
    "Cost",
    "Delivery",
    "Failure",
    "InputError",
    "Interval",
    "LedgerError",
    "LedgerRow",
    "Phase",
    "Preview",
    "PreviewBuilder",
    "PriceTable",
    "Reason",
    "Recipients",
    "Refusal",
    "RefusedInput",
    "RefusedReport",
    "RefusedRow",
    "Report",
    "Row",
    "RowState",
    "Selection",
    "Texts",
    "Update",
    "fingerprint_of",
    "ledger_beside",
    "open_recipients",
    "read_opt_outs",
]

_PACKAGES_OF_THE_EXTRA = frozenset(
    {"jinja2", "phonenumbers", "psycopg", "python_calamine", "sqlalchemy"}
)


def __getattr__(name: str) -> object:
    """Load a name when it is first used, so that nobody pays for what they do not use."""
    if name not in _LATER:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        msg = "Campaigns need further packages: install smsmanager[campaigns]."
        raise ImportError(msg, name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
