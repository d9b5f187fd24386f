"""Define what a message is: what was received, what happened to it, and its webhooks.

Nothing here acts; `smsmanager.sandbox.engine` does. A message and its webhooks refer to each other, so those
types are imported for the type checker only.

| module | job |
| --- | --- |
| `received_message`, `message_json` | one message to one recipient, and its steps; as JSON |
| `received_request` | one request to the service |
| `journey` | what happened to a message: steps, state, timeline |
| `incoming_message` | a reply or an unsolicited message |
| `webhook_delivery`, `webhook_events` | a webhook with its attempts, and the events it carries |
| `callback_templates` | the templates of a callback, with the values of events |
| `hidden_passwords` | hides the passwords in addresses |
| `message_outcome` | the possible outcomes of a message, and the numbers that cause them |
| `short_link` | a shortened link, and a text with short links |
| `normalisation` | numbers and tags as the service normalises them |
| `unix_time` | Unix seconds and `datetime` |
| `value_checks` | checks of values from JSON |
"""

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
