"""The commands: one file per command, each with a `command`.

To add one, write `<name>_command.py` and list it here. The list holds what `smsmanager --help` prints, so
that help loads no command.
"""

COMMANDS = {
    "send": "Send one text to one or more numbers.",
    "settle": "Ask what became of a send whose answer was lost.",
    "parts": "Count the parts that a text is sent and billed as.",
    "preview": "Look at what a file would send and cost.",
    "campaign": "Send to a file; stop, crash, and go on.",
    "outbox": "Look at an outbox, and send what is due.",
    "cancel": "Cancel scheduled messages by their ids.",
    "inbox": "Show what came in, and follow it.",
    "sandbox": "Run a local stand-in for the service.",
    "webhook": "Receive delivery reports and replies.",
    "doctor": "Check key, connection, sender and credit.",
}
"""Short help of each command, in the order of `--help`."""
