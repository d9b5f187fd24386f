"""Answer requests and store them, with the messages in them. No I/O.

Answers have the shapes that `openapi.yaml` and `openapi-rest.yaml` describe. The record of a request always
says why it was refused; the answer does where the service has a field for it.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from smsmanager.sandbox._operations.answers import (
    Answer,
    Arrival,
    Call,
    refusal,
    without_key,
    wrong_key,
)
from smsmanager.sandbox._operations.asked.rest_operations import HANDLERS, Questions
from smsmanager.sandbox._operations.contract import REST, SENDING
from smsmanager.sandbox._operations.faults import Fault, Faults, PendingFault
from smsmanager.sandbox._operations.intake import Intake
from smsmanager.sandbox._operations.request_content import RefusedError
from smsmanager.sandbox.engine.draws import Draws
from smsmanager.sandbox.engine.outcome_rules import Rule
from smsmanager.sandbox.engine.records.received_request import ReceivedRequest
from smsmanager.sandbox.engine.records.unix_time import moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from smsmanager.sandbox._operations.contract import Contract, Operation
    from smsmanager.sandbox._operations.violations import RuleSet
    from smsmanager.sandbox.engine.processing import Engine

SERVICE_PREFIX = SENDING.prefix
"""Path of the operations that send."""
REST_PREFIX = REST.prefix
"""Path of the operations that answer questions."""

_FINGERPRINT_DIGITS = 12
_MAX_PATH_LENGTH = 200
_MAX_KEPT_CONTENT = 4096


class Service:
    """The service: answers its operations, and holds the faults of the next requests.

    Not thread-safe, unlike its inbox and its faults: one thread answers.

    Attributes:
        downloads: Where the files of lists are.
        engine: What becomes of the messages.
        faults: What goes wrong with the next requests, from any thread.
        inbox: Where messages and requests are stored.
        operations: What can be answered.
        unserved: What cannot, by `"METHOD /path"`, and why.
        rule_set: Which violations are tolerated.

    Args:
        contract: What the description of the sending API says.
        rest_contract: What that of the REST API says.
        engine: What becomes of the messages.
        rule_set: Which violations are tolerated.
        seed: Start of the draws for ids, and for faults with a probability.
        api_keys: Keys that are accepted; `None` for any.
    """

    def __init__(
        self,
        *,
        contract: Contract,
        rest_contract: Contract,
        engine: Engine,
        rule_set: RuleSet,
        seed: int | str | None,
        api_keys: Collection[str] | None,
    ) -> None:
        self._ids = Draws(seed)
        intake = Intake(contract=contract, engine=engine, ids=self._ids, rule_set=rule_set)
        questions = Questions(contract=contract, engine=engine, rule_set=rule_set)
        sending = {
            ("POST", "/message"): intake.take_message,
            ("POST", "/message/priority"): intake.take_message,
            ("POST", "/messages"): intake.take_batch,
            ("GET", "/simple/message"): intake.take_simple,
            ("POST", "/simple/message"): intake.take_simple,
        }
        served = [key for key in sending if key in contract.operations]
        self._handlers = {contract.operations[key]: sending[key] for key in served}
        self._handlers |= {rest_contract.operations[key]: questions.answer for key in HANDLERS}
        self.operations = tuple(self._handlers)
        lacking = {" ".join(key): "the description lacks it" for key in sending.keys() - served}
        unknown = {
            " ".join(key): "the sandbox does not know it"
            for key in contract.operations.keys() - sending.keys()
        }
        self.unserved = dict(sorted({**lacking, **unknown, **contract.unserved}.items()))
        self.downloads = questions.downloads
        self.engine = engine
        self.faults = Faults(seed)
        self.inbox = engine.inbox
        self.rule_set = rule_set
        self._api_keys = api_keys

    def answer(self, operation: Operation, call: Call, fault: Fault | None = None) -> Answer:
        """Answer a request to an operation, and store it with the messages in it.

        Args:
            operation: Operation that was called.
            call: The request.
            fault: What goes wrong with it. It is recorded here, and decides whether the request is
                processed; what becomes of the answer is left to the caller.
        """
        key = _key(operation, call)
        arrival = Arrival(operation, self._ids.uuid(), fingerprint(key), self._now())
        if fault is not None and fault.when == "before":
            answer = Answer(200, {})
        else:
            answer = self._processed(operation, call, arrival, key)
        status_code: int | None = answer.status_code
        reason = answer.reason
        if fault is not None:
            status_code, reason = fault.answered_status(answer.status_code), fault.reason(reason)
        request = ReceivedRequest(
            sequence=self.inbox.next_request(),
            method=operation.method,
            path=sys.intern(call.path),
            operation=operation.operation_id,
            status_code=status_code,
            reason=reason,
            request_id=answer.content.get("request_id"),
            recipients=len(answer.messages),
            key_fingerprint=arrival.key_fingerprint or None,
            received_at=arrival.received_at,
            content=_beginning(call.body) if answer.reason is not None else None,
        )
        self.inbox.add(request, answer.messages)
        self.engine.feed.publish("request", arrival.key_fingerprint, request.sequence)
        if answer.messages:
            self.engine.admit(answer.messages)
        return answer

    def _processed(self, operation: Operation, call: Call, arrival: Arrival, key: str) -> Answer:
        documented = self.engine.settings.key_status == "documented"
        if not key:
            return without_key(operation, documented=documented)
        if self._api_keys is not None and key not in self._api_keys:
            return wrong_key(operation, documented=documented)
        try:
            return self._handlers[operation](call, arrival)
        except RefusedError as error:
            return refusal(error, arrival)
        except (AttributeError, LookupError, TypeError, ValueError):
            # Another description than our own may allow anything.
            reason = "/: the description allows this, and the sandbox cannot process it"
            return refusal(RefusedError(reason), arrival)

    def refuse(self, method: str, path: str, status_code: int, reason: str) -> None:
        """Store a request that is for no operation."""
        request = ReceivedRequest(
            sequence=self.inbox.next_request(),
            method=method,
            path=path[:_MAX_PATH_LENGTH],
            operation=None,
            status_code=status_code,
            reason=reason,
            request_id=None,
            recipients=0,
            key_fingerprint=None,
            received_at=self._now(),
        )
        self.inbox.add(request, ())
        self.engine.feed.publish("request", "", request.sequence)

    def add_rule(self, value: object) -> int:
        """Put the rule that a JSON object describes before the others, and return its id.

        Raises:
            TypeError: If it is not an object, or a value in it has the wrong type.
            ValueError: If a field is unknown or missing, or a value does not fit.
        """
        return self.engine.rules.add(Rule.from_json(value))

    def inject_fault(self, value: object) -> None:
        """Inject a fault into the next requests, as a JSON object describes.

        Raises:
            TypeError: If it is not an object, or a value in it has the wrong type.
            ValueError: If a field is unknown or missing, or a value does not fit.
        """
        self.faults.inject(PendingFault.from_json(value))
        self.engine.feed.publish("settings")

    def remove_fault(self, fault_id: int) -> bool:
        """Remove a fault; return False if there is none with this id."""
        found = self.faults.remove(fault_id)
        if found:
            self.engine.feed.publish("settings")
        return found

    def clear_faults(self) -> int:
        """Forget the waiting faults, and return how many."""
        count = self.faults.clear()
        self.engine.feed.publish("settings")
        return count

    def clear(self, key: str | None = None) -> int:
        """Forget what belongs to one API key, or everything but the rules and settings.

        Args:
            key: Fingerprint of the API key; `None` forgets the faults too, and starts seeded ids again.

        Returns:
            How many messages were forgotten.
        """
        if key is None:
            self.faults.clear()
            self._ids.restart()
        return self.engine.clear(key)

    def _now(self) -> datetime:
        return moment(self.engine.clock.now())


def _key(operation: Operation, call: Call) -> str:
    if operation.key_location == "header":
        return call.header_key
    # Any bytes can be read as Latin-1; whether the query is valid is judged later.
    return dict(parse_qsl(call.query.decode("latin-1"))).get(operation.key_name, "").strip()


@functools.lru_cache(maxsize=256)
def fingerprint(key: str) -> str:
    """Return a fingerprint of an API key, which reveals nothing of it; empty without a key."""
    if not key:
        return ""
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    return digest[:_FINGERPRINT_DIGITS]


def _beginning(body: bytes | None) -> str | None:
    if not body:
        return None
    return body[:_MAX_KEPT_CONTENT].decode("utf-8", "replace")
