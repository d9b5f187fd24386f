"""Flask: a blueprint with one route.

```python
app.register_blueprint(webhook_blueprint(receiver, "/sms"))
```

With Flask-WTF's CSRF protection, exempt it: `csrf.exempt(blueprint)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

from smsmanager.webhooks._receiver import METHODS

if TYPE_CHECKING:
    from smsmanager.webhooks import WebhookReceiver


def webhook_blueprint(
    receiver: WebhookReceiver, path: str, *, name: str = "smsmanager_webhooks"
) -> flask.Blueprint:
    """Return a blueprint that answers webhooks; handlers must be blocking functions.

    Args:
        receiver: Checks the requests and calls the handlers.
        path: The path of the route, such as `"/sms"`.
        name: Name of the blueprint; a second one needs another name.
    """
    blueprint = flask.Blueprint(name, __name__)

    @blueprint.route(path, methods=METHODS)
    def receive() -> flask.Response:
        request = flask.request
        taken = receiver.handle(
            request.method,
            request.headers,
            request.query_string,
            request.stream.read(receiver.max_body_bytes + 1),
        )
        response = flask.Response(taken.body, taken.status, dict(taken.headers))
        # The server calls this after sending the answer.
        response.call_on_close(taken.finish)
        return response

    return blueprint
