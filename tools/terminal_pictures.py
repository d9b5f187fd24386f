"""Draw docs/terminal-*.svg: what a terminal shows, from the sessions that `tools.transcript` recorded.

`python -m tools.terminal_pictures` draws them anew. The text is in the picture as text: it can be searched,
and its colours follow the reader's light or dark setting. No font is loaded from anywhere.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from tools import nights, transcript

FOLDER = Path(__file__).resolve().parents[1] / "docs"
# The page, the beginning of the first line, and that of the line after the last one.
PIECES = {
    "preview": (transcript.PAGE, "$ smsmanager preview people.xlsx --text 'Dobrý", "Length"),
    "status": (nights.PAGE, "# What is the status now?", "# The service was asked"),
}
WIDTH = 82
_LINE, _CHARACTER, _MARGIN = 19, 8.4, 14
_STYLE = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre; fill: #1f2328 }
rect { fill: #f6f8fa; stroke: #d1d9e0 }
.remark { fill: #59636e } .command { font-weight: bold } .prompt { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } rect { fill: #161b22; stroke: #3d444d }
  .remark { fill: #9198a1 } .prompt { fill: #3fb950 }
}
"""


def main() -> int:
    """Write the pictures; return an exit code."""
    for name in PIECES:
        path(name).write_text(drawn(name), encoding="utf-8")
        print(path(name))
    return 0


def path(name: str) -> Path:
    """Return the file of a picture."""
    return FOLDER / f"terminal-{name}.svg"


def shown(name: str) -> list[str]:
    """Return the lines of the session that a picture shows, folded as in a terminal of that width."""
    page, first, behind = PIECES[name]
    lines = page.read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith(first))
    end = next(n for n, line in enumerate(lines) if n > begin and line.startswith(behind))
    kept = "\n".join(lines[begin:end]).strip().splitlines()
    return [piece for line in kept for piece in re.findall(rf".{{1,{WIDTH}}}|^$", line)]


def drawn(name: str) -> str:
    """Return a picture as SVG."""
    lines = shown(name)
    width = round(WIDTH * _CHARACTER + 2 * _MARGIN)
    height = len(lines) * _LINE + 2 * _MARGIN
    texts = [_text(n, line) for n, line in enumerate(lines) if line]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"',
            '  role="img">',
            f"<title>A terminal: {escape(name)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>',
            *texts,
            "</svg>\n",
        ]
    )


def _text(number: int, line: str) -> str:
    y = _MARGIN + number * _LINE + 14
    # However wide the reader's font is, a column is a column.
    length = round(len(line) * _CHARACTER, 1)
    if line.startswith("$ "):
        said = f'<tspan class="prompt">$</tspan><tspan class="command">{escape(line[1:])}</tspan>'
    else:
        said = escape(line)
    kind = ' class="remark"' if line.startswith("# ") else ""
    fitted = f'textLength="{length}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{_MARGIN}" y="{y}" {fitted}{kind}>{said}</text>'


if __name__ == "__main__":
    sys.exit(main())
