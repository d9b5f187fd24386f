"""A campaign that already exists: may this command continue it, and what is new in its file?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from smsmanager.asking.service_target import THIS_MACHINE, target_of
from smsmanager.campaigns import (
    CampaignExistsError,
    CampaignNotFoundError,
    CampaignTargetError,
    InputError,
    LedgerError,
    RowState,
)
from smsmanager.cli import output
from smsmanager.cli.terminal_text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smsmanager.campaigns import (
        Campaign,
        CampaignOptions,
        CampaignStatus,
        RefusedRow,
        Row,
        Selection,
    )
    from smsmanager.cli.campaign_address import CampaignAddress
    from smsmanager.cli.recipients_file import RecipientsFile
    from smsmanager.cli.target import Target


def check_target(status: CampaignStatus, target: Target, address: CampaignAddress) -> str:
    """Refuse another target before anything is asked; return what the question must begin with.

    Raises:
        CampaignTargetError: If the campaign is for another service, or may be.
    """
    wanted = target_of(target.base_url)
    if status.target == wanted:
        return ""
    if status.target is not None:
        rehearsed = status.target == THIS_MACHINE
        advice = (
            "It is a rehearsal: continue with --base-url sandbox, or send for real with 'campaign run'."
            if rehearsed
            else f"Continue with --base-url {status.target}; to rehearse, use 'campaign run'."
        )
        raise CampaignTargetError(
            f"{address.visible_ledger} is for {status.target}, not for {wanted}. Nothing was sent. {advice}"
        )
    if wanted == THIS_MACHINE:
        raise CampaignTargetError(
            f"{address.visible_ledger} was created by an earlier version, which did not record where it "
            "sends. Nothing was sent: in a sandbox its rows would count as sent. Rehearse in a separate "
            "ledger, with 'campaign run FILE --base-url sandbox'."
        )
    sent = status.total - status.counts[RowState.REFUSED] - status.left
    if not sent:
        return ""
    rows = plural(sent, "row")
    return f"An earlier version handled {rows}, perhaps in a rehearsal: they get nothing now. "


def refuse_existing(address: CampaignAddress, source: str, fingerprint: str) -> None:
    """Say before a long preview, not after it, that the campaign exists and what can be done.

    Raises:
        CampaignExistsError: If it does.
    """
    if "://" in address.ledger:
        return
    try:
        with address.open() as campaign:
            status = campaign.status()
    except (CampaignNotFoundError, LedgerError):
        # Writing the ledger reports its problems, and repairs those that can be repaired.
        return
    same = status.fingerprint == fingerprint
    left = _unsent(status)
    made = f"the campaign of {status.created_at:%Y-%m-%d %H:%M} UTC was created from it"
    happened = (
        f"{address.visible_ledger} already holds a campaign of this file, of "
        f"{status.created_at:%Y-%m-%d %H:%M} UTC."
        if same
        else f"{source} has changed since {made} ({address.visible_ledger})."
    )
    choices = [] if same else ["Repeat the command with --add to send to the new rows."]
    choices.append(
        f"Repeat the command with --new to send to every row of the file{' again' if same else ''}."
    )
    if left:
        choices.append(f"Send to the {plural(left, 'row')} that got nothing:")
    else:
        choices.append("See its status:")
    verb = "resume" if left else "status"
    choices.append(f"  smsmanager campaign {verb} {address.words}")
    msg = "\n".join((f"{happened} Nothing was sent.", *choices))
    raise CampaignExistsError(msg, same_input=same)


def whole_question(
    question: str, status: CampaignStatus, target: Target, address: CampaignAddress
) -> str:
    """Return the question to ask before new rows are sent, with other facts about the campaign.

    Raises:
        CampaignTargetError: As `check_target`.
    """
    earlier = check_target(status, target, address)
    left = _unsent(status)
    rest = f", and {plural(left, 'row')} that got nothing so far" if left else ""
    return f"{earlier}{question}{rest}"


def _unsent(status: CampaignStatus) -> int:
    return status.left + status.counts[RowState.NOT_SENT] + status.counts[RowState.REJECTED]


def check_same_messages(campaign: Campaign, options: CampaignOptions) -> None:
    """Refuse to add rows whose messages would differ in more than their text.

    Raises:
        InputError: If sender, tag, time, type or callback differ.
    """
    if not campaign.sends_as(options):
        raise InputError(
            "The campaign has another --sender, --tag, --at, --type or --callback: give the same ones with "
            "--add, or create another campaign with --new."
        )


class _OnlyNew:
    """The rows of a file that a campaign does not have, for the preview."""

    def __init__(self, selection: Selection, campaign: Campaign) -> None:
        self._rows = campaign.new_rows(selection)
        self.is_national = selection.is_national

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        """Read them again."""
        return iter(self._rows)


def only_new(source: RecipientsFile, campaign: Campaign) -> RecipientsFile:
    """Return a file without the rows that the campaign already has."""
    output.note("Rows whose number the campaign already has are left out.")
    return attrs.evolve(source, selection=cast("Selection", _OnlyNew(source.selection, campaign)))
