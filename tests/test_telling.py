"""Words that tell disliked prompts from liked ones."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.telling import telling_words

words = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 500), max_size=6)


def test_the_scores_reproduce_the_example():
    down = {"population": 30, "brno": 12, "export": 25, "the": 100, "chart": 3}
    up = {"population": 50, "brno": 40, "export": 5, "the": 400, "chart": 45}
    truth = {"population": 3.136271, "brno": -0.154155, "export": 5.928649, "the": -6.103934, "chart": -2.709295}
    assert telling_words(down, up) == pytest.approx(truth, abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(down=words, up=words)
def test_every_word_has_a_finite_score_that_mirrors(down: dict[str, int], up: dict[str, int]):
    scores = telling_words(down, up)
    assert scores.keys() == down.keys() | up.keys()
    assert all(math.isfinite(score) for score in scores.values())
    assert telling_words(up, down) == pytest.approx({word: -score for word, score in scores.items()})
