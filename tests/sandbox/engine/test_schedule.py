"""The tasks in order of time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsmanager.sandbox.engine.schedule import Schedule


@given(st.lists(st.integers(0, 9)), st.integers(0, 40))
def test_the_first_tasks_are_those_of_the_whole_order(dues: list[int], limit: int) -> None:
    schedule = Schedule()
    for due in dues:
        schedule.add(due, "start", object())
    assert schedule.first(limit) == tuple(sorted(schedule._heap)[:limit])


@given(st.lists(st.integers(0, 9)), st.sets(st.integers(0, 30)))
def test_what_was_dropped_comes_back_in_its_order(dues: list[int], dropped: set[int]) -> None:
    schedule = Schedule()
    subjects = [object() for _ in dues]
    for due, subject in zip(dues, subjects, strict=True):
        schedule.add(due, "start", subject)
    before = schedule.first(len(dues))
    gone = {id(subjects[index]) for index in dropped if index < len(subjects)}
    tasks = schedule.drop(gone)
    assert {id(task.subject) for task in tasks} == gone
    assert schedule.first(len(dues)) == tuple(
        task for task in before if id(task.subject) not in gone
    )
    schedule.put_back(tasks)
    assert schedule.first(len(dues)) == before
