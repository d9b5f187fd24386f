"""What the page about the sandbox says."""

from pathlib import Path

import httpx
import pytest

from smsmanager.sandbox import MagicNumber, Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_magic_number_is_on_the_page() -> None:
    for number in MagicNumber:
        assert f"| `{number}`" in PAGE
        assert f".{number.name}`" in PAGE


@pytest.mark.parametrize("resource", ["messages", "requests"])
def test_every_field_of_the_json_api_is_on_the_page(
    service: httpx.Client, sandbox: Sandbox, api: httpx.Client, resource: str
) -> None:
    service.post("/message", json={"to": [{"phone_number": "420777123456"}], "body": "Hello"})
    assert len(sandbox.messages) == 1
    (item,) = api.get(f"/{resource}").json()[resource]

    described = (
        " ".join(PAGE.split()).split(f"An item of `{resource}` holds")[1].split("An item of")[0]
    )
    assert [name for name in item if f"`{name}`" not in described] == []
