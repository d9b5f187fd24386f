"""Ask the service for the state of messages, the inbox, credit, prices and lists of blocked numbers.

```python
from smsmanager import SmsManager

with SmsManager() as client:
    print(client.service.credit().amount)
```

`client.service` is a `Service` (an `AsyncService` of an `AsyncSmsManager`); `client.settle` asks for the
outcome of a call whose answer was lost. Questions go to the REST API only: see `rest_base_url` in
`ClientOptions`.

| module | job |
| --- | --- |
| `blocking_service`, `async_service`, `_service_base` | the two services; the only places here that wait |
| `_asking_plans`, `_inbox_plans`, `_cancelling` | what each operation asks |
| `_questions` | repeating a question |
| `_settling`, `_open_cases`, `_candidates`, `evidence` | the outcome of open recipients |
| `_read_answers`, `_read_account` | JSON into typed answers |
| `message_states`, `account_facts`, `number_lists` | the typed answers |
| `_account_days` | the days that a span of time touches |
| `_rest_address`, `_downloads` | where questions go; files, without the key |
| `service_target` | which service a base URL belongs to |
| `asking_errors` | the errors, and whether to ask again |
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smsmanager.asking._cancelling import Cancellation, CancelOutcome, CancelStoppedError
    from smsmanager.asking._settling import SettleOptions
    from smsmanager.asking.account_facts import (
        CountryPrice,
        Credit,
        CreditNotice,
        KeyFacts,
        Price,
        Prices,
        RegisteredSender,
        Scope,
    )
    from smsmanager.asking.asking_errors import ListFormatError, NoAnswerError, NotOfferedError
    from smsmanager.asking.async_service import AsyncFindings, AsyncList, AsyncService
    from smsmanager.asking.blocking_service import BlockingList, Findings, Service
    from smsmanager.asking.evidence import Evidence
    from smsmanager.asking.message_states import (
        DayTotals,
        MessageRow,
        MessageState,
        MessageStatus,
        StepState,
        Totals,
    )
    from smsmanager.asking.number_lists import (
        CheckProblem,
        CheckResult,
        DownloadedList,
        ListAddition,
        ListRemoval,
        read_list,
    )

_NAMES = {
    "_cancelling": "CancelOutcome CancelStoppedError Cancellation",
    "_settling": "SettleOptions",
    "account_facts": "CountryPrice Credit CreditNotice KeyFacts Price Prices RegisteredSender Scope",
    "asking_errors": "ListFormatError NoAnswerError NotOfferedError",
    "async_service": "AsyncFindings AsyncList AsyncService",
    "blocking_service": "BlockingList Findings Service",
    "evidence": "Evidence",
    "message_states": "DayTotals MessageRow MessageState MessageStatus StepState Totals",
    "number_lists": "CheckProblem CheckResult DownloadedList ListAddition ListRemoval read_list",
}
_LATER = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "AsyncFindings",
    "AsyncList",
    "AsyncService",
    "BlockingList",
    "CancelOutcome",
    "CancelStoppedError",
    "Cancellation",
    "CheckProblem",
    "CheckResult",
    "CountryPrice",
    "Credit",
    "CreditNotice",
    "DayTotals",
    "DownloadedList",
    "Evidence",
    "Findings",
    "KeyFacts",
    "ListAddition",
    "ListFormatError",
    "ListRemoval",
    "MessageRow",
    "MessageState",
    "MessageStatus",
    "NoAnswerError",
    "NotOfferedError",
    "Price",
    "Prices",
    "RegisteredSender",
    "Scope",
    "Service",
    "SettleOptions",
    "StepState",
    "Totals",
    "read_list",
]


def __getattr__(name: str) -> Any:
    """Load a name on first use."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted(_LATER)
