"""Start the sandbox from a shell: `python -m smsmanager.sandbox`."""

import sys

from smsmanager.sandbox._command import main

if __name__ == "__main__":
    sys.exit(main())
