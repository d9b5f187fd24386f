"""A set of numbers in limited memory behaves like a set."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager.campaigns._input.number_set import NumberSet


@given(st.lists(st.integers(100_000, 10**15 - 1).map(str), max_size=60), st.integers(0, 3))
@settings(deadline=None, database=None)
def test_a_number_set_is_a_set(numbers: list[str], most_pages: int) -> None:
    near = [str(int(number) // 1000 * 1000 + 7) for number in numbers]
    seen: set[str] = set()
    with NumberSet(most_pages) as found:
        for number in [*numbers, *near, *numbers]:
            assert (number in found) is (number in seen)
            assert found.add(number) is (number not in seen)
            seen.add(number)
            assert number in found
        assert len(found) == len(seen)


def test_a_closed_number_set_is_empty() -> None:
    found = NumberSet(most_pages=1)
    assert found.add("420777123456")
    assert found.add("15551234567")
    found.close()
    assert "420777123456" not in found
    assert "15551234567" not in found
