"""The present state of each message, from reports in any order.

| module | job |
| --- | --- |
| `_tracker` | `DeliveryTracker` |
| `_states` | reports folded into a state; pure |
| `_matching` | which report tells of which recipient of a send; pure |
| `_recording` | which record of a recipient replaces which; pure |
| `_store` | what a store does |
| `_memory` | a store in this process |
| `sql` | a store on SQLite or PostgreSQL (`smsmanager[tracker]`) |
"""

from smsmanager.webhooks.tracker._matching import RecipientStatus
from smsmanager.webhooks.tracker._memory import MemoryStore
from smsmanager.webhooks.tracker._states import DeliveryState
from smsmanager.webhooks.tracker._store import Claims, Store
from smsmanager.webhooks.tracker._tracker import DeliveryTracker

__all__ = [
    "Claims",
    "DeliveryState",
    "DeliveryTracker",
    "MemoryStore",
    "RecipientStatus",
    "Store",
]
