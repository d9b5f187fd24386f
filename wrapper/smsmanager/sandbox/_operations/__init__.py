"""The operations of the service: requests, checks and answers. No I/O.

| module | job |
| --- | --- |
| `service` | `Service`: dispatching of requests; API keys; the record of requests |
| `intake` | messages in: checks, what the answer says, what is stored |
| `answers` | the shapes of request, answer and refusal |
| `request_content` | bytes into JSON or form fields |
| `asked/` | the operations of the REST API, under `/v1` |
| `contract` | the descriptions into operations and validators |
| `violations` | a violation of the schema as one line, and which are tolerated |
| `message_rules` | what the service asks beyond the schema; the steps of a flow |
| `faults` | what goes wrong with a request; the waiting faults |
"""
