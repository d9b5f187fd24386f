"""What the mutants of `ids` that other tests let live would have changed."""

from __future__ import annotations

import pytest

from smsmanager import expand_message_id


def test_a_negative_index_is_refused_in_these_words() -> None:
    with pytest.raises(ValueError, match=r"^recipient_index counts from 0 and cannot be negative$"):
        expand_message_id("m", -1)
