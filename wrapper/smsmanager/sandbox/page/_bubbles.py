"""Turn one step of a message into the bubble that the recipient's phone would show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from smsmanager.sandbox._words import counted
from smsmanager.sandbox.engine.records.received_message import SMS, ReceivedStep
from smsmanager.sandbox.page._text import Piece, is_link, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from smsmanager.sandbox.engine.records import JsonObject

ButtonKind: TypeAlias = Literal["link", "reply", "copy", "call", "other"]

CHANNELS: Mapping[str, str] = {
    "sms": "SMS",
    "viber": "Viber",
    "whatsapp": "WhatsApp",
    "whatsapp_text": "WhatsApp",
    "whatsapp_template": "WhatsApp template",
    "rcs": "RCS",
}
_MEDIA = ("image", "video", "document", "audio")
_MAX_SHOWN_JSON = 2000


@attrs.frozen
class Button:
    """A button: what it does, its caption, and what it opens or sends.

    Attributes:
        kind: What it does.
        caption: The text on it.
        detail: Further data from the sender.
        answer: What the recipient answers or copies with it; empty for a button that opens something.
    """

    kind: ButtonKind
    caption: str = attrs.field(repr=False)
    detail: str = attrs.field(default="", repr=False)
    answer: str = attrs.field(default="", repr=False)

    @property
    def href(self) -> str:
        """The web address that it opens; empty if it opens none."""
        return self.detail if self.kind == "link" and is_link(self.detail) else ""


@attrs.frozen
class Media:
    """A file that is named but never loaded."""

    kind: str
    address: str = attrs.field(repr=False)
    name: str = attrs.field(default="", repr=False)
    caption: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class Card:
    """An RCS card."""

    title: str = attrs.field(default="", repr=False)
    description: str = attrs.field(default="", repr=False)
    media: Media | None = None
    buttons: tuple[Button, ...] = ()


@attrs.frozen
class Variable:
    """One parameter of a template: its place and its value."""

    name: str
    value: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Content:
    """What a bubble shows.

    Attributes:
        text: Pieces of the text; empty without one.
        header: Line above it.
        footer: Line below it.
        media: File it carries.
        buttons: Buttons or suggestions.
        cards: RCS cards; several are a carousel.
        template: Name and language of a WhatsApp template. Only the service has its text, so only
            the name and the variables can be shown.
        variables: Parameters of the template.
        raw: JSON that the service passes on as it is.
        size: How it is billed, such as `"GSM-7, 2 parts, 170 of 306"`; empty unless SMS.
        parts: Number of SMS that the text is sent as; 0 unless SMS.
    """

    text: tuple[Piece, ...] = ()
    header: str = attrs.field(default="", repr=False)
    footer: str = attrs.field(default="", repr=False)
    media: Media | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    template: str = attrs.field(default="", repr=False)
    variables: tuple[Variable, ...] = ()
    raw: str = attrs.field(default="", repr=False)
    size: str = ""
    parts: int = 0


def channel_name(channel: str) -> str:
    """Return the common name of a channel; an unknown channel keeps its name on the wire."""
    return CHANNELS.get(channel, channel)


def content(step: ReceivedStep, *, marks: bool = False) -> Content:
    """Return what a phone would show for a step.

    Args:
        step: Step as received. The sandbox may use another description than this code knows: unknown
            parts are shown as JSON.
        marks: Whether to point out the characters that make an SMS UCS-2.
    """
    if step.channel == SMS:
        return _sms(step, marks=marks)
    make = _MAKERS.get(step.channel)
    try:
        return make(step) if make else _unknown(step)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # With another description, only the text is known.
        return _unknown(step)


def _unknown(step: ReceivedStep) -> Content:
    return Content(text=pieces(step.body or ""), raw=_shown(step.fields))


def _sms(step: ReceivedStep, *, marks: bool) -> Content:
    size = step.sms_parts
    if size is None:
        return Content()
    # The phone shows what was sent, which for `type: sms` is the transliterated text.
    sent = "".join(size.texts)
    room = size.units + size.characters_left
    return Content(
        text=pieces(sent, parts=size.texts, wide=size.ucs2_characters if marks else ()),
        size=f"{size.encoding.upper()}, {counted(size.parts, 'part')}, {size.units} of {room}",
        parts=size.parts,
    )


def _viber(step: ReceivedStep) -> Content:
    return Content(
        text=pieces(step.body or ""),
        buttons=tuple(
            Button("link", button["title"], button["url"])
            for button in step.fields.get("buttons", ())
        ),
    )


def _whatsapp_text(step: ReceivedStep) -> Content:
    fields = step.fields
    media = next(
        (
            Media(
                kind,
                fields[kind]["link"],
                fields[kind].get("filename", ""),
                fields[kind].get("caption", ""),
            )
            for kind in _MEDIA
            if kind in fields
        ),
        None,
    )
    buttons = [
        Button("reply", button["title"], button.get("id", ""), button["title"])
        for button in fields.get("buttons", ())
    ]
    if "url" in fields:
        buttons.append(Button("link", fields.get("title", ""), fields["url"]))
    return Content(
        text=pieces(step.body or ""),
        header=fields.get("header", ""),
        footer=fields.get("footer", ""),
        media=media,
        buttons=tuple(buttons),
        raw=_shown(fields["raw"]) if "raw" in fields else "",
    )


def _whatsapp_template(step: ReceivedStep) -> Content:
    fields = step.fields
    header = _older(fields, "params_header", "parameters_header")
    media, variables = _template_header(header[0] if header else None)
    for number, value in enumerate(_older(fields, "params", "parameters_body"), start=1):
        named = value if isinstance(value, dict) else {str(number): value}
        variables += [Variable(name, str(text)) for name, text in named.items()]
    variables += [
        Variable(f"product {number}", item["product"]["product_retailer_id"])
        for number, item in enumerate(fields.get("params_carousel", ()), start=1)
    ]
    variables += [
        Variable("offer ends (ms)", str(moment)) for moment in fields.get("params_lto", ())
    ]
    buttons = _older(fields, "params_buttons", "parameters_buttons")
    return Content(
        template=f"{fields['template_name']} ({fields['language']})",
        media=media,
        variables=tuple(variables),
        buttons=tuple(
            _template_button(number, value) for number, value in enumerate(buttons, start=1)
        ),
    )


def _template_header(value: Any) -> tuple[Media | None, list[Variable]]:
    if value is None:
        return None, []
    if isinstance(value, str):
        return None, [Variable("header", value)]
    kind, inner = next(iter(value.items()))
    if kind in _MEDIA:
        address = inner if isinstance(inner, str) else inner.get("link") or _shown(inner)
        return Media(kind, str(address)), []
    return None, [Variable(f"header {kind}", inner if isinstance(inner, str) else _shown(inner))]


def _template_button(number: int, value: Any) -> Button:
    caption = f"Button {number}"
    if value is None:
        return Button("other", caption, "static")
    if isinstance(value, str):
        return Button("link", caption, value)
    kind, inner = next(iter(value.items()))
    detail = inner if isinstance(inner, str) else _shown(inner)
    kinds: Mapping[str, ButtonKind] = {
        "url": "link",
        "payload": "reply",
        "code": "copy",
        "voice_call": "call",
    }
    # Only the service has the text on it, so its payload serves as the answer.
    answer = detail if kind in {"payload", "code"} else ""
    return Button(kinds.get(kind, "other"), caption, f"{kind}: {detail}", answer)


def _rcs(step: ReceivedStep) -> Content:
    fields = step.fields
    cards = [fields["card"]] if "card" in fields else fields.get("carousel", ())
    return Content(
        text=pieces(step.body or ""),
        buttons=_suggestions(fields.get("buttons", ())),
        cards=tuple(
            Card(
                title=card.get("title", ""),
                description=card.get("description", ""),
                media=_card_media(card),
                buttons=_suggestions(card.get("buttons", ())),
            )
            for card in cards
        ),
        raw=_shown(fields["raw"]) if "raw" in fields else "",
    )


def _card_media(card: JsonObject) -> Media | None:
    address = card.get("file") or card.get("thumbnail")
    return Media("media", address) if address else None


def _suggestions(buttons: Iterable[JsonObject]) -> tuple[Button, ...]:
    def each() -> Iterator[Button]:
        for button in buttons:
            if button["type"] == "url":
                yield Button("link", button["text"], button.get("url", ""))
            else:
                yield Button("reply", button["text"], button["postback"], button["text"])

    return tuple(each())


def _older(fields: JsonObject, name: str, older: str) -> Any:
    return fields.get(name) or fields.get(older) or ()


def as_json(value: object) -> str:
    """Return a value as readable JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _shown(value: object) -> str:
    text = as_json(value)
    return text if len(text) <= _MAX_SHOWN_JSON else text[:_MAX_SHOWN_JSON] + "\n..."


_MAKERS: Mapping[str, Callable[[ReceivedStep], Content]] = {
    "viber": _viber,
    "whatsapp_text": _whatsapp_text,
    "whatsapp_template": _whatsapp_template,
    "rcs": _rcs,
}
