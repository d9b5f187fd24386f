"""Send the remaining rows of a campaign.

| module | job |
| --- | --- |
| `campaign_options` | how a campaign is sent, and how the ledger stores that |
| `run_plan`, `run_steps` | the order of a run, as a generator without I/O; its steps |
| `worker_plan` | the same for one of many workers, for a moment |
| `pace`, `verdicts` | when the next request may go out; what the end of a request means for its rows |
| `drive` | the blocking and the asynchronous driver of a plan, and the clock: the only places that wait |
| `end_signals` | signals that end a process politely: they end the run first |
| `updates` | the updates of a run that the caller sees |
"""
