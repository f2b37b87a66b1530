from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from handmade import VolumeRow, days, trend_row, value_row, voters
from runinsights.analytics import charts, frames, svg
from runinsights.analytics.buckets import bucket_edges, incomplete_buckets
from runinsights.analytics.look import NO_RUNS

WEEK = days("2025-06-02", "2025-06-10", as_of="2025-06-09")
EDGES, CUT = bucket_edges(WEEK, "day"), incomplete_buckets(WEEK, "day")
EVIL = "<b>&lt;</svg><script>alert(1)</script>"


def trend_frame() -> pd.DataFrame:
    """Judged, judged, three votes, ten votes, none, judged, judged, and the unfinished eighth day."""
    votes = {
        1: voters(24, 30),
        2: voters(30, 40),
        3: voters(1, 3),
        4: voters(7, 10),
        6: voters(38, 40),
        7: voters(9, 36),
    }
    rows = [trend_row(bucket, users, 200) for bucket, users in votes.items()]
    return frames.sentiment_trend([*rows, trend_row(8, voters(20, 35), 90)], EDGES, CUT, WEEK.tz)


def volume_frame() -> pd.DataFrame:
    rows = [VolumeRow(bucket, 20 * bucket, 9, 8, 2) for bucket in (1, 2, 4, 8)]
    return frames.run_volume(rows, EDGES, CUT, WEEK.tz)


def problem_frame(label: str = "the export fails") -> pd.DataFrame:
    moment = datetime.fromisoformat("2025-06-03T10:00:00+00:00")
    row = ("g1", label, 90, 21, 15, 14, 15 / 21, 0.47, 0.001, 3.2, 0.2, moment, moment, "new", True, ["r1"])
    return frames.typed_frame(frames.PROBLEM_PROMPTS, [row], WEEK.tz)


def coverage_frame(value: str | None = None) -> pd.DataFrame:
    rows = [value_row(value, voters(30, 40), 300)]
    return frames.feedback_coverage(rows if value is None else [*rows, value_row("b", voters(3, 9), 100)])


def compare_frame(value: str | None = None) -> pd.DataFrame:
    now, then = [value_row(value, voters(30, 40))], [value_row(value, voters(35, 40))]
    return frames.compare(now if value is None else [*now, value_row("b", voters(9, 40))], then)


SPECS = {
    "sentiment_trend": charts.sentiment_trend(trend_frame()),
    "run_volume": charts.run_volume(volume_frame()),
    "problem_prompts": charts.problem_prompts(problem_frame()),
    "feedback_coverage": charts.feedback_coverage(coverage_frame()),
    "compare": charts.compare(compare_frame()),
}
NOTHING = {
    "sentiment_trend": charts.sentiment_trend(frames.sentiment_trend([], EDGES, CUT, WEEK.tz)),
    "run_volume": charts.run_volume(frames.run_volume([], EDGES, CUT, WEEK.tz)),
    "problem_prompts": charts.problem_prompts(frames.problem_prompts([], WEEK.tz)),
    "feedback_coverage": charts.feedback_coverage(frames.feedback_coverage([])),
    "compare": charts.compare(frames.compare([], [])),
}


def trace(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in spec["data"] if trace.get("name") == name)


def line_of(spec: dict[str, Any]) -> dict[str, Any]:
    return next(trace for trace in spec["data"] if trace.get("showlegend") is False)


def hovers(spec: dict[str, Any]) -> list[str]:
    return [text for trace in spec["data"] for text in trace.get("hovertext", ())]


@pytest.mark.parametrize("name", SPECS)
def test_every_chart_is_a_figure_that_plotly_accepts(name: str) -> None:
    made = charts.figure(SPECS[name])
    assert len(made.data) == len(SPECS[name]["data"])
    assert made.layout.title.text


@pytest.mark.parametrize("name", NOTHING)
def test_empty_data_gives_a_figure_that_says_so(name: str) -> None:
    made = charts.figure(NOTHING[name])
    assert len(made.data) == 0
    assert made.layout.annotations[0].text in (
        NO_RUNS,
        "no problem prompts shown in this window",
        "not enough votes on both sides",
    )
    assert made.layout.annotations[0].text == NO_RUNS or name in ("problem_prompts", "compare")


def test_a_trend_without_a_bucket_of_five_votes_says_so_instead_of_an_empty_grid() -> None:
    frame = frames.sentiment_trend([trend_row(1, voters(1, 3), 9)], EDGES, CUT, WEEK.tz)
    spec = charts.sentiment_trend(frame)
    assert spec["data"] == []
    assert spec["layout"]["annotations"][0]["text"] == "too few votes in every day to show approval"


def test_the_hover_of_a_point_carries_its_counts_interval_and_coverage() -> None:
    text = trace(SPECS["sentiment_trend"], "judged")["hovertext"][0]
    assert text == ("Mon 2 Jun 2025: 80% liked<br>24 of 30 votes, 30 users; 95% interval 62–91%<br>200 runs, 15% rated")
    assert all("vote" in text for text in hovers(SPECS["sentiment_trend"]))
    assert all("vote" in text for text in hovers(SPECS["problem_prompts"]))
    assert all("vote" in text for text in hovers(SPECS["compare"]))
    assert all("runs" in text for text in hovers(SPECS["run_volume"]) + hovers(SPECS["feedback_coverage"]))


def test_too_few_votes_are_a_gap_in_line_and_band() -> None:
    line = line_of(SPECS["sentiment_trend"])
    assert [value is None for value in line["y"]] == [False, False, True, False, True, False, False, True]
    band = trace(SPECS["sentiment_trend"], "95% interval")
    assert band["x"].count(None) == band["y"].count(None) == 3
    assert not any("Wed 4 Jun" in text for text in hovers(SPECS["sentiment_trend"]))


def test_what_may_not_be_judged_is_grey_and_hollow() -> None:
    judged, grey = (trace(SPECS["sentiment_trend"], name) for name in ("judged", "too few votes to judge"))
    assert len(judged["x"]) == 4
    assert len(grey["x"]) == 1
    assert (judged["marker"]["symbol"], grey["marker"]["symbol"]) == ("circle", "circle-open")
    assert judged["marker"]["color"] != grey["marker"]["color"]


def test_the_incomplete_bucket_is_shaded_named_and_joined_to_nothing() -> None:
    spec = SPECS["sentiment_trend"]
    shade, note = spec["layout"]["shapes"], spec["layout"]["annotations"]
    assert [(box["x0"], box["x1"]) for box in shade] == [("2025-06-09T00:00:00", "2025-06-10T00:00:00")]
    assert [text["text"] for text in note] == ["incomplete"]
    point = trace(spec, "incomplete")
    assert point["marker"]["symbol"] == "diamond-open"
    assert point["x"][0] not in line_of(spec)["x"]
    bar = trace(SPECS["run_volume"], "incomplete")
    assert (bar["y"], bar["marker"]["pattern"]["shape"]) == ([160], "/")
    assert trace(SPECS["run_volume"], "active owners")["y"][-1] is None


def test_marker_area_grows_with_votes() -> None:
    sizes = trace(SPECS["sentiment_trend"], "judged")["marker"]["size"]
    assert sizes[0] < sizes[3] < sizes[1] == sizes[2]


def test_the_approval_axis_starts_where_the_data_are_says_so_and_keeps_100_percent() -> None:
    layout = SPECS["sentiment_trend"]["layout"]
    low, high = layout["yaxis"]["range"]
    lows = trend_frame()["low"].dropna()
    assert 0 <= math.floor(low * 100) / 100 <= lows.min()
    assert high > 1
    assert layout["title"]["text"] == "Approval per day (axis 10%–100%)"


def test_the_volume_axis_starts_at_zero() -> None:
    assert SPECS["run_volume"]["layout"]["yaxis"]["range"][0] == 0


def test_the_zone_is_named_on_every_time_axis() -> None:
    for name in ("sentiment_trend", "run_volume"):
        assert SPECS[name]["layout"]["xaxis"]["title"]["text"] == "days in Europe/Prague"


def test_shares_of_coverage_add_up_to_all_runs() -> None:
    shares = [trace(SPECS["feedback_coverage"], part)["x"][0] for part in ("liked", "disliked", "unrated")]
    assert shares == [pytest.approx(0.1), pytest.approx(10 / 300), pytest.approx(260 / 300)]


def test_nothing_is_told_by_colour_alone() -> None:
    for spec in SPECS.values():
        looks = [
            (str(trace.get("marker", {}).get("symbol")), str(trace.get("marker", {}).get("pattern")), trace.get("mode"))
            for trace in spec["data"]
            if trace.get("showlegend", True)
        ]
        assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    "spec",
    [
        charts.problem_prompts(problem_frame(EVIL)),
        charts.feedback_coverage(coverage_frame(EVIL)),
        charts.compare(compare_frame(EVIL)),
    ],
)
def test_text_from_data_is_shown_and_never_read_as_markup(spec: dict[str, Any]) -> None:
    texts = [*hovers(spec), *(note["text"] for note in spec["layout"].get("annotations", ()))]
    assert any("&lt;script&gt;" in text for text in texts)
    assert not any("<script" in text or "<b>" in text for text in texts)
    drawing = ElementTree.fromstring(svg.render(spec, "x", EVIL))
    assert drawing.attrib["aria-label"] == EVIL
    assert not [part for part in drawing.iter() if part.tag.endswith(("script", "}b"))]


@pytest.mark.parametrize("name", SPECS)
def test_the_static_chart_is_well_formed_and_has_every_point(name: str) -> None:
    drawing = ElementTree.fromstring(svg.render(SPECS[name], name, "what it shows"))
    titles = [part.text or "" for part in drawing.iter() if part.tag.endswith("title")]
    assert titles == [text.replace("<br>", "\n") for text in hovers(SPECS[name])]
    shown = "".join(drawing.itertext())
    assert SPECS[name]["layout"]["title"]["text"] in shown
    for box in drawing.iter():
        if box.tag.endswith("rect"):
            assert float(box.attrib["width"]) >= 0
            assert float(box.attrib["height"]) >= 0


@pytest.mark.parametrize("name", NOTHING)
def test_the_static_chart_of_nothing_says_so(name: str) -> None:
    drawing = ElementTree.fromstring(svg.render(NOTHING[name], name, "nothing"))
    assert NOTHING[name]["layout"]["annotations"][0]["text"] in "".join(drawing.itertext())
