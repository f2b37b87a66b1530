"""`runinsights report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runinsights.cli.options import add_database, add_window, command, existing
from runinsights.cli.terminal import FINE, Progress, say


def add_report(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "report", _report, "Write the quality report of a window as one HTML file.")
    add_database(parser)
    add_window(parser)
    parser.add_argument("--raw-prompts", action="store_true", help="do not redact sample prompts; the report says so")
    parser.add_argument("-o", "--output", type=Path, default=Path("quality.html"), metavar="FILE.html")


def _report(options: Any) -> int:
    import runinsights as ri

    tenant = options.tenant or ri.DEFAULT_TENANT
    with ri.connect(existing(options.database), tenant=tenant, deadline=60.0) as db:
        ins = ri.Insights(
            db, tz=options.tz, last=options.last, since=options.since, until=options.until, as_of=options.as_of
        )
        return save_report(ins, options.output, raw_prompts=options.raw_prompts)


def save_report(ins: Any, output: Path, *, raw_prompts: bool) -> int:
    """Build the report, save it, print its path and its verdict."""
    from runinsights import report

    progress = Progress()
    built = report.build(
        ins,
        raw_prompts=raw_prompts,
        progress=lambda step, done, steps: progress(f"[{done + 1 if done < steps else steps}/{steps}] {step}"),
    )
    path = built.save(output)
    progress.done()
    verdict = built.model.verdict
    say(f"{verdict.status}: {' '.join(verdict.reasons)}")
    print(path)
    return FINE
