"""The command line: `smsmanager` (`smsmanager[cli]`).

| module | job |
| --- | --- |
| `root_command` | `smsmanager` itself: help, errors, the exit code |
| `commands` | one file per command, and the list of them |
| `shared_options` | options that several commands have |
| `message_options` | the options of one message, for `send` and `settle` |
| `lost_answers` | how to ask about a `send` whose answer was lost, and what the findings mean |
| `recipients_file` | options that describe a file of recipients and its texts |
| `account_options` | data from the account: prices, credit, lists of numbers |
| `target` | where requests go: key, base URL, sandbox; the question before a real send |
| `campaign_address` | the campaign that a command is about, and the location of its ledger |
| `exit_codes` | the exit codes |
| `interruption` | Ctrl-C and the signals that do the same |
| `output` | standard output and standard error, JSON, errors |
| `terminal_text`, `terminal_tables` | counts, durations and foreign text in one line; tables and bars |
| `file_preview`, `preview_tables` | the preview of a file of recipients; how it looks |
| `doctor_checks`, `doctor_account` | the checks of `doctor`; its questions about the account |
| `event_lines` | an event as one line |
| `webhook_listener` | the server of `webhook listen` |

Importing this package loads neither click nor rich; `smsmanager --help` loads no more than it prints.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGES_OF_THE_EXTRA = frozenset({"click", "rich"})
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Arguments of the command; None for those of the process.

    Returns:
        The exit code, see `smsmanager.cli.exit_codes`.
    """
    try:
        from smsmanager.cli.root_command import run  # noqa: PLC0415 - the extra can be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        sys.stderr.write("The command line needs more packages: install 'smsmanager[cli]'.\n")
        return _USAGE
    return run(arguments)
