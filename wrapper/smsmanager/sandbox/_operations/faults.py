"""Define what goes wrong with a request, and keep faults until one comes. No I/O."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smsmanager.sandbox.engine.records import JsonObject
from smsmanager.sandbox.engine.draws import Draws
from smsmanager.sandbox.engine.records.value_checks import (
    check_choice,
    check_number,
    check_text,
    check_whole,
    json_fields,
)

FaultKind: TypeAlias = Literal[
    "status",
    "redirect",
    "hang",
    "reset",
    "close",
    "truncate",
    "short",
    "not_json",
    "drip",
    "huge",
    "gzip_bomb",
    "delay",
]
When: TypeAlias = Literal["before", "after"]
Body: TypeAlias = Literal["json", "html", "empty", "null"]

KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

_UNANSWERED = frozenset({"hang", "reset", "close"})
# These change the answer of the service, so that there must be one.
_OF_THE_ANSWER = frozenset({"truncate", "short", "delay"})
_OPTIONS: Mapping[str, frozenset[str]] = {
    "status": frozenset({"status_code", "body", "retry_after"}),
    "redirect": frozenset({"status_code", "location"}),
    "delay": frozenset({"delay_s"}),
}
_STATUSES = range(200, 600)
_REDIRECTS = range(300, 400)
_TEMPORARY_REDIRECT = 307
_MAX_HEADER_LENGTH = 2000
_MAX_PATH_LENGTH = 200
_MAX_DELAY_S = 3600
_MAX_PENDING = 1000


def _usually(fault: Fault) -> When:
    """Return when a fault happens, if that is not given; its values are not checked yet."""
    status_code: Any = fault.status_code
    if fault.kind == "status":
        is_success = isinstance(status_code, int) and status_code // 100 == 2  # noqa: PLR2004
        return "after" if is_success else "before"
    return "before" if fault.kind == "redirect" else "after"


@attrs.frozen
class Fault:
    """What goes wrong with one request, and whether the service processes it nevertheless.

    Attributes:
        kind: What goes wrong.
            `"status"`: another status is answered.
            `"redirect"`: a redirect is answered.
            `"hang"`: nothing is answered until the client gives up.
            `"reset"`: the connection is reset without an answer (TCP RST).
            `"close"`: the connection is closed without an answer.
            `"truncate"`: the connection is closed in the middle of the answer's body.
            `"short"`: the last item of the list `accepted` is missing; at `/simple/message`, `accepted` is.
            `"not_json"`: a 200 with a text that is not JSON.
            `"drip"`: a 200 with an endless body, one byte at a time, 20 in a second.
            `"huge"`: a 200 with a body of 256 MiB.
            `"gzip_bomb"`: a 200 with 256 KiB that decompress to 256 MiB.
            `"delay"`: the answer comes late.
        when: `"before"`: the request is not processed, nothing is stored. `"after"`: it is processed
            and its messages are stored, only the answer is lost or spoiled. By default `"before"`
            for a redirect and for a status that is not 2xx, else `"after"`; `truncate`, `short` and
            `delay` need the answer of the service, so that they are always after.
        status_code: For `"status"`, which needs it, 200 to 599, standard or not; for `"redirect"`,
            300 to 399, by default 307.
        body: For `"status"`: a JSON object with `message` (the default), an HTML page, nothing, or
            `null`. A 204, 205 or 304 never has one.
        retry_after: For `"status"`: value of `Retry-After`, in seconds or as given.
        location: For `"redirect"`, which needs it: value of `Location`.
        delay_s: For `"delay"`, which needs it: real seconds until the answer, at most an hour.

    Raises:
        TypeError: If a value has the wrong type.
        ValueError: If a value is out of range, is missing, or means nothing for this kind.
    """

    kind: FaultKind
    status_code: int | None = attrs.field(default=None, kw_only=True)
    body: Body | None = attrs.field(default=None, kw_only=True)
    retry_after: int | str | None = attrs.field(default=None, kw_only=True)
    location: str | None = attrs.field(default=None, kw_only=True)
    delay_s: float | None = attrs.field(default=None, kw_only=True)
    # Last, as its default looks at the others.
    when: When = attrs.field(default=attrs.Factory(_usually, takes_self=True), kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check the values: JSON can hold any type."""
        check_choice("kind", self.kind, KINDS)
        check_choice("when", self.when, get_args(When))
        if self.kind in _OF_THE_ANSWER and self.when == "before":
            raise ValueError(
                f"{self.kind} spoils the answer of the service: when can only be 'after'."
            )
        allowed = _OPTIONS.get(self.kind, frozenset())
        for name in ("status_code", "body", "retry_after", "location", "delay_s"):
            if name not in allowed and getattr(self, name) is not None:
                raise ValueError(f"{name} means nothing for {self.kind}.")
        self._check_needed()
        if self.body is not None:
            check_choice("body", self.body, get_args(Body))
        if isinstance(self.retry_after, int):
            check_whole("retry_after", self.retry_after, range(10**9))
        elif self.retry_after is not None:
            _check_header("retry_after", self.retry_after)

    def _check_needed(self) -> None:
        if self.kind == "status":
            check_whole("status_code", self.status_code, _STATUSES)
        elif self.kind == "redirect":
            if self.status_code is not None:
                check_whole("status_code", self.status_code, _REDIRECTS)
            _check_header("location", self.location)
        elif self.kind == "delay":
            check_number("delay_s", self.delay_s, _MAX_DELAY_S)

    def answered_status(self, processed: int) -> int | None:
        """Return the status that is answered, `None` for none.

        Args:
            processed: What the service would have answered.
        """
        if self.kind in _UNANSWERED:
            return None
        if self.kind in _OF_THE_ANSWER:
            return processed
        if self.kind == "redirect":
            return self.status_code or _TEMPORARY_REDIRECT
        return self.status_code or 200

    def reason(self, refused: str | None) -> str:
        """Return what the record of the request says.

        Args:
            refused: Why the service refused the request; `None` if it did not.
        """
        if self.when == "before":
            return f"fault: {self.kind} before processing, nothing was stored"
        if refused is None:
            return f"fault: {self.kind} after processing, the messages were stored"
        return f"fault: {self.kind} after processing, which refused the request: {refused}"


@attrs.frozen
class PendingFault:
    """A fault that waits for requests.

    Attributes:
        fault: What goes wrong.
        times: For how many more requests; `None` for all until it is cleared.
        probability: Share of the requests that are hit; the others do not count.
        path: Path of the requests that are hit, such as `/v1/messages`; one that ends with a slash, such as
            `/v1/`, stands for all below it. `None` for every path.
        id: Number by which it is removed; 0 until it is injected.
    """

    fault: Fault
    times: int | None
    probability: float = 1.0
    path: str | None = None
    id: int = attrs.field(default=0, eq=False)

    def __attrs_post_init__(self) -> None:
        """Check the number."""
        if self.times is not None:
            check_whole("times", self.times, range(1, 10**9))
        check_number("probability", self.probability, 1)
        if self.path is not None:
            check_text("path", self.path, _MAX_PATH_LENGTH)
            if not self.path.startswith("/"):
                raise ValueError("path must begin with a slash, such as /v1/messages.")

    def hits(self, path: str) -> bool:
        """Return whether requests to a path can be hit."""
        return self.path in {None, path} or (
            self.path is not None and self.path.endswith("/") and path.startswith(self.path)
        )

    def as_json(self) -> JsonObject:
        """Return the fault as the JSON API shows and takes it."""
        given = attrs.asdict(self.fault, filter=lambda _, value: value is not None)
        share = {"probability": self.probability} if self.probability < 1 else {}
        where = {} if self.path is None else {"path": self.path}
        return {**given, "times": self.times, **share, **where}

    @classmethod
    def from_json(cls, value: object) -> PendingFault:
        """Return what a JSON object describes; `times` is 1 by default.

        Raises:
            TypeError: If it is not an object, or a value in it has the wrong type.
            ValueError: If a field is unknown or missing, or a value does not fit.
        """
        names = [*(field.name for field in attrs.fields(Fault)), "times", "probability", "path"]
        fields = json_fields(value, "A fault", '{"kind": "hang"}', names)
        times, probability = fields.pop("times", 1), fields.pop("probability", 1.0)
        path = fields.pop("path", None)
        if "kind" not in fields:
            raise ValueError("kind is missing.")
        return cls(Fault(**fields), times, probability, path)


class Faults:
    """The waiting faults, in the order in which they were injected.

    Can be used from any thread: tests inject what the server takes.

    Args:
        seed: Start of the draws for faults with a probability.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._draws = Draws(seed)
        self._lock = threading.Lock()
        self._pending: deque[PendingFault] = deque()
        self._ids = itertools.count(1)

    def inject(self, pending: PendingFault) -> None:
        """Add a fault after those that wait.

        Raises:
            ValueError: If 1,000 wait already.
        """
        with self._lock:
            if len(self._pending) >= _MAX_PENDING:
                raise ValueError(f"{_MAX_PENDING:,} faults wait already: clear them first.")
            self._pending.append(attrs.evolve(pending, id=next(self._ids)))

    def remove(self, fault_id: int) -> bool:
        """Remove one fault; return False if there is none with this id."""
        with self._lock:
            before = len(self._pending)
            self._pending = deque(one for one in self._pending if one.id != fault_id)
            return len(self._pending) < before

    def put_back(self, removed: PendingFault) -> None:
        """Put a fault back in its place."""
        with self._lock:
            self._pending = deque(sorted((*self._pending, removed), key=lambda one: one.id))

    def take(self, path: str) -> Fault | None:
        """Return what goes wrong with the current request, to this path, and count it."""
        # Almost always so, and then not worth a lock.
        if not self._pending:
            return None
        with self._lock:
            for index, pending in enumerate(self._pending):
                if not pending.hits(path):
                    continue
                if pending.probability < 1 and self._draws.random() >= pending.probability:
                    continue
                if pending.times == 1:
                    del self._pending[index]
                elif pending.times is not None:
                    self._pending[index] = attrs.evolve(pending, times=pending.times - 1)
                return pending.fault
            return None

    def pending(self) -> tuple[PendingFault, ...]:
        """Return the waiting faults, the next one first."""
        with self._lock:
            return tuple(self._pending)

    def clear(self) -> int:
        """Forget all of them, and return how many."""
        with self._lock:
            count = len(self._pending)
            self._pending.clear()
            self._draws.restart()
        return count


def _check_header(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string.")
    if not (value.isascii() and value.isprintable() and 0 < len(value) <= _MAX_HEADER_LENGTH):
        raise ValueError(f"{name} must be 1 to {_MAX_HEADER_LENGTH} printable ASCII characters.")
