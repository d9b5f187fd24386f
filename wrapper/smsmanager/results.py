"""Results of sending: one outcome per recipient."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, overload

import attrs

from smsmanager._privacy import mask_number
from smsmanager.errors import IncompleteSendError

if TYPE_CHECKING:
    from smsmanager._message.wire_requests import Prepared
    from smsmanager.asking import Evidence


class Status(StrEnum):
    """What is known about one recipient when a call ends.

    Source: SmsManager guide, "Sending messages".
    """

    ACCEPTED = "accepted"
    """Accepted for processing; delivery is reported later, by webhook."""
    REJECTED = "rejected"
    """Not accepted; can be sent again."""
    UNCONFIRMED = "unconfirmed"
    """The answer does not mention it: it may have been accepted."""
    NOT_SENT = "not_sent"
    """Certainly not accepted; can be sent again."""
    UNKNOWN = "unknown"
    """Sent, but the answer was lost: it may have been accepted."""

    # The hash of `Enum` is slow, and differs from that of an equal string.
    __hash__ = str.__hash__


class _Grown:
    """Pickles of earlier versions lack newer fields, which are then None."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> None:
            if name not in attrs.fields_dict(type(self)):
                raise AttributeError(name)


# Creating a frozen object with slots takes several times as long.
@attrs.frozen(repr=False, slots=False)
class RecipientOutcome(_Grown):
    """The outcome for one recipient.

    Attributes:
        index: Position in the whole call, counted from 0.
        given: The number as the caller wrote it.
        phone_number: The number as it was sent: digits only, see `smsmanager.normalise_number`.
        status: What is known.
        message_id: The id under which webhooks report this recipient; in a batch it has the suffix
            `-<index>`. None unless accepted.
        request_id: Id of the request that carried it, if the answer gave one.
        message_index: Position of its message in `send_batch`; 0 otherwise.
        reference: The caller's id for the message, if it has one.
        evidence: What was found when the service was asked; see `smsmanager.asking.Evidence`.
    """

    index: int
    given: str
    phone_number: str
    status: Status
    message_id: str | None = None
    request_id: str | None = None
    message_index: int = 0
    reference: str | None = None
    evidence: Evidence | None = attrs.field(default=None, hash=False)

    def __repr__(self) -> str:
        """Show the status and the ids, but only the end of the number."""
        return (
            f"RecipientOutcome(index={self.index}, phone_number={mask_number(self.phone_number)!r}, "
            f"status={self.status.value!r}, message_id={self.message_id!r})"
        )


@attrs.frozen(repr=False, slots=False)
class SendResult(_Grown, Sequence[RecipientOutcome]):
    """The outcomes of one call: a sequence of `RecipientOutcome`, one per recipient.

    Attributes:
        outcomes: One per recipient, in the order given.
        called: When the call began and ended, in Unix seconds; None if that is not known.
        sent_again: Recipients that were sent to again although the first message may have been accepted.
    """

    outcomes: tuple[RecipientOutcome, ...]
    # The prepared messages, from which a client can send the rest. Pickle keeps them, JSON does not.
    _prepared: Prepared | None = attrs.field(default=None, eq=False)
    called: tuple[float, float] | None = attrs.field(default=None, eq=False)
    sent_again: frozenset[int] | None = attrs.field(default=None, eq=False)

    @overload
    def __getitem__(self, index: int) -> RecipientOutcome: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RecipientOutcome, ...]: ...
    def __getitem__(self, index: int | slice) -> RecipientOutcome | tuple[RecipientOutcome, ...]:
        """Return the outcome at a position, or those of a slice."""
        return self.outcomes[index]

    def __len__(self) -> int:
        """Return the number of recipients."""
        return len(self.outcomes)

    def __repr__(self) -> str:
        """Show how many recipients have each status."""
        return f"SendResult({', '.join(f'{name}={n}' for name, n in self.counts().items())})"

    def _with(self, status: Status) -> tuple[RecipientOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status is status)

    @property
    def accepted(self) -> tuple[RecipientOutcome, ...]:
        """Recipients whose message was accepted for processing."""
        return self._with(Status.ACCEPTED)

    @property
    def rejected(self) -> tuple[RecipientOutcome, ...]:
        """Recipients whose message was not accepted and can be sent again."""
        return self._with(Status.REJECTED)

    @property
    def unconfirmed(self) -> tuple[RecipientOutcome, ...]:
        """Recipients that the answer does not mention."""
        return self._with(Status.UNCONFIRMED)

    @property
    def not_sent(self) -> tuple[RecipientOutcome, ...]:
        """Recipients whose message was certainly not accepted, because of an error."""
        return self._with(Status.NOT_SENT)

    @property
    def unknown(self) -> tuple[RecipientOutcome, ...]:
        """Recipients whose message was sent, but the answer was lost."""
        return self._with(Status.UNKNOWN)

    @property
    def ok(self) -> bool:
        """Whether every recipient was accepted."""
        return all(outcome.status is Status.ACCEPTED for outcome in self.outcomes)

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Ids of the answered requests, in the order sent, each once."""
        return tuple(dict.fromkeys(o.request_id for o in self.outcomes if o.request_id is not None))

    @property
    def prepared(self) -> Prepared | None:
        """The prepared messages; internal, for `resume`. None if the result was read from JSON."""
        return self._prepared

    @property
    def references(self) -> tuple[str, ...]:
        """The caller's ids for the messages, in the order given, each once."""
        return tuple(dict.fromkeys(o.reference for o in self.outcomes if o.reference is not None))

    def counts(self) -> dict[str, int]:
        """Return how many recipients have each status that occurs."""
        counted = Counter(outcome.status for outcome in self.outcomes)
        return {status.value: counted[status] for status in Status if counted[status]}

    def find(self, message_id: str) -> RecipientOutcome | None:
        """Return the recipient that an id from a webhook identifies, or None.

        An id counts as the same id with the suffix `-0`, as in `smsmanager.same_message`, unless it is that
        of a batch message with several recipients: without a suffix it identifies none of them.

        Args:
            message_id: An id in either form.
        """
        by_id = {o.message_id: o for o in self.outcomes if o.message_id is not None}
        if found := by_id.get(message_id):
            return found
        if message_id.endswith("-0") and (found := by_id.get(message_id.removesuffix("-0"))):
            return found
        return None if f"{message_id}-1" in by_id else by_id.get(f"{message_id}-0")

    def raise_if_incomplete(self) -> Self:
        """Return the result itself if every recipient was accepted.

        Raises:
            IncompleteSendError: If a recipient was not accepted; its `result` is this result.
        """
        if not self.ok:
            raise IncompleteSendError(self)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, phone numbers included: `{"outcomes": [{"index": 0, ...}, ...]}`."""
        values = [attrs.asdict(o, filter=lambda f, v: f.name != "evidence" or v) for o in self]
        outcomes = [{**value, "status": value["status"].value} for value in values]
        return {"outcomes": outcomes}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` described.

        Raises:
            ValueError: If the data does not describe a result.
        """
        try:
            items = [{**item, "status": Status(item["status"])} for item in data["outcomes"]]
            return cls(tuple(RecipientOutcome(**item) for item in items))
        except (TypeError, KeyError, ValueError):
            raise ValueError("this is not a result in the form that to_dict() returns") from None

    def to_json(self) -> str:
        """Return JSON text, phone numbers included."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the result that `to_json` described; raise as `from_dict` does."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = {}
        return cls.from_dict(data)


OnResult: TypeAlias = Callable[[SendResult], object]


class Observer(Protocol):
    """Watches the calls of a client; `smsmanager.otel.Telemetry` is one."""

    def sending(self, steps: Generator[Any, Any, SendResult], prepared: Prepared, url: str) -> Any:
        """Return the steps of a call to the API at a URL, wrapped so that they are watched."""

    def ended(self, result: SendResult) -> object:
        """Record the outcomes of a call."""

    def settled(self, before: SendResult, after: SendResult) -> object:
        """Record the findings of `settle`."""

    def payload_fields(self) -> Mapping[str, str]:
        """Return the fields to add to the payload of a message."""
        ...
