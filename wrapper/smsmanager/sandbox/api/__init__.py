"""Serve the JSON API for tests and programs in other languages, under `/sandbox`.

| module | job |
| --- | --- |
| `routes` | the application: the handler of each operation |
| `sandbox-api.yaml` | describes the operations, and decides what requests are let in |
| `description` | turns that file into operations that can check a request |
| `arguments` | a request into checked arguments, a result into an answer |
| `inbox_operations` | messages, requests, incoming messages, webhooks |
| `control_operations` | clock, rules, faults, inboxes, settings |
| `changes` | changes, by long poll and as server-sent events |
"""

from __future__ import annotations
