"""Check the words, values and limits of a field."""

from __future__ import annotations

from typing import Any

import pytest

from tools.field_words import limits, with_words, words

KIND = {"type": "string", "description": "The\n  kind.", "enum": ["a", "b"]}
STEP = {"type": "object", "properties": {"kind": {"$ref": "#/components/schemas/Kind"}}}
SPEC: dict[str, Any] = {"components": {"schemas": {"Kind": KIND, "Step": STEP}}}
TO_KIND = {"$ref": "#/components/schemas/Kind"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (
            {"description": "Minutes.", "minimum": 0.5, "maximum": 9},
            "Minutes. At least 0.5, at most 9.",
        ),
        (
            {"description": "Texts.", "minItems": 1, "uniqueItems": True},
            "Texts. Not empty, no two alike.",
        ),
        ({"description": "The one.", "minItems": 1, "maxItems": 1}, "The one. Exactly 1."),
        ({"description": "A time.", "pattern": "^x|y$"}, "A time."),
        (TO_KIND, "The kind. One of `a`, `b`."),
        ({**TO_KIND, "description": "Another."}, "Another. One of `a`, `b`."),
        ({"anyOf": [TO_KIND, {"type": "null"}]}, "The kind. One of `a`, `b`."),
        ({"type": "object", "properties": {}, "description": "One.", "maxProperties": 1}, "One."),
        ({}, ""),
    ],
)
def test_words_are_one_line_with_values_and_limits(schema: dict[str, Any], said: str) -> None:
    assert words(schema, SPEC) == said


def test_a_pattern_is_a_limit() -> None:
    assert limits({"pattern": "^x$", "maxLength": 3}) == ["at most 3 characters", "`^x$`"]


def test_a_copy_of_a_description_has_whole_words() -> None:
    schemas = with_words(SPEC)["components"]["schemas"]
    assert schemas["Kind"]["description"] == "The kind. One of `a`, `b`."
    assert schemas["Step"]["properties"]["kind"]["description"] == "The kind. One of `a`, `b`."
    assert "description" not in STEP
