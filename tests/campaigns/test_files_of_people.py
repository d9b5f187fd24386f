"""Three hundred files as people's tools make them: sent correctly, refused with a reason, or asked about."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.campaigns.files_of_people import files


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_none_of_the_files_ends_with_a_raw_error_or_takes_much_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.try_files"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert re.match(rf"{len(files())} files, 0 wrong; slowest: ", done.stdout)


def test_there_are_three_hundred_of_each_kind() -> None:
    made = files()
    assert len(made) >= 300
    kinds = {one.name.rpartition(".")[2] for one in made}
    assert {"csv", "xlsx", "xls", "ods", "jsonl", "json", "txt", "vcf"} <= kinds
    assert sum(bool(one.sent or one.count) for one in made) > 180
    assert sum(bool(one.refused) for one in made) > 100
    assert sum(one.problem is not None for one in made) > 40
