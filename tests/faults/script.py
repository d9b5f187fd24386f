"""How the fault server handles one request, and whether the service took that request."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

TRANSIENT = frozenset((429, 500, 503))
"""Statuses with which the service says that it took nothing and expects the request again."""


GIVEN_UP = frozenset((408, 444, 460, 499))
"""Statuses below 500 with which a proxy gives up; they say nothing about the service."""


class _Shown(StrEnum):
    def __repr__(self) -> str:
        """Show it as it is written."""
        return f"{type(self).__name__}.{self.name}"


class Fault(_Shown):
    """How a request is handled; the first member is the healthy one."""

    ACCEPT = "accept"
    REFUSE = "refuse the connection"
    RESET_UNREAD = "reset before reading"
    RESET_AFTER_HEAD = "reset after the head"
    RESET = "reset after the request"
    CLOSE = "close without an answer"
    HALF_HEAD = "close within the head"
    NOT_HTTP = "answer something that is not HTTP"
    CUT_LENGTH = "close before Content-Length"
    CUT_CHUNKS = "close within a chunk"
    HANG = "say nothing until the client gives up"
    LONG_HEAD = "answer with a head of a quarter of a gigabyte"
    SURPLUS = "accept twice what was sent once"
    UNREAD = "never read the request"
    DRIP_HEAD = "drip an endless head"
    DRIP_BODY = "drip an endless body"
    DRIP_CHUNK = "drip an endless chunk size"
    SLOW = "accept, one byte at a time"
    EARLY_HINTS = "accept, after informational answers"
    STATUS = "answer a status"
    EARLY_STATUS = "answer a status before the body was read"
    ODD = "answer 200 with something else"
    REDIRECT = "redirect to another host"


class Way(_Shown):
    """How a client tries to reach the service; with the last two it cannot."""

    PLAIN = "plain TCP"
    TLS = "TLS"
    TUNNEL = "TLS through a proxy"
    NO_TLS = "TLS that the server does not speak"
    NO_TUNNEL = "TLS through a proxy that refuses"


class Late(_Shown):
    """When an unrequested answer arrives; the client has finished with the one before it."""

    NEVER = "never"
    DONE = "at once"
    BETWEEN = "before the next attempt, call or retry"
    WRITING = "as the next request is about to be written"


class Content(_Shown):
    """The content of a `STATUS` answer's body."""

    JSON = "json"
    HTML = "html"
    EMPTY = "empty"
    LONG = "long"
    BOMB = "gzip bomb"
    BAD_GZIP = "gzip that is none"
    GIVEN = "given"


NEVER_READ = frozenset((Fault.REFUSE, Fault.RESET_UNREAD, Fault.RESET_AFTER_HEAD, Fault.UNREAD))
"""Faults that end before the whole request was read."""
ENDLESS = frozenset((Fault.HANG, Fault.DRIP_HEAD, Fault.DRIP_BODY, Fault.DRIP_CHUNK))
"""Faults that end only when the client gives up."""


@dataclass(frozen=True, repr=False)
class Step:
    """How one request is handled.

    Attributes:
        fault: What happens.
        status: Of `STATUS`, `EARLY_STATUS` and `REDIRECT`.
        content: Body of a `STATUS` answer.
        size: Bytes of a `LONG` body, or of a decompressed `BOMB`.
        retry_after: The header, if there is one.
        rejected: Keys that an acceptance lists as rejected.
        omitted: Keys that it leaves out of both lists.
        taken: Whether the service took the request, if the answer leaves this open.
        numeric_keys: Whether keys are numbers instead of strings.
        odd: Body of an `ODD` answer, or of a `STATUS` answer whose content is `GIVEN`; the whole of the
            answer of a `SURPLUS`; where a `REDIRECT` points, unless it is to the other server.
        surplus: What a `SURPLUS` writes after the answer; by default the acceptance once more.
        apart: Whether the surplus is in separate TLS records.
        held: How many bytes of a surplus in separate records arrive only with the next answer.
        keep: Whether the connection stays open.
        late: When the surplus arrives, if not with the answer.
    """

    fault: Fault = Fault.ACCEPT
    status: int = 200
    content: Content = Content.JSON
    size: int = 1_200_000
    retry_after: str | None = None
    rejected: frozenset[int] = frozenset()
    omitted: frozenset[int] = frozenset()
    taken: bool = True
    numeric_keys: bool = False
    odd: bytes = b""
    surplus: bytes = b""
    apart: bool = False
    held: int = 0
    keep: bool = True
    late: Late = Late.NEVER

    def __repr__(self) -> str:
        """Show what differs from the defaults."""
        default = Step()
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {name: value for name, value in given.items() if value != vars(default)[name]}
        shown = [f"{name}={_short(value)}" for name, value in changed.items()]
        return f"Step({', '.join(shown)})"

    @property
    def accepts(self) -> bool:
        """Whether the answer is an acceptance of the documented shape."""
        return self.fault in {Fault.ACCEPT, Fault.SLOW, Fault.EARLY_HINTS, Fault.SURPLUS} or (
            self.fault in {Fault.CUT_LENGTH, Fault.CUT_CHUNKS, Fault.HALF_HEAD}
        )

    def takes(self, key: int) -> bool:
        """Return whether the service took the message or recipient at a position of the request.

        A lost answer was preceded by a full request, so the service took it; a redirect or the answer of
        a proxy says nothing, so the script decides.
        """
        if self.fault in NEVER_READ or self.fault is Fault.EARLY_STATUS:
            return False
        if self.fault is Fault.STATUS:
            return self._status_takes()
        if self.fault is Fault.REDIRECT:
            return self.taken
        if self.accepts and key in self.rejected:
            return False
        return self.taken or not (self.accepts and key in self.omitted)

    def _status_takes(self) -> bool:
        if 200 <= self.status < 300:
            return True
        if self.status in TRANSIENT or (400 <= self.status < 500 and self.status not in GIVEN_UP):
            return False
        return self.taken

    def acceptance(self, path: str, keys: int, request_id: str) -> dict[str, Any]:
        """Return the answer that accepts, as the operation documents it."""
        if path.endswith("/simple/message"):
            answer: dict[str, Any] = {"request_id": request_id}
            if 0 not in self.omitted:
                answer["accepted"] = 0 not in self.rejected
            if answer.get("accepted"):
                answer["message_id"] = f"{request_id}.0"
            return answer
        named = [key for key in range(keys) if key not in self.omitted]
        return {
            "request_id": request_id,
            "accepted": [
                {"key": self._key(key), "message_id": f"{request_id}.{key}"}
                for key in named
                if key not in self.rejected
            ],
            "rejected": [{"key": self._key(key)} for key in named if key in self.rejected],
        }

    def _key(self, key: int) -> int | str:
        return key if self.numeric_keys else str(key)


def _short(value: object) -> str:
    # Hypothesis warns about long reprs, and a warning is an error here.
    text = repr(value)
    return text if len(text) <= 300 else f"<{len(text)} characters>"


def said(path: str, status: int) -> bytes:
    """Return the JSON body of a refusal in the service's words."""
    if path.endswith("/simple/message") and status == 400:
        return json.dumps({"request_id": "refused", "accepted": False}).encode()
    return json.dumps({"Message": f"The service says {status}"}).encode()
