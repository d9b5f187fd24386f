"""Process what the sandbox took: time, outcomes, fallback, reports, replies. No I/O.

| module | job |
| --- | --- |
| `engine` | `Engine`: everything below together, behind one lock |
| `accounts` | what belongs to one API key: credit, opt-outs, counts, incoming messages |
| `settings` | how the sandbox behaves, beyond a single message |
| `dispatch` | a message's way through checks and steps |
| `times` | `datetime`, `delivery_time` and hours of promotional messages |
| `rules` | outcomes by rule and by magic number |
| `pricing` | example prices, mobile country codes |
| `links` | short links |
| `incoming` | replies and unsolicited messages |
| `journey` | what became of a message: steps, state, timeline |
| `events` | events as webhooks carry them |
| `webhooks` | which webhook is due when, and what became of it |
| `schedule` | what is to be done later, in order of time |
| `clock` | real, accelerated or manual time |
| `feed` | a number for each change, and waiting for the next |
"""
