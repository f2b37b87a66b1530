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

from runinsights.analytics import charts, svg
from runinsights.analytics.files import write_bytes
from runinsights.analytics.frames import PROMPT_RUNS, records, typed_frame
from runinsights.analytics.look import Spec
from runinsights.analytics.provenance import is_sequence, jsonable, short
from runinsights.errors import InvalidInput

FIRST_ROWS = 10
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
        """The chart as a `plotly.graph_objects.Figure`, made on first access."""
        return charts.figure(self.spec)

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

    def _repr_html_(self) -> str:
        return f"{self._head_html()}{self.svg}{self._rows_html()}"

    def _ipython_display_(self) -> None:
        """Sentence, interactive figure and first rows; where Plotly cannot draw, the static chart stands."""
        from IPython.display import display  # pyright: ignore

        figure = {**self.figure.to_plotly_json(), "config": {"displaylogo": False}}
        bundles = (
            {"text/html": self._head_html(), "text/plain": self.summary},
            {"application/vnd.plotly.v1+json": figure, "text/html": self.svg, "text/plain": repr(self)},
            {"text/html": self._rows_html(), "text/plain": self.frame.head(FIRST_ROWS).to_string()},
        )
        for bundle in bundles:
            display(bundle, raw=True)  # type: ignore[no-untyped-call]  # pyright: ignore

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


def _cell(value: Any) -> object:
    """A CSV cell; an apostrophe goes before text that a spreadsheet would take for a formula."""
    plain = jsonable(value)
    if is_sequence(plain):
        plain = " ".join(plain)
    if isinstance(plain, str):
        return f"'{plain}" if plain.startswith(_FORMULA) else plain
    return f"{short(plain):.10g}" if isinstance(plain, float) else plain
