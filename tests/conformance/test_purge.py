"""purge: what is older than it may be goes, counts stay, and the rest is as it was."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = NOON + timedelta(days=1)
EMPTY = dict.fromkeys(
    (
        *("checkpoint_blobs", "checkpoint_writes", "checkpoints", "erased_owners"),
        *("sentiment_events", "threads", "users_threads_runs"),
    ),
    0,
)


def row(
    number: int, thread_id: str, moment: datetime, owner: ri.Owner = ANA, vote: bool | None = None
) -> dict[str, Any]:
    return {
        "tenant_id": owner.tenant,
        "user_key": owner.user_key,
        "thread_id": thread_id,
        "run_id": f"r{number:03}",
        "prompt": f"old secret {number}" if moment < BEFORE else f"new {number}",
        "timestamp": moment,
        "sentiment": vote,
    }


async def history(db: Any) -> None:
    old = [row(n, f"old{n % 3}", NOON + timedelta(minutes=7 * n), ANA, (True, False, None)[n % 3]) for n in range(20)]
    mixed = [row(50, "mixed", NOON, BOB, True), row(51, "mixed", BEFORE, BOB, False)]
    new = [row(60, "new", BEFORE, ANA, True), row(61, "new", BEFORE + timedelta(hours=1))]
    other = [row(70, "elsewhere", NOON, ri.Owner("ana@example.com", UUID(int=7)), True)]
    await db.load_runs([*old, *mixed, *new, *other])


EXPECTED = EMPTY | {"users_threads_runs": 21, "sentiment_events": 15, "threads": 3}


@pytest.mark.parametrize("batch_size", [1, 4, 2_000])
async def test_old_runs_go_with_their_votes_and_the_threads_that_end_with_them(
    db: Any, store: Store, batch_size: int
) -> None:
    await history(db)
    told: list[int] = []
    receipt = await db.purge(before=BEFORE, batch_size=batch_size, progress=told.append)
    assert receipt.counts == EXPECTED
    assert told == [min(done, 21) for done in range(batch_size, 21 + batch_size, batch_size)]
    assert [run.run_id for run in await db.list_runs(ANA)] == ["r060", "r061"]
    (mixed,) = (await db.list_threads(BOB)).items
    assert (mixed.run_count, mixed.full_prompt) == (1, "new 51")
    kept = store.contents()
    assert [
        line for line in kept["users_threads_runs"] if line[4] and "secret 70" not in line[4] and "secret" in line[4]
    ] == []
    assert len(kept["threads"]) == 3
    assert await db.operator.rebuild_summaries(dry_run=True) == 0


async def test_counts_per_quarter_hour_stay_and_add_up_to_those_before(db: Any, store: Store) -> None:
    await history(db)

    def heap() -> Counter[Any]:
        found: Counter[Any] = Counter()
        for moment, vote in store.sql("SELECT timestamp, sentiment FROM users_threads_runs"):
            at = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
            quarter = datetime.fromtimestamp(at.timestamp() // 900 * 900, UTC)
            found += Counter(
                {(quarter, "runs"): 1, (quarter, "rated"): vote is not None, (quarter, "liked"): vote or 0}
            )
        return +found

    def retained() -> Counter[Any]:
        found: Counter[Any] = Counter()
        for _, moment, runs, rated, liked in store.contents()["retained_counts"]:
            quarter = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
            found += Counter({(quarter, "runs"): runs, (quarter, "rated"): rated, (quarter, "liked"): liked})
        return +found

    before = heap()
    await db.purge(before=NOON + timedelta(hours=1), batch_size=2)
    assert heap() + retained() == before
    await db.purge(before=BEFORE, batch_size=3)
    assert heap() + retained() == before
    assert sum(count for (_, name), count in retained().items() if name == "runs") == 21
    await db.erase_user(BOB)
    assert retained()[NOON.replace(minute=0), "runs"] == 4


async def test_without_keep_counts_nothing_stays(db: Any, store: Store) -> None:
    await history(db)
    assert (await db.purge(before=BEFORE, keep_counts=False)).counts == EXPECTED
    assert store.contents()["retained_counts"] == []


async def test_a_dry_run_counts_the_same_and_changes_nothing(db: Any, store: Store) -> None:
    await history(db)
    await db.create_run(BOB, thread_id="gone", run_id="r099")
    await db.delete_thread(BOB, "gone")
    await db.erase_user("nobody@example.com")
    before = store.contents()
    late = datetime.now(UTC) + timedelta(minutes=1)
    for moment in (NOON, BEFORE, late):
        rehearsal = await db.purge(before=moment, dry_run=True)
        assert (rehearsal.dry_run, store.contents()) == (True, before)
    assert (await db.purge(before=late)).counts == rehearsal.counts


async def test_tombstones_and_expired_marks_go_when_they_are_old_enough(db: Any, store: Store) -> None:
    await db.create_run(BOB, thread_id="gone")
    await db.delete_thread(BOB, "gone")
    await db.erase_user(ANA)
    assert (await db.purge(before=BEFORE)).counts == EMPTY
    store.sql("UPDATE threads SET deleted_at = %s", ("2026-01-01T00:00:00.000000+00:00",))
    store.sql("UPDATE erased_owners SET erased_at = %s", ("2026-01-01T00:00:00.000000+00:00",))
    assert (await db.purge(before=BEFORE)).counts == EMPTY | {"threads": 1, "erased_owners": 1}
    assert store.contents()["threads"] == store.contents()["erased_owners"] == []


async def test_other_tenants_undated_runs_and_threads_with_a_title_stay(db: Any, store: Store) -> None:
    await history(db)
    store.sql("UPDATE users_threads_runs SET timestamp = NULL WHERE run_id = 'r000'")
    store.sql("UPDATE threads SET title = 'a name' WHERE thread_id = 'old1'")
    receipt = await db.purge(before=BEFORE)
    assert receipt.counts["users_threads_runs"] == 20
    assert receipt.counts["threads"] == 1
    assert [run.run_id for run in await db.list_runs(ANA)] == ["r060", "r061", "r000"]
    assert await db.owns_thread(ANA, "old1") is True
    assert await db.count_threads(ri.Owner("ana@example.com", UUID(int=7))) == 1


async def test_a_purge_again_finds_nothing(db: Any, store: Store) -> None:
    await history(db)
    await db.purge(before=BEFORE)
    after = store.contents()
    assert (await db.purge(before=BEFORE)).counts == EMPTY
    assert store.contents() == after
