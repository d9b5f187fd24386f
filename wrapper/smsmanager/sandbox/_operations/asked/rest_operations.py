"""Check a request to the REST API, and let its operation answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from smsmanager.sandbox._operations.answers import Answer
from smsmanager.sandbox._operations.asked import (
    account_questions,
    blocked_numbers,
    scheduled_and_checked,
    status_questions,
)
from smsmanager.sandbox._operations.asked.blocked_numbers import Downloads
from smsmanager.sandbox._operations.request_content import RefusedError, fields_of, json_of
from smsmanager.sandbox._operations.violations import violation_and_notes

if TYPE_CHECKING:
    from smsmanager.sandbox._operations.answers import Arrival, Call
    from smsmanager.sandbox._operations.contract import Contract
    from smsmanager.sandbox._operations.violations import RuleSet
    from smsmanager.sandbox.engine.accounts import Account
    from smsmanager.sandbox.engine.processing import Engine
    from smsmanager.sandbox.engine.rest_settings import RestSettings

_FORBIDDEN = 403


@attrs.frozen(eq=False)
class Question:
    """A request that was checked.

    Attributes:
        given: Parameters of the query, or the JSON of the body.
        engine: What is asked about.
        account: Who asks.
        settings: How the REST API behaves now.
        now: Unix seconds.
        origin: Scheme, host and port by which it came.
        sending: What the description of the sending API says.
        downloads: Where the files of lists are.
    """

    given: Any = attrs.field(repr=False)
    engine: Engine
    account: Account = attrs.field(repr=False)
    settings: RestSettings
    now: float
    origin: str
    sending: Contract
    downloads: Downloads


Handler: TypeAlias = Callable[[Question], Answer]

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("GET", "/message"): status_questions.message,
    ("GET", "/messages"): status_questions.messages,
    ("GET", "/request"): status_questions.request,
    ("GET", "/requests"): status_questions.requests,
    ("GET", "/inbox"): status_questions.inbox,
    ("GET", "/credit"): account_questions.credit,
    ("GET", "/credit/prices"): account_questions.prices,
    ("GET", "/credit/notify"): account_questions.notice,
    ("POST", "/credit/notify"): account_questions.set_notice,
    ("GET", "/apikey/me"): account_questions.key,
    ("POST", "/apikey/update"): account_questions.update_key,
    ("GET", "/optout"): blocked_numbers.download_optout,
    ("POST", "/optout"): blocked_numbers.add_to_optout,
    ("DELETE", "/optout"): blocked_numbers.remove_from_optout,
    ("GET", "/blacklist"): blocked_numbers.download_blacklist,
    ("POST", "/blacklist"): blocked_numbers.add_to_blacklist,
    ("DELETE", "/blacklist"): blocked_numbers.remove_from_blacklist,
    ("POST", "/messaging/cancel"): scheduled_and_checked.cancel,
    ("POST", "/messaging/validate"): scheduled_and_checked.validate,
}
"""What answers each operation, by method and path."""

_CHANGES_NOTHING = frozenset({("POST", "/messaging/validate")})


class Questions:
    """What the operations of the REST API do with requests whose API key was accepted.

    Args:
        contract: What the description of the sending API says.
        engine: What is asked about.
        rule_set: Which violations are tolerated.

    Attributes:
        downloads: Where the files of lists are.
    """

    def __init__(self, *, contract: Contract, engine: Engine, rule_set: RuleSet) -> None:
        self._contract = contract
        self._engine = engine
        self._rule_set: RuleSet = rule_set
        self.downloads = Downloads(engine)

    def answer(self, call: Call, arrival: Arrival) -> Answer:
        """Answer a request.

        Raises:
            RefusedError: If it breaks a rule, or the key may not do this.
        """
        operation, engine = arrival.operation, self._engine
        place = (operation.method, operation.path)
        read = fields_of if operation.takes is None else json_of
        violation, _, given = violation_and_notes(
            operation.validator, read(call, operation), self._rule_set
        )
        if violation is not None:
            raise RefusedError(violation)
        with engine.lock:
            settings = engine.settings.rest
            changes = operation.method != "GET" and place not in _CHANGES_NOTHING
            if changes and settings.scope == "api":
                raise RefusedError("the scope of the key is api: it changes nothing", _FORBIDDEN)
            question = Question(
                given=given,
                engine=engine,
                account=engine.accounts.of(arrival.key_fingerprint),
                settings=settings,
                now=engine.clock.now(),
                origin=call.origin,
                sending=self._contract,
                downloads=self.downloads,
            )
            return HANDLERS[place](question)
