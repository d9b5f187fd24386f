from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.network_counts import NetworkCounts


T = TypeVar("T", bound="DayStats")


@_attrs_define
class DayStats(metaclass=ModelType):
    """Totals of a day.

    Attributes:
        count_sent: Messages sent.
        count_notsent: Messages not sent.
        count_delivered: Messages delivered.
        count_nondelivered: Messages not delivered.
        count_replied: Messages with a reply.
        count_optout: Recipients who opted out.
        msg_sent: Parts sent.
        count_seen: Messages seen.
        count_clicked: Messages whose link was clicked.
        first_ts_sent: When the first one was sent.
        last_ts_sent: When the last one was sent.
        msg_mccmnc: Parts by network.
    """

    count_sent: float | None | str | Unset = UNSET
    """ Messages sent. """
    count_notsent: float | None | str | Unset = UNSET
    """ Messages not sent. """
    count_delivered: float | None | str | Unset = UNSET
    """ Messages delivered. """
    count_nondelivered: float | None | str | Unset = UNSET
    """ Messages not delivered. """
    count_replied: float | None | str | Unset = UNSET
    """ Messages with a reply. """
    count_optout: float | None | str | Unset = UNSET
    """ Recipients who opted out. """
    msg_sent: float | None | str | Unset = UNSET
    """ Parts sent. """
    count_seen: float | None | str | Unset = UNSET
    """ Messages seen. """
    count_clicked: float | None | str | Unset = UNSET
    """ Messages whose link was clicked. """
    first_ts_sent: float | None | str | Unset = UNSET
    """ When the first one was sent. """
    last_ts_sent: float | None | str | Unset = UNSET
    """ When the last one was sent. """
    msg_mccmnc: NetworkCounts | None | Unset = UNSET
    """ Parts by network. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        from ..models.network_counts import NetworkCounts  # noqa: PLC0415

        count_sent: float | None | str | Unset
        if isinstance(self.count_sent, Unset):
            count_sent = UNSET
        else:
            count_sent = self.count_sent

        count_notsent: float | None | str | Unset
        if isinstance(self.count_notsent, Unset):
            count_notsent = UNSET
        else:
            count_notsent = self.count_notsent

        count_delivered: float | None | str | Unset
        if isinstance(self.count_delivered, Unset):
            count_delivered = UNSET
        else:
            count_delivered = self.count_delivered

        count_nondelivered: float | None | str | Unset
        if isinstance(self.count_nondelivered, Unset):
            count_nondelivered = UNSET
        else:
            count_nondelivered = self.count_nondelivered

        count_replied: float | None | str | Unset
        if isinstance(self.count_replied, Unset):
            count_replied = UNSET
        else:
            count_replied = self.count_replied

        count_optout: float | None | str | Unset
        if isinstance(self.count_optout, Unset):
            count_optout = UNSET
        else:
            count_optout = self.count_optout

        msg_sent: float | None | str | Unset
        if isinstance(self.msg_sent, Unset):
            msg_sent = UNSET
        else:
            msg_sent = self.msg_sent

        count_seen: float | None | str | Unset
        if isinstance(self.count_seen, Unset):
            count_seen = UNSET
        else:
            count_seen = self.count_seen

        count_clicked: float | None | str | Unset
        if isinstance(self.count_clicked, Unset):
            count_clicked = UNSET
        else:
            count_clicked = self.count_clicked

        first_ts_sent: float | None | str | Unset
        if isinstance(self.first_ts_sent, Unset):
            first_ts_sent = UNSET
        else:
            first_ts_sent = self.first_ts_sent

        last_ts_sent: float | None | str | Unset
        if isinstance(self.last_ts_sent, Unset):
            last_ts_sent = UNSET
        else:
            last_ts_sent = self.last_ts_sent

        msg_mccmnc: dict[str, Any] | None | Unset
        if isinstance(self.msg_mccmnc, Unset):
            msg_mccmnc = UNSET
        elif isinstance(self.msg_mccmnc, NetworkCounts):
            msg_mccmnc = self.msg_mccmnc.to_dict()
        else:
            msg_mccmnc = self.msg_mccmnc

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if count_sent is not UNSET:
            field_dict["count_sent"] = count_sent
        if count_notsent is not UNSET:
            field_dict["count_notsent"] = count_notsent
        if count_delivered is not UNSET:
            field_dict["count_delivered"] = count_delivered
        if count_nondelivered is not UNSET:
            field_dict["count_nondelivered"] = count_nondelivered
        if count_replied is not UNSET:
            field_dict["count_replied"] = count_replied
        if count_optout is not UNSET:
            field_dict["count_optout"] = count_optout
        if msg_sent is not UNSET:
            field_dict["msg_sent"] = msg_sent
        if count_seen is not UNSET:
            field_dict["count_seen"] = count_seen
        if count_clicked is not UNSET:
            field_dict["count_clicked"] = count_clicked
        if first_ts_sent is not UNSET:
            field_dict["first_ts_sent"] = first_ts_sent
        if last_ts_sent is not UNSET:
            field_dict["last_ts_sent"] = last_ts_sent
        if msg_mccmnc is not UNSET:
            field_dict["msg_mccmnc"] = msg_mccmnc

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.network_counts import NetworkCounts  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_count_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_sent = _parse_count_sent(d.pop("count_sent", UNSET))

        def _parse_count_notsent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_notsent = _parse_count_notsent(d.pop("count_notsent", UNSET))

        def _parse_count_delivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_delivered = _parse_count_delivered(d.pop("count_delivered", UNSET))

        def _parse_count_nondelivered(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_nondelivered = _parse_count_nondelivered(d.pop("count_nondelivered", UNSET))

        def _parse_count_replied(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_replied = _parse_count_replied(d.pop("count_replied", UNSET))

        def _parse_count_optout(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_optout = _parse_count_optout(d.pop("count_optout", UNSET))

        def _parse_msg_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        msg_sent = _parse_msg_sent(d.pop("msg_sent", UNSET))

        def _parse_count_seen(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_seen = _parse_count_seen(d.pop("count_seen", UNSET))

        def _parse_count_clicked(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        count_clicked = _parse_count_clicked(d.pop("count_clicked", UNSET))

        def _parse_first_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        first_ts_sent = _parse_first_ts_sent(d.pop("first_ts_sent", UNSET))

        def _parse_last_ts_sent(data: object) -> float | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | str | Unset, data)

        last_ts_sent = _parse_last_ts_sent(d.pop("last_ts_sent", UNSET))

        def _parse_msg_mccmnc(data: object) -> NetworkCounts | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                msg_mccmnc_type_0 = NetworkCounts.from_dict(data)

                return msg_mccmnc_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NetworkCounts | None | Unset, data)

        msg_mccmnc = _parse_msg_mccmnc(d.pop("msg_mccmnc", UNSET))

        day_stats = cls(
            count_sent=count_sent,
            count_notsent=count_notsent,
            count_delivered=count_delivered,
            count_nondelivered=count_nondelivered,
            count_replied=count_replied,
            count_optout=count_optout,
            msg_sent=msg_sent,
            count_seen=count_seen,
            count_clicked=count_clicked,
            first_ts_sent=first_ts_sent,
            last_ts_sent=last_ts_sent,
            msg_mccmnc=msg_mccmnc,
        )

        day_stats.additional_properties = d
        return day_stats

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
