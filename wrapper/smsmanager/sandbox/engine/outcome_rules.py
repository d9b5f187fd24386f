"""Decide the outcome of a message: by rule, else by magic number, else delivered. No I/O."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, TypeAlias

import attrs

from smsmanager.sandbox.engine.draws import Draws
from smsmanager.sandbox.engine.records.message_outcome import (
    DELIVERED,
    MAGIC_OUTCOMES,
    MagicNumber,
    Outcome,
)
from smsmanager.sandbox.engine.records.normalisation import (
    normalise_number,
    normalise_tags,
    tags_of,
)
from smsmanager.sandbox.engine.records.received_message import SMS
from smsmanager.sandbox.engine.records.value_checks import check_number, check_whole, json_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.message_outcome import OutcomeKind
    from smsmanager.sandbox.engine.records.received_message import ReceivedMessage, ReceivedStep

_MAX_TIMES = 10**9
_MAX_RULES = 1000


def _outcome(given: Outcome | OutcomeKind) -> Outcome:
    return Outcome(given) if isinstance(given, str) else given


@attrs.frozen
class Rule:
    """An outcome for the messages that match. What is left out matches any message.

    Attributes:
        outcome: What becomes of them; a kind such as `"undelivered"` stands for `Outcome(kind)`.
        to: Number, in any form that the service understands.
        tag: Tag, or several joined by commas, all of which must be there.
        containing: Part of the text of any step; upper and lower case are alike.
        channel: Only steps of this channel, such as `"viber"`. Means nothing for the outcomes that
            are about the whole message: `rejected`, `not_taken`, `unconfirmed`.
        times: For how many decisions; `None` for all until it is removed.
        probability: Share of the matching messages that are hit, drawn with the sandbox's seed.

    Raises:
        TypeError: If a value has the wrong type.
        ValueError: If a value is out of range.
    """

    outcome: Outcome = attrs.field(converter=_outcome)
    to: str | None = attrs.field(default=None, kw_only=True, repr=False)
    tag: str | None = attrs.field(default=None, kw_only=True)
    containing: str | None = attrs.field(default=None, kw_only=True, repr=False)
    channel: str | None = attrs.field(default=None, kw_only=True)
    times: int | None = attrs.field(default=None, kw_only=True)
    probability: float = attrs.field(default=1.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check the values: JSON can hold any type."""
        if not isinstance(self.outcome, Outcome):
            raise TypeError("outcome must be an Outcome, or the name of a kind.")
        for name in ("to", "tag", "containing", "channel"):
            if not isinstance(getattr(self, name), str | None):
                raise TypeError(f"{name} must be a string.")
        if self.times is not None:
            check_whole("times", self.times, range(1, _MAX_TIMES))
        check_number("probability", self.probability, 1)

    @classmethod
    def from_json(cls, value: object) -> Rule:
        """Return what a JSON object describes, with the fields of the outcome among the others.

        Raises:
            TypeError: If it is not an object, or a value in it has the wrong type.
            ValueError: If a field is unknown or missing, or a value does not fit.
        """
        of_the_outcome = [field.name for field in attrs.fields(Outcome) if field.name != "kind"]
        names = [*(field.name for field in attrs.fields(cls)), *of_the_outcome]
        fields = json_fields(value, "A rule", '{"outcome": "undelivered"}', names)
        if not isinstance(fields.get("outcome"), str):
            raise TypeError("outcome is missing, or not a text.")
        given = {name: fields.pop(name) for name in of_the_outcome if name in fields}
        return cls(Outcome(fields.pop("outcome"), **given), **fields)

    def as_json(self) -> JsonObject:
        """Return the rule as the JSON API shows and takes it."""
        fields = attrs.asdict(self, recurse=False, filter=lambda _, value: value is not None)
        outcome = attrs.asdict(self.outcome, filter=lambda _, value: value is not None)
        kind = outcome.pop("kind")
        return {**fields, "outcome": kind, **outcome}


@attrs.frozen(eq=False)
class Candidate:
    """What rules are matched against before there is a message.

    Attributes:
        to: Normalised number.
        steps: Channels of the message.
        message: JSON of the message, as understood.
    """

    to: str = attrs.field(repr=False)
    steps: tuple[ReceivedStep, ...] = attrs.field(repr=False)
    message: JsonObject = attrs.field(repr=False)

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags as the service normalises them."""
        return tags_of(self.message)


Judged: TypeAlias = "ReceivedMessage | Candidate"


@attrs.define(eq=False)
class ActiveRule:
    """A rule in force.

    Attributes:
        id: Number by which it is removed.
        rule: The rule.
        left: For how many decisions more; `None` for all.
    """

    id: int
    rule: Rule
    left: int | None
    number: str | None = attrs.field(repr=False)

    def as_json(self) -> JsonObject:
        """Return the rule with its id and what is left of its `times`."""
        return {"id": self.id, **self.rule.as_json(), "times": self.left}


class Rules:
    """The rules in force. All methods can be called from any thread.

    The rule that was added last is tried first, so that a test can override what is there.

    Attributes:
        on_change: Called when a rule was added or removed.

    Args:
        country_prefix: Country calling code of the account.
        seed: Start of the draws for rules with a probability.
    """

    def __init__(self, *, country_prefix: str, seed: int | str | None) -> None:
        self._country_prefix = country_prefix
        self._draws = Draws(seed)
        self._lock = threading.Lock()
        self._rules: tuple[ActiveRule, ...] = ()
        self._ids = itertools.count(1)
        self.on_change: Callable[[], object] = lambda: None

    def __iter__(self) -> Iterator[ActiveRule]:
        """Yield the rules in force, in the order in which they are tried."""
        return iter(self._rules)

    def __len__(self) -> int:
        """Return how many rules are in force."""
        return len(self._rules)

    def add(self, rule: Rule, *, last: bool = False) -> int:
        """Put a rule before the others, or after them, and return the id by which it is removed.

        Raises:
            ValueError: If there are 1,000 already.
        """
        number = None if rule.to is None else normalise_number(rule.to, self._country_prefix)
        with self._lock:
            if len(self._rules) >= _MAX_RULES:
                raise ValueError(f"There are {_MAX_RULES:,} rules already: remove some first.")
            active = ActiveRule(next(self._ids), rule, rule.times, number)
            self._rules = (*self._rules, active) if last else (active, *self._rules)
        self.on_change()
        return active.id

    def remove(self, rule_id: int) -> bool:
        """Remove a rule; return False if there is none with this id."""
        with self._lock:
            before = len(self._rules)
            self._rules = tuple(active for active in self._rules if active.id != rule_id)
            found = len(self._rules) < before
        if found:
            self.on_change()
        return found

    def put_back(self, removed: ActiveRule, behind: int) -> None:
        """Put a rule back before the last ones, with what is left of its `times`.

        Args:
            removed: The rule.
            behind: How many rules were tried after it.
        """
        with self._lock:
            place = max(0, len(self._rules) - behind)
            self._rules = (*self._rules[:place], removed, *self._rules[place:])
        self.on_change()

    def clear(self) -> int:
        """Remove all rules, restart the draws, and return how many rules there were."""
        with self._lock:
            count = len(self._rules)
            self._rules = ()
            self._draws.restart()
        self.on_change()
        return count

    def in_the_answer(self, message: Judged) -> Outcome | None:
        """Return the outcome that the answer states, `None` for an accepted message."""
        if self._rules:
            found = self._first(message, None, ("not_taken", "unconfirmed"))
            if found is not None:
                return found
        magic = MAGIC_OUTCOMES.get(message.to)
        return magic if magic is not None and magic.is_at_once else None

    def before_sending(self, message: ReceivedMessage) -> Outcome | None:
        """Return the outcome of a message that is processed and refused, else `None`."""
        if self._rules:
            found = self._first(message, None, ("rejected",))
            if found is not None:
                return found
        magic = MAGIC_OUTCOMES.get(message.to)
        return magic if magic is not None and magic.kind == "rejected" else None

    def of_step(self, message: ReceivedMessage, channel: str) -> Outcome:
        """Return what becomes of one step."""
        if self._rules:
            found = self._first(
                message, channel, ("delivered", "undelivered", "failed", "seen", "never")
            )
            if found is not None:
                return found
        if message.to == MagicNumber.SMS_ONLY and channel == SMS:
            return DELIVERED
        magic = MAGIC_OUTCOMES.get(message.to, DELIVERED)
        return DELIVERED if magic.is_at_once else magic

    def _first(self, message: Judged, channel: str | None, kinds: Sequence[str]) -> Outcome | None:
        with self._lock:
            for active in self._rules:
                rule = active.rule
                if rule.outcome.kind not in kinds or not _matches(active, message, channel):
                    continue
                if rule.probability < 1 and self._draws.random() >= rule.probability:
                    continue
                if active.left is not None:
                    active.left -= 1
                    if not active.left:
                        self._rules = tuple(kept for kept in self._rules if kept is not active)
                return rule.outcome
        return None


def _matches(active: ActiveRule, message: Judged, channel: str | None) -> bool:
    rule = active.rule
    if active.number is not None and active.number != message.to:
        return False
    if channel is not None and rule.channel is not None and rule.channel != channel:
        return False
    if rule.tag is not None:
        wanted = frozenset(normalise_tags(rule.tag))
        if not (wanted and wanted.issubset(message.tags)):
            return False
    if rule.containing is None:
        return True
    piece = rule.containing.casefold()
    return any(piece in step.body.casefold() for step in message.steps if step.body is not None)
