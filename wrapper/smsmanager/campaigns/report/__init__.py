"""The results of a campaign, as figures, as a page and as CSV.

| module | job |
| --- | --- |
| `figures` | `Report`: the figures, without numbers and texts |
| `_counting` | the figures of a ledger |
| `_charts` | geometry of the charts |
| `_html_page` | one self-contained HTML file |
| `_csv_export` | refused rows, and all rows of a campaign, as CSV |
"""
