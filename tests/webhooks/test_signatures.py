"""Check signatures over raw bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smsmanager import ConfigurationError
from smsmanager.webhooks import SIGNATURE_HEADER, sign, verify_signature
from smsmanager.webhooks._signatures import secret_bytes

KNOWN = "dc46983557fea127b43af721467eb9b3fde2338fe3e14f51952aa8478c13d355"


def test_the_known_signature() -> None:
    assert SIGNATURE_HEADER == "X-Request-Signature"
    assert sign(b"body", "secret") == sign(b"body", b"secret") == KNOWN
    assert verify_signature(b"body", KNOWN, "secret")
    assert verify_signature(b"body", f" {KNOWN}\r\n", b"secret")


def test_one_of_several_secrets_is_enough() -> None:
    for secrets in (["secret", "new"], ["new", "secret"], iter(["new", "secret"]), [b"secret"]):
        assert verify_signature(b"body", KNOWN, secrets)
    assert not verify_signature(b"body", KNOWN, ["new", "newer"])


@pytest.mark.parametrize(
    "signature",
    [None, "", "x", KNOWN[:-1], KNOWN + "0", KNOWN.upper(), "sha256=" + KNOWN, "é", "\ud800"],
)
def test_other_signatures_are_refused(signature: str | None) -> None:
    assert not verify_signature(b"body", signature, "secret")


def test_every_single_altered_character_is_refused() -> None:
    for position, character in enumerate(KNOWN):
        other = "0" if character != "0" else "1"
        assert not verify_signature(
            b"body", KNOWN[:position] + other + KNOWN[position + 1 :], "secret"
        )


def test_a_body_that_was_encoded_again_is_refused() -> None:
    body = b'[{"type": "outgoing",  "result":"sent"}]'
    signature = sign(body, "secret")
    assert verify_signature(body, signature, "secret")
    for other in (json.dumps(json.loads(body)).encode(), body + b"\n", body[:-1], b""):
        assert not verify_signature(other, signature, "secret")


@pytest.mark.parametrize("secrets", ["", b"", [], [""], ["secret", ""]])
def test_there_must_be_a_secret(secrets: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        verify_signature(b"body", KNOWN, secrets)
    assert "secret " not in str(caught.value).replace("A secret is", "")


@pytest.mark.parametrize(
    "secrets",
    [" ", b"\0", "\r\n", ["secret", "\u2003"], bytearray(b"secret"), [bytearray(b"secret")], 6],
)
def test_secrets_that_anybody_can_guess(secrets: Any) -> None:
    """A `bytearray` was read as several secrets, each a key of zeros."""
    with pytest.raises(ConfigurationError, match=r"white space|must be a str or bytes"):
        verify_signature(b"body", sign(b"body", b"\0"), secrets)


def test_short_secrets_can_be_refused() -> None:
    assert secret_bytes("x" * 16, 16) == (b"x" * 16,)
    with pytest.raises(ConfigurationError, match="fewer than 16 bytes"):
        secret_bytes(["x" * 16, "y" * 15], 16)
