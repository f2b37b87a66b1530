"""`runinsights snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runinsights.cli.options import add_database, command, existing, moment
from runinsights.cli.terminal import FINE, Progress, say
from runinsights.errors import InvalidInput

_TEXTS = ["redact", "drop", "keep"]


def add_snapshot(commands: Any) -> None:
    """Add the command."""
    text = "Copy the runs of a window to a SQLite file without user keys and addresses, to explore on another machine."
    parser = command(commands, "snapshot", _snapshot, text)
    parser.add_argument("file", type=Path, metavar="OUT.sqlite")
    add_database(parser)
    parser.add_argument("--since", metavar="TIME", type=moment, required=True, help="begin, ISO 8601 with a zone")
    parser.add_argument("--until", metavar="TIME", type=moment, help="end (default: all there is)")
    parser.add_argument("--tenant", metavar="UUID", help="the tenant to copy (default: the default tenant)")
    parser.add_argument("--prompts", choices=_TEXTS, default="redact", help="what happens to prompts")
    parser.add_argument("--comments", choices=_TEXTS, help="what happens to comments (default: as --prompts)")
    key = "the file with the key of the pseudonyms (default: RUNINSIGHTS_PSEUDONYM_KEY, else a random one)"
    parser.add_argument("--key", type=Path, metavar="FILE", help=key)
    parser.add_argument("--force", action="store_true", help="replace the file where it exists")


def _snapshot(options: Any) -> int:
    import runinsights as ri
    from runinsights import snapshot

    progress = Progress()
    key = None if options.key is None else _key(options.key)
    tenant = options.tenant or ri.DEFAULT_TENANT
    with ri.connect(existing(options.database), tenant=tenant, deadline=60.0, min_size=1, max_size=1) as db:
        made = snapshot.write(
            db,
            options.file,
            since=options.since,
            until=options.until,
            prompts=options.prompts,
            comments=options.comments,
            key=key,
            force=options.force,
            progress=lambda read: progress(f"{read:,} runs read"),
        )
    progress.done()
    how = "with the given key" if made.given_key else "with a random key that is kept nowhere"
    say(f"{made.runs:,} runs and {made.votes:,} votes of {made.users:,} users, named {how}")
    print(made.path)
    return FINE


def _key(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if not key:
        raise InvalidInput("key", "the file is empty")
    return key
