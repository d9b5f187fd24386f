"""Run the command line as `python -m smsmanager`."""

import sys

from smsmanager.cli import main

if __name__ == "__main__":
    sys.exit(main())
