"""Send the remaining rows of a campaign.

| module | job |
| --- | --- |
| `campaign_options` | the options of a campaign, and how the ledger stores them |
| `run_plan`, `run_steps` | the order of a run, as a generator without I/O; its steps |
| `worker_plan` | the same for one of many workers, for a short time |
| `pace`, `verdicts` | when the next request may leave; the outcome of a request for its rows |
| `drive` | the blocking and the asynchronous driver of a plan, and the clock: the only places that wait |
| `end_signals` | signals that end a process, deferred until the run has ended |
| `updates` | the updates of a run that the caller sees |
"""
