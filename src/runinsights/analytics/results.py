"""What every `Insights` method returns: a frame with its figure, its sentence and where it comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from runinsights.analytics import charts, look, svg
from runinsights.analytics.files import write_bytes
from runinsights.analytics.frames import PROMPT_RUNS
from runinsights.analytics.look import Spec
from runinsights.analytics.provenance import is_sequence, jsonable, short
from runinsights.analytics.typed import records, typed_frame
from runinsights.errors import InvalidInput

FIRST_ROWS = 10
ROWS_FIRST = frozenset({"comments", "data_quality", "releases", "users"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, eq=False)
class Result:
    """`frame` is the data, `summary` one to three sentences about it, `provenance` a plain dict."""

    name: str
    frame: pd.DataFrame = field(repr=False)
    summary: str
    provenance: dict[str, Any] = field(repr=False)
    chart: Callable[[pd.DataFrame], Spec] = field(repr=False)

    @cached_property
    def spec(self) -> Spec:
        """The chart in Plotly's words, as a plain dict."""
        return self.chart(self.frame)

    @cached_property
    def figure(self) -> Any:
        """The chart with its sentence below the title as a `plotly.graph_objects.Figure`, made on first access."""
        return charts.figure({**self.spec, "layout": look.with_sentence(self.spec["layout"], self.summary)})

    @property
    def svg(self) -> str:
        """The chart as static SVG."""
        return svg.render(self.spec, f"chart-{self.name}", self.summary)

    def to_csv(self, path: str | Path | None = None) -> str | None:
        r"""The frame as CSV with `\n` and no live formulas; None where it was written to `path`, in UTF-8."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.frame.columns)
        writer.writerows([_cell(value) for value in row.values()] for row in records(self.frame))
        if path is None:
            return text.getvalue()
        write_bytes(path, text.getvalue().encode())
        return None

    def to_parquet(self, path: str | Path) -> None:
        """Write the frame as Parquet."""
        self.frame.to_parquet(path, index=False)

    def to_dict(self) -> dict[str, Any]:
        """Name, summary, rows and provenance in JSON's own types."""
        return {
            "name": self.name,
            "summary": self.summary,
            "rows": jsonable(records(self.frame)),
            "provenance": jsonable(self.provenance),
        }

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The frame as an Arrow stream, so that `polars.DataFrame(result)` and `pyarrow.table(result)` work."""
        frame: Any = self.frame
        return frame.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return f"{self._head_html()}{self.svg}{self._also_html()}{self._rows_html()}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        """Figure and sentence in one: interactive where Plotly can draw, else the static page.

        Where the rows say more than a figure can, the page with the first rows is all there is.
        """
        rows = self.frame.head(FIRST_ROWS).to_string(index=False, na_rep="–", max_colwidth=32)
        text = f"{self.name}: {self.summary}" + (f"\n\n{rows}" if len(self.frame) else "")
        bundle: dict[str, Any] = {"text/html": self._repr_html_(), "text/plain": text}
        if self.name in ROWS_FIRST:
            return bundle
        try:
            figure = self.figure.to_plotly_json()
        except ImportError:
            return bundle
        return bundle | {"application/vnd.plotly.v1+json": {**figure, "config": {"displaylogo": False}}}

    def _also_html(self) -> str:
        """What else the page shows below the chart."""
        return ""

    def _head_html(self) -> str:
        return f"<p><strong>{escape(self.name)}</strong>: {escape(self.summary)}</p>"

    def _rows_html(self) -> str:
        facts = self.provenance
        foot = f"{facts['since']} to {facts['until']}, {facts['tz']}, as of {facts['as_of']}"
        first = self.frame.head(FIRST_ROWS)
        shown = first.astype(object).where(first.notna(), "–")
        table = shown.to_html(index=False, border=0, escape=True, float_format="{:.4g}".format)
        return f"{table}<p><small>{escape(foot)}; {len(self.frame)} rows</small></p>"


@dataclass(frozen=True, eq=False)
class ProblemPromptsResult(Result):
    """The result of `problem_prompts`, which also knows the rows behind each group."""

    groups: Mapping[str, tuple[str, ...]] = field(repr=False)
    rows: Mapping[str, tuple[object, ...]] = field(repr=False)

    def runs(self, group: str) -> pd.DataFrame:
        """The runs behind a group, latest first. Raises InvalidInput for a group that is not in the frame."""
        if group not in self.groups:
            raise InvalidInput("group", "must be one of the frame's column group")
        found = [self.rows[run_id] for run_id in reversed(self.groups[group])]
        return typed_frame(PROMPT_RUNS, found, str(self.provenance["tz"]))


@dataclass(frozen=True, eq=False)
class RunVolumeResult(Result):
    """The result of `run_volume`, which also knows the hours of the week: `heatmap`, one row an hour."""

    heatmap: pd.DataFrame = field(repr=False)

    @property
    def heatmap_figure(self) -> Any:
        """Runs by weekday and hour as a `plotly.graph_objects.Figure`."""
        return charts.figure(self._heatmap_spec())

    @property
    def heatmap_svg(self) -> str:
        """Runs by weekday and hour as static SVG."""
        spec = self._heatmap_spec()
        return svg.render(spec, f"chart-{self.name}-hours", str(spec["layout"]["title"]["text"]))

    def _heatmap_spec(self) -> Spec:
        return charts.heatmap(self.heatmap, str(self.provenance["tz"]))

    def _also_html(self) -> str:
        return self.heatmap_svg if len(self.frame) else ""


@dataclass(frozen=True, eq=False)
class FeedbackCoverageResult(Result):
    """The result of `feedback_coverage`, which also sets voted runs beside the others: `voters`."""

    voters: pd.DataFrame = field(repr=False)

    @property
    def voters_figure(self) -> Any:
        """Coverage by length of prompt, hour and kind of owner as a `plotly.graph_objects.Figure`."""
        return charts.figure(charts.voters(self.voters))

    @property
    def voters_svg(self) -> str:
        """Coverage by length of prompt, hour and kind of owner as static SVG."""
        spec = charts.voters(self.voters)
        return svg.render(spec, f"chart-{self.name}-voters", str(spec["layout"]["title"]["text"]))


def _cell(value: Any) -> object:
    """A CSV cell; an apostrophe goes before text that a spreadsheet would take for a formula."""
    plain = jsonable(value)
    if is_sequence(plain):
        plain = " ".join(plain)
    if isinstance(plain, str):
        return f"'{plain}" if plain.startswith(_FORMULA) else plain
    return f"{short(plain):.10g}" if isinstance(plain, float) else plain
