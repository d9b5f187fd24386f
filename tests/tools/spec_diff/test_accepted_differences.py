"""What `openapi.yaml` says otherwise than the published description, on purpose."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tools.spec_diff.__main__ import main

OURS = Path(__file__).resolve().parents[3] / "openapi.yaml"


def as_published() -> dict[str, object]:
    """Return our description with every known disagreement as the service publishes it."""
    description = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    for step in ("Sms", "Viber", "WhatsAppText", "Rcs"):
        schemas[step]["required"] = ["body"] if step == "Sms" else ["body", "sender"]
    schemas["SmsGateway"]["enum"].remove("test")
    enhance = {"type": "string", "enum": ["id"]}
    schemas["LinkShortening"]["properties"]["get_enhance"] = enhance
    for item in ("AcceptedItem", "RejectedItem"):
        schemas[item]["properties"]["key"] = {"type": "string"}
    del schemas["SentMessageEvent"]["properties"]["rcs"]
    description["x-webhooks"] = description.pop("webhooks")
    assert isinstance(description, dict)
    return description


def test_a_known_disagreement_is_no_news(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upstream = tmp_path / "published.json"
    upstream.write_text(json.dumps(as_published()))
    assert main([str(OURS), str(upstream)]) == 0
    assert re.search(r"verdict: no differences \(\d+ accepted, 0 stale\)", capsys.readouterr().out)


def test_a_change_beside_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published = as_published()
    published["components"]["schemas"]["SmsGateway"]["enum"].remove("gsm")  # type: ignore[index]
    upstream = tmp_path / "published.json"
    upstream.write_text(json.dumps(published))
    assert main([str(OURS), str(upstream)]) == 1
    assert 'enum value removed: "gsm"' in capsys.readouterr().out
