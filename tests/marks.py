"""Marks for some of the cases of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def thorough(cases: Iterable[Any]) -> list[Any]:
    """Leave these cases to `make test-thorough`."""
    several = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=pytest.mark.thorough) for case in several]
