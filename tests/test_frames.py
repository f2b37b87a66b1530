from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from handmade import C2, VolumeRow, days, trend_row, value_row, voters
from runinsights.analytics import frames
from runinsights.analytics.buckets import bucket_edges, incomplete_buckets
from runinsights.analytics.problems import problem_groups
from runinsights.model import Window
from runinsights.rows import ProblemPromptsRow

WEEK = days("2025-06-02", "2025-06-09")
EDGES, COMPLETE = bucket_edges(WEEK, "day"), incomplete_buckets(WEEK, "day")

COUNTS = [(name, "Int64") for name in ("runs", "rated", "liked", "disliked")]
RATES = [(name, "Float64") for name in ("approval", "low", "high", "coverage")]
BUCKET = [(name, "datetime64[us, Europe/Prague]") for name in ("bucket_start", "bucket_end")]
FROZEN = {
    "sentiment_trend": [
        *BUCKET,
        *COUNTS,
        *RATES,
        ("users", "Int64"),
        ("deff", "Float64"),
        ("incomplete", "boolean"),
        ("flags", "string"),
    ],
    "run_volume": [
        *BUCKET,
        ("runs", "Int64"),
        ("threads", "Int64"),
        ("owners", "Int64"),
        ("new_owners", "Int64"),
        ("incomplete", "boolean"),
    ],
    "feedback_coverage": [("value", "string"), *COUNTS, *RATES, ("users", "Int64")],
    "compare": [
        ("value", "string"),
        *COUNTS,
        *RATES,
        ("users", "Int64"),
        *[(name, "Float64") for name in ("change", "change_low", "change_high", "fdr")],
    ],
    "problem_prompts": [
        ("group", "string"),
        ("label", "string"),
        *[(name, "Int64") for name in ("runs", "rated", "disliked", "users")],
        *[(name, "Float64") for name in ("down_rate", "down_low", "fdr", "lift", "share_of_disliked")],
        *[(name, "datetime64[us, Europe/Prague]") for name in ("first_seen", "last_seen")],
        ("status", "string"),
        ("flagged", "boolean"),
        ("sample_run_ids", "object"),
    ],
}


def trend(*rows: object, window: Window = WEEK) -> pd.DataFrame:
    return frames.sentiment_trend(
        rows,  # type: ignore[arg-type]
        bucket_edges(window, "day"),
        incomplete_buckets(window, "day"),
        window.tz,
    )


def prompt_rows() -> list[ProblemPromptsRow]:
    """Forty users who dislike one kind of prompt, and forty who like another."""
    moment = datetime(2025, 6, 3, tzinfo=UTC)
    return [
        ProblemPromptsRow(f"r{index:03d}", "t", f"u{index}", prompt, liked, moment)
        for index in range(80)
        for prompt, liked in [("the export fails", False) if index < 40 else ("population of Brno", True)]
    ]


def filled() -> dict[str, pd.DataFrame]:
    votes = voters(24, 30)
    return {
        "sentiment_trend": trend(trend_row(1, votes, 200)),
        "run_volume": frames.run_volume([VolumeRow(1, 9, 5, 4, 2)], EDGES, COMPLETE, WEEK.tz),
        "feedback_coverage": frames.feedback_coverage([value_row(None, votes, 200)]),
        "compare": frames.compare([value_row(None, votes)], [value_row(None, votes)]),
        "problem_prompts": frames.problem_prompts(problem_groups(prompt_rows()).groups, WEEK.tz),
    }


def empty() -> dict[str, pd.DataFrame]:
    return {
        "sentiment_trend": trend(),
        "run_volume": frames.run_volume([], EDGES, COMPLETE, WEEK.tz),
        "feedback_coverage": frames.feedback_coverage([]),
        "compare": frames.compare([], []),
        "problem_prompts": frames.problem_prompts([], WEEK.tz),
    }


@pytest.mark.parametrize("name", FROZEN)
@pytest.mark.parametrize("make", [filled, empty])
def test_columns_order_and_dtypes_are_frozen_also_without_rows(name: str, make: object) -> None:
    frame = make()[name]  # type: ignore[operator]
    found = [(column, str(dtype)) for column, dtype in frame.dtypes.items()]
    assert found[: len(FROZEN[name])] == FROZEN[name]
    assert (len(frame) > 0) == (make is filled or name in ("sentiment_trend", "run_volume"))


def test_buckets_without_runs_are_there_with_zeros_and_no_rate() -> None:
    frame = trend(trend_row(3, voters(8, 10), 50))
    assert frame["runs"].tolist() == [0, 0, 50, 0, 0, 0, 0]
    gap = frame.iloc[0]
    assert gap[["rated", "liked", "disliked", "users"]].tolist() == [0, 0, 0, 0]
    assert gap[["approval", "low", "high", "coverage", "deff"]].isna().all()
    assert gap["flags"] == "no_votes"


def test_a_bucket_with_fewer_than_five_votes_has_counts_and_no_rate() -> None:
    few, enough = trend(trend_row(1, voters(3, 4), 10), trend_row(2, voters(4, 5), 10)).iloc[[0, 1]].to_dict("records")
    assert (few["rated"], few["liked"], few["coverage"]) == (4, 3, 0.4)
    assert pd.isna(few["approval"])
    assert enough["approval"] == 0.8
    assert few["flags"].split()[0] == enough["flags"].split()[0] == "few_votes"


def test_intervals_take_users_as_the_sampling_unit() -> None:
    row = trend(trend_row(2, C2)).iloc[1]
    expected = [0.766990, 1.818701, 0.632934, 0.862708]
    assert [row["approval"], row["deff"], row["low"], row["high"]] == pytest.approx(expected, abs=1e-6)
    assert (row["rated"], row["users"]) == (103, 20)


def test_an_incomplete_bucket_is_marked_in_column_and_flags() -> None:
    today = days("2025-06-02", "2025-06-09", as_of="2025-06-08")
    frame = trend(trend_row(7, voters(8, 10)), window=today)
    assert frame["incomplete"].tolist() == [False] * 6 + [True]
    assert frame["flags"].iloc[6].endswith("incomplete")


def test_times_are_local_and_the_autumn_day_has_25_hours() -> None:
    frame = trend(window=days("2025-10-25", "2025-10-28"))
    assert [str(start) for start in frame["bucket_start"]] == [
        "2025-10-25 00:00:00+02:00",
        "2025-10-26 00:00:00+02:00",
        "2025-10-27 00:00:00+01:00",
    ]
    assert (frame["bucket_end"] - frame["bucket_start"]).tolist()[1] == pd.Timedelta(hours=25)


def test_volume_keeps_its_counts_in_the_right_bucket() -> None:
    frame = frames.run_volume([VolumeRow(2, 9, 5, 4, 1)], EDGES, COMPLETE, WEEK.tz)
    assert frame.iloc[1][["runs", "threads", "owners", "new_owners"]].tolist() == [9, 5, 4, 1]
    assert int(frame["runs"].sum()) == 9


def test_coverage_has_its_own_interval_and_the_bounds_of_the_unrated() -> None:
    row = frames.feedback_coverage([value_row(None, voters(85, 100), 1000)]).iloc[0]
    assert row["coverage"] == 0.1
    assert [row["coverage_low"], row["coverage_high"]] == pytest.approx([0.082909, 0.120152], abs=1e-6)
    assert [row["bound_low"], row["bound_high"]] == pytest.approx([0.085, 0.985])


def test_values_come_most_runs_first_and_the_absent_one_after_its_equals() -> None:
    rows = [value_row(value, [], runs) for value, runs in [(None, 5), ("b", 5), ("c", 9), ("a", 5)]]
    assert frames.feedback_coverage(rows)["value"].fillna("NA").tolist() == ["c", "a", "b", "NA"]


def test_a_comparison_has_the_sides_the_change_and_its_interval() -> None:
    now, then = value_row(None, voters(120, 200)), value_row(None, voters(150, 200))
    row = frames.compare([now], [then]).iloc[0]
    assert (row["approval"], row["previous_approval"], row["verdict"]) == (0.6, 0.75, "worse")
    assert row["change"] == pytest.approx(-0.15)
    assert row["change_low"] < -0.238
    assert -0.0585 < row["change_high"] < 0
    turned = frames.compare([then], [now]).iloc[0]
    assert [turned["change"], turned["change_low"], turned["change_high"]] == pytest.approx(
        [-row["change"], -row["change_high"], -row["change_low"]]
    )


def test_a_value_of_one_window_only_is_compared_with_nothing() -> None:
    frame = frames.compare([value_row("new", voters(50, 60))], [value_row("old", voters(30, 60))])
    assert frame["value"].tolist() == ["new", "old"]
    assert frame["change"].isna().all()
    assert frame["fdr"].isna().all()
    assert frame["verdict"].tolist() == ["not_enough_data"] * 2


def test_the_family_of_a_comparison_is_what_may_be_judged() -> None:
    now = [value_row("a", voters(40, 100)), value_row("b", voters(80, 100)), value_row("c", voters(5, 10))]
    then = [value_row("a", voters(80, 100)), value_row("b", voters(79, 100)), value_row("c", voters(9, 10))]
    frame = frames.compare(now, then).set_index("value")
    assert pd.isna(frame.loc["c", "fdr"])
    assert frame.loc["a", "fdr"] < 0.001
    assert frame.loc["b", "fdr"] > 0.5


def test_problem_groups_keep_their_order_and_sample_runs() -> None:
    groups = problem_groups(prompt_rows()).groups
    frame = frames.problem_prompts(groups, WEEK.tz)
    assert frame["label"].tolist() == ["the export fails"]
    assert frame["sample_run_ids"].tolist() == [list(groups[0].sample_run_ids)]
    assert (frame["disliked"].item(), frame["rated"].item(), bool(frame["flagged"].item())) == (40, 40, True)
