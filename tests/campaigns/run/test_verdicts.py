"""The effect of an outcome on a row: a row that may have been taken is never called unsent."""

from __future__ import annotations

import pytest

from smsmanager.campaigns import RowState
from smsmanager.campaigns._run.verdicts import settled
from smsmanager.campaigns.rows import OPEN
from smsmanager.results import Status


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("doubt", [None, RowState.UNKNOWN, RowState.UNCONFIRMED])
@pytest.mark.parametrize("again", [True, False])
def test_what_may_have_been_taken_is_never_called_unsent(
    status: Status, doubt: RowState | None, *, again: bool
) -> None:
    after = settled(status, doubt, again=again)
    if status is Status.ACCEPTED:
        assert after is RowState.ACCEPTED
    elif status in {Status.UNKNOWN, Status.UNCONFIRMED}:
        assert after.value == status.value
    elif again and status is Status.NOT_SENT:
        assert after is RowState.PENDING
    elif doubt is not None:
        assert after is doubt
        assert after in OPEN
    else:
        assert after.value == status.value
