from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.account_kind import AccountKind, check_account_kind
from ..models.currency import Currency, check_currency
from ..models.key_scope import KeyScope, check_key_scope
from ..types import UNSET, ModelType, Unset, masked_repr

if TYPE_CHECKING:
    from ..models.registered_sender import RegisteredSender


T = TypeVar("T", bound="Key")


@_attrs_define
class Key(metaclass=ModelType):
    """The account and permissions of a key.

    Attributes:
        note: Your note.
        default_callback_url: Where webhooks go by default.
        account: How the account pays.
        scope: What the key may do.
        share_senders: Whether it shares the senders of the account.
        is_blocked: Whether it is blocked.
        senders: The registered senders.
        vat: Whether VAT applies.
        currency: The currency of the account.
        tz: IANA time zone of the account.
    """

    note: None | str | Unset = UNSET
    """ Your note. """
    default_callback_url: None | str | Unset = UNSET
    """ Where webhooks go by default. """
    account: AccountKind | None | str | Unset = UNSET
    """ How the account pays. """
    scope: KeyScope | None | str | Unset = UNSET
    """ What the key may do. """
    share_senders: bool | int | None | str | Unset = UNSET
    """ Whether it shares the senders of the account. """
    is_blocked: bool | int | None | str | Unset = UNSET
    """ Whether it is blocked. """
    senders: list[RegisteredSender] | None | Unset = UNSET
    """ The registered senders. """
    vat: bool | int | None | str | Unset = UNSET
    """ Whether VAT applies. """
    currency: Currency | None | str | Unset = UNSET
    """ The currency of the account. """
    tz: None | str | Unset = UNSET
    """ IANA time zone of the account. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = masked_repr

    def to_dict(self) -> dict[str, Any]:
        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        default_callback_url: None | str | Unset
        if isinstance(self.default_callback_url, Unset):
            default_callback_url = UNSET
        else:
            default_callback_url = self.default_callback_url

        account: None | str | Unset
        if isinstance(self.account, Unset):
            account = UNSET
        elif isinstance(self.account, str):
            account = self.account
        else:
            account = self.account

        scope: None | str | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        elif isinstance(self.scope, str):
            scope = self.scope
        else:
            scope = self.scope

        share_senders: bool | int | None | str | Unset
        if isinstance(self.share_senders, Unset):
            share_senders = UNSET
        else:
            share_senders = self.share_senders

        is_blocked: bool | int | None | str | Unset
        if isinstance(self.is_blocked, Unset):
            is_blocked = UNSET
        else:
            is_blocked = self.is_blocked

        senders: list[dict[str, Any]] | None | Unset
        if isinstance(self.senders, Unset):
            senders = UNSET
        elif isinstance(self.senders, list):
            senders = []
            for senders_type_0_item_data in self.senders:
                senders_type_0_item = senders_type_0_item_data.to_dict()
                senders.append(senders_type_0_item)

        else:
            senders = self.senders

        vat: bool | int | None | str | Unset
        if isinstance(self.vat, Unset):
            vat = UNSET
        else:
            vat = self.vat

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        elif isinstance(self.currency, str):
            currency = self.currency
        else:
            currency = self.currency

        tz: None | str | Unset
        if isinstance(self.tz, Unset):
            tz = UNSET
        else:
            tz = self.tz

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if note is not UNSET:
            field_dict["note"] = note
        if default_callback_url is not UNSET:
            field_dict["default_callback_url"] = default_callback_url
        if account is not UNSET:
            field_dict["account"] = account
        if scope is not UNSET:
            field_dict["scope"] = scope
        if share_senders is not UNSET:
            field_dict["share_senders"] = share_senders
        if is_blocked is not UNSET:
            field_dict["is_blocked"] = is_blocked
        if senders is not UNSET:
            field_dict["senders"] = senders
        if vat is not UNSET:
            field_dict["vat"] = vat
        if currency is not UNSET:
            field_dict["currency"] = currency
        if tz is not UNSET:
            field_dict["tz"] = tz

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.registered_sender import RegisteredSender  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))

        def _parse_default_callback_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        default_callback_url = _parse_default_callback_url(d.pop("default_callback_url", UNSET))

        def _parse_account(data: object) -> AccountKind | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                account_type_0 = check_account_kind(data)

                return account_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AccountKind | None | str | Unset, data)

        account = _parse_account(d.pop("account", UNSET))

        def _parse_scope(data: object) -> KeyScope | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                scope_type_0 = check_key_scope(data)

                return scope_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(KeyScope | None | str | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        def _parse_share_senders(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        share_senders = _parse_share_senders(d.pop("share_senders", UNSET))

        def _parse_is_blocked(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        is_blocked = _parse_is_blocked(d.pop("is_blocked", UNSET))

        def _parse_senders(data: object) -> list[RegisteredSender] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                senders_type_0 = []
                _senders_type_0 = data
                for senders_type_0_item_data in _senders_type_0:
                    senders_type_0_item = RegisteredSender.from_dict(senders_type_0_item_data)

                    senders_type_0.append(senders_type_0_item)

                return senders_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RegisteredSender] | None | Unset, data)

        senders = _parse_senders(d.pop("senders", UNSET))

        def _parse_vat(data: object) -> bool | int | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | int | None | str | Unset, data)

        vat = _parse_vat(d.pop("vat", UNSET))

        def _parse_currency(data: object) -> Currency | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                currency_type_0 = check_currency(data)

                return currency_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Currency | None | str | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        def _parse_tz(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tz = _parse_tz(d.pop("tz", UNSET))

        key = cls(
            note=note,
            default_callback_url=default_callback_url,
            account=account,
            scope=scope,
            share_senders=share_senders,
            is_blocked=is_blocked,
            senders=senders,
            vat=vat,
            currency=currency,
            tz=tz,
        )

        key.additional_properties = d
        return key

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
