"""Ask the service about the rows of a campaign.

| module | job |
| --- | --- |
| `settle_plan` | finding the outcome of open rows |
| `cancel_plan` | cancelling scheduled rows |
| `question_steps` | the steps of these plans, and the two drivers: the only places here that wait |
"""
