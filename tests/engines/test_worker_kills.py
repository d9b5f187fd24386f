"""Killed workers and ended sessions: no row twice, none missing; the soak runs the full size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engines.once_kills import sent_once
from tests.engines.paced import paced
from tests.engines.worker_kills import (
    Toll,
    attacked,
    celery_crew,
    procrastinate_crew,
    standby_crew,
    started,
)
from tests.postgres import running_cluster
from tests.redis_server import running_redis

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]
SMALL: dict[str, Any] = {"size": 600, "kills": 3, "sessions": 3, "seed": 1, "requests_per_s": 15.0}


def check(toll: Toll) -> None:
    assert toll.kills >= 2
    assert toll.sessions >= 2
    assert toll.accepted + toll.unknown == 600
    assert toll.accepted <= toll.taken <= 600
    assert toll.unknown <= toll.most_unknown


def test_celery(tmp_path: Path) -> None:
    with running_cluster() as cluster, cluster.database() as url, running_redis() as broker:
        start = started("tests.engines.celery_app")
        check(attacked(url, celery_crew(broker, tmp_path), start, tmp_path / "log", **SMALL))


def test_procrastinate(tmp_path: Path) -> None:
    with running_cluster() as cluster, cluster.database() as url:
        start = started("tests.engines.procrastinate_app")
        check(attacked(url, procrastinate_crew(), start, tmp_path / "log", **SMALL))


def test_one_process_and_a_standby(tmp_path: Path) -> None:
    with running_cluster() as cluster, cluster.database() as url:
        check(attacked(url, standby_crew(), lambda _: None, tmp_path / "log", **SMALL))


def test_one_pace_for_eight_workers(tmp_path: Path) -> None:
    with running_cluster() as cluster, cluster.database() as url:
        seen = paced(url, tmp_path / "log", seconds=2.0)
    # However slow this machine is, no request may come before its turn.
    assert seen.most_ahead <= 1.5
    assert seen.taken_twice == 0
    assert seen.left > 0
    # The workers were watched for four seconds: none of them continued.
    assert max(seen.pause_s, seen.stop_s) < 3.0


def test_tasks_that_are_acknowledged_late(tmp_path: Path) -> None:
    with running_cluster() as cluster, cluster.database() as url, running_redis() as broker:
        sent = sent_once(url, broker, tmp_path / "log", tasks=300, kills=4, seed=1)
    assert sent.kills >= 1
    assert (sent.twice, sent.missing) == (0, 0)
    # Each kill has two children in flight, with one request each.
    assert sent.states["unknown"] <= 2 * sent.kills
    assert sent.states["accepted"] == 300 - sent.states["unknown"]
