"""What the mutants of `parts` that other tests let live would have changed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from smsmanager.parts import message_parts


@pytest.mark.parametrize("invisible", ["\N{ZERO WIDTH SPACE}", "\N{SOFT HYPHEN}\N{WORD JOINER}"])
def test_invisible_characters_alone_are_one_part_with_all_its_room(invisible: str) -> None:
    counted = message_parts(invisible, "sms")
    assert (counted.parts, counted.units, counted.characters_left) == (1, 1, 160)
    assert counted.texts == ("?",)


def test_an_unknown_type_is_refused_in_these_words() -> None:
    with pytest.raises(ValueError, match="type must be") as caught:
        message_parts("Hi", cast("Any", "SMS"))
    words = "type must be 'utf' or 'sms'. Nothing was counted; pass one of the two."
    assert caught.value.args == (words,)


def test_the_last_character_of_the_basic_plane_is_one_unit_beside_a_pair() -> None:
    counted = message_parts("\N{GRINNING FACE}" + "\uffff" * 69)
    assert (counted.units, counted.parts, counted.characters_left) == (71, 2, 63)
    assert [len(text) for text in counted.texts] == [66, 4]
