"""Data that `preview` and `campaign run` take from the account on request: prices, credit and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from smsmanager.cli.shared_options import add_options

if TYPE_CHECKING:
    from smsmanager.asking import Credit, DownloadedList, KeyFacts
    from smsmanager.campaigns import CreditCheck, Preview, PriceTable
    from smsmanager.cli.target import Target

_NAMES = ("account_prices", "account_opt_outs", "account_blacklist")
account_options = add_options(
    click.option(
        "--account-prices",
        is_flag=True,
        help="Estimate the cost from the account's prices, and compare it with the credit.",
    ),
    click.option(
        "--account-opt-outs",
        is_flag=True,
        help="Refuse numbers in the account's opt-out list, whatever the tag.",
    ),
    click.option(
        "--account-blacklist", is_flag=True, help="Refuse numbers on the account's blacklist."
    ),
)
despite_credit_option = click.option(
    "--despite-credit",
    is_flag=True,
    help="With --account-prices: send even if the credit is too low.",
)


@attrs.frozen
class Account:
    """The account's answers; None for what was not asked.

    Attributes:
        prices: Its prices, as a table.
        credit: Its credit.
        key: Facts about the key.
        opt_outs: Its opt-out list.
        blacklist: Its blacklist.
    """

    prices: PriceTable | None = None
    credit: Credit | None = None
    key: KeyFacts | None = None
    opt_outs: DownloadedList | None = None
    blacklist: DownloadedList | None = None

    def check_credit(self, preview: Preview) -> CreditCheck | None:
        """Compare the cost of a preview with the credit; None if there is nothing to compare."""
        from smsmanager.campaigns import check_credit  # noqa: PLC0415 - an extra

        if self.credit is None or self.key is None:
            return None
        return check_credit(preview, self.credit, self.key)

    def document(self, preview: Preview) -> dict[str, Any]:
        """Return the answers as JSON values for the document of a preview."""
        if self.prices is None:
            return {}
        checked = self.check_credit(preview)
        amounts = ("cost", "credit", "missing")
        compared = checked and {
            **{name: str(getattr(checked, name)) for name in amounts},
            "currency": checked.currency,
        }
        return {"cost_is_estimate": True, "credit_check": compared}


def pop_account_options(options: dict[str, Any]) -> dict[str, bool]:
    """Remove the options about the account from a command's options, and return them.

    Raises:
        click.UsageError: If two price tables are named.
    """
    wanted = {name: options.pop(name) for name in _NAMES}
    if wanted["account_prices"] and options["prices"] is not None:
        raise click.UsageError("Give --prices or --account-prices, not both.")
    return wanted


def ask_account(target: Target, wanted: dict[str, bool]) -> Account:
    """Ask for what the user requested; nothing is sent."""
    from smsmanager import SmsManager  # noqa: PLC0415 - slow to import
    from smsmanager.campaigns import account_prices  # noqa: PLC0415 - an extra

    with SmsManager(target.api_key, base_url=target.base_url) as client:
        service = client.service
        account = Account(
            opt_outs=service.optouts.download() if wanted["account_opt_outs"] else None,
            blacklist=service.blacklist.download() if wanted["account_blacklist"] else None,
        )
        if not wanted["account_prices"]:
            return account
        key, credit = service.me(), service.credit()
        prices = account_prices(service.prices(), credit.currency or key.currency)
        return attrs.evolve(account, prices=prices, credit=credit, key=key)
