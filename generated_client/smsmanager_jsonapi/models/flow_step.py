from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

if TYPE_CHECKING:
    from ..models.rcs import Rcs
    from ..models.sms import Sms
    from ..models.viber import Viber
    from ..models.whats_app_template import WhatsAppTemplate
    from ..models.whats_app_text import WhatsAppText


T = TypeVar("T", bound="FlowStep")


@_attrs_define
class FlowStep(metaclass=ModelType):
    """One step of a flow, with exactly one channel.

    Attributes:
        sms: An SMS step. After a Viber step, with its own text: `flow=[Viber(ttl=5), Sms(body="Your
            table is ready.")]`.
        viber: A Viber step. If it is not seen within five minutes, an SMS: `flow=[Viber(ttl=5,
            ttl_condition="seen"), Sms()]`.
        whatsapp_text: A WhatsApp step inside an open 24-hour window. At most one content beside the
            text: one of the media, `buttons`, `url` with `title`, or `raw`. If the window is closed, an
            SMS: `flow=[WhatsAppText(), Sms()]`.
        whatsapp_template: A WhatsApp step from an approved template. It has no text:
            `flow=[WhatsAppTemplate(template_name="order_sent", language="en", params=["Jana"])]`.
        rcs: An RCS step. With a reply button: `flow=[Rcs(buttons=[RcsButton(type_="reply", text="Book",
            postback="book")])]`.
    """

    sms: Sms | Unset = UNSET
    """ An SMS step. After a Viber step, with its own text: `flow=[Viber(ttl=5), Sms(body="Your table is ready.")]`.
    """
    viber: Viber | Unset = UNSET
    """ A Viber step. If it is not seen within five minutes, an SMS: `flow=[Viber(ttl=5, ttl_condition="seen"),
    Sms()]`. """
    whatsapp_text: WhatsAppText | Unset = UNSET
    """ A WhatsApp step inside an open 24-hour window. At most one content beside the text: one of the media,
    `buttons`, `url` with `title`, or `raw`. If the window is closed, an SMS: `flow=[WhatsAppText(), Sms()]`. """
    whatsapp_template: WhatsAppTemplate | Unset = UNSET
    """ A WhatsApp step from an approved template. It has no text:
    `flow=[WhatsAppTemplate(template_name="order_sent", language="en", params=["Jana"])]`. """
    rcs: Rcs | Unset = UNSET
    """ An RCS step. With a reply button: `flow=[Rcs(buttons=[RcsButton(type_="reply", text="Book",
    postback="book")])]`. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        sms: dict[str, Any] | Unset = UNSET
        if not isinstance(self.sms, Unset):
            sms = self.sms.to_dict()

        viber: dict[str, Any] | Unset = UNSET
        if not isinstance(self.viber, Unset):
            viber = self.viber.to_dict()

        whatsapp_text: dict[str, Any] | Unset = UNSET
        if not isinstance(self.whatsapp_text, Unset):
            whatsapp_text = self.whatsapp_text.to_dict()

        whatsapp_template: dict[str, Any] | Unset = UNSET
        if not isinstance(self.whatsapp_template, Unset):
            whatsapp_template = self.whatsapp_template.to_dict()

        rcs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.rcs, Unset):
            rcs = self.rcs.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if sms is not UNSET:
            field_dict["sms"] = sms
        if viber is not UNSET:
            field_dict["viber"] = viber
        if whatsapp_text is not UNSET:
            field_dict["whatsapp_text"] = whatsapp_text
        if whatsapp_template is not UNSET:
            field_dict["whatsapp_template"] = whatsapp_template
        if rcs is not UNSET:
            field_dict["rcs"] = rcs

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rcs import Rcs  # noqa: PLC0415
        from ..models.sms import Sms  # noqa: PLC0415
        from ..models.viber import Viber  # noqa: PLC0415
        from ..models.whats_app_template import WhatsAppTemplate  # noqa: PLC0415
        from ..models.whats_app_text import WhatsAppText  # noqa: PLC0415

        d = dict(src_dict)
        _sms = d.pop("sms", UNSET)
        sms: Sms | Unset
        if isinstance(_sms, Unset):
            sms = UNSET
        else:
            sms = Sms.from_dict(_sms)

        _viber = d.pop("viber", UNSET)
        viber: Viber | Unset
        if isinstance(_viber, Unset):
            viber = UNSET
        else:
            viber = Viber.from_dict(_viber)

        _whatsapp_text = d.pop("whatsapp_text", UNSET)
        whatsapp_text: WhatsAppText | Unset
        if isinstance(_whatsapp_text, Unset):
            whatsapp_text = UNSET
        else:
            whatsapp_text = WhatsAppText.from_dict(_whatsapp_text)

        _whatsapp_template = d.pop("whatsapp_template", UNSET)
        whatsapp_template: WhatsAppTemplate | Unset
        if isinstance(_whatsapp_template, Unset):
            whatsapp_template = UNSET
        else:
            whatsapp_template = WhatsAppTemplate.from_dict(_whatsapp_template)

        _rcs = d.pop("rcs", UNSET)
        rcs: Rcs | Unset
        if isinstance(_rcs, Unset):
            rcs = UNSET
        else:
            rcs = Rcs.from_dict(_rcs)

        refuse_unknown(cls, d)

        flow_step = cls(
            sms=sms,
            viber=viber,
            whatsapp_text=whatsapp_text,
            whatsapp_template=whatsapp_template,
            rcs=rcs,
        )

        return flow_step
