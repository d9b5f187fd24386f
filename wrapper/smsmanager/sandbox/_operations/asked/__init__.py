"""The operations of the REST API, under `/v1`: what the account sees of itself. No I/O.

| module | job |
| --- | --- |
| `rest_operations` | `Questions`: which request is answered by what; checks against `openapi-rest.yaml` |
| `listed_messages` | a message as the REST API shows it: its state, its row, its share in totals |
| `status_questions` | `/message`, `/messages`, `/request`, `/requests`, `/inbox` |
| `account_questions` | `/credit`, `/credit/prices`, `/credit/notify`, `/apikey/me`, `/apikey/update` |
| `blocked_numbers` | `/optout`, `/blacklist`, and the files of both |
| `scheduled_and_checked` | `/messaging/cancel`, `/messaging/validate` |

What no page of the service says is a setting: see `RestSettings`.

Source: SmsManager REST API reference, answers of the operations.
"""
