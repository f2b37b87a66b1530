"""The regression that the demo data has, its date and its segment, found the way an analyst would look for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

import runinsights as ri
from runinsights.demo import DEMO_UNTIL, DEMO_ZONE, DemoTruth, seed_demo

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def planted() -> Iterator[tuple[ri.Insights, DemoTruth]]:
    with ri.connect(":memory:") as db:
        truth = seed_demo(db, 40_000)
        yield ri.Insights(db, last="90 days", tz=DEMO_ZONE, as_of=DEMO_UNTIL, releases="prompt_version"), truth


def test_what_got_worse_since_the_last_release_and_for_whom_takes_two_calls(
    planted: tuple[ri.Insights, DemoTruth],
) -> None:
    ins, truth = planted
    whole = ins.compare(to="release")
    assert whole.frame["verdict"].tolist() == ["worse"]
    segments = ins.segments("model", to="release").frame
    worse = segments[(segments["verdict"] == "worse") & (segments["fdr"] <= ins.defaults.q)]
    first = worse.sort_values("change").iloc[0]
    assert first["value"] == truth.regression.model
    assert first["change_low"] <= truth.regression.after - truth.regression.before <= first["change_high"]
    assert first["rate_effect"] == segments["rate_effect"].min()
    assert f"“{truth.regression.model}”" in ins.segments("model", to="release").summary


def test_the_release_is_where_it_was_planted(planted: tuple[ri.Insights, DemoTruth]) -> None:
    ins, truth = planted
    (release,) = ins.releases().frame.to_dict("records")
    assert release["label"] == truth.regression.prompt_version
    assert timedelta() <= release["at"] - truth.regression_at < timedelta(days=1)


@pytest.mark.parametrize("bucket", ["day", "week"])
def test_the_trend_of_the_model_alarms_soon_after_the_date_and_dates_the_change(
    planted: tuple[ri.Insights, DemoTruth], bucket: str
) -> None:
    ins, truth = planted
    frame = ins.where({"model": truth.regression.model}).sentiment_trend(bucket=bucket).frame  # type: ignore[arg-type]
    alarms: list[datetime] = frame.loc[frame["alarm"], "bucket_end"].tolist()
    assert truth.regression_at < min(alarms) <= truth.regression_at + 3 * WEEK
    (change,) = frame.loc[frame["change_point"].notna(), "bucket_start"].tolist()
    assert abs(change - truth.regression_at) <= WEEK
    by_value = ins.sentiment_trend(by="model", bucket=bucket).frame  # type: ignore[arg-type]
    assert truth.regression.model in set(by_value.loc[by_value["alarm"], "value"])


def test_before_the_regression_nothing_of_it_is_seen(planted: tuple[ri.Insights, DemoTruth]) -> None:
    ins, truth = planted
    quiet = ri.Insights(ins._db, last="8 weeks", tz=DEMO_ZONE, as_of=truth.regression_at, releases="prompt_version")
    assert quiet.releases().frame.empty
    assert not (quiet.segments("model").frame["verdict"] == "worse").any()
    assert not quiet.where({"model": truth.regression.model}).sentiment_trend().frame["alarm"].any()
