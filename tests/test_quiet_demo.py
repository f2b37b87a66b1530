"""Where nothing is planted, the detectors of Insights are as quiet as they state; `make stats` takes 200 seeds."""

from __future__ import annotations

import pytest

from quiet_demo import STATED, allowed, quiet, rates

SEEDS = 4


def test_the_detectors_keep_quiet_on_demo_data_without_effects():
    found = rates(SEEDS)
    assert found.keys() == STATED.keys()
    for name, stated in STATED.items():
        assert found[name] <= allowed(stated, SEEDS), name


def test_the_quiet_demo_keeps_the_voters_and_drops_the_effects():
    rows = quiet(1)
    liked = [row.sentiment for row in rows if row.sentiment is not None]
    assert sum(liked) / len(liked) == pytest.approx(0.85, abs=0.04)
    assert all(row.comment is None for row in rows if row.sentiment is not None)
