"""The names of the package: public ones are loaded on use, and pickles of earlier versions can be read."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from smsmanager import campaigns

ROOM = Path(campaigns.__file__).parent
EARLIER = {
    "errors": "CampaignExistsError CampaignLockedError CampaignNotFoundError LedgerError",
    "options": "CampaignOptions",
    "preview": "Costliest Destination Preview",
    "prices": "Price PriceTable",
    "recipients": "Columns Recipients",
    "refusals": "InputError Refusal RefusedInput",
    "rows": "Delivery LedgerRow RefusedRow Row",
    "states": "RowState",
    "tables": "Table",
    "templates": "Template Texts",
    "updates": "Phase Update",
}


def test_every_public_name_is_there() -> None:
    assert campaigns.__all__ == sorted(campaigns.__all__) == dir(campaigns)
    for name in campaigns.__all__:
        assert getattr(campaigns, name).__module__.startswith("smsmanager.campaigns.")
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = campaigns.Nonsense


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in EARLIER for name in EARLIER[module].split()]
)
def test_a_pickle_that_names_an_earlier_module_opens(module: str, name: str) -> None:
    pickled = f"csmsmanager.campaigns.{module}\n{name}\n.".encode()
    assert pickle.loads(pickled) is campaigns.__getattr__(name)  # noqa: S301 - written here


def test_a_missing_package_of_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name, name="sqlalchemy.orm" if "campaign" in name else name)

    monkeypatch.setattr(campaigns, "import_module", missing)
    with pytest.raises(ImportError, match=r"install smsmanager\[campaigns\]"):
        campaigns.__getattr__("Campaign")
    monkeypatch.setattr(campaigns, "_PACKAGES_OF_THE_EXTRA", frozenset[str]())
    with pytest.raises(ModuleNotFoundError):
        campaigns.__getattr__("Campaign")


def test_importing_the_package_loads_no_database() -> None:
    script = "import sys, smsmanager.campaigns; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_rooms_import_only_the_rooms_below() -> None:
    below = {
        "_input": {"_input"},
        "_ledger": {"_ledger"},
        "_run": {"_run", "_ledger"},
        "report": {"report", "_input", "_ledger"},
        "rows.py": set(),
        "campaign_errors.py": set(),
    }
    vocabulary = {"rows", "campaign_errors"}
    for room, allowed in below.items():
        place = ROOM / room
        for path in [place] if place.suffix else place.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                module = getattr(node, "module", None) or ""
                if isinstance(node, ast.ImportFrom) and module.startswith("smsmanager.campaigns."):
                    assert module.split(".")[2] in allowed | vocabulary, path
