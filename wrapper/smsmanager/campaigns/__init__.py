"""Send to a list of any length, survive a stop or crash, resume, and account exactly for every row.

A campaign is a ledger of every row and its state, in a SQLite file beside the input or in PostgreSQL. A row
is durably recorded as *in flight* before its request leaves. A row that was in flight when its process died
is *unknown*, and is sent again only if the caller asks for it.

Needs `smsmanager[campaigns]`.

| place | job |
| --- | --- |
| `campaign` | `Campaign`: create, open, run, record, report |
| `account_checks` | prices and credit of the account, before a campaign |
| `campaign_questions`, `settlement` | `Campaign.settle` and `Campaign.cancel`; their results |
| `permits`, `campaign_workers` | many workers: `work` and `tend`; starting, pausing, stopping |
| `campaign_names` | the campaigns of a ledger that workers send |
| `campaign_status` | the state of a campaign, and the service it sends to |
| `_additions` | the new rows of an input that has grown |
| `rows`, `campaign_errors` | rows, their states and refusals; errors |
| `_input/` | files into rows: tables, numbers, texts, columns, opt-outs, the preview |
| `_ledger/` | where rows are kept: `schema` has the SQL tables |
| `_asking/` | asking the service: plans and their drivers |
| `_run/` | sending the remaining rows: options, the plan, its pace, the drivers |
| `report/` | figures, charts, page, CSV |

`_input` and `_ledger` do not know each other, `_run` and `_asking` use `_ledger`, and `campaign` uses all.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsmanager.campaigns._input.price_table import PriceTable
    from smsmanager.campaigns._input.recipients import Recipients, open_recipients, read_opt_outs
    from smsmanager.campaigns._input.selection import Selection
    from smsmanager.campaigns._input.send_preview import Preview, PreviewBuilder
    from smsmanager.campaigns._input.templates import Texts
    from smsmanager.campaigns._ledger.database import fingerprint_of, ledger_beside
    from smsmanager.campaigns._run.campaign_options import CampaignOptions
    from smsmanager.campaigns._run.updates import Phase, Update
    from smsmanager.campaigns._run.worker_plan import WorkDone, WorkEnd
    from smsmanager.campaigns.account_checks import CreditCheck, account_prices, check_credit
    from smsmanager.campaigns.campaign import Campaign
    from smsmanager.campaigns.campaign_errors import (
        CampaignError,
        CampaignExistsError,
        CampaignLockedError,
        CampaignNotFoundError,
        CampaignTargetError,
        InputError,
        LedgerError,
        NotEnoughCreditError,
    )
    from smsmanager.campaigns.campaign_names import started_campaigns
    from smsmanager.campaigns.campaign_status import CampaignStatus
    from smsmanager.campaigns.campaign_workers import Worker
    from smsmanager.campaigns.permits import Tended, tend, work, work_async
    from smsmanager.campaigns.report._csv_export import RefusedReport
    from smsmanager.campaigns.report.figures import Cost, Failure, Interval, Reason, Report
    from smsmanager.campaigns.rows import (
        Delivery,
        LedgerRow,
        Refusal,
        RefusedInput,
        RefusedRow,
        Row,
        RowState,
    )
    from smsmanager.campaigns.settlement import CampaignCancellation, Settlement

_NAMES = {
    "_input.price_table": "Price PriceTable",
    "_input.recipients": "Columns Recipients open_recipients read_opt_outs",
    "_input.selection": "Selection",
    "_input.send_preview": "Costliest Destination Preview PreviewBuilder",
    "_input.tabular": "BadRow Table",
    "_input.templates": "BoundTemplate MissingValueError Template Texts",
    "_ledger.database": "fingerprint_of ledger_beside",
    "_run.campaign_options": "CampaignOptions RunChanges",
    "_run.updates": "Phase Update",
    "_run.worker_plan": "WorkDone WorkEnd",
    "account_checks": "CreditCheck account_prices check_credit",
    "campaign": "Campaign",
    "campaign_names": "started_campaigns",
    "campaign_status": "CampaignStatus",
    "campaign_workers": "Worker",
    "permits": "Tended tend work work_async",
    "campaign_errors": "CampaignError CampaignExistsError CampaignLockedError CampaignNotFoundError "
    "CampaignTargetError InputError LedgerError NotEnoughCreditError",
    "report._csv_export": "RefusedReport",
    "report.figures": "Cost Failure Interval Reason Report",
    "settlement": "CampaignCancellation Settlement",
    "rows": "Delivery LedgerRow Refusal RefusedInput RefusedRow Row RowState",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "Campaign",
    "CampaignCancellation",
    "CampaignError",
    "CampaignExistsError",
    "CampaignLockedError",
    "CampaignNotFoundError",
    "CampaignOptions",
    "CampaignStatus",
    "CampaignTargetError",
    "Cost",
    "CreditCheck",
    "Delivery",
    "Failure",
    "InputError",
    "Interval",
    "LedgerError",
    "LedgerRow",
    "NotEnoughCreditError",
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
    "Settlement",
    "Tended",
    "Texts",
    "Update",
    "WorkDone",
    "WorkEnd",
    "Worker",
    "account_prices",
    "check_credit",
    "fingerprint_of",
    "ledger_beside",
    "open_recipients",
    "read_opt_outs",
    "started_campaigns",
    "tend",
    "work",
    "work_async",
]

_PACKAGES_OF_THE_EXTRA = frozenset(
    {"jinja2", "phonenumbers", "psycopg", "python_calamine", "sqlalchemy", "xlrd"}
)


def __getattr__(name: str) -> object:
    """Load a name when it is first used, so that unused names cost nothing."""
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        msg = "Campaigns need more packages: install smsmanager[campaigns]."
        raise ImportError(msg, name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


# Pickles made by early versions of 0.x name these modules.
for _old in (
    *("errors", "options", "preview", "prices", "recipients", "refusals", "states", "tables"),
    *("templates", "updates"),
):
    _module = ModuleType(f"{__name__}.{_old}")
    vars(_module)["__getattr__"] = __getattr__
    sys.modules[_module.__name__] = _module
