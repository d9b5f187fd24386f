"""The command line: `smsmanager` (`smsmanager[cli]`).

| module | job |
| --- | --- |
| `app` | the command itself; every error becomes one or two lines and an exit code |
| `exits` | the exit codes |
| `output` | what is printed where, and JSON |
| `connection` | the key, the base URL, the sandbox, and the question before a real send |
| `inputs` | options that describe a file of recipients and its texts |
| `views`, `wording` | a preview, a result, the counts of a campaign, as a terminal shows them |
| `listening` | a small server for webhooks |
| `running`, `standing`, `windows` | a campaign while it is sent, and afterwards; when it may send |
| `ledgers`, `numbers` | the ledger of a file; numbers as options |
| `checks` | what `doctor` looks at |
| `send`, `parts`, `preview`, `campaign`, `sandbox`, `webhook`, `doctor` | one command each |

Importing this loads neither click nor rich; `smsmanager --help` loads no more than it prints.
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
        The exit code, see `smsmanager.cli.exits`.
    """
    try:
        from smsmanager.cli.app import run  # noqa: PLC0415 - the packages of the extra can be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES_OF_THE_EXTRA:
            raise
        sys.stderr.write("The command line needs further packages: install 'smsmanager[cli]'.\n")
        return _USAGE
    return run(arguments)
