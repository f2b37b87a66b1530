"""`runinsights demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runinsights.cli.options import command
from runinsights.cli.report import save_report
from runinsights.cli.terminal import Progress, say


def add_demo(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "demo", _demo, "Make a year of demo data and a quality report of it.")
    parser.add_argument("--runs", type=int, default=20_000, metavar="N", help="how many runs (default: 20000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed gives other data (default: 1)")
    parser.add_argument("--database", metavar="URL", help="where to put the data (default: a throw-away PostgreSQL)")
    parser.add_argument("-o", "--output", type=Path, default=Path("runinsights-demo.html"), metavar="FILE.html")


def _demo(options: Any) -> int:
    from contextlib import ExitStack

    from runinsights.embedded import temporary_postgres

    with ExitStack() as stack:
        url = options.database
        if url is None:
            say("starting a throw-away PostgreSQL …")
            url = stack.enter_context(temporary_postgres())
        return _demo_in(url, options)


def _demo_in(url: str, options: Any) -> int:
    import runinsights as ri
    from runinsights.demo import DEMO_ZONE, seed_demo

    progress = Progress()
    with ri.connect(url) as db:
        db.migrate()
        truth = seed_demo(
            db,
            options.runs,
            seed=options.seed,
            progress=lambda done: progress(f"{done:,} of {options.runs:,} runs made"),
        )
        progress.done()
        ins = ri.Insights(db, last="90 days", tz=DEMO_ZONE, as_of=truth.until)
        return save_report(ins, options.output, raw_prompts=False)
