"""Hold what each page shows: plain values, worded and rounded, in the order in which they appear.

The templates only place them. Everything that decides what is shown is made in `_read`, so that it
can be tested without HTML; the templates can be tested without a sandbox.
"""

from typing import Literal, TypeAlias

import attrs

from smsmanager.sandbox.page._bubbles import Content

Tone: TypeAlias = Literal["neutral", "waiting", "moving", "good", "bad"]
Side: TypeAlias = Literal["in", "out"]


@attrs.frozen
class State:
    """Name a state: the word that is shown, and the tone in which it is."""

    word: str
    tone: Tone


@attrs.frozen
class Choice:
    """Hold one entry of a menu or a filter: its caption, its address, and how many it holds."""

    caption: str
    href: str
    current: bool = False
    count: int | None = None
    tone: Tone = "neutral"


@attrs.frozen
class Clock:
    """Hold the sandbox's time.

    Attributes:
        now: ISO 8601.
        mode: `"real"`, `"accelerated"` or `"manual"`.
        speed: Seconds in a real second; 0 for a manual clock.
        next_due: When the next thing happens; empty if nothing waits.
        next_what: What it is.
    """

    now: str
    mode: str
    speed: float
    next_due: str = ""
    next_what: str = ""


@attrs.frozen(kw_only=True)
class Frame:
    """Hold what stands around every page.

    Attributes:
        title: Title of the page.
        place: Which entry of the navigation is current.
        here: Path and query of the page, to come back to after a form.
        navigation: The pages.
        inboxes: The inboxes to choose from.
        inbox: Query parameter that keeps the chosen inbox, `""` or `"?inbox=..."`.
        clock: The sandbox's time.
        base_url: What programs use as `SMSMANAGER_BASE_URL`.
        theme: `"light"`, `"dark"`, or `"auto"` for that of the system.
        version: State of the sandbox that is shown; the page asks for changes behind it.
    """

    title: str
    place: str
    here: str
    navigation: tuple[Choice, ...]
    inboxes: tuple[Choice, ...]
    inbox: str
    clock: Clock
    base_url: str
    theme: str
    version: int


@attrs.frozen(kw_only=True)
class Hop:
    """Hold one step of a flow, as the list shows it: its channel, and what became of it."""

    channel: str
    name: str
    tone: Tone
    current: bool


@attrs.frozen(kw_only=True)
class Row:
    """Hold one message of the list."""

    key: str
    href: str
    number: str = attrs.field(repr=False)
    thread: str = attrs.field(repr=False)
    state: State
    hops: tuple[Hop, ...]
    text: str = attrs.field(repr=False)
    tags: tuple[str, ...]
    size: str
    price: str
    at: str


@attrs.frozen(kw_only=True)
class InboxPage:
    """Hold the list of messages.

    Attributes:
        rows: Newest first.
        search: What was searched for.
        states: Filters by state.
        channels: Filters by channel.
        tags: Filters by tag.
        summary: How many messages match, and what they cost.
        older: Address of the page behind this one; `None` at the end.
        newer: Address of the first page; `None` there.
        empty: Whether nothing was ever received.
    """

    rows: tuple[Row, ...]
    search: str = attrs.field(repr=False)
    keeps: tuple[tuple[str, str], ...]
    states: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    summary: str
    older: str | None
    newer: str | None
    filtered: bool
    empty: bool
    exports: tuple[Choice, ...]


@attrs.frozen(kw_only=True)
class Bubble:
    """Hold one message on a phone.

    Attributes:
        key: What tells it apart from the others of the page.
        side: `"in"` for what the phone received, `"out"` for what it sent.
        channel: Channel on the wire, which gives the look.
        name: Channel as people call it.
        sender: Who the phone says it is from.
        state: What became of it.
        href: Where the message is shown in full.
        note: What stands above it, such as why the flow went on to it.
        pending: Whether the phone has not got it yet.
    """

    key: str
    side: Side
    channel: str
    name: str
    sender: str = attrs.field(repr=False)
    state: State | None
    at: str
    content: Content
    href: str = ""
    price: str = ""
    note: str = ""
    pending: bool = False


@attrs.frozen(kw_only=True)
class Conversation:
    """Hold one phone of the list of phones."""

    key: str
    href: str
    number: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    at: str
    state: State | None
    current: bool = False
    opted_out: bool = False


@attrs.frozen(kw_only=True)
class ReplyBox:
    """Hold the form to write as the recipient.

    Attributes:
        action: Where it is posted.
        choices: What can be answered: value, and what it says. The first is the newest message.
    """

    action: str
    choices: tuple[tuple[str, str], ...]
    hint: str = ""


@attrs.frozen(kw_only=True)
class PhonesPage:
    """Hold the phones and, if one is chosen, its conversation."""

    conversations: tuple[Conversation, ...]
    number: str = attrs.field(repr=False)
    bubbles: tuple[Bubble, ...]
    earlier: int
    reply: ReplyBox | None
    senders: tuple[str, ...] = ()
    opted_out: bool = False


@attrs.frozen(kw_only=True)
class Attempt:
    """Hold one attempt to deliver a webhook; `only` if there was no other."""

    key: str
    number: int
    only: bool
    at: str
    url: str = attrs.field(repr=False)
    state: State
    latency: str
    answer: str
    body: str = attrs.field(repr=False)
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    next_at: str = ""


@attrs.frozen(kw_only=True)
class Event:
    """Hold one entry of a message's timeline.

    Attributes:
        key: What tells it apart from the others.
        at: When.
        since: How long after the message arrived.
        title: What happened.
        detail: What else is known.
        tone: How it went.
        icon: Name of the drawing beside it.
        due: Whether it lies ahead.
        attempts: Attempts to deliver the webhook that reports it, oldest first.
        resend: Where to post to send the webhook again; empty if there is none.
    """

    key: str
    at: str
    since: str
    title: str
    detail: str = attrs.field(default="", repr=False)
    tone: Tone = "neutral"
    icon: str = "dot"
    due: bool = False
    price: str = ""
    attempts: tuple[Attempt, ...] = ()
    resend: str = ""


@attrs.frozen(kw_only=True)
class Fact:
    """Hold a name and a value."""

    name: str
    value: str = attrs.field(repr=False)
    code: bool = False
    href: str = ""


@attrs.frozen(kw_only=True)
class MessagePage:
    """Hold one message in full."""

    row: Row
    bubbles: tuple[Bubble, ...]
    events: tuple[Event, ...]
    facts: tuple[Fact, ...]
    steps: tuple["StepFacts", ...]
    links: tuple[Fact, ...]
    raw: str = attrs.field(repr=False)
    reply: ReplyBox | None
    total: str
    newer: str | None = None
    older: str | None = None


@attrs.frozen(kw_only=True)
class StepFacts:
    """Hold what a step is counted as and costs."""

    name: str
    channel: str
    sender: str = attrs.field(repr=False)
    encoding: str
    parts: str
    units: str
    wide: str = attrs.field(repr=False)
    ttl: str
    state: State
    price: str


@attrs.frozen(kw_only=True)
class Due:
    """Hold one thing that waits for its time."""

    key: str
    at: str
    wait: str
    what: str
    why: str
    number: str = attrs.field(repr=False)
    href: str
    moment: str


@attrs.frozen(kw_only=True)
class SchedulePage:
    """Hold what waits, the next first."""

    due: tuple[Due, ...]
    total: int


@attrs.frozen(kw_only=True)
class RequestRow:
    """Hold one request to the service."""

    key: str
    at: str
    method: str
    path: str = attrs.field(repr=False)
    status: str
    state: State
    pointer: str
    reason: str
    recipients: int
    request_id: str
    body: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class RequestsPage:
    """Hold the requests, newest first."""

    rows: tuple[RequestRow, ...]
    filters: tuple[Choice, ...]
    older: str | None


@attrs.frozen(kw_only=True)
class Rule:
    """Hold a rule or a fault that waits: what it does, to what, and how often."""

    key: str
    what: str
    when: str = attrs.field(repr=False)
    times: str
    remove: str
    raw: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class ControlPage:
    """Hold the controls: clock, rules, faults, credit and opt-outs."""

    rules: tuple[Rule, ...]
    faults: tuple[Rule, ...]
    magic: tuple[tuple[str, str], ...]
    credit: str
    opted_out: tuple[str, ...] = attrs.field(repr=False)
    rule_example: str = ""
    fault_example: str = ""


@attrs.frozen
class ErrorPage:
    """Hold what went wrong, and where to go back to."""

    title: str
    text: str
    back: str
