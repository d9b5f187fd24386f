"""The summary that `campaign run`, `resume` and `status` print: the counts, and what to do next."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from smsmanager.asking.service_target import THIS_MACHINE
from smsmanager.campaigns import Phase, RowState
from smsmanager.campaigns.rows import OPEN, UNSENT, UNSETTLED
from smsmanager.cli import output
from smsmanager.cli.exit_codes import Exit, exit_of_campaign, exit_of_signal, named
from smsmanager.cli.terminal_tables import counts_table, title
from smsmanager.cli.terminal_text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smsmanager.campaigns import Campaign, CampaignStatus
    from smsmanager.cli.campaign_address import CampaignAddress
    from smsmanager.cli.commands.campaign_command.sending import End


def show_end(
    campaign: Campaign,
    end: End,
    address: CampaignAddress,
    *,
    as_json: bool,
    preview: Mapping[str, Any] | None = None,
    offers_resend: bool = False,
) -> Exit:
    """Show how a run ended and what to do next; return the exit code.

    Args:
        campaign: The campaign.
        end: How the run ended.
        address: Where the campaign is.
        as_json: Whether to print JSON.
        preview: The preview of a first run, as JSON values.
        offers_resend: Whether to offer to send again to unknown rows although the service was not asked about
            all of them, because it cannot be asked.
    """
    status = campaign.status()
    code = exit_of_run(end, status.counts)
    changed = address.has_changed(status)
    if changed and code is Exit.OK:
        code = Exit.INCOMPLETE
    with output.after_sending():
        _show_end(
            status,
            end,
            address,
            code,
            as_json=as_json,
            preview=preview,
            offers_resend=offers_resend,
        )
        if changed:
            show_changed(address, status)
    return code


def _show_end(
    status: CampaignStatus,
    end: End,
    address: CampaignAddress,
    code: Exit,
    *,
    as_json: bool,
    preview: Mapping[str, Any] | None,
    offers_resend: bool,
) -> None:
    if as_json:
        document = {
            "ledger": address.visible_ledger,
            "phase": None if end.update is None else end.update.phase.value,
            "reason": None if end.update is None else end.update.reason,
            "interrupted": end.signal is not None,
            "target": status.target,
            "counts": named(status.counts),
            "total": status.total,
            "deliveries": dict(status.deliveries),
        }
        before = {} if preview is None else {"preview": preview}
        output.print_result_json({**before, "campaign": document}, code)
        return
    output.console().print(title(_headline(end)))
    _show_counts(status, address, deliveries=status.deliveries, offers_resend=offers_resend)


def show_status(
    campaign: Campaign,
    address: CampaignAddress,
    *,
    as_json: bool,
    before: Mapping[str, Any] | None = None,
) -> Exit:
    """Show where a campaign stands and what can be done next; return the exit code.

    Args:
        campaign: The campaign.
        address: Where the campaign is.
        as_json: Whether to print JSON.
        before: Further members of the document.
    """
    status = campaign.status()
    code = exit_of_campaign(named(status.counts))
    if as_json:
        document = {
            "ledger": address.visible_ledger,
            "name": status.name,
            "source": status.source,
            "created_at": status.created_at.isoformat(),
            "counts": named(status.counts),
            "total": status.total,
            "deliveries": dict(status.deliveries),
            "target": status.target,
            "source_changed": address.has_changed(status),
            "findings": dict(status.findings),
        }
        output.print_result_json({**(before or {}), "campaign": document}, code)
        return code
    source = f" of {status.source}" if status.source else ""
    made = f"{status.name}{source}, created {status.created_at:%Y-%m-%d %H:%M} UTC"
    where = "" if status.target is None else f", for {status.target}"
    if status.target == THIS_MACHINE:
        where = ", a rehearsal"
    output.console().print(f"{made}{where}", soft_wrap=True)
    _show_counts(status, address, deliveries=status.deliveries)
    if address.has_changed(status):
        show_changed(address, status)
    return code


def show_changed(address: CampaignAddress, status: CampaignStatus) -> None:
    """Say that the input differs from the one that the campaign was created from, and what can be done."""
    output.note(
        f"\n{status.source or address.file} has changed since the campaign was created: new rows get nothing "
        "from it."
    )
    output.note(
        "Repeat your 'campaign run' with --add to send to them, or with --new to send to all."
    )


def _show_counts(
    status: CampaignStatus,
    address: CampaignAddress,
    deliveries: Mapping[str, int] | None = None,
    *,
    offers_resend: bool = False,
) -> None:
    console = output.console()
    console.print(counts_table(status.counts, status.total))
    if deliveries:
        console.print(title("Delivery reports"))
        console.print(counts_table(deliveries, status.total))
    for line in _next_steps(status, address.words, offers_resend=offers_resend):
        console.print(line, soft_wrap=True)


def exit_of_run(end: End, counts: Mapping[RowState, int]) -> Exit:
    """Return the exit code of a run."""
    if end.signal is not None:
        return exit_of_signal(end.signal)
    code = exit_of_campaign(named(counts))
    stopped = end.update is not None and end.update.phase is Phase.STOPPED
    return Exit.STOPPED if stopped and code is not Exit.UNKNOWN else code


def _headline(end: End) -> str:
    if end.signal is not None:
        return "Stopped by you" if end.signal == signal.SIGINT else "Stopped by a signal"
    if end.update is not None and end.update.phase is Phase.STOPPED:
        return f"Stopped: {end.update.reason or 'too many failures'}"
    return "Sent"


def _next_steps(status: CampaignStatus, address: str, *, offers_resend: bool) -> Iterator[str]:
    """Yield what can be done next, as commands to copy."""
    counts = status.counts
    waiting = sum(counts[state] for state in UNSETTLED | UNSENT)
    doubtful = [state for state in RowState if state in OPEN and counts[state]]
    yield ""
    if waiting:
        yield f"{plural(waiting, 'row')} certainly got nothing. Continue:"
        yield f"  smsmanager campaign resume {address}"
    if doubtful:
        rows = plural(sum(counts[state] for state in doubtful), "row")
        yield f"{rows} may or may not have got the message. List them:"
        for state in doubtful:
            yield f"  smsmanager campaign status {address} --list {state.value}"
        if sum(status.findings.values()) < sum(counts[state] for state in doubtful):
            yield "Ask the service about them; this sends nothing:"
            yield f"  smsmanager campaign settle {address}"
        else:
            offers_resend = True
        if offers_resend:
            yield "Send to them again only if a second message does no harm:"
            yield f"  smsmanager campaign resume {address} --resend-unknown"
    yield "The outcome of each row:"
    yield f"  smsmanager campaign report {address}"
