"""`runinsights migrate`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from runinsights.cli.options import add_database, command
from runinsights.cli.terminal import FINE, FOUND, Progress

_LABELS = {
    "runs": "runs",
    "threads": "threads",
    "votes": "votes",
    "undated": "runs without a time; they stay undated",
    "unreadable": "runs with a time that is infinite or beyond Python's years",
    "early": "runs before 1971",
    "skipped": "runs at a local time that the clocks skipped; they move to the hour after",
    "repeated": "runs at a local time that came twice; they count as the second one",
    "empty_emails": "runs with an empty email; no call reaches them",
    "null_ids": "rows without email, thread_id or run_id",
    "long_ids": "rows with an email, thread_id or run_id of more than 255 characters",
    "longest_prompt": "characters in the longest prompt",
    "oversized_prompts": "prompts of more than 1,000,000 characters",
    "odd_run_ids": "run ids that are UUIDs in another spelling",
    "shared_threads": "threads with runs of several owners",
    "hidden_runs": "runs in a thread whose first run is somebody else's",
    "look_alike_emails": "emails that differ from another one in case or blanks alone",
}


def add_migrate(commands: Any) -> None:
    """Add the command."""
    text = "Create the schema, bring an older one up to date, or adopt the original application's table."
    parser = command(commands, "migrate", _migrate, text)
    add_database(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
    parser.add_argument("--source-tz", metavar="ZONE", help="the zone in which times without one were written")
    parser.add_argument(
        "--threads",
        choices=["refuse", "first-owner"],
        default="refuse",
        help="whose a thread is that has runs of several owners (default: refuse)",
    )
    parser.add_argument("--recreate-views", action="store_true", help="drop views in the way and make them again")
    parser.add_argument(
        "--lock-timeout", metavar="SECONDS", type=float, default=5.0, help="how long to wait for a lock (default: 5)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _migrate(options: Any) -> int:
    import runinsights as ri

    progress = Progress()
    steps = 0

    def tell(text: str) -> None:
        nonlocal steps
        steps += 1
        progress(text)

    with ri.connect(options.database, min_size=1, max_size=1) as db:
        try:
            done = db.migrate(
                source_tz=options.source_tz,
                dry_run=options.dry_run,
                threads=options.threads,
                recreate_views=options.recreate_views,
                lock_timeout=options.lock_timeout,
                progress=tell,
            )
        finally:
            if steps:
                progress.done()
    print(json.dumps(asdict(done)) if options.json else "\n".join(_lines(done)))
    return FOUND if done.stops else FINE


def _lines(done: Any) -> list[str]:
    from runinsights.adoption import step_text

    verb = "would apply" if done.dry_run else "applied"
    lines: list[str] = []
    if done.counts:
        lines.append("users_threads_runs holds")
        lines += [f"  {done.counts[name]:>13,} {text}" for name, text in _LABELS.items() if done.counts.get(name)]
    lines += [f"step {number}: {step_text(step)}" for number, step in enumerate(done.steps if done.counts else (), 1)]
    lines += [f"refused: {reason}" for reason in done.stops]
    what = f"{verb} {', '.join(done.applied)}" if done.applied else "nothing to do"
    return [*lines, f"schema version {done.version}: {what}"]
