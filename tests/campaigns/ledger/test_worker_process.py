"""Whether the holder of a lease exists: gone only if that is certain."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from smsmanager.campaigns._ledger import worker_process
from smsmanager.campaigns._ledger.worker_process import is_gone, this_worker


@pytest.mark.parametrize("answer", [None, PermissionError()])
def test_a_process_that_cannot_be_seen_is_not_gone(
    answer: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If /proc is mounted with hidepid, it hides the processes of other users."""
    mine, place = this_worker(), worker_process._place()

    def hidden(path: Path, **_: Any) -> str:
        raise FileNotFoundError(path)

    def asked(process: int, sent: int) -> None:
        assert (process, sent) == (os.getpid(), 0)
        if answer is not None:
            raise answer

    monkeypatch.setattr(worker_process, "_place", lambda: place)
    monkeypatch.setattr(Path, "read_text", hidden)
    monkeypatch.setattr(os, "kill", asked)
    assert not is_gone(mine)
