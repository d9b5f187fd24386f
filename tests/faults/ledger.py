"""Runs a case against the fault server and compares what the caller learns with the server's ledger."""

from __future__ import annotations

import logging
import os
import pickle
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import count
from typing import Any, Self
from unittest.mock import patch

from smsmanager import SendResult, SmsManagerError, Status, compose
from tests.faults.callers import KEY, Caller, cancel_a_burst
from tests.faults.canaries import heard, shown
from tests.faults.cases import Case
from tests.faults.certificate import trusting
from tests.faults.moments import at
from tests.faults.script import Fault, Late, Step, Way
from tests.faults.server import FaultServer, Ledger

OPEN = frozenset((Status.UNKNOWN, Status.UNCONFIRMED))
UNSENT = frozenset((Status.NOT_SENT, Status.REJECTED))
NOWHERE = frozenset((Way.NO_TLS, Way.NO_TUNNEL))
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
CANARY = "canary-text"
HANG_S = 0.05
PATIENCE_S = 20.0
_serial = count(1)


class ViolationError(AssertionError):
    """The caller learned something other than what happened."""


class Bench:
    """The fault server, one client of each kind, and statistics of the run.

    Attributes:
        counts: How often each kind, route, fault, status and outcome occurred.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._stack = ExitStack()
        self._callers: dict[tuple[str, Way, bool, bool], Caller] = {}
        self.server = FaultServer()
        self.elsewhere = FaultServer()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.server)
        self._stack.enter_context(self.elsewhere)
        self.server.elsewhere = f"{self.elsewhere.url}/message"
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def caller(
        self, kind: str, way: Way = Way.PLAIN, *, proxied: bool = False, hooked: bool = False
    ) -> Caller:
        """Return the client of a kind; creating one takes longer than a call."""
        which = kind, way, proxied, hooked
        if which not in self._callers:
            options = {"base_url": self.server.url, **self._options(way)}
            made = Caller(kind, next_attempt=self.server.next_attempt, hooked=hooked, **options)
            self._callers[which] = self._stack.enter_context(made)
        return self._callers[which]

    @contextmanager
    def _late(self) -> Iterator[None]:
        """Let the server write its pending surplus in the middle of a call."""
        done = at("http11.response_closed.complete", partial(self.server.say_late, Late.DONE))
        begun = "http11.send_request_headers.started"
        with done, at(begun, partial(self.server.say_late, Late.WRITING)):
            yield

    def _options(self, way: Way) -> dict[str, Any]:
        """Return the options with which a client reaches the service."""
        if way is Way.NO_TLS:
            return {"base_url": self.server.tls_url}
        if way is Way.TLS:
            return {"base_url": self.server.tls_url, "verify": trusting()}
        if way is Way.PLAIN:
            return {}
        proxy = f"http://127.0.0.1:{self.server.port}"
        return {"base_url": "https://sms.invalid/v2", "verify": trusting(), "proxy": proxy}

    def check(self, kind: str, case: Case) -> None:
        """Run a case.

        Raises:
            ViolationError: If the caller learned something other than what happened.
        """
        proxy = f"http://127.0.0.1:{self.elsewhere.port}"
        named = dict.fromkeys(PROXY_VARIABLES, proxy) if case.proxied else {}
        try:
            with patch.dict(os.environ, named):
                run = _Run(self, kind, case)
                with heard(*run.hidden) as overheard, self._late():
                    run.whole()
            if overheard:
                raise ViolationError(f"a log holds what was sent: {overheard[0]}\n{case!r}")
        finally:
            self.server.speaks_tls = self.server.makes_tunnels = True
            self.server.play()
            self.server.ledger.clear()
            self.server.played.clear()
            self.elsewhere.connections = 0


class _Run:
    """One case, from its first call to the last resumption."""

    def __init__(self, bench: Bench, kind: str, case: Case) -> None:
        self.server = bench.server
        self.elsewhere = bench.elsewhere
        self.ledger: Ledger = bench.server.ledger
        self.counts = bench.counts
        self.kind = kind
        self.case = case
        serial = next(_serial)
        self.name = f"c{serial}"
        total = sum(case.sizes)
        self.numbers = [f"4207{serial % 1_000_000:06d}{n:04d}" for n in range(total)]
        self.hidden = (KEY, CANARY, self.numbers[0][:10])
        self.told: list[SendResult] = []
        # How often a recipient may have been taken: once, and once more each time it was resent while open.
        self.allowed = Counter(self.numbers)
        self.options: dict[str, Any] = {
            "retries": case.retries,
            "timeout": PATIENCE_S,
            "max_response_bytes": case.max_response_bytes,
            "on_result": self.told.append,
        }
        # A resumption takes the same way, unless that cannot reach the service.
        self.way = Way.PLAIN if case.way in NOWHERE else case.way
        self.plain = bench.caller(kind, self.way, proxied=case.proxied).with_options(**self.options)
        self.first = bench.caller(
            kind, case.way, proxied=case.proxied, hooked=case.hooked
        ).with_options(**self.options)

    def whole(self) -> None:
        """Call, resume as the case says, and finish with a healthy service."""
        case = self.case
        self.first.turns = self.plain.turns = case.turns
        self.counts.update((f"kind {self.kind}", f"route {case.route}", f"way {case.way}"))
        self.server.speaks_tls = case.way is not Way.NO_TLS
        self.server.makes_tunnels = case.way is not Way.NO_TUNNEL
        if case.burst and self.kind != "sync":
            self._burst(case.burst)
        view, failed = self._attempt(self._send, case.script)
        if case.way in NOWHERE:
            self._demand(not self.ledger.requests, "something was received over no connection")
            self._demand(all(o.status is Status.NOT_SENT for o in view), "no way, yet sent")
        for resumption in self.case.resumptions:
            self.counts["resumption"] += 1
            given: SmsManagerError | SendResult = failed or view
            if resumption.pickled:
                given = pickle.loads(pickle.dumps(given))  # noqa: S301
            resend = resumption.resend_unknown
            view, failed = self._resume(given, view, resumption.script, resend_unknown=resend)
        before = view
        self.plain = self.plain.with_options(max_response_bytes=1024 * 1024)
        view, failed = self._resume(failed or view, view, (), resend_unknown=False)
        self._demand(failed is None, "a service that is well made a resumption fail")
        for old, new in zip(before, view, strict=True):
            expected = Status.ACCEPTED if old.status in UNSENT else old.status
            self._demand(new.status is expected, f"{old.status} became {new.status} by resuming")
        self._demand(self.elsewhere.connections == 0, "a redirect or a proxy was followed")

    def _burst(self, turns: int) -> None:
        """Cancel more sends than there are connections."""
        self.counts["burst"] += 1
        client = self.first.client.with_options(on_result=None, retries=0)

        async def send(name: str) -> None:
            with suppress(SmsManagerError):
                await client.send(f"{name} Hello", to=self.numbers[0])

        # Each log line is searched, and there are thousands of them.
        logging.disable()
        self.first.run(partial(cancel_a_burst, send, turns))
        logging.disable(logging.NOTSET)
        self.server.settle()
        self.server.drop()
        self.ledger.clear()

    def _send(self) -> SendResult:
        case, text, to = self.case, f"{self.name} {CANARY}", self.numbers
        fields: dict[str, Any] = {"reference": self.name} if case.reference else {}
        if case.route == "simple":
            custom = {"custom_id": self.name} if case.reference else {}
            return self.first.call("send_simple", text, to=to[0], sender="Shop", **custom)
        if case.route == "batch":
            messages, at = [], 0
            for size in case.sizes:
                messages.append(compose(text, to=to[at : at + size], **fields))
                at += size
            return self.first.call("send_batch", messages)
        return self.first.send(text, to=to, priority=case.route == "priority", **fields)

    def _resume(
        self,
        given: SmsManagerError | SendResult,
        view: SendResult,
        script: tuple[Step, ...],
        *,
        resend_unknown: bool,
    ) -> tuple[SendResult, SmsManagerError | None]:
        eligible = UNSENT | OPEN if resend_unknown else UNSENT
        sendable = {o.phone_number for o in view if o.status in eligible}
        self.allowed.update(o.phone_number for o in view if resend_unknown and o.status in OPEN)
        arrived = Counter(self.ledger.arrived)
        after, failed = self._attempt(
            lambda: self.plain.call("resume", given, resend_unknown=resend_unknown), script
        )
        for (_, number), times in (self.ledger.arrived - arrived).items():
            self._demand(number in sendable, f"a resumption sent {times} times what it must not")
        for old, new in zip(view, after, strict=True):
            if old.phone_number not in sendable:
                self._demand(old == new, f"a resumption made {new.status} of {old.status}")
            elif failed is None:
                self._demand(new.status is not Status.NOT_SENT, "a resumption left one out")
        return after, failed

    def _attempt(
        self, call: Any, script: tuple[Step, ...]
    ) -> tuple[SendResult, SmsManagerError | None]:
        """Call once; compare the outcome with the ledger."""
        faults = {step.fault for step in script}
        patience = {
            "timeout": HANG_S if Fault.HANG in faults else PATIENCE_S,
            "deadline_s": self.case.deadline_s if script else None,
        }
        self.first = self.first.with_options(**patience)
        self.plain = self.plain.with_options(**patience)
        self.server.play(*script)
        self.server.played.clear()
        taken = sum(map(len, self.ledger.taken.values()))
        told = len(self.told)
        failed: SmsManagerError | None = None
        try:
            view = call()
        except SmsManagerError as error:
            failed = error
            if error.result is None:
                raise ViolationError(f"{type(error).__name__} has no result") from error
            view = error.result
        except Exception as error:
            raise ViolationError(f"{self.name}: {type(error).__name__} escaped") from error
        self.server.settle()
        for step in self.server.played:
            status = f" {step.status}" if step.fault is Fault.STATUS else ""
            apart = (
                ", in TLS records of its own" if step.apart and self.way is not Way.PLAIN else ""
            )
            surplus = apart if step.fault is Fault.SURPLUS else ""
            self.counts[f"fault {step.fault}{status}{surplus}"] += 1
            self.counts[f"surplus {step.late}"] += 1
        self.counts[f"end {type(failed).__name__ if failed else 'returned'}"] += 1
        self.counts.update(f"told {outcome.status}" for outcome in view)
        self._compare(view)
        self._hides(view, failed)
        if failed is not None and failed.safe_to_retry:
            now = sum(map(len, self.ledger.taken.values()))
            self._demand(now == taken, f"{type(failed).__name__} is said to be safe to repeat")
        # A resumption with nothing to send makes no request, and calls no hook.
        self._demand(self.told[told:] in ([view], []), "on_result was told something else")
        self._demand(len(self.told) > told or told > 0, "on_result was not told")
        return view, failed

    def _compare(self, view: SendResult) -> None:
        self._demand([o.phone_number for o in view] == self.numbers, "not the recipients given")
        reference = self.name if self.case.reference else None
        for outcome in view:
            number, status = outcome.phone_number, outcome.status
            ids = self.ledger.taken.get((self.name, number), [])
            allowed = self.allowed[number]
            self._demand(len(ids) <= allowed, f"taken {len(ids)} times, told {status}")
            if status is Status.ACCEPTED:
                self._demand(1 <= len(ids) <= allowed, f"accepted, yet taken {len(ids)} times")
                self._demand(outcome.message_id in (None, ids[-1]), "accepted with another id")
            if status in UNSENT:
                self._demand(not ids, f"{status}, yet taken {len(ids)} times")
            self._demand(outcome.reference == reference, "the reference was lost")

    def _hides(self, view: SendResult, failed: SmsManagerError | None) -> None:
        """Check that nothing that was sent can be printed by accident."""
        printed = [repr(view), repr(view[0])]
        if failed is not None:
            printed += [repr(failed), *shown(failed)]
            names = (self.name,) if self.case.reference else ()
            self._demand(failed.references == names, "the error does not know the reference")
        for line in printed:
            self._demand(not any(secret in line for secret in self.hidden), f"printed: {line}")

    def _demand(self, holds: object, complaint: str) -> None:
        if not holds:
            raise ViolationError(f"{complaint} ({self.kind}, {self.name})\n{self.case!r}")
