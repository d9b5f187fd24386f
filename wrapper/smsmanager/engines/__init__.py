"""Campaigns on many workers, by the task queue that a team already runs.

| module | job |
| --- | --- |
| `campaign_engine` | `CampaignEngine`: what every engine does; start, pause, stop, and what its tasks call |
| `celery` | Celery (`smsmanager[celery]`) |
| `procrastinate` | Procrastinate, which needs PostgreSQL alone (`smsmanager[procrastinate]`) |

A task of an engine is a *permit* to work for a moment. The ledger alone decides what is sent: a permit that
comes twice does no harm, and one that is lost is replaced by the next `tend`. No engine keeps anything of its
own.
"""

from smsmanager.engines.campaign_engine import CampaignEngine

__all__ = ["CampaignEngine"]
