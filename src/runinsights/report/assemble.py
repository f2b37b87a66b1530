"""From results to the report model: every section asks for the same result that a notebook shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit, same_weekdays_before, totals_window
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.files import write_bytes
from runinsights.analytics.results import ProblemPromptsResult, Result
from runinsights.analytics.typed import records
from runinsights.errors import InvalidInput
from runinsights.model import DEFAULT_TENANT, Window
from runinsights.report import html
from runinsights.report.judge import Headline, judge, tiles
from runinsights.report.method import METHOD, data_notes, defaults_in_force
from runinsights.report.model import SCHEMA_VERSION, QuerySource, ReportModel, Section, Table
from runinsights.report.redact import sample
from runinsights.report.tables import frame_table, table

Progress = Callable[[str, int, int], None]
STEPS = ("sentiment_trend", "problem_prompts", "run_volume", "compare", "feedback_coverage")
TITLES = {
    "sentiment_trend": "Sentiment trend",
    "problem_prompts": "Problem prompts",
    "run_volume": "Run volume",
    "compare": "Comparison with the window before",
    "feedback_coverage": "Feedback coverage",
}


class Analysis(Protocol):
    """What a report needs of `Insights`."""

    @property
    def window(self) -> Window:
        """The window, with its zone and `as_of`."""
        ...

    def sentiment_trend(self) -> Result:
        """Approval per bucket."""
        ...

    def problem_prompts(self) -> ProblemPromptsResult:
        """The kinds of prompt that are disliked more than the rest."""
        ...

    def run_volume(self) -> Result:
        """Runs per bucket; the frame's `attrs["totals"]` cover the totals' window."""
        ...

    def compare(self) -> Result:
        """Approval against the window before."""
        ...

    def feedback_coverage(self) -> Result:
        """Votes and coverage of the whole window."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report: its `model`, and its formats made of it."""

    model: ReportModel

    def html(self) -> str:
        """One HTML file that needs nothing else: opens offline, the same bytes for the same model."""
        return html.render(self.model)

    def save(self, path: str | Path) -> Path:
        """Write the format that the suffix names; an older file stays until the new one is whole."""
        target = Path(path)
        if target.suffix.lower() not in (".html", ".htm"):
            raise InvalidInput("path", "must end in .html")
        return write_bytes(target, self.html().encode())


def build(ins: Analysis, *, raw_prompts: bool = False, progress: Progress | None = None) -> Report:
    """The report of an analysis. Prompts are redacted unless `raw_prompts`; `progress(step, done, steps)`.

    A section that fails raises its error, with a note that names the section.
    """
    results: dict[str, Result] = {}
    for done, name in enumerate(STEPS):
        if progress:
            progress(name, done, len(STEPS))
        try:
            results[name] = getattr(ins, name)()
        except Exception as error:
            error.add_note(f"while making the section {name} of the report")
            raise
    if progress:
        progress("report", len(STEPS), len(STEPS))
    return Report(_model(ins.window, results, raw_prompts))


def _model(window: Window, results: dict[str, Result], raw_prompts: bool) -> ReportModel:
    totals = totals_window(window)
    headline = _headline(results, totals)
    trend = results["sentiment_trend"]
    days = _whole_days(totals)
    return ReportModel(
        title="Quality report",
        report_id=_report_id(results, raw_prompts),
        since=window.since.isoformat(),
        until=window.until.isoformat(),
        tz=window.tz,
        as_of=window.as_of.isoformat(),
        window=_span(window),
        totals=_span(totals),
        previous=_span(same_weekdays_before(totals)),
        verdict=judge(headline),
        tiles=tiles(headline),
        sections=tuple(_section(result, raw_prompts) for result in results.values()),
        data_notes=data_notes(trend.frame, headline.left_out, headline.problem_counts, days),
        method=METHOD,
        defaults=defaults_in_force(trend.provenance["defaults"]),
        sources=tuple(chain.from_iterable(map(_sources, results.values()))),
        versions=_versions(trend),
        command=_command(window, UUID(trend.provenance["tenant"]), raw_prompts),
        raw_prompts=raw_prompts,
    )


def _headline(results: dict[str, Result], totals: Window) -> Headline:
    problems, volume = results["problem_prompts"].frame, results["run_volume"].frame
    days = _whole_days(totals)
    return Headline(
        coverage=_only(results["feedback_coverage"]),
        change=_only(results["compare"]),
        volume=volume.attrs["totals"],
        left_out=sum(row["runs"] for row in records(volume)) - volume.attrs["totals"]["runs"],
        problems=[row for row in records(problems) if row["flagged"]],
        problem_counts=problems.attrs["counts"],
        days=words.plural(days, "day") if days else "the window",
        defaults=Defaults(**results["feedback_coverage"].provenance["defaults"]),
    )


def _only(result: Result) -> dict[str, Any] | None:
    rows = records(result.frame)
    return rows[0] if rows else None


def _section(result: Result, raw_prompts: bool) -> Section:
    parameters = result.provenance["parameters"]
    unit: Unit = parameters.get("bucket", "day")
    return Section(
        name=result.name,
        title=TITLES[result.name],
        summary=result.summary,
        remarks=_remarks(parameters, Defaults(**result.provenance["defaults"])),
        unit=unit,
        spec=result.spec,
        sketch=result.svg,
        table=_table(result, raw_prompts),
    )


def _remarks(parameters: dict[str, Any], defaults: Defaults) -> tuple[str, ...]:
    if "bucket" not in parameters:
        return ()
    unit = parameters["bucket"]
    if not parameters["adaptive"]:
        return (f"Buckets are {unit}s, as asked for.",)
    return (
        f"Buckets are {unit}s: the smallest of day, week and month with a median of {defaults.bucket_votes} votes, "
        "or the nearest to it that the window holds.",
    )


def _table(result: Result, raw_prompts: bool) -> Table:
    if not isinstance(result, ProblemPromptsResult):
        return frame_table(result.name, f"{TITLES[result.name]}: the data", result.frame)
    rows = [{**row, "examples": _examples(result, row, raw_prompts)} for row in records(result.frame) if row["flagged"]]
    return table(result.name, "Problem prompts with their evidence, surest first", rows)


def _examples(result: ProblemPromptsResult, row: dict[str, Any], raw_prompts: bool) -> tuple[str, ...]:
    """Sample prompts of different users; none where fewer than three users asked."""
    runs = records(result.runs(row["group"]))
    if len({run["user_key"] for run in runs}) < 3:
        return ()
    wanted = [run["prompt"] for run in runs if run["run_id"] in set(row["sample_run_ids"])]
    return tuple(dict.fromkeys(sample(prompt, raw=raw_prompts) for prompt in wanted if prompt))


def _sources(result: Result) -> list[QuerySource]:
    facts = result.provenance
    return [QuerySource(result.name, query, digest, facts["rows"][query]) for query, digest in facts["queries"].items()]


def _versions(result: Result) -> dict[str, str]:
    facts = result.provenance
    named = {"runinsights": facts["package_version"], "database": facts["backend"], **facts["versions"]}
    return {name: value for name, value in named.items() if value}


def _report_id(results: dict[str, Result], raw_prompts: bool) -> str:
    ids = [result.provenance["result_id"] for result in results.values()]
    return hashlib.sha256(f"{SCHEMA_VERSION} {raw_prompts} {' '.join(ids)}".encode()).hexdigest()[:16]


def _command(window: Window, tenant: UUID, raw_prompts: bool) -> str:
    parts = [
        "runinsights report",
        f"--since {window.since.isoformat()}",
        f"--until {window.until.isoformat()}",
        f"--as-of {window.as_of.isoformat()}",
        f"--tz {window.tz}",
        f"--tenant {tenant}" if tenant != DEFAULT_TENANT else "",
        "--raw-prompts" if raw_prompts else "",
        "-o quality.html",
    ]
    return " ".join(part for part in parts if part)


def _span(window: Window) -> str:
    since, until = (edge.astimezone(window.zone) for edge in (window.since, window.until))
    return f"{words.moment(since)} to {words.moment(until)}"


def _whole_days(window: Window) -> int | None:
    """The number of local days between two local midnights, else None."""
    since, until = (edge.astimezone(window.zone) for edge in (window.since, window.until))
    if any((edge.hour, edge.minute, edge.second, edge.microsecond) != (0, 0, 0, 0) for edge in (since, until)):
        return None
    return (until.date() - since.date()).days
