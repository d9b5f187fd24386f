"""From rows to messages and requests, for anything that Hypothesis draws."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager._message.wire_requests import Content, Operation, Prepared, encode
from smsmanager.campaigns._ledger.batches import Page, Pending, batches, sharing

MOST_BYTES = 128_000
pending = st.builds(
    Pending,
    row=st.integers(1, 10**6),
    phone_number=st.integers(10**9, 10**15 - 1).map(str),
    content=st.integers(1, 12),
    tried=st.just(0),
    doubt=st.none(),
)
lists = st.lists(pending, max_size=300, unique_by=lambda row: row.row)


@given(lists, st.data())
def test_every_row_is_in_one_request_and_no_limit_is_exceeded(
    rows: list[Pending], data: st.DataObject
) -> None:
    size = st.integers(10, 60_000)
    sizes = {content: data.draw(size) for content in {row.content for row in rows}}
    made = batches(sharing(rows), sizes, 7)
    numbers = [parcel.number for batch in made for parcel in batch.parcels]
    assert numbers == list(range(7, 7 + len(numbers)))
    assert Counter(row for batch in made for row in batch.rows()) == Counter(rows)
    for batch in made:
        assert 1 <= len(batch.parcels) <= 10
        assert sum(sizes[parcel.content] + 34 * len(parcel.rows) for parcel in batch.parcels) <= (
            MOST_BYTES + 10 * 34
        )
        for parcel in batch.parcels:
            assert 1 <= len(parcel.rows) <= 10
            assert {row.content for row in parcel.rows} == {parcel.content}


@pytest.mark.parametrize("size", [12_400, 12_430, 12_441, 12_442, 12_445, 12_490, 12_600])
def test_a_request_is_one_request_of_the_client_whatever_its_size(size: int) -> None:
    """Ten full messages are close to the limit: their recipients decide."""
    rows = [Pending(row, f"{10**14 + row}", row // 10, 0, None) for row in range(100)]
    for batch in batches(sharing(rows), dict.fromkeys(range(10), size), 1):
        prepared = Prepared(
            Operation.BATCH,
            [Content(bytes(size)) for _ in batch.parcels],
            numbers=[row.phone_number for row in batch.rows()],
            message_of=[at for at, parcel in enumerate(batch.parcels) for _ in parcel.rows],
        )
        [request] = prepared.requests()
        assert len(encode(request.messages)) <= MOST_BYTES


@given(lists)
def test_requests_are_as_few_as_the_limits_allow(rows: list[Pending]) -> None:
    made = batches(sharing(rows), dict.fromkeys({row.content for row in rows}, 100), 1)
    messages = sum(-(-count // 10) for count in Counter(row.content for row in rows).values())
    assert sum(len(batch.parcels) for batch in made) == messages
    assert len(made) == -(-messages // 10)


@given(lists, st.sets(st.integers(0, 299)))
def test_what_is_taken_out_of_a_request_leaves_no_empty_message(
    rows: list[Pending], places: set[int]
) -> None:
    gone = {row.row for place, row in enumerate(rows) if place in places}
    for batch in batches(sharing(rows), dict.fromkeys({row.content for row in rows}, 100), 1):
        left = batch.without(gone)
        assert list(left.rows()) == [row for row in batch.rows() if row.row not in gone]
        assert all(parcel.rows for parcel in left.parcels)
        numbers = {row: number for row, number, _ in batch.carried()}
        assert all(numbers[row] == number for row, number, _ in left.carried())


def test_no_number_and_no_text_is_in_a_repr() -> None:
    made = batches([(Pending(1, "420777123456", 2, 0, None),)], {2: 100}, 1)
    page = Page(made, 1, {2: {"body": "A private text"}})
    assert repr(page) == f"Page(batches={made!r}, last=1)"
    assert "420777123456" not in repr(page)
