"""The documentation site: building it, and what Sphinx is told in addition.

| module | job |
| --- | --- |
| `__main__` | `make docs`: this version, or all released ones beside it |
| `public_names` | signatures and links of the reference, by the names that a user imports |
| `search_words` | `<!-- search: ... -->`: further words under which a page is found |
| `spelling` | a warning for each misspelt word |
"""
