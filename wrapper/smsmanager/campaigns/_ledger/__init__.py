"""The ledger of a campaign: every row and what is known of it, in SQLite or PostgreSQL.

| module | job |
| --- | --- |
| `schema` | the SQL tables |
| `database` | where a ledger lives: connections, durability, the lock |
| `creation`, `ledger` | writing a new ledger; reading one at any time |
| `contents`, `batches` | what a message holds; which rows share a message and a request |
| `session`, `bulk_update` | what a run writes |
| `asked_rows` | rows about which the service is asked, and what it answered |
| `delivery_recorder`, `deliveries` | recording delivery reports; what they say about a row |
"""
