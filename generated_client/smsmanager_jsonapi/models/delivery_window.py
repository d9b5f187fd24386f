from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.weekday import Weekday, check_weekday
from ..types import UNSET, ModelType, Unset, masked_repr, refuse_unknown

T = TypeVar("T", bound="DeliveryWindow")


@_attrs_define
class DeliveryWindow(metaclass=ModelType):
    """Days and hours in which to send. A message due outside them waits for the next time inside.

    Attributes:
        days: The days on which messages may be sent. Not empty, no two alike.
        start: The first minute in which messages may be sent, `HH:MM`.
        end: The last minute in which messages may be sent, `HH:MM`.
        tz: IANA name of the time zone of `start` and `end`. If unset, UTC. Not empty.
    """

    days: list[Weekday] | Unset = UNSET
    """ The days on which messages may be sent. Not empty, no two alike. """
    start: str | Unset = UNSET
    """ The first minute in which messages may be sent, `HH:MM`. """
    end: str | Unset = UNSET
    """ The last minute in which messages may be sent, `HH:MM`. """
    tz: str | Unset = UNSET
    """ IANA name of the time zone of `start` and `end`. If unset, UTC. Not empty. """

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        days: list[str] | Unset = UNSET
        if not isinstance(self.days, Unset):
            days = []
            for days_item_data in self.days:
                days_item: str = days_item_data
                days.append(days_item)

        start = self.start

        end = self.end

        tz = self.tz

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if days is not UNSET:
            field_dict["days"] = days
        if start is not UNSET:
            field_dict["start"] = start
        if end is not UNSET:
            field_dict["end"] = end
        if tz is not UNSET:
            field_dict["tz"] = tz

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _days = d.pop("days", UNSET)
        days: list[Weekday] | Unset = UNSET
        if _days is not UNSET:
            days = []
            for days_item_data in _days:
                days_item = check_weekday(days_item_data)

                days.append(days_item)

        start = d.pop("start", UNSET)

        end = d.pop("end", UNSET)

        tz = d.pop("tz", UNSET)

        refuse_unknown(cls, d)

        delivery_window = cls(
            days=days,
            start=start,
            end=end,
            tz=tz,
        )

        return delivery_window
