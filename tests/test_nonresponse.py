"""Voted runs against the others."""

from __future__ import annotations

import pytest

from runinsights.analytics.nonresponse import length_class, voted_against_unvoted
from runinsights.errors import InvalidInput


def test_voted_and_other_runs_stand_side_by_side():
    new, back, none = voted_against_unvoted({"new": 1000, "returning": 200, "none": 0}, {"new": 100, "returning": 60})
    assert (new.value, new.voted, new.unvoted) == ("new", 100, 900)
    assert (new.share_of_voted, new.share_of_unvoted) == (pytest.approx(100 / 160), pytest.approx(900 / 1040))
    assert (back.share_of_voted, back.share_of_unvoted) == (pytest.approx(60 / 160), pytest.approx(140 / 1040))
    assert (new.coverage.value, new.coverage.low, new.coverage.high) == pytest.approx(
        (0.10, 0.082909, 0.120152), abs=1e-6
    )
    assert (none.share_of_voted, none.share_of_unvoted, none.coverage.value) == (0, 0, None)


def test_nothing_voted_or_nothing_unvoted_has_no_share():
    (row,) = voted_against_unvoted({9: 5}, {})
    assert (row.share_of_voted, row.share_of_unvoted, row.coverage.value) == (None, 1, 0)
    (row,) = voted_against_unvoted({9: 5}, {9: 5})
    assert (row.share_of_voted, row.share_of_unvoted) == (1, None)
    assert voted_against_unvoted({}, {}) == []


def test_counts_that_cannot_belong_together_raise():
    with pytest.raises(InvalidInput):
        voted_against_unvoted({"a": 1}, {"b": 1})
    with pytest.raises(InvalidInput):
        voted_against_unvoted({"a": 1}, {"a": 2})


@pytest.mark.parametrize(
    ("characters", "name"),
    [
        *((None, "none"), (0, "none"), (1, "1–20"), (20, "1–20"), (21, "21–80"), (80, "21–80"), (320, "81–320")),
        *((1280, "321–1280"), (1281, "over 1280"), (10**6, "over 1280")),
    ],
)
def test_each_length_has_one_class(characters: int | None, name: str):
    assert length_class(characters) == name
