"""What became of a campaign, as figures, as a page and as a table.

| module | job |
| --- | --- |
| `figures` | `Report`: the figures, without numbers and texts |
| `_counting` | the figures of a ledger |
| `_charts` | charts as SVG; pure |
| `_page` | one HTML file that needs nothing else |
| `_table` | every row, as CSV |
"""
