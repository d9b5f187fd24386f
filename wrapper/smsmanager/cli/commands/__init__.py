"""The commands: one file per command, each with a `command`.

To add one, write `<name>_command.py` and list it here. `smsmanager --help` prints this list, so that help
loads no command.
"""

COMMANDS = {
    "send": "Send one text to one or more numbers.",
    "settle": "Ask for the outcome of a send whose answer was lost.",
    "parts": "Count the parts that a text is sent and billed as.",
    "preview": "Show what a file would send and cost.",
    "campaign": "Send to a file of recipients; stop and resume.",
    "outbox": "Show, drain, settle and purge an outbox.",
    "cancel": "Cancel scheduled messages by their ids.",
    "inbox": "Show incoming messages, and follow them.",
    "sandbox": "Run a local stand-in for the service.",
    "webhook": "Receive delivery reports and replies.",
    "doctor": "Check key, connection, sender and credit.",
}
"""Short help of each command, in the order of `--help`."""
