"""Command line of the comparison; see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import __doc__ as description
from .compare import compare
from .document import Document
from .findings import read_accepted, sort_out
from .load import load
from .report import as_json, as_text
from .tree import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

_OURS = "openapi.yaml"
_MOST_INPUTS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the two descriptions named by `arguments`, print the report, return the status."""
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    if len(options.inputs) > _MOST_INPUTS:
        parser.error("expected [OURS] UPSTREAM")
    *ours, upstream = options.inputs
    try:
        mine = Document(*load(ours[0] if ours else _OURS))
        yours = Document(*load(upstream))
        accept = options.accept or _accepted(ours[0] if ours else _OURS)
        accepted = read_accepted(accept) if accept else []
        result = sort_out(compare(mine, yours), accepted)
    except SpecError as error:
        sys.stderr.write(f"spec_diff: {error}\n")
        return 2
    if options.json:
        sys.stdout.write(as_json(mine, yours, result))
    else:
        ascii_only = not sys.stdout.isatty()
        sys.stdout.write(as_text(mine, yours, result, ascii_only=ascii_only))
    return int(result.breaking)


def _accepted(ours: str) -> str | None:
    """Return the list of differences of a description: `accepted-rest.yaml` for `openapi-rest.yaml`."""
    name = Path(ours).name.replace("openapi", "accepted")
    beside = Path(__file__).with_name(name if name.startswith("accepted") else "accepted.yaml")
    return str(beside) if beside.exists() else None


def _parser() -> argparse.ArgumentParser:
    first, _, rest = (description or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tools.spec_diff",
        usage="%(prog)s [OURS] UPSTREAM [--accept FILE] [--json]",
        description=first,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "inputs", nargs="+", metavar="[OURS] UPSTREAM", help=f"file or address; OURS is {_OURS}"
    )
    parser.add_argument(
        "--accept",
        metavar="FILE",
        help="differences that are meant (default: beside this program, accepted.yaml for openapi.yaml)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
