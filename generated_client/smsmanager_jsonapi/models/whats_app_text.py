from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.ttl_condition import TtlCondition, check_ttl_condition
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.whats_app_button import WhatsAppButton
    from ..models.whats_app_media import WhatsAppMedia
    from ..models.whats_app_raw import WhatsAppRaw


T = TypeVar("T", bound="WhatsAppText")


@_attrs_define
class WhatsAppText(metaclass=ModelType):
    """A WhatsApp step inside an open 24-hour window. At most one content beside the text: one of the media, `buttons`,
    `url` with `title`, or `raw`. If the window is closed, an SMS: `flow=[WhatsAppText(), Sms()]`.

    Attributes:
        body: The text; if unset, that of the message. At most 1000 characters.
        sender: Id of the WhatsApp phone number; if unset, the sender of the message.
        ttl: Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up
            to whole minutes. At least 0.5, at most 43200.
        ttl_condition: The state that the message must reach within `ttl` minutes; otherwise the next
            step runs. If unset, `sent` for an SMS and `delivered` for all other channels. One of `sent`,
            `delivered`, `seen`.
        preview: Whether a link in the text gets a preview.
        image: A file by link.
        video: A file by link.
        document: A file by link.
        audio: A file by link.
        buttons: Quick replies under the text. At most 3.
        url: Target of the one link button; needs `title`.
        title: Caption of the one link button; needs `url`.
        raw: A raw interactive message, passed on as it is.
        header: Header of an interactive message.
        footer: Footer of an interactive message.
    """

    body: str | Unset = UNSET
    """ The text; if unset, that of the message. At most 1000 characters. """
    sender: str | Unset = UNSET
    """ Id of the WhatsApp phone number; if unset, the sender of the message. """
    ttl: float | Unset = UNSET
    """ Minutes to wait for `ttl_condition`: up to 15 with one decimal; a longer time is rounded up to whole
    minutes. At least 0.5, at most 43200. """
    ttl_condition: TtlCondition | Unset = UNSET
    """ The state that the message must reach within `ttl` minutes; otherwise the next step runs. If unset, `sent`
    for an SMS and `delivered` for all other channels. One of `sent`, `delivered`, `seen`. """
    preview: bool | Unset = UNSET
    """ Whether a link in the text gets a preview. """
    image: WhatsAppMedia | Unset = UNSET
    """ A file by link. """
    video: WhatsAppMedia | Unset = UNSET
    """ A file by link. """
    document: WhatsAppMedia | Unset = UNSET
    """ A file by link. """
    audio: WhatsAppMedia | Unset = UNSET
    """ A file by link. """
    buttons: list[WhatsAppButton] | Unset = UNSET
    """ Quick replies under the text. At most 3. """
    url: str | Unset = UNSET
    """ Target of the one link button; needs `title`. """
    title: str | Unset = UNSET
    """ Caption of the one link button; needs `url`. """
    raw: WhatsAppRaw | Unset = UNSET
    """ A raw interactive message, passed on as it is. """
    header: str | Unset = UNSET
    """ Header of an interactive message. """
    footer: str | Unset = UNSET
    """ Footer of an interactive message. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        body = self.body

        sender = self.sender

        ttl = self.ttl

        ttl_condition: str | Unset = UNSET
        if not isinstance(self.ttl_condition, Unset):
            ttl_condition = self.ttl_condition

        preview = self.preview

        image: dict[str, Any] | Unset = UNSET
        if not isinstance(self.image, Unset):
            image = self.image.to_dict()

        video: dict[str, Any] | Unset = UNSET
        if not isinstance(self.video, Unset):
            video = self.video.to_dict()

        document: dict[str, Any] | Unset = UNSET
        if not isinstance(self.document, Unset):
            document = self.document.to_dict()

        audio: dict[str, Any] | Unset = UNSET
        if not isinstance(self.audio, Unset):
            audio = self.audio.to_dict()

        buttons: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.buttons, Unset):
            buttons = []
            for buttons_item_data in self.buttons:
                buttons_item = buttons_item_data.to_dict()
                buttons.append(buttons_item)

        url = self.url

        title = self.title

        raw: dict[str, Any] | Unset = UNSET
        if not isinstance(self.raw, Unset):
            raw = self.raw.to_dict()

        header = self.header

        footer = self.footer

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if body is not UNSET:
            field_dict["body"] = body
        if sender is not UNSET:
            field_dict["sender"] = sender
        if ttl is not UNSET:
            field_dict["ttl"] = ttl
        if ttl_condition is not UNSET:
            field_dict["ttl_condition"] = ttl_condition
        if preview is not UNSET:
            field_dict["preview"] = preview
        if image is not UNSET:
            field_dict["image"] = image
        if video is not UNSET:
            field_dict["video"] = video
        if document is not UNSET:
            field_dict["document"] = document
        if audio is not UNSET:
            field_dict["audio"] = audio
        if buttons is not UNSET:
            field_dict["buttons"] = buttons
        if url is not UNSET:
            field_dict["url"] = url
        if title is not UNSET:
            field_dict["title"] = title
        if raw is not UNSET:
            field_dict["raw"] = raw
        if header is not UNSET:
            field_dict["header"] = header
        if footer is not UNSET:
            field_dict["footer"] = footer

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.whats_app_button import WhatsAppButton  # noqa: PLC0415
        from ..models.whats_app_media import WhatsAppMedia  # noqa: PLC0415
        from ..models.whats_app_raw import WhatsAppRaw  # noqa: PLC0415

        d = dict(src_dict)
        body = d.pop("body", UNSET)

        sender = d.pop("sender", UNSET)

        ttl = d.pop("ttl", UNSET)

        _ttl_condition = d.pop("ttl_condition", UNSET)
        ttl_condition: TtlCondition | Unset
        if isinstance(_ttl_condition, Unset):
            ttl_condition = UNSET
        else:
            ttl_condition = check_ttl_condition(_ttl_condition)

        preview = d.pop("preview", UNSET)

        _image = d.pop("image", UNSET)
        image: WhatsAppMedia | Unset
        if isinstance(_image, Unset):
            image = UNSET
        else:
            image = WhatsAppMedia.from_dict(_image)

        _video = d.pop("video", UNSET)
        video: WhatsAppMedia | Unset
        if isinstance(_video, Unset):
            video = UNSET
        else:
            video = WhatsAppMedia.from_dict(_video)

        _document = d.pop("document", UNSET)
        document: WhatsAppMedia | Unset
        if isinstance(_document, Unset):
            document = UNSET
        else:
            document = WhatsAppMedia.from_dict(_document)

        _audio = d.pop("audio", UNSET)
        audio: WhatsAppMedia | Unset
        if isinstance(_audio, Unset):
            audio = UNSET
        else:
            audio = WhatsAppMedia.from_dict(_audio)

        _buttons = d.pop("buttons", UNSET)
        buttons: list[WhatsAppButton] | Unset = UNSET
        if _buttons is not UNSET:
            buttons = []
            for buttons_item_data in _buttons:
                buttons_item = WhatsAppButton.from_dict(buttons_item_data)

                buttons.append(buttons_item)

        url = d.pop("url", UNSET)

        title = d.pop("title", UNSET)

        _raw = d.pop("raw", UNSET)
        raw: WhatsAppRaw | Unset
        if isinstance(_raw, Unset):
            raw = UNSET
        else:
            raw = WhatsAppRaw.from_dict(_raw)

        header = d.pop("header", UNSET)

        footer = d.pop("footer", UNSET)

        refuse_unknown(cls, d)

        whats_app_text = cls(
            body=body,
            sender=sender,
            ttl=ttl,
            ttl_condition=ttl_condition,
            preview=preview,
            image=image,
            video=video,
            document=document,
            audio=audio,
            buttons=buttons,
            url=url,
            title=title,
            raw=raw,
            header=header,
            footer=footer,
        )

        return whats_app_text
