"""Check the filter for the logs of httpx and httpcore."""

from __future__ import annotations

import logging

import pytest

from smsmanager.logs import HidingFilter, hide_in_logs

KEY = "key-0123456789abcdef"


def record(message: object, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("httpx", logging.INFO, __file__, 1, message, arguments, None)


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("GET %s", (f"https://example.com/x?apikey={KEY}",), "GET https://example.com/x?[hidden]"),
        ("'https://example.com/?a=b' %d", (200,), "'https://example.com/?[hidden]' 200"),
        ("POST https://example.com/x", (), "POST https://example.com/x"),
        (f"key {KEY}, again {KEY}", (), "key [hidden], again [hidden]"),
        ("what? 100%%", (), "what? 100%"),
    ],
)
def test_the_filter_hides_queries_and_named_values(
    message: str, arguments: tuple[object, ...], expected: str
) -> None:
    one = record(message, *arguments)
    if not arguments:
        one.msg = message.replace("%%", "%")
    assert HidingFilter(KEY, "").filter(one) is True
    assert one.getMessage() == expected


def test_the_filter_is_installed_where_httpx_logs(caplog: pytest.LogCaptureFixture) -> None:
    names = ["httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy"))]
    hiding = hide_in_logs(KEY)
    try:
        with caplog.at_level(logging.DEBUG):
            for name in names:
                logging.getLogger(name).debug("sent %s", KEY)
    finally:
        for name in names:
            logging.getLogger(name).removeFilter(hiding)
    assert [r.getMessage() for r in caplog.records] == ["sent [hidden]"] * len(names)
    assert KEY not in caplog.text
