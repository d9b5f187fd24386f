"""HTTP around the operations: listening, answering, letting time pass, sending webhooks.

| module | job |
| --- | --- |
| `server` | uvicorn in a thread, on a socket that is bound before |
| `access` | who may reach the page and the JSON API |
| `faulty_answer` | an answer that goes wrong |
| `tcp` | the TCP connection below a request |
| `event_stream` | waiting for a change, server-sent events, turns of work that can wait |
| `certificate` | a certificate made on the spot |
| `driver` | lets time pass, in the server's event loop |
| `webhook_sender` | sends webhooks |
"""
