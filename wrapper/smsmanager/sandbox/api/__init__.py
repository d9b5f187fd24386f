"""Serve what tests and programs in other languages read and do, under `/sandbox`.

| module | job |
| --- | --- |
| `routes` | the application: which operation is answered by what |
| `sandbox-api.yaml` | describes the operations, and decides what requests are let in |
| `description` | that file into operations that can check a request |
| `arguments` | a request into checked arguments, a result into an answer |
| `inbox_operations` | messages, requests, incoming messages, webhooks |
| `control_operations` | clock, rules, faults, inboxes, settings |
| `changes` | changes, by long poll and as server-sent events |
"""

from __future__ import annotations
