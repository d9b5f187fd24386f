"""`smsmanager parts`."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_parts(shell: Shell) -> None:
    done = shell("parts", "Vaše zásilka je na cestě.")
    assert done.code == 0
    assert [line.rsplit("  ", 1)[-1].strip() for line in done.lines] == [
        "ucs-2",
        "1",
        "25",
        "25",
        "45",
        "š á ě",
        "1 part (estimate)",
    ]
    estimated = shell("parts", "Vaše zásilka", "--type", "sms")
    assert "gsm-7" in estimated.out
    assert "An estimate" in estimated.out
    assert "estimate" not in shell("parts", "Hello").out


def test_parts_as_json(shell: Shell) -> None:
    assert shell("parts", "-", "--json", stdin="a" * 161 + "\n").document == {
        "encoding": "gsm-7",
        "parts": 2,
        "characters": 161,
        "units": 161,
        "characters_left": 145,
        "exact": True,
        "ucs2_characters": [],
        "texts": ["a" * 153, "a" * 8],
    }
