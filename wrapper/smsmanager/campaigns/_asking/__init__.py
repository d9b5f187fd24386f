"""Ask the service about the rows of a campaign.

| module | job |
| --- | --- |
| `settle_plan` | finding the outcome of open rows |
| `cancel_plan` | cancelling scheduled rows |
| `question_steps` | what these plans ask of their drivers; the drivers, the only places here that wait |
"""
