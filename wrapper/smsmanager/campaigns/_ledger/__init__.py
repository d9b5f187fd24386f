"""The ledger of a campaign: every row and what is known about it, in SQLite or PostgreSQL.

| module | job |
| --- | --- |
| `schema` | the SQL tables |
| `database`, `sqlite_files` | connections and durability; what is specific to SQLite |
| `leases`, `worker_process` | who may write, and until when; whether a process has exited |
| `creation`, `ledger` | writing a new ledger; reading an existing one |
| `row_closing`, `shown_states` | closing abandoned rows; the state that is shown for a row |
| `remaining_rows` | how many rows are left for workers |
| `contents`, `batches` | the content of a message; which rows share a message and a request |
| `session` | the writes of a run |
| `bulk_update`, `turn_statement` | many rows in one statement; a whole turn in one (PostgreSQL) |
| `prepared_statement` | statements compiled once |
| `shared_session`, `shared_pace` | the writes of one worker among many; the pace of all workers |
| `asked_rows` | rows that the service is asked about, and its answers |
| `delivery_recorder`, `deliveries` | recording delivery reports; their summary for a row |
| `lookups` | the indexes for finding the row of a report |
"""
