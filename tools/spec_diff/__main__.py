"""Command line of the comparison; see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.spec_diff import __doc__ as description
from tools.spec_diff.compare import news
from tools.spec_diff.description import SpecError, load

if TYPE_CHECKING:
    from collections.abc import Sequence

_OURS = "openapi.yaml"
_MOST_INPUTS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the two descriptions that are named, print what is new, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.spec_diff",
        usage="%(prog)s [OURS] UPSTREAM [--known FILE]",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="+", metavar="[OURS] UPSTREAM", help="file or address")
    parser.add_argument("--known", metavar="FILE", help="the differences that are meant")
    options = parser.parse_intermixed_args(arguments)
    if len(options.inputs) > _MOST_INPUTS:
        parser.error("expected [OURS] UPSTREAM")
    *named, upstream = options.inputs
    ours = named[0] if named else _OURS
    usual = Path(__file__).with_name(f"{Path(ours).stem}.known.yaml")
    known = options.known or (str(usual) if usual.exists() else None)
    try:
        lines = news(load(ours), load(known) if known else [], load(upstream))
    except SpecError as error:
        sys.stderr.write(f"spec_diff: {error}\n")
        return 2
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        kind = type(error).__name__
        sys.stderr.write(f"spec_diff: {upstream} cannot be compared ({kind}: {error})\n")
        return 2
    # Nothing of another's file can steer the terminal.
    sys.stdout.writelines(f"{line.encode('unicode_escape').decode()}\n" for line in lines)
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
