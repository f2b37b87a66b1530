"""export_user: everything held about one person and nobody else, the same from every store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(owner: ri.Owner, run_id: str, thread_id: str, hour: int) -> dict[str, Any]:
    return {
        "user_key": owner.user_key,
        "thread_id": thread_id,
        "run_id": run_id,
        "prompt": f"about {run_id}",
        "timestamp": NOON.replace(hour=hour),
        "attributes": {"model": "m-1", "n": 1.5, "deep": [1, None, True]},
    }


async def test_the_export_holds_runs_votes_and_threads_of_the_owner(db: Any, store: Store) -> None:
    await db.load_runs([row(ANA, "r2", "t1", 13), row(ANA, "r1", "t1", 12), row(ANA, "r3", "t2", 14)])
    await db.load_runs([row(BOB, "his", "t9", 12)])
    await db.set_sentiment(ANA, "r1", True, "good", at=NOON.replace(minute=1))
    await db.set_sentiment(ANA, "r1", False, at=NOON.replace(minute=2, microsecond=250_000))
    await db.set_sentiment(ANA, "r1", None, "never mind", at=NOON.replace(minute=3))
    await db.delete_thread(ANA, "t2")
    found = await db.export_user(ANA)
    assert list(found) == ["user_key", "tenant", "runs", "votes", "threads", "checkpoints"]
    assert (found["user_key"], found["tenant"]) == (ANA.user_key, str(ANA.tenant))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["runs"] == [
        {
            "run_id": run_id,
            "thread_id": "t1",
            "prompt": f"about {run_id}",
            "timestamp": f"2026-03-01T{hour}:00:00+00:00",
            "sentiment": None,
            "sentiment_at": "2026-03-01T12:03:00+00:00" if run_id == "r1" else None,
            "attributes": {"model": "m-1", "n": 1.5, "deep": [1, None, True]},
        }
        for run_id, hour in (("r1", 12), ("r2", 13))
    ]
    votes = [
        (None, True, "good", "12:01:00"),
        (True, False, None, "12:02:00.250000"),
        (False, None, "never mind", "12:03:00"),
    ]
    assert found["votes"] == [
        {
            "run_id": "r1",
            "sentiment_before": before,
            "sentiment": after,
            "comment": comment,
            "voted_at": f"2026-03-01T{at}+00:00",
            "source": "api",
        }
        for before, after, comment, at in votes
    ]
    assert [(item["thread_id"], item["deleted_at"] is None) for item in found["threads"]] == [
        ("t1", True),
        ("t2", False),
    ]
    assert found["threads"][0]["attributes"] == {}
    assert found["checkpoints"] == []
    assert "his" not in json.dumps(found)


async def test_the_export_of_somebody_unknown_is_empty_and_says_for_whom(db: Any) -> None:
    empty: dict[str, list[Any]] = {"runs": [], "votes": [], "threads": [], "checkpoints": []}
    assert await db.export_user(BOB) == {"user_key": BOB.user_key, "tenant": str(BOB.tenant), **empty}


async def test_the_export_is_empty_after_the_person_was_erased(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", prompt="secret")
    await db.erase_user(ANA)
    assert await db.export_user(ANA) == {**await db.export_user(BOB), "user_key": ANA.user_key}
