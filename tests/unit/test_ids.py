"""Check the two forms of a message id and the way between them."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsmanager import expand_message_id, same_message, split_message_id

steady = settings(deadline=None, database=None)
A_UUID = "0f5e8e3e-2a4b-4c55-9d3b-0123456789ab"

ids = st.one_of(
    st.uuids().map(str), st.text(min_size=1), st.from_regex(r"[a-z]{1,4}(-[0-9]{1,3}){0,3}")
)


@pytest.mark.parametrize(
    ("message_id", "index", "expanded"),
    [
        (A_UUID, 0, f"{A_UUID}-0"),
        (A_UUID, 9, f"{A_UUID}-9"),
        ("42", 10, "42-10"),
        ("a-b", 3, "a-b-3"),
    ],
)
def test_expanded_id_has_the_index_behind_a_dash(
    message_id: str, index: int, expanded: str
) -> None:
    assert expand_message_id(message_id, index) == expanded
    assert split_message_id(expanded) == (message_id, index)


@pytest.mark.parametrize("index", [-1, -10])
def test_index_counts_from_zero(index: int) -> None:
    with pytest.raises(ValueError, match="recipient_index counts from 0"):
        expand_message_id(A_UUID, index)


@pytest.mark.parametrize(
    "message_id",
    [
        A_UUID,
        "42",
        "",
        "-0",
        "abc",
        "abc-",
        "abc-00",
        "abc-01",
        "abc-100",
        "abc-x",
        "abc-1x",
        "abc-0\n",
        "abc--",
        "abc-\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_what_is_no_suffix_stays(message_id: str) -> None:
    assert split_message_id(message_id) == (message_id, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (A_UUID, A_UUID, True),
        (A_UUID, f"{A_UUID}-0", True),
        (f"{A_UUID}-0", A_UUID, True),
        (f"{A_UUID}-3", f"{A_UUID}-3", True),
        (A_UUID, f"{A_UUID}-1", False),
        (f"{A_UUID}-0", f"{A_UUID}-1", False),
        (A_UUID, A_UUID.upper(), False),
        ("a", "b", False),
        ("a", "a-00", False),
    ],
)
def test_same_message_takes_an_id_and_its_first_recipient_as_one(
    one: str, other: str, *, same: bool
) -> None:
    assert same_message(one, other) is same
    assert same_message(other, one) is same


@steady
@given(ids, st.integers(0, 99))
def test_split_undoes_expand(message_id: str, index: int) -> None:
    assert split_message_id(expand_message_id(message_id, index)) == (message_id, index)


@steady
@given(ids)
def test_split_loses_nothing(message_id: str) -> None:
    base, index = split_message_id(message_id)
    assert (base if index is None else f"{base}-{index}") == message_id


@steady
@given(st.uuids())
def test_a_uuid_has_no_suffix(uuid: UUID) -> None:
    assert split_message_id(str(uuid)) == (str(uuid), None)


@steady
@given(ids, ids)
def test_same_message_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert same_message(one, one)
    assert same_message(one, other) is same_message(other, one)


@steady
@given(ids, st.integers(1, 99))
def test_only_the_first_recipient_can_go_without_a_suffix(message_id: str, index: int) -> None:
    assert same_message(message_id, expand_message_id(message_id, 0))
    assert not same_message(message_id, expand_message_id(message_id, index))
