"""A service in memory that accepts messages, and lists them on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass
class Taken:
    """One accepted message to one recipient."""

    message_id: str
    request_id: str
    number: str
    body: str
    tag: str
    at: datetime
    cancelled: bool = False


@dataclass
class Listing:
    """The accepted messages, and the answers to questions about them.

    Attributes:
        now: The time.
        taken: By number, in order.
        by_id: The same, by id.
        visible_after: How long until a message is listed.
        page_size: Rows on a page.
        questions: How often each path was asked.
        changes: What was changed: path and body.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    taken: dict[str, list[Taken]] = field(default_factory=dict)
    by_id: dict[str, Taken] = field(default_factory=dict)
    visible_after: timedelta = timedelta()
    page_size: int = 100
    questions: list[str] = field(default_factory=list)

    def take(self, request_id: str, body: list[Any]) -> list[dict[str, str]]:
        """Accept the messages of a request; return the list `accepted` of the answer."""
        accepted = []
        for key, message in enumerate(body):
            base = f"{request_id}.{key}"
            accepted.append({"key": str(key), "message_id": base})
            for place, to in enumerate(message["to"]):
                one = Taken(
                    f"{base}-{place}",
                    request_id,
                    to["phone_number"],
                    message["body"],
                    message.get("tag") or "promotional",
                    self.now(),
                )
                self.add(one)
        return accepted

    def add(self, one: Taken) -> None:
        """Record an accepted message."""
        self.taken.setdefault(one.number, []).append(one)
        self.by_id[one.message_id] = one

    def asked(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Answer a question."""
        self.questions.append(path)
        if path == "/v1/credit":
            return {"success": True, "credit": {"tz": "Europe/Prague"}}
        visible = self.now() - self.visible_after
        if path == "/v1/message":
            one = self.by_id.get(query["id"])
            known = one is not None and one.at <= visible
            return {"success": True, "message": self._state(one) if one and known else None}
        assert path == "/v1/messages", path
        rows = [
            {"message_id": one.message_id, "phone_number": one.number, "body": one.body}
            for one in self.taken.get(query["phone_number"], ())
            if one.at <= visible and one.at.date().isoformat() == query["date"]
        ]
        start = int(query.get("cursor", 0))
        end = start + self.page_size
        rest = str(end) if end < len(rows) else None
        return {"success": True, "messages": rows[start:end], "next_cursor": rest}

    @staticmethod
    def _state(one: Taken) -> dict[str, Any]:
        return {
            "status_code": "200",
            "delivery_code": "201",
            "tag": one.tag,
            "body": one.body,
            "to": {"phone_number": one.number},
            "ts_created": one.at.isoformat(),
            "request_id": one.request_id,
        }
