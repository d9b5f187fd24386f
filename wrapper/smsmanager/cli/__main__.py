"""Run the command line as `python -m smsmanager.cli`."""

import sys

from smsmanager.cli import main

if __name__ == "__main__":
    sys.exit(main())
