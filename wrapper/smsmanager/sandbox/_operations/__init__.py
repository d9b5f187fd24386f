"""The operations of the service: what a request is, what is checked, and what is answered. No I/O.

| module | job |
| --- | --- |
| `service` | `Service`: which request is answered by what; API keys; the record of requests |
| `intake` | what messages bring: checks, what the answer says, what is stored |
| `answers` | the shapes of request, answer and refusal |
| `request_content` | bytes into JSON or form fields |
| `contract`, `violations` | `openapi.yaml` into operations and validators; a violation as one line |
| `leniency` | what is let pass beyond `openapi.yaml` |
| `message_rules`, `flow_steps` | what the service asks beyond the schema; the steps of a flow |
| `faults` | what goes wrong with a request; the faults that wait |
"""
