"""The ledger of a campaign: every row and what is known about it, in SQLite or PostgreSQL.

| module | job |
| --- | --- |
| `schema` | the SQL tables |
| `database`, `sqlite_files` | where a ledger lives: connections, durability; what is special in SQLite |
| `leases`, `worker_process` | who may write, and until when; whether a process has ended |
| `creation`, `ledger` | writing a new ledger; reading one at any time |
| `row_closing`, `shown_states` | rows whose answers no one awaits; the state of a row as it is shown |
| `contents`, `batches` | what a message holds; which rows share a message and a request |
| `session` | what a run writes |
| `bulk_update`, `turn_statement` | many rows in one statement; a whole turn in one, for PostgreSQL |
| `prepared_statement` | SQL that is made once |
| `shared_session`, `shared_pace` | what one of many workers writes; the pace of all of them |
| `asked_rows` | rows about which the service is asked, and what it answered |
| `delivery_recorder`, `deliveries` | recording delivery reports; what they say about a row |
| `lookups` | the indexes by which reports find their rows |
"""
