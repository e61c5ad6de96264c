"""The soak of `tests.soak`, in the slow set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import soak


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_i82_thirty_days_of_faults_lose_nothing(tmp_path: Path, seed: int) -> None:
    account = soak(tmp_path, 30, seed)
    print(account)
    assert account.holds()
    assert account.crashes > 20
    assert account.sent > 500


def test_i82_two_days_of_faults_lose_nothing(tmp_path: Path) -> None:
    account = soak(tmp_path, 2, seed=3)
    assert account.holds(), str(account)
