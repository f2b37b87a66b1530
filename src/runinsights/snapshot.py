"""A portable, pseudonymised copy of one tenant's runs as a SQLite file, for looking at without production access.

    from runinsights import snapshot

    snapshot.write(db, "out.sqlite", since=datetime(2026, 1, 1, tzinfo=UTC))

Users are keyed hashes, and so are their keys and any e-mail address within ids and attributes. Prompts and comments
are redacted unless they are to be dropped or kept.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from runinsights import sync
from runinsights.checks import check_datetime, check_tenant
from runinsights.client import RunInsights, connect
from runinsights.disguise import Disguise, Texts, check_texts
from runinsights.engine.sqlite import make_portable
from runinsights.errors import InvalidInput
from runinsights.pseudonyms import VARIABLE

Progress = Callable[[int], object]
LATEST = datetime(9998, 12, 31, tzinfo=UTC)
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was written: runs of the window, votes of their history, users, and whether the key was a given one."""

    path: Path
    runs: int
    votes: int
    users: int
    given_key: bool


def write(
    db: RunInsights,
    path: str | Path,
    *,
    since: datetime,
    until: datetime | None = None,
    tenant: UUID | str | None = None,
    prompts: Texts = "redact",
    comments: Texts | None = None,
    key: bytes | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Snapshot:
    """Copy the runs of `[since, until)` and the undated ones, with their votes, to a new SQLite file at `path`.

    Of each owner with an earlier run, the latest one before `since` comes along without prompt and vote, so that
    returning owners are not taken for new ones. `comments` is as `prompts` unless given. `key` makes pseudonyms
    that are the same in every snapshot; without it RUNINSIGHTS_PSEUDONYM_KEY is used, else a random key that is
    kept nowhere. An existing file is replaced only with `force`, and only once the copy is whole. Raises InvalidInput.
    """
    target = Path(path)
    if target.exists() and not force:
        raise InvalidInput("path", "exists already; choose another or force")
    modes = check_texts("prompts", prompts), check_texts("comments", prompts if comments is None else comments)
    begin, end = check_datetime("since", since), LATEST if until is None else check_datetime("until", until)
    if begin >= end:
        raise InvalidInput("since", "must be earlier than until")
    given = key or os.environ.get(VARIABLE, "").encode()
    who = db.tenant if tenant is None else check_tenant(tenant)
    hide = Disguise(given or secrets.token_bytes(32), who, *modes)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        counts = _fill(db, draft, hide, {"tenant_id": who, "since": begin, "until": end}, progress)
        make_portable(str(draft))
        draft.replace(target)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                Path(f"{draft}{suffix}").unlink()
    return Snapshot(target, *counts, len(hide.users), bool(given))


def _fill(
    db: RunInsights, path: Path, hide: Disguise, window: dict[str, Any], progress: Progress | None
) -> tuple[int, int]:
    """The numbers of runs of the window and of votes that were copied."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    inside = votes = read = 0
    with connect(f"sqlite:///{path}") as copy:
        copy.migrate()
        with copy.runner.patient().transaction("snapshot") as tx:
            for batch in _batches(db, sync.iter_snapshot_runs, window):
                tx.call(sync.copy_run, [hide.run(row) for row in batch])
                inside += sum(not row.is_before for row in batch)
                read += len(batch)
                if progress is not None:
                    progress(read)
            for batch in _batches(db, sync.iter_snapshot_votes, window):
                tx.call(sync.copy_vote, [hide.vote(row) for row in batch])
                votes += len(batch)
            for batch in _batches(db, sync.iter_snapshot_deleted, window):
                tx.call(sync.copy_deleted, [hide.deleted(row) for row in batch])
    return inside, votes


def _batches(db: RunInsights, function: Callable[..., Any], window: dict[str, Any]) -> Iterator[list[Any]]:
    with closing(db.runner.stream(function, batch_size=CHUNK, **window)) as found:
        while batch := list(islice(found, CHUNK)):
            yield batch
