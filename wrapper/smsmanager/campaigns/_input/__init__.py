"""Read recipients, texts and prices from files, and preview a send.

| module | job |
| --- | --- |
| `sniffing`, `tabular` | encoding and delimiter of a file; its header and rows |
| `spreadsheets`, `workbook_bounds` | sheets and their rows; the unpacked size of a file |
| `number_repair`, `number_set` | numbers damaged by spreadsheets; many numbers in bounded memory |
| `templates`, `foreign_placeholders`, `cell_values` | texts with variables, and the form of their values |
| `recipients`, `selection` | the role of each column; rows to send or to refuse |
| `price_table`, `calling_codes`, `send_preview` | prices, countries, and the preview |
"""
