"""Campaigns on many workers, through the task queue that a team already runs.

| module | job |
| --- | --- |
| `campaign_engine` | `CampaignEngine`, the base of every engine: start, pause, stop, and its tasks |
| `celery` | Celery (`smsmanager[celery]`) |
| `procrastinate` | Procrastinate, which needs only PostgreSQL (`smsmanager[procrastinate]`) |

A task of an engine is a *permit* to work for a short time. Only the ledger decides what is sent: a permit
that is delivered twice is harmless, and a lost one is replaced by the next `tend`. Engines keep no state.
"""

from smsmanager.engines.campaign_engine import CampaignEngine

__all__ = ["CampaignEngine"]
