"""How much is asked, by how many people, and at which hours of the week."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import Unit, clock_edges, same_weekdays_before, totals_window
from runinsights.analytics.context import Context, Reading
from runinsights.analytics.questions.people import read_users
from runinsights.analytics.questions.units import cut
from runinsights.analytics.results import RunVolumeResult
from runinsights.analytics.volume import Ratio, volume_ratio
from runinsights.model import Window

TOTALS = ("runs", "threads", "owners", "new_owners")


def run_volume(context: Context, bucket: Unit | None) -> RunVolumeResult:
    """The result of `Insights.run_volume`."""
    reading = context.reading()
    cuts = cut(reading, bucket)
    rows = reading.call(sync.run_volume, edges=cuts.edges)
    frame = frames.run_volume(rows, cuts.edges, cuts.incomplete, reading.window.tz)
    frame.attrs["totals"] = totals(reading, totals_window(reading.window))
    frame.attrs["change"] = asdict(_change(reading))
    edges, offsets = clock_edges(reading.window)
    heatmap = frames.heatmap(reading.call(sync.volume_hours, edges=edges, offsets=offsets))
    frame.attrs["annotations"] = {mark.label: mark.at.isoformat() for mark in reading.marks()}
    return reading.result(
        "run_volume",
        frame,
        summaries.run_volume(frame, cuts.unit),
        partial(charts.run_volume, unit=cuts.unit),
        {"bucket": cuts.unit, "adaptive": bucket is None},
        kind=RunVolumeResult,
        heatmap=heatmap,
    )


def _change(reading: Reading) -> Ratio:
    """The runs of the window over those of the same weekdays before."""
    now = totals_window(reading.window)
    sides = [{row.user_key: row.runs for row in read_users(reading, part)} for part in (now, same_weekdays_before(now))]
    owners = sides[0].keys() | sides[1].keys()
    current, previous = ([side.get(owner, 0) for owner in owners] for side in sides)
    return volume_ratio(current, previous, reading.defaults)


def totals(reading: Reading, window: Window) -> dict[str, int]:
    """The volume of a window as one bucket, all zero where nothing ran."""
    rows = reading.call(sync.run_volume, window, edges=[window.since, window.until])
    return {name: getattr(rows[0], name) if rows else 0 for name in TOTALS}
