"""The pages about errors: every exception has an entry, and says what the code says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import smsmanager
from smsmanager import errors

DOCS = Path(__file__).resolve().parents[2] / "docs"


def exported() -> dict[str, type[Exception]]:
    """Return every exception that a user can import from a package of this library."""
    found_here = iter_modules(smsmanager.__path__, "smsmanager.")
    rooms = [module.name for module in found_here if module.ispkg and "._" not in module.name]
    packages = [smsmanager, errors, *map(import_module, rooms)]
    found = {}
    for package in packages:
        for name in [*getattr(package, "__all__", []), *vars(package)]:
            value = getattr(package, name)
            if (
                isinstance(value, type)
                and issubclass(value, Exception)
                and not name.startswith("_")
            ):
                found[name] = value
    return {name: kind for name, kind in found.items() if kind.__module__.startswith("smsmanager")}


def entries() -> dict[str, str]:
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))


def test_every_exception_has_an_entry() -> None:
    kinds = exported()
    assert len(kinds) > 20
    assert kinds.keys() <= entries().keys(), "add an entry to docs/errors.md"


def test_every_entry_is_about_an_exception() -> None:
    # One is exported by name alone, because nobody needs it to type a program.
    assert entries().keys() - exported().keys() <= {"MissingValueError"}


def test_every_entry_says_whether_anything_was_sent_and_what_to_do() -> None:
    for name, entry in entries().items():
        words = " ".join(entry.split())
        assert "**Sent?**" in words, name
        assert "**Do:**" in words, name


def test_an_entry_says_nothing_was_sent_where_the_code_does() -> None:
    said = {
        name: " ".join(text.split()).partition("**Sent?** ")[2] for name, text in entries().items()
    }
    for name, kind in exported().items():
        if not issubclass(kind, errors.SmsManagerError) or name in {
            "SmsManagerError",
            "NoAnswerError",
        }:
            continue
        if kind.request_may_be_taken:
            assert not said[name].startswith(("No", "Nothing")), name
        if issubclass(kind, errors.ApiError | errors.NotSentError | errors.ConfigurationError):
            assert said[name].startswith("No"), name


def test_the_table_of_what_may_be_sent_again_says_what_the_code_says() -> None:
    text = (DOCS / "sending-again.md").read_text(encoding="utf-8")
    section = text.partition("## By exception")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.+?) \|$", section, re.MULTILINE))
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type)
        and issubclass(kind, errors.SmsManagerError)
        and kind is not errors.SmsManagerError
    }
    assert rows.keys() == kinds.keys()
    for name, kind in kinds.items():
        assert rows[name].startswith("**yes**") is kind.safe_to_retry, name
    sent = dict(re.findall(r"^\| `(\w+)` \|[^|]+\| (.+?) \| [^|]+\|$", section, re.MULTILINE))
    for name, kind in kinds.items():
        assert (sent[name] in {"**unknown**", "taken"}) is kind.request_may_be_taken, name
