"""Data models of what is sent and what comes back, each loaded when it is first used.

Generated from `openapi-rest.yaml` by `make generate`; do not edit.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account_kind import AccountKind
    from .blacklist_removal_answer import BlacklistRemovalAnswer
    from .cancellation import Cancellation
    from .channel_prices import ChannelPrices
    from .check_answer import CheckAnswer
    from .check_findings import CheckFindings
    from .check_problem import CheckProblem
    from .checked_item import CheckedItem
    from .country_price import CountryPrice
    from .country_prices import CountryPrices
    from .credit import Credit
    from .credit_answer import CreditAnswer
    from .credit_notice import CreditNotice
    from .credit_notice_answer import CreditNoticeAnswer
    from .credit_notice_settings import CreditNoticeSettings
    from .currency import Currency
    from .day_stats import DayStats
    from .day_totals import DayTotals
    from .day_totals_answer import DayTotalsAnswer
    from .done_answer import DoneAnswer
    from .flow_status import FlowStatus
    from .inbox_answer import InboxAnswer
    from .inbox_item import InboxItem
    from .key import Key
    from .key_answer import KeyAnswer
    from .key_scope import KeyScope
    from .key_settings import KeySettings
    from .list_addition import ListAddition
    from .list_addition_answer import ListAdditionAnswer
    from .list_download_answer import ListDownloadAnswer
    from .list_removal import ListRemoval
    from .list_removal_totals import ListRemovalTotals
    from .message_answer import MessageAnswer
    from .message_recipient import MessageRecipient
    from .message_row import MessageRow
    from .message_rows_answer import MessageRowsAnswer
    from .message_state import MessageState
    from .message_to_check import MessageToCheck
    from .network_counts import NetworkCounts
    from .network_price import NetworkPrice
    from .network_prices import NetworkPrices
    from .older_price import OlderPrice
    from .opt_out_removal_answer import OptOutRemovalAnswer
    from .price_levels import PriceLevels
    from .prices_answer import PricesAnswer
    from .registered_sender import RegisteredSender
    from .request_answer import RequestAnswer
    from .request_totals import RequestTotals
    from .rest_error import RestError
    from .rest_object import RestObject
    from .step_status import StepStatus

_MODULES = {
    "AccountKind": ".account_kind",
    "BlacklistRemovalAnswer": ".blacklist_removal_answer",
    "Cancellation": ".cancellation",
    "ChannelPrices": ".channel_prices",
    "CheckAnswer": ".check_answer",
    "CheckFindings": ".check_findings",
    "CheckProblem": ".check_problem",
    "CheckedItem": ".checked_item",
    "CountryPrice": ".country_price",
    "CountryPrices": ".country_prices",
    "Credit": ".credit",
    "CreditAnswer": ".credit_answer",
    "CreditNotice": ".credit_notice",
    "CreditNoticeAnswer": ".credit_notice_answer",
    "CreditNoticeSettings": ".credit_notice_settings",
    "Currency": ".currency",
    "DayStats": ".day_stats",
    "DayTotals": ".day_totals",
    "DayTotalsAnswer": ".day_totals_answer",
    "DoneAnswer": ".done_answer",
    "FlowStatus": ".flow_status",
    "InboxAnswer": ".inbox_answer",
    "InboxItem": ".inbox_item",
    "Key": ".key",
    "KeyAnswer": ".key_answer",
    "KeyScope": ".key_scope",
    "KeySettings": ".key_settings",
    "ListAddition": ".list_addition",
    "ListAdditionAnswer": ".list_addition_answer",
    "ListDownloadAnswer": ".list_download_answer",
    "ListRemoval": ".list_removal",
    "ListRemovalTotals": ".list_removal_totals",
    "MessageAnswer": ".message_answer",
    "MessageRecipient": ".message_recipient",
    "MessageRow": ".message_row",
    "MessageRowsAnswer": ".message_rows_answer",
    "MessageState": ".message_state",
    "MessageToCheck": ".message_to_check",
    "NetworkCounts": ".network_counts",
    "NetworkPrice": ".network_price",
    "NetworkPrices": ".network_prices",
    "OlderPrice": ".older_price",
    "OptOutRemovalAnswer": ".opt_out_removal_answer",
    "PriceLevels": ".price_levels",
    "PricesAnswer": ".prices_answer",
    "RegisteredSender": ".registered_sender",
    "RequestAnswer": ".request_answer",
    "RequestTotals": ".request_totals",
    "RestError": ".rest_error",
    "RestObject": ".rest_object",
    "StepStatus": ".step_status",
}

__all__ = (
    "AccountKind",
    "BlacklistRemovalAnswer",
    "Cancellation",
    "ChannelPrices",
    "CheckAnswer",
    "CheckedItem",
    "CheckFindings",
    "CheckProblem",
    "CountryPrice",
    "CountryPrices",
    "Credit",
    "CreditAnswer",
    "CreditNotice",
    "CreditNoticeAnswer",
    "CreditNoticeSettings",
    "Currency",
    "DayStats",
    "DayTotals",
    "DayTotalsAnswer",
    "DoneAnswer",
    "FlowStatus",
    "InboxAnswer",
    "InboxItem",
    "Key",
    "KeyAnswer",
    "KeyScope",
    "KeySettings",
    "ListAddition",
    "ListAdditionAnswer",
    "ListDownloadAnswer",
    "ListRemoval",
    "ListRemovalTotals",
    "MessageAnswer",
    "MessageRecipient",
    "MessageRow",
    "MessageRowsAnswer",
    "MessageState",
    "MessageToCheck",
    "NetworkCounts",
    "NetworkPrice",
    "NetworkPrices",
    "OlderPrice",
    "OptOutRemovalAnswer",
    "PriceLevels",
    "PricesAnswer",
    "RegisteredSender",
    "RequestAnswer",
    "RequestTotals",
    "RestError",
    "RestObject",
    "StepStatus",
)


def __getattr__(name: str) -> Any:
    """Load the module of a model on first use: all of them at once would double the import time."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
