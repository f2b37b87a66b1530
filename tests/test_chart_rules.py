"""The rules of every chart: counts and intervals in hovers, shapes beside colours, contrast, nothing cut or lost."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pandas as pd
import pytest

from handmade import days, trend_row, value_row, voters
from runinsights.analytics import charts, frames, look, svg, svg_marks
from runinsights.analytics.buckets import bucket_edges, incomplete_buckets
from runinsights.analytics.trend import Bucket


class HourVolume(NamedTuple):
    cell: int
    runs: int
    owners: int


class Voted(NamedTuple):
    prompt_length: int
    hour: int
    is_new: bool
    runs: int
    rated: int


JUNE = days("2025-06-02", "2025-06-30")
EDGES, CUT = bucket_edges(JUNE, "day"), incomplete_buckets(JUNE, "day")
LABELS = {f"release 2025.06.{day:02d} with a long name": f"2025-06-{day:02d}T08:00:00+00:00" for day in range(3, 29)}
LONG = "a value that is much longer than the place for it "


def trend(liked_before: int, liked_after: int, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    """Four weeks of forty votes a day with a change at the 15th day and two alarms after it."""
    rows = [trend_row(day, voters(liked_before if day < 15 else liked_after, 40), 200) for day in range(1, 29)]
    seen = {
        day: Bucket(baseline=0.78, limit=0.6, evidence=1.0, alarm=day in (17, 22), change=0.9 if day == 15 else None)
        for day in range(1, 29)
    }
    frame = frames.sentiment_trend(rows, EDGES, CUT, JUNE.tz, buckets=seen)
    frame.attrs["annotations"] = annotations or {}
    return charts.sentiment_trend(frame)


def segments() -> dict[str, Any]:
    values = [LONG + str(number) for number in range(24)]
    now = [value_row(value, voters(20 + place % 15, 40), 100) for place, value in enumerate(values)]
    then = [value_row(value, voters(36 - place, 40), 100) for place, value in enumerate(values)]
    return charts.compare(frames.compare(now, then))


def coverage() -> dict[str, Any]:
    return charts.feedback_coverage(frames.feedback_coverage([value_row(LONG, voters(1, 3), 9), value_row("b", [], 4)]))


def hours() -> dict[str, Any]:
    return charts.heatmap(frames.heatmap([HourVolume(0, 40, 4), HourVolume(167, 10, 2)]), JUNE.tz)


def who_votes() -> dict[str, Any]:
    rows = [Voted(15, 9, True, 200, 30), Voted(90, 6, False, 3, 1)]
    return charts.voters(frames.voters(rows))


def trend_by_value() -> dict[str, Any]:
    parts = [
        frames.sentiment_trend(
            [trend_row(day, voters(30, 40), 99)._replace(value=name) for day in (1, 2, 4)], EDGES, CUT, JUNE.tz
        )
        for name in ("large", "small", "other", "old", "older")
    ]
    return charts.sentiment_trend(pd.concat([part.assign(value=part["value"].ffill().bfill()) for part in parts]))


ALL = {
    "trend": trend(32, 20, LABELS),
    "rise": trend(20, 34),
    "trend by value": trend_by_value(),
    "compare": segments(),
    "coverage": coverage(),
    "heatmap": hours(),
    "voters": who_votes(),
}
WITH_RATES = [name for name in ALL if name != "heatmap"]


def flat(values: Any) -> list[Any]:
    return [part for value in values for part in (value if isinstance(value, list) else [value])]


def hovers(spec: dict[str, Any]) -> list[str]:
    return [text for trace in spec["data"] for text in flat(trace.get("hovertext", ())) if text]


def named(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in spec["data"] if trace.get("name") == name)


def drawing(spec: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(svg.render(spec, "x", "what it shows"))


@pytest.mark.parametrize("name", WITH_RATES)
def test_every_hover_of_a_rate_has_its_count_and_its_interval(name: str) -> None:
    texts = [text for text in hovers(ALL[name]) if not text.startswith("release ")]
    assert texts
    for text in texts:
        assert re.search(r"\d (votes?|runs?)\b", text), text
        assert re.search(r"interval (\S+–\S+%|–)", text), text


def test_every_hour_of_the_week_tells_its_runs_and_owners() -> None:
    texts = hovers(ALL["heatmap"])
    assert len(texts) == 168
    assert "Mon 00:00: 40 runs, 4 owners" in texts
    assert "Sun 23:00: 10 runs, 2 owners" in texts


@pytest.mark.parametrize("name", ALL)
def test_no_missing_number_is_written_as_nan(name: str) -> None:
    shown = " ".join([*hovers(ALL[name]), svg.render(ALL[name], "x", "what it shows")])
    assert not re.search(r"\b(nan|NaN|None|NA|<NA>)\b", shown)


@pytest.mark.parametrize("name", ALL)
def test_plotly_accepts_every_chart_and_the_static_one_has_as_many_marks(name: str) -> None:
    spec = ALL[name]
    assert len(charts.figure(spec).data) == len(spec["data"])
    marks = sum(
        sum(value is not None for value in flat(trace.get("z", trace["y"])))
        for trace in spec["data"]
        if trace["type"] in ("bar", "heatmap") or "markers" in trace["mode"]
    )
    drawn = [part for part in drawing(spec).iter() if part.get("class") == "mark"]
    assert len(drawn) == marks > 0


@pytest.mark.parametrize(
    ("spec", "name", "symbol"),
    [
        (ALL["trend"], "alarm", "x"),
        (ALL["trend"], "likely fall", "triangle-down"),
        (ALL["rise"], "likely rise", "triangle-up"),
        (ALL["compare"], "now, worse", "triangle-down"),
        (ALL["compare"], "now, better", "triangle-up"),
    ],
)
def test_alarms_are_crosses_and_changes_point_up_or_down(spec: dict[str, Any], name: str, symbol: str) -> None:
    marker = named(spec, name)["marker"]
    assert marker["symbol"] == symbol
    alike = [trace for trace in spec["data"] if trace.get("marker", {}).get("symbol") == symbol]
    assert [trace["name"] for trace in alike] == [name]


def test_the_static_chart_has_another_outline_for_each_symbol() -> None:
    names = ["circle", "circle-open", "diamond", "diamond-open", "square", "x", "triangle-up", "triangle-down"]
    assert len({svg_marks.symbol(name, 0, 0, 5, look.DOWN) for name in names}) == len(names)
    assert [name for name in names if "<circle" in svg_marks.symbol(name, 0, 0, 5, look.DOWN)] == names[:2]


def test_releases_are_dashed_lines_whose_labels_do_not_overlap() -> None:
    spec = ALL["trend"]
    lines = named(spec, "release")
    assert (lines["line"]["dash"], lines["x"].count(None)) == ("dash", len(LABELS))
    assert len({text for text in lines["hovertext"] if text}) == len(LABELS)
    dashed = [part for part in drawing(spec).iter() if part.get("stroke-dasharray") == "7 4" and len(part)]
    assert len(dashed) == len(LABELS)
    texts = [part for part in drawing(spec).iter() if (part.text or "").startswith("release 2025")]
    boxes = [box for box in map(svg_box, texts) if box is not None]
    assert len(boxes) >= 6
    for place, (left, right, y) in enumerate(boxes):
        assert left >= 0
        assert right <= svg.WIDTH
        assert all(y != other or right <= a or left >= b for a, b, other in boxes[place + 1 :])


def svg_box(part: ElementTree.Element) -> tuple[float, float, str] | None:
    """From where to where a text goes, at six units a letter, and its height; None for titles."""
    if not part.tag.endswith("}text"):
        return None
    x, width = float(part.attrib["x"]), 6.0 * len(part.text or "")
    return (x, x + width, part.attrib["y"]) if part.get("text-anchor") == "start" else (x - width, x, part.attrib["y"])


def test_long_values_end_in_an_ellipsis_and_what_is_left_out_is_counted() -> None:
    spec = ALL["compare"]
    assert spec["layout"]["title"]["text"].endswith("(15 of 24)")
    assert all(note["text"].endswith("…") and len(note["text"]) <= 44 for note in spec["layout"]["annotations"])
    names = ALL["coverage"]["layout"]["yaxis"]["ticktext"]
    assert names == ["b", "a value that is much lon…"[:23] + "…"]
    assert any(LONG.strip() in text for text in hovers(ALL["coverage"]))
    assert ALL["trend by value"]["layout"]["title"]["text"] == "Approval per day, by value (4 of 5)"


def test_values_with_the_same_beginning_keep_lines_of_their_own() -> None:
    rows = [value_row(LONG + tail, voters(30, 40), 100) for tail in "xyz"]
    spec = charts.feedback_coverage(frames.feedback_coverage(rows))
    assert all(trace["y"] == [0, 1, 2] for trace in spec["data"])


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_text_and_marks_have_contrast_on_light_and_the_static_ones_on_dark_pages_too() -> None:
    layout = look.base_layout("title")
    assert contrast(layout["font"]["color"], layout["paper_bgcolor"]) >= 7
    assert contrast(layout["hoverlabel"]["font"]["color"], layout["hoverlabel"]["bgcolor"]) >= 7
    for color in (look.UP, look.DOWN, look.GREY):
        assert contrast(color, "#ffffff") >= 3
        assert contrast(color, "#111111") >= 3
    assert look.INK not in svg.render(ALL["trend"], "x", "dark lines take the colour of the page's text")


def test_a_single_bucket_with_votes_is_a_point_with_its_interval() -> None:
    spec = charts.sentiment_trend(frames.sentiment_trend([trend_row(3, voters(20, 30), 99)], EDGES, CUT, JUNE.tz))
    assert len(named(spec, "judged")["x"]) == 1
    assert len(named(spec, "95% interval")["x"]) == 6
    assert "<polygon" in svg.render(spec, "x", "one point")


def test_the_colours_of_a_heat_map_go_from_the_least_to_the_most() -> None:
    assert (svg_marks.heat(0, 0, 8), svg_marks.heat(8, 0, 8)) == (svg_marks.CIVIDIS[0], svg_marks.CIVIDIS[-1])
    assert svg_marks.heat(4, 0, 8) == svg_marks.CIVIDIS[4]
    assert svg_marks.heat(0, 0, 0) == svg_marks.CIVIDIS[0]
