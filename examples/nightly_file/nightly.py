"""Remind everyone in a file of tomorrow's appointment: `python nightly.py reminders.csv`.

It reads SMSMANAGER_API_KEY. Run it as often as you like: it continues where it stopped, and sends nothing
twice. The exit code says what happened:

0   everyone was sent a reminder
1   some rows were not sent; the report says why
3   certainly nothing was sent in this run
4   for some rows it is unknown whether they were sent; run it again later, and it asks again
5   it stopped before the end; run it again
"""

import sys
from pathlib import Path

from smsmanager import SmsManager, SmsManagerError
from smsmanager.campaigns import (
    Campaign,
    CampaignExistsError,
    CampaignOptions,
    Phase,
    RowState,
    Selection,
    Texts,
    fingerprint_of,
    ledger_beside,
    open_recipients,
)

TEXT = "Hello {name}, we expect you tomorrow at {time}. Dentists of Brno"
OPTIONS = CampaignOptions(
    tag="transactional",
    # The file arrives at night; the service holds the messages until the morning.
    delivery_time={
        "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        "start": "08:00",
        "end": "20:00",
        "tz": "Europe/Prague",
    },
)


def campaign_of(people: Path, base_url: str) -> Campaign:
    """Create the campaign for a file, or open the one that an earlier run created.

    Raises:
        CampaignExistsError: If the file has changed since then.
    """
    ledger = ledger_beside(people)
    try:
        return Campaign.create(
            ledger,
            Selection(open_recipients(people), Texts.parse(TEXT), default_region="CZ"),
            OPTIONS,
            source=people.name,
            fingerprint=fingerprint_of(people),
            base_url=base_url,
        )
    except CampaignExistsError as error:
        if not error.same_input:
            raise
        return Campaign.open(ledger)


def send(campaign: Campaign, client: SmsManager) -> bool:
    """Send what is left, then ask about rows whose answer was lost. Asking sends nothing.

    Returns:
        Whether the run came to its end.
    """
    finished = False
    for update in campaign.run(client):
        finished = update.phase is Phase.FINISHED
        if update.reason:  # why it pauses or stops
            print(f"{update.phase}, {update.done} of {update.total} rows: {update.reason}")
    counts = campaign.status().counts
    if counts[RowState.UNKNOWN] or counts[RowState.UNCONFIRMED]:
        print(campaign.settle(client).settled, "rows of a lost answer were found at the service")
    return finished


def exit_code(campaign: Campaign, *, finished: bool) -> int:
    """Return the exit code of the program, and print the figures."""
    status = campaign.status()
    print(", ".join(f"{number} {state}" for state, number in status.counts.items() if number))
    if status.counts[RowState.UNKNOWN] or status.counts[RowState.UNCONFIRMED]:
        return 4
    if status.left or not finished:
        return 5
    return 0 if status.counts[RowState.ACCEPTED] == status.total else 1


def main() -> int:
    """Run once for the file that the command line names."""
    people = Path(sys.argv[1])
    try:
        client = SmsManager()
        campaign = campaign_of(people, client.base_url)
    except (SmsManagerError, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    finished = False
    with client, campaign:
        try:
            finished = send(campaign, client)
            campaign.write_csv(people.with_suffix(".report.csv"))
        except (SmsManagerError, OSError) as error:
            # The ledger knows what was sent before.
            print(error, file=sys.stderr)
        return exit_code(campaign, finished=finished)


if __name__ == "__main__":
    sys.exit(main())
