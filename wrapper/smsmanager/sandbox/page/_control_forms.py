"""Describe the forms that add a rule or a fault, and turn a completed form into JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from smsmanager.sandbox.page._bubbles import CHANNELS
from smsmanager.sandbox.page._forms import FormError, json_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from smsmanager.sandbox._operations.faults import FaultKind
    from smsmanager.sandbox.engine.records import JsonObject
    from smsmanager.sandbox.engine.records.message_outcome import OutcomeKind

FieldKind: TypeAlias = Literal["text", "whole", "number", "percent", "choice"]

OUTCOMES: Mapping[OutcomeKind, str] = {
    "undelivered": "Undelivered",
    "failed": "Failed",
    "rejected": "Rejected: checked, refused, and reported by webhook",
    "not_taken": "Refused at once, in the answer to the request",
    "unconfirmed": "Sent, but missing from the answer",
    "never": "Sent, and never reported again",
    "delivered": "Delivered",
    "seen": "Delivered, then seen",
}
FAULTS: Mapping[FaultKind, str] = {
    "status": "Answer with another status, such as 503",
    "hang": "Never answer",
    "delay": "Answer late",
    "reset": "Reset the connection instead of answering",
    "close": "Close the connection without an answer",
    "truncate": "Break off in the middle of the answer",
    "short": "Leave one message out of the answer",
    "redirect": "Redirect to another address",
    "not_json": "Answer with a text that is not JSON",
    "drip": "Answer without end, one byte at a time",
    "huge": "Answer with 256 MiB",
    "gzip_bomb": "Answer with a gzip bomb that unpacks to 256 MiB",
}
_ALL = 100
# These are already visible in the answer to the request, or in a report about the whole message.
_WHOLE_MESSAGE = ("rejected", "not_taken", "unconfirmed")
_IN_THE_ANSWER = ("not_taken", "unconfirmed")
_OF_THE_ANSWER = ("delay", "truncate", "short")


def _but(kinds: Iterable[str], *without: str) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if kind not in without)


@attrs.frozen(kw_only=True)
class Field:
    """One field of a form.

    Attributes:
        name: Its name in the JSON.
        label: Its name on the page.
        help: One sentence below it.
        kind: What can be entered; a percentage becomes a share.
        choices: Value and caption; an empty value leaves the field out.
        value: Its initial value.
        placeholder: Example of what can be entered.
        low: Lowest number.
        high: Highest number.
        only_for: The choices in the first field for which this one has a meaning; empty for all.
        more: Whether it appears under "More options".
    """

    name: str
    label: str
    help: str = ""
    kind: FieldKind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    value: str = ""
    placeholder: str = ""
    low: float | None = None
    high: float | None = None
    only_for: tuple[str, ...] = ()
    more: bool = False


_SHARE = Field(
    name="probability",
    label="Share, in per cent",
    help="Affects this share at random; a fixed seed of the sandbox repeats the choice.",
    kind="percent",
    placeholder="100",
    low=1,
    high=100,
    more=True,
)

RULE_FIELDS: tuple[Field, ...] = (
    Field(
        name="outcome",
        label="What happens",
        kind="choice",
        choices=tuple(OUTCOMES.items()),
    ),
    Field(
        name="to",
        label="Only to this number",
        help="Leave it empty for every number.",
        placeholder="420777123456",
    ),
    Field(
        name="channel",
        label="Only on this channel",
        help="In a flow with a fallback: which step is meant.",
        kind="choice",
        choices=(
            ("", "Any channel"),
            *((name, caption) for name, caption in CHANNELS.items() if name != "whatsapp"),
        ),
        only_for=_but(OUTCOMES, *_WHOLE_MESSAGE),
    ),
    Field(name="tag", label="Only with this tag", placeholder="winter-sale"),
    Field(
        name="times",
        label="How many times",
        help="Leave it empty to keep the rule until you remove it.",
        kind="whole",
        low=1,
    ),
    Field(
        name="containing",
        label="Only if it contains this text",
        help="Upper and lower case do not matter.",
        more=True,
    ),
    Field(
        name="delay_s",
        label="Seconds until the last report",
        help="Leave it empty for the usual pace.",
        kind="number",
        low=0,
        only_for=_but(OUTCOMES, *_WHOLE_MESSAGE, "never"),
        more=True,
    ),
    Field(
        name="code",
        label="Code in result_info",
        help="Such as 304 for a number that has opted out.",
        kind="whole",
        low=0,
        only_for=_but(OUTCOMES, *_IN_THE_ANSWER, "never"),
        more=True,
    ),
    Field(
        name="info",
        label="Text in result_info",
        placeholder="Subscriber absent",
        only_for=_but(OUTCOMES, *_IN_THE_ANSWER, "never"),
        more=True,
    ),
    Field(
        name="reply",
        label="The recipient then replies",
        placeholder="YES",
        only_for=_but(OUTCOMES, *_WHOLE_MESSAGE),
        more=True,
    ),
    _SHARE,
)

FAULT_FIELDS: tuple[Field, ...] = (
    Field(
        name="kind",
        label="What goes wrong",
        kind="choice",
        choices=tuple(FAULTS.items()),
    ),
    Field(
        name="status_code",
        label="Status of the answer",
        kind="whole",
        value="503",
        low=200,
        high=599,
        only_for=("status",),
    ),
    Field(
        name="location",
        label="Target address",
        placeholder="https://example.com/",
        only_for=("redirect",),
    ),
    Field(
        name="delay_s",
        label="Seconds until the answer",
        help="Real seconds, whatever the sandbox's clock shows.",
        kind="number",
        value="10",
        low=0.001,
        high=3600,
        only_for=("delay",),
    ),
    Field(
        name="times",
        label="How many requests",
        help="Leave it empty to keep the fault until you remove it.",
        kind="whole",
        value="1",
        low=1,
    ),
    Field(
        name="when",
        label="Are the messages stored?",
        help="Usually only if the sandbox answers as if nothing were wrong.",
        kind="choice",
        choices=(
            ("", "As usual for this fault"),
            ("before", "No: it fails before anything is stored"),
            ("after", "Yes: only the answer is lost or spoiled"),
        ),
        only_for=_but(FAULTS, *_OF_THE_ANSWER),
        more=True,
    ),
    Field(
        name="body",
        label="Body of the answer",
        kind="choice",
        choices=(
            ("", "A JSON object with a message"),
            ("html", "A page of HTML"),
            ("empty", "Nothing"),
            ("null", "null"),
        ),
        only_for=("status",),
        more=True,
    ),
    Field(
        name="retry_after",
        label="Retry-After, in seconds",
        help="Sent as a header of the answer.",
        kind="whole",
        low=0,
        only_for=("status",),
        more=True,
    ),
    Field(
        name="path",
        label="Affected path",
        help="A path that ends with a slash includes all paths below it. Leave it empty for every path.",
        placeholder="/v1/messages",
        more=True,
    ),
    _SHARE,
)


def given(form: Mapping[str, str], whole: str, fields: tuple[Field, ...]) -> object:
    """Return what a form describes: the pasted JSON, or the values of its fields.

    Args:
        form: The form.
        whole: Name of the field that holds JSON.
        fields: The fields of the form; the first one decides which of the others have a meaning.

    Raises:
        FormError: If it is not JSON, or a field does not hold a number.
    """
    if whole in form or fields[0].name not in form:
        return json_of(form, whole)
    chosen = form[fields[0].name]
    found: JsonObject = {}
    for field in fields:
        text = form.get(field.name, "").strip()
        if text and (not field.only_for or chosen in field.only_for):
            found[field.name] = _value(field, text)
    # JSON without `times` means once; an empty field means without limit.
    found.setdefault("times", None)
    return found


def _value(field: Field, text: str) -> object:
    readers: Mapping[str, Callable[[str], object]] = {
        "whole": int,
        "number": float,
        "percent": lambda share: float(share) / _ALL,
    }
    read = readers.get(field.kind)
    try:
        value = read(text) if read else text
    except ValueError:
        what = "whole number" if field.kind == "whole" else "number"
        raise FormError(f"{field.label}: enter a {what}.") from None
    if field.kind == "percent" and not 0 < float(text) <= _ALL:
        raise FormError(f"{field.label}: enter a number above 0 and at most {_ALL}.")
    return value


def in_words(error: Exception, form: Mapping[str, str], fields: tuple[Field, ...]) -> str:
    """Return what is wrong with a rule or a fault, using the names in its form."""
    text = str(error)
    for field in fields if fields[0].name in form else ():
        if text.startswith(f"{field.name} "):
            return field.label + text.removeprefix(field.name)
    return text
