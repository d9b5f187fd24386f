"""The current state of each message, from reports in any order.

| module | job |
| --- | --- |
| `_tracker` | `DeliveryTracker` |
| `_delivery_state` | reports folded into a state; pure |
| `_matching` | the reports of each recipient of a send; pure |
| `_store_protocol` | the interface of a store |
| `_memory` | a store in this process |
| `sql` | a store on SQLite or PostgreSQL (`smsmanager[tracker]`) |
| `_sql_engine`, `_sql_schema`, `_sql_batches` | its engine, its tables, and statements with many rows |
"""

import sys

from smsmanager.webhooks.tracker import _delivery_state
from smsmanager.webhooks.tracker._delivery_state import DeliveryState
from smsmanager.webhooks.tracker._matching import RecipientStatus
from smsmanager.webhooks.tracker._memory import MemoryStore
from smsmanager.webhooks.tracker._store_protocol import Claims, Sizes, Store
from smsmanager.webhooks.tracker._tracker import DeliveryTracker

__all__ = [
    "Claims",
    "DeliveryState",
    "DeliveryTracker",
    "MemoryStore",
    "RecipientStatus",
    "Sizes",
    "Store",
]

# Pickles of earlier versions name the class by its former module.
sys.modules[f"{__name__}._states"] = _delivery_state
