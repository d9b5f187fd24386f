"""Send every kind of message to the local sandbox, with both clients, and show the outcomes.

`make demo` runs it; `make demo RECIPIENTS=people.csv` also sends to the numbers in a file. The file has a
column `phone_number` (or `number`, `phone`, `to`) and may have others, to which `{name}` in the text refers.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from smsmanager import (
    AsyncSmsManager,
    DeliveryWindow,
    InvalidNumberError,
    Message,
    OutcomeUnknownError,
    SendResult,
    Sms,
    SmsManager,
    Viber,
    ViberButton,
    WhatsAppTemplate,
    compose,
    message_parts,
    normalise_number,
)
from smsmanager.sandbox import Fault, MagicNumber, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER_COLUMNS = ("phone_number", "number", "phone", "to")
DEFAULT_TEXT = "Hello {name}, your order is ready."
ROW = "{:<14} {:<18} {:<12} {:<39} {:>5}"
FEWEST_ACCEPTED = 40


def messages() -> Iterator[tuple[str, Message]]:
    """Yield a title and a message for each kind of send."""
    yield "One SMS", compose("Your parcel is on its way.", to="+420 777 123 456")
    yield (
        "Viber, then SMS",
        compose(
            "Your table is ready.",
            to="+420 777 123 457",
            sender="Bistro",
            flow=[
                Viber(
                    ttl=5,
                    ttl_condition="seen",
                    buttons=[ViberButton(title="Directions", url="https://example.com/map")],
                ),
                Sms(),
            ],
        ),
    )
    yield (
        "A WhatsApp template",
        compose(
            to="+420 777 123 458",
            flow=[
                WhatsAppTemplate(
                    template_name="order_shipped", language="en", params=["Jana", "A-17"]
                )
            ],
        ),
    )
    yield (
        "Scheduled, in a window",
        compose(
            "Naše akce začíná zítra. Těšíme se na vás!",
            to="+420 777 123 459",
            at=datetime.now(UTC) + timedelta(days=3),
            window=DeliveryWindow(
                days=["monday", "tuesday", "wednesday", "thursday", "friday"],
                start="08:00",
                end="20:00",
                tz="Europe/Prague",
            ),
        ),
    )
    yield (
        "25 recipients",
        compose("The office is closed today.", to=[f"+42077720{n:04d}" for n in range(25)]),
    )


def batch() -> list[Message]:
    """Return a mixed batch; two of its messages meet the sandbox's magic numbers."""
    return [
        compose("Hello Jana.", to="+420 777 123 460"),
        compose("Hello all.", to=["+420 777 123 461", "+421 905 123 456"], sender="Shop"),
        compose("This one is rejected.", to=MagicNumber.REJECTED),
        compose("This one stays unconfirmed.", to=MagicNumber.UNCONFIRMED),
    ]


def channel(message: Message | None) -> str:
    """Return the channels of a message, in order."""
    flow = message.to_dict().get("flow") if message else None
    return " > ".join(next(iter(step)) for step in flow) if flow else "sms"


def parts(message: Message | None, text: str = "") -> str:
    """Return the number of SMS parts of a message, or a dash if it has no SMS text of its own."""
    if message is not None:
        text = message.body if isinstance(message.body, str) else ""
    return str(message_parts(text).parts) if text and "sms" in channel(message) else "-"


class Table:
    """Prints one line per recipient and counts the accepted ones."""

    def __init__(self) -> None:
        """Start at zero."""
        self.accepted = self.total = 0

    def add(
        self, title: str, result: SendResult, sent: list[Message | None], text: str = ""
    ) -> None:
        """Print the outcomes of one call, and count them."""
        self.show(title, result, sent, text)
        self.accepted += len(result.accepted)
        self.total += len(result)

    def show(
        self, title: str, result: SendResult, sent: list[Message | None], text: str = ""
    ) -> None:
        """Print the outcomes of one call."""
        print(f"\n{title}")
        for outcome in result:
            message = sent[outcome.message_index]
            print(
                ROW.format(
                    outcome.phone_number,
                    channel(message),
                    outcome.status,
                    outcome.message_id or "-",
                    parts(message, text),
                )
            )


def send_blocking(table: Table, base_url: str) -> None:
    """Send everything with the blocking client."""
    with SmsManager("demo-key", base_url=base_url) as client:
        for title, message in messages():
            table.add(title, client.send(message), [message])
        mixed = batch()
        table.add("A mixed batch", client.send_batch(mixed), list(mixed))
        code = "Your code is 481516."
        table.add("A priority code", client.send_priority(code, to="+420777123462"), [None], code)
        text = "A simple message."
        result = client.send_simple(text, to="+420777123463", sender="Shop")
        table.add("A simple message", result, [None], text)


async def send_asynchronously(table: Table, base_url: str) -> None:
    """Send everything with the asynchronous client."""
    async with AsyncSmsManager("demo-key", base_url=base_url) as client:
        for title, message in messages():
            table.add(title, await client.send(message), [message])
        mixed = batch()
        table.add("A mixed batch", await client.send_batch(mixed), list(mixed))
        code = "Your code is 481516."
        result = await client.send_priority(code, to="+420777123462")
        table.add("A priority code", result, [None], code)
        text = "A simple message."
        result = await client.send_simple(text, to="+420777123463", sender="Shop")
        table.add("A simple message", result, [None], text)


def settle_lost_answer(table: Table, sandbox: Sandbox) -> None:
    """Lose the answer to a send that was taken, then ask the service about it."""
    sandbox.inject(Fault("close", when="after"), path="/v2/message")
    message = compose("Did you get this?", to="+420 777 123 464")
    with SmsManager("demo-key", base_url=sandbox.base_url) as client:
        try:
            client.send(message)
        except OutcomeUnknownError as error:
            if error.result is None:
                raise
            table.show("The answer to a send is lost", error.result, [message])
            # It asks, and sends nothing.
            table.add("... and settled by asking", client.settle(error), [message])


def read_recipients(path: Path, text: str) -> tuple[list[Message], list[str]]:
    """Read a file of recipients.

    Args:
        path: A CSV file with a header; comma, semicolon or tab between the columns.
        text: The text; `{column}` is replaced with a value of the row.

    Returns:
        One message per row, and a line for each row that cannot be sent.

    Raises:
        SystemExit: If the file cannot be read or has no column of numbers.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path} cannot be read: {error}. Nothing was sent.") from error
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(content[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    rows = csv.DictReader(io.StringIO(content, newline=""), dialect=dialect)
    columns = {name.strip().lower(): name for name in rows.fieldnames or () if name}
    column = next((columns[name] for name in NUMBER_COLUMNS if name in columns), None)
    if column is None:
        wanted = ", ".join(NUMBER_COLUMNS)
        raise SystemExit(f"{path} has no column of numbers: name one {wanted}. Nothing was sent.")
    found: list[Message] = []
    refused: list[str] = []
    for number, row in enumerate(rows, start=2):
        values = {name: row[own] or "" for name, own in columns.items()}
        try:
            normalise_number(row[column] or "")
            found.append(compose(text.format(**values), to=row[column] or ""))
        except InvalidNumberError as error:
            refused.append(f"row {number}: the number {error}")
        except (KeyError, IndexError, ValueError) as error:
            refused.append(f"row {number}: the text cannot be filled in, {error!r}")
    return found, refused


def send_file(table: Table, base_url: str, path: Path, text: str) -> None:
    """Send to the recipients of a file."""
    found, refused = read_recipients(path, text)
    for line in refused:
        print(f"refused, {line}")
    if found:
        with SmsManager("demo-key", base_url=base_url) as client:
            table.add(f"{len(found)} rows of {path.name}", client.send_batch(found), list(found))


def main() -> int:
    """Run the demo; return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipients", nargs="?", type=Path, help="a CSV file of your own")
    parser.add_argument("--text", default=DEFAULT_TEXT, help="the text for the file's rows")
    options = parser.parse_args()
    table = Table()
    with Sandbox() as sandbox:
        print(f"A sandbox listens at {sandbox.base_url}; nothing leaves this machine.\n")
        print(ROW.format("number", "channel", "status", "message id", "parts"))
        if options.recipients:
            send_file(table, sandbox.base_url, options.recipients, options.text)
        else:
            print("\n== SmsManager, blocking ==")
            send_blocking(table, sandbox.base_url)
            print("\n== AsyncSmsManager, asynchronous ==")
            asyncio.run(send_asynchronously(table, sandbox.base_url))
            print("\n== A lost answer ==")
            settle_lost_answer(table, sandbox)
        received = len(sandbox.messages)
    print(
        f"\n{table.accepted} of {table.total} recipients accepted; the sandbox received {received}."
    )
    enough = table.accepted >= (1 if options.recipients else FEWEST_ACCEPTED)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
