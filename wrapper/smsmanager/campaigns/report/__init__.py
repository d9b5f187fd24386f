"""The results of a campaign, as figures, as a page and as CSV.

| module | job |
| --- | --- |
| `figures` | `Report`: the figures, without numbers and texts |
| `_counting` | the figures of a ledger |
| `_charts` | geometry of the charts |
| `_html_page` | one HTML file that needs nothing else |
| `_csv_export` | refused rows and every row, as CSV |
"""
