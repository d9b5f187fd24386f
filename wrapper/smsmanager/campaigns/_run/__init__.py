"""Send what is left of a campaign.

| module | job |
| --- | --- |
| `campaign_options` | how a campaign is sent, and how the ledger stores that |
| `run_plan`, `run_steps` | what a run does in which order, as a generator without I/O; its steps |
| `worker_plan` | the same for one of many workers, for a moment |
| `pace`, `verdicts` | when the next request may go out; what the end of a request means for its rows |
| `drive` | the blocking and the asynchronous driver of a plan, and the clock: the only places that wait |
| `end_signals` | signals that end a process politely: they end the run first |
| `updates` | what the caller sees of a run |
"""
