"""`make demo` as a user sees it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / "demo.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_kind_of_message_with_both_clients() -> None:
    finished = demo()
    assert finished.returncode == 0, finished.stderr
    output = finished.stdout
    accepted = re.findall(r"^\d+ +\S.* accepted +[0-9a-f]{8}-\S+", output, re.MULTILINE)
    assert len(accepted) == 69
    assert len(set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}\S*", output))) == 69
    assert output.count("rejected     -") == output.count("unconfirmed  -") == 2
    for title in ("One SMS", "Viber, then SMS", "A WhatsApp template", "Scheduled, in a window"):
        assert output.count(f"\n{title}\n") == 2
    assert "69 of 73 recipients accepted; the sandbox received 73." in output
    lost, settled = re.findall(r"^420777123464 .*", output, re.MULTILINE)
    assert "unknown" in lost
    assert "accepted" in settled
    assert max(map(len, output.splitlines())) <= 100


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        'Name;Phone\n"Jana; Nová";+420 777 123 456\nPetr;12\nEva;421905123456\n',
        encoding="utf-8-sig",
    )
    finished = demo(str(people))
    assert finished.returncode == 0, finished.stderr
    assert "refused, row 3: the number has 2 digits" in finished.stdout
    assert "2 of 2 recipients accepted" in finished.stdout


def test_a_file_without_numbers(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("name,city\nJana,Brno\n")
    finished = demo(str(people))
    assert finished.returncode == 1
    assert "has no column of numbers" in finished.stderr
    assert demo(str(tmp_path / "none.csv")).returncode == 1
