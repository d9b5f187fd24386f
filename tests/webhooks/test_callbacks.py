"""Check callback URLs: what a token allows, for how long, and what is refused."""

from __future__ import annotations

import base64
import pickle
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from smsmanager import ConfigurationError, ValidationError
from smsmanager.webhooks import (
    CallbackRefusedError,
    CallbackSigner,
    Capability,
    WebhookParseError,
    callback_url,
    verify_callback,
)
from tests.webhooks.bodies import SECRET

BASE = "https://example.com/sms"
DAY_S = 86_400
NOW_S = 20_000 * DAY_S + 3_600


class Clock:
    """Unix seconds that a test sets."""

    def __init__(self, now_s: float = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def signer(secret: Any = SECRET, clock: Clock | None = None, **options: Any) -> CallbackSigner:
    return CallbackSigner(BASE, secret, clock=clock or Clock(), **options)


def refused(query: str | bytes, by: CallbackSigner | None = None) -> str:
    with pytest.raises(CallbackRefusedError) as caught:
        (by or signer()).verify(query)
    assert caught.value.reason in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("reference", ["order-17", "a.b&c=d?#é", "x" * 1000, None])
def test_a_token_brings_its_reference_back(reference: str | None) -> None:
    url = signer().callback_for(reference)
    assert url.startswith(f"{BASE}?token=")
    capability = signer().verify(url)
    assert capability.reference == reference
    assert signer().verify(urlsplit(url).query) == capability
    assert signer().verify(urlsplit(url).query.encode()) == capability
    assert repr(capability) == "Capability()"


def test_a_base_keeps_its_query() -> None:
    made = CallbackSigner(f"{BASE}?a=1", SECRET, clock=Clock()).callback_for("r")
    assert made.startswith(f"{BASE}?a=1&token=")
    assert signer().verify(made).reference == "r"


def test_the_functions_for_one_url() -> None:
    made = callback_url(BASE, SECRET, reference="order-17", expires=3)
    assert verify_callback(made, SECRET).reference == "order-17"
    with pytest.raises(CallbackRefusedError):
        verify_callback(made, SECRET + "x")


@pytest.mark.parametrize(
    ("base", "days", "secret", "reference", "url"),
    [
        (
            BASE,
            3650,
            SECRET,
            "order-17",
            f"{BASE}?token=23650.b3JkZXItMTc.8bRmUGD-8V2atpTenyFIqkQ69eLy2jWSm36HVDt_aD0",
        ),
        (
            BASE,
            3650,
            SECRET,
            None,
            f"{BASE}?token=23650..mtCORvCS_Cct60cwij7Soavk0rg22lC8Ds89tFNX484",
        ),
        (
            f"{BASE}?a=1",
            30,
            b"\x00\xff" * 8,
            "order-17",
            f"{BASE}?a=1&token=20030.b3JkZXItMTc.5Rzh-KtHj5YOMejBt_sHs49ys6QppD_mK1ddwAFJbGY",
        ),
    ],
)
def test_urls_that_were_handed_out_stay_valid(
    base: str, days: int, secret: Any, reference: str | None, url: str
) -> None:
    """Made by the first version: with another form or MAC, all reports on their way would be refused."""
    own = CallbackSigner(base, secret, expires_days=days, clock=Clock())
    assert own.verify(url).reference == reference
    assert own.callback_for(reference) == url


def test_a_url_is_valid_for_thirty_days_by_default() -> None:
    own = CallbackSigner(BASE, SECRET, clock=Clock())
    assert own.verify(own.callback_for("r")).expires_at == 20_031 * DAY_S
    assert "expires_days=30" in repr(own)
    ends_s = verify_callback(callback_url(BASE, SECRET), SECRET).expires_at
    assert 30 * DAY_S < ends_s - time.time() <= 31 * DAY_S


def test_it_is_valid_through_its_last_day() -> None:
    clock = Clock()
    own = signer(clock=clock, expires_days=2)
    url = own.callback_for("r")
    end_s = 20_003 * DAY_S
    assert own.verify(url) == Capability("r", end_s)
    clock.now_s = end_s - 0.001
    own.verify(url)
    clock.now_s = end_s
    assert refused(url, own) == "expired"


def test_the_days_of_a_scheduled_message_count_from_its_time() -> None:
    clock = Clock()
    own = signer(clock=clock, expires_days=2)
    later = datetime.fromtimestamp(NOW_S + 90 * DAY_S, UTC)
    assert own.verify(own.callback_for("r", later)).expires_at == 20_093 * DAY_S
    earlier = datetime.fromtimestamp(NOW_S - 90 * DAY_S, UTC)
    assert own.callback_for("r", earlier) == own.callback_for("r")


def test_secrets_can_be_replaced() -> None:
    old, new = "the old secret, 16+", "the new secret, 16+"
    url = signer(old).callback_for("r")
    assert signer([new, old]).verify(url).reference == "r"
    assert signer([new, old]).callback_for("r") == signer(new).callback_for("r")
    assert refused(url, signer(new)) == "forged"


def test_every_single_altered_character_is_refused() -> None:
    url = signer().callback_for("order-17")
    start = url.index("token=") + len("token=")
    for position in range(start, len(url)):
        for other in "0A-_.%":
            if other != url[position]:
                altered = url[:position] + other + url[position + 1 :]
                assert refused(altered) in {"forged", "malformed"}


def test_every_truncated_token_is_refused() -> None:
    url = signer().callback_for("order-17")
    for length in range(url.index("token=") + len("token="), len(url)):
        assert refused(url[:length]) in {"forged", "malformed"}


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "missing"),
        (b"", "missing"),
        ("a=1", "missing"),
        ("token=", "malformed"),
        ("token=1.2", "malformed"),
        ("token=1.2.3.4", "malformed"),
        ("token=1..x", "forged"),
        ("token=-1..x", "malformed"),
        ("token=\u0661..x", "malformed"),
        ("token=1..é", "malformed"),
        ("token=9999999..x", "malformed"),
        ("&".join(["a=1"] * 1_000), "missing"),
        ("&".join(["a=1"] * 1_001), "malformed"),
        (b"token=\xff\x00", "malformed"),
    ],
)
def test_odd_queries(query: str | bytes, reason: str) -> None:
    assert refused(query) == reason


def test_two_tokens_are_refused() -> None:
    url = signer().callback_for("r")
    assert refused(f"{url}&token=x") == "malformed"
    assert refused(f"{url}&{urlsplit(url).query}") == "malformed"


@pytest.mark.parametrize(
    ("base", "text"),
    [
        ("http://example.com/sms", "https"),
        ("ftp://example.com", "http or https"),
        ("example.com/sms", "http or https"),
        ("https:///sms", "http or https"),
        ("https://user@example.com", "a user and a password"),
        ("https://user:%20@example.com", "blank|a user and a password"),
        ("https://:password@example.com", "a user and a password"),
        ("https://us%3Aer:password@example.com", "colon"),
        ("https://example.com:99999/sms", "not a URL"),
        ("https://example.com/s ms", "percent-encoded"),
        ("https://example.com/sms\n", "percent-encoded"),
        (" https://example.com/sms", "percent-encoded|http or https"),
        ("https://example.com/s\tms", "percent-encoded"),
        ("https://example.com/s\xa0ms", "percent-encoded"),
        ("https://example.com\\sms", "percent-encoded"),
        ("https://example.com/#a", "fragment"),
        ("https://example.com/?token=1", "query parameter token"),
        ("https://example.com/?a=1&token", "query parameter token"),
        ("https://[", "not a URL"),
        (17, "not a URL"),
    ],
)
def test_bases_that_are_refused(base: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        CallbackSigner(base, SECRET)


def test_a_user_and_a_password_in_the_base() -> None:
    own = CallbackSigner("https://shop:p%40ss%3A%C3%A9@example.com/sms", SECRET, clock=Clock())
    url = own.callback_for("r")
    assert url.startswith("https://shop:p%40ss%3A%C3%A9@example.com/sms?token=")
    assert own.verify(url).reference == signer().verify(url).reference == "r"
    right = base64.b64encode("shop:p@ss:é".encode()).decode()
    for allowed in (f"Basic {right}", f"basic {right}", f" BASIC  {right} "):
        assert own.is_authorized(allowed)
    wrong = base64.b64encode(b"shop:p@ss").decode()
    for header in (
        None,
        "",
        "Basic",
        f"Basic {wrong}",
        f"Bearer {right}",
        right,
        f"Basic {right}é",
    ):
        assert not own.is_authorized(header)
    assert signer().is_authorized(None)
    assert "p@ss" not in repr(own)
    assert "shop" not in repr(own)


def test_http_is_for_this_machine() -> None:
    for base in ("http://127.0.0.1:8000/sms", "http://localhost/sms", "http://[::1]/sms"):
        assert CallbackSigner(base, SECRET).callback_for("r").startswith(base)


@pytest.mark.parametrize("days", [0, -1, 3651, 1.5, True, "3", None])
def test_days_that_are_refused(days: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole number of days"):
        signer(expires_days=days)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="fewer than 16 bytes"):
        CallbackSigner(BASE, "short")


@pytest.mark.parametrize(
    "secret",
    [
        bytearray(b"a secret of sixteen bytes or more"),
        memoryview(b"a secret of sixteen bytes or more"),
        [bytearray(b"a secret of sixteen bytes or more")],
        [17] * 20,
        range(20),
        20,
        None,
        " " * 20,
        "\t\n" * 10,
        "\u3000" * 10,
        b" " * 20,
        b"\0" * 20,
        [SECRET, b"\0" * 20],
        [SECRET, None],
        "a secret with half a pair \ud800",
        [],
    ],
    ids=lambda value: type(value).__name__,
)
def test_secrets_that_make_a_weak_key(secret: Any) -> None:
    for make in (signer, lambda given: verify_callback("token=1..x", given)):
        with pytest.raises(ConfigurationError) as caught:
            make(secret)
        assert "sixteen" not in str(caught.value)


def test_an_empty_reference_makes_no_token_for_every_message() -> None:
    with pytest.raises(ValidationError, match="must not be empty"):
        CallbackSigner(BASE, SECRET).callback_for("")


def test_references_that_cannot_stand_in_a_url() -> None:
    with pytest.raises(ValidationError, match="2048"):
        signer().callback_for("x" * 2000)
    with pytest.raises(ValidationError, match="reference: has a lone surrogate"):
        signer().callback_for("\ud800")


def test_nothing_secret_is_shown_or_pickled() -> None:
    own = signer()
    assert SECRET not in repr(own)
    assert "example.com" not in repr(own)
    with pytest.raises(TypeError, match=r"^a CallbackSigner contains a secret"):
        pickle.dumps(own)


@pytest.mark.parametrize("error", [CallbackRefusedError("forged"), WebhookParseError("not JSON")])
def test_errors_that_earlier_versions_pickled(error: Exception) -> None:
    # Protocol 0 names classes as plain text.
    pickled = pickle.dumps(error, 0).replace(b"._webhook_errors", b"._errors")
    assert b"smsmanager.webhooks._errors" in pickled
    again = pickle.loads(pickled)  # noqa: S301 - our own bytes
    assert (type(again), str(again)) == (type(error), str(error))
