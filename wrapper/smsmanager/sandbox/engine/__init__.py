"""Decide the outcomes of messages: time, rules, fallback, reports, replies. No I/O.

`records/` defines messages; the modules here act on it and import nothing from outside this room.

| module | job |
| --- | --- |
| `processing` | `Engine`: everything below together, behind one lock |
| `admission` | when a message may go out, and what rejects it |
| `fallback` | the steps of a message: results, reports, and Viber falling back to SMS |
| `incoming` | replies and unsolicited messages |
| `webhook_queue` | when each webhook is due, and its result |
| `outcome_rules` | outcomes by rule and by magic number |
| `delivery_window` | `datetime`, `delivery_time` and the hours of promotional messages |
| `pricing`, `links` | example prices; short links |
| `accounts`, `settings`, `rest_settings` | the data of one API key; the sandbox's behaviour |
| `inbox`, `search` | the bounded store of messages and requests, and its search |
| `schedule`, `adjustable_clock` | what is to be done later; real, accelerated or manual time |
| `removal` | removes one message with what waits for it, and puts it back |
| `feed` | a number for each change, and waiting for the next |
| `draws` | chances and ids that a seed makes repeatable |
"""
