"""Data that survives a restart: `data_file` is the SQLite file, `stored_json` its rows."""
