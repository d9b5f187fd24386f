"""Start the sandbox from a shell: `python -m smsmanager.sandbox`."""

from __future__ import annotations

import sys

from smsmanager.sandbox._command import main

if __name__ == "__main__":
    sys.exit(main())
