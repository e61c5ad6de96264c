"""Deliveries over each kind of store."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def over_each_store(each_store: str) -> None:
    """Every test here runs over each of them."""
