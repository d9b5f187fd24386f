"""Ask the service about the rows of a campaign.

| module | job |
| --- | --- |
| `settle_plan` | what became of rows whose outcome is open |
| `cancel_plan` | scheduled rows that are not to be sent after all |
| `question_steps` | what these plans ask of their drivers; the drivers, the only places here that wait |
"""
