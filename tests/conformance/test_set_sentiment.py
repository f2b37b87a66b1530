"""set_sentiment and sentiments: what a vote changes, what it leaves behind, and in which order votes count."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def one_run(db: Any, run_id: str = "r1", thread_id: str = "t1") -> Any:
    return await db.create_run(ANA, thread_id=thread_id, run_id=run_id, prompt="p")


async def history(store: Store) -> list[tuple[Any, ...]]:
    rows = store.sql(
        "SELECT run_id, sentiment_before, sentiment, comment, source FROM sentiment_events ORDER BY voted_at, event_id"
    )
    return [(run, _vote(before), _vote(after), comment, source) for run, before, after, comment, source in rows]


def _vote(value: Any) -> bool | None:
    return None if value is None else bool(value)


async def stored(db: Any, run_id: str = "r1") -> Any:
    return (await db.verify_run(ANA, run_id)).run


async def test_a_vote_is_stored_with_its_time_and_leaves_one_event(db: Any, store: Store) -> None:
    created = await one_run(db)
    run = await db.set_sentiment(ANA, "r1", True, comment="good", at=NOON)
    assert (run.change, run.sentiment, run.sentiment_at) == ("updated", True, NOON)
    assert (run.timestamp, run.prompt, run.thread_id) == (created.timestamp, "p", "t1")
    after = await stored(db)
    assert (after.sentiment, after.sentiment_at) == (True, NOON)
    assert await history(store) == [("r1", None, True, "good", "api")]


async def test_a_vote_without_a_time_takes_the_time_of_the_call(db: Any) -> None:
    await one_run(db)
    begun = datetime.now(UTC) - timedelta(seconds=5)
    run = await db.set_sentiment(ANA, "r1", False)
    assert begun < run.sentiment_at < datetime.now(UTC) + timedelta(seconds=5)
    assert (await stored(db)).sentiment_at == run.sentiment_at


async def test_the_same_vote_again_changes_nothing(db: Any, store: Store) -> None:
    await one_run(db)
    first = await db.set_sentiment(ANA, "r1", True)
    before = store.contents()
    for comment in (None, "", "   \n"):
        run = await db.set_sentiment(ANA, "r1", True, comment)
        assert (run.change, run.sentiment, run.sentiment_at) == ("unchanged", True, first.sentiment_at)
    assert store.contents() == before


async def test_the_same_vote_with_a_comment_is_a_change(db: Any, store: Store) -> None:
    await one_run(db)
    await db.set_sentiment(ANA, "r1", True)
    run = await db.set_sentiment(ANA, "r1", True, "because")
    assert (run.change, run.sentiment) == ("updated", True)
    assert await history(store) == [("r1", None, True, None, "api"), ("r1", True, True, "because", "api")]


async def test_a_comment_without_a_vote_is_kept(db: Any, store: Store) -> None:
    await one_run(db)
    run = await db.set_sentiment(ANA, "r1", None, "only words")
    assert (run.change, run.sentiment) == ("updated", None)
    assert await history(store) == [("r1", None, None, "only words", "api")]


async def test_a_vote_can_be_flipped_and_cleared(db: Any, store: Store) -> None:
    await one_run(db)
    for vote in (True, False, None):
        run = await db.set_sentiment(ANA, "r1", vote)
        assert (run.change, run.sentiment) == ("updated", vote)
        assert (await stored(db)).sentiment is vote
    assert await db.sentiments(ANA, "t1") == {}
    assert [row[1:3] for row in await history(store)] == [(None, True), (True, False), (False, None)]


async def test_clearing_no_vote_changes_nothing(db: Any, store: Store) -> None:
    await one_run(db)
    before = store.contents()
    assert (await db.set_sentiment(ANA, "r1", None)).change == "unchanged"
    assert store.contents() == before


async def test_an_older_vote_that_arrives_late_changes_nothing(db: Any, store: Store) -> None:
    await one_run(db)
    await db.set_sentiment(ANA, "r1", True, at=NOON)
    before = store.contents()
    run = await db.set_sentiment(ANA, "r1", False, "late", at=NOON - timedelta(microseconds=1))
    assert (run.change, run.sentiment, run.sentiment_at) == ("unchanged", True, NOON)
    assert store.contents() == before


async def test_votes_with_times_end_equal_in_every_order_of_arrival(db: Any) -> None:
    votes = [(True, NOON), (None, NOON + timedelta(seconds=1)), (False, NOON + timedelta(seconds=2))]
    for number, order in enumerate(itertools.permutations(votes)):
        await one_run(db, f"r{number}")
        for vote, at in order:
            await db.set_sentiment(ANA, f"r{number}", vote, at=at)
        run = await stored(db, f"r{number}")
        assert (run.sentiment, run.sentiment_at) == (False, NOON + timedelta(seconds=2))


async def test_the_time_of_a_vote_is_an_instant_whatever_its_zone(db: Any) -> None:
    await one_run(db)
    local = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=11, minutes=30)))
    run = await db.set_sentiment(ANA, "r1", True, at=local)
    assert run.sentiment_at == NOON
    assert run.sentiment_at.utcoffset() == timedelta(0)


async def test_a_vote_without_a_time_counts_after_any_stored_vote(db: Any) -> None:
    await one_run(db)
    await db.set_sentiment(ANA, "r1", True, at=datetime.now(UTC) + timedelta(days=1))
    run = await db.set_sentiment(ANA, "r1", False)
    assert (run.change, run.sentiment) == ("updated", False)
    after = await stored(db)
    assert (after.sentiment, after.sentiment_at) == (run.sentiment, run.sentiment_at)


async def test_a_replay_of_an_event_changes_nothing_even_after_a_newer_vote(db: Any, store: Store) -> None:
    await one_run(db)
    event = uuid4()
    assert (await db.set_sentiment(ANA, "r1", True, event_id=event)).change == "updated"
    await db.set_sentiment(ANA, "r1", False)
    before = store.contents()
    run = await db.set_sentiment(ANA, "r1", True, event_id=event)
    assert (run.change, run.sentiment) == ("unchanged", False)
    assert store.contents() == before


async def test_an_event_id_is_kept_as_given(db: Any, store: Store) -> None:
    await one_run(db)
    event = UUID("6f1c7c1e-97a5-4f5e-9c0e-3d8a4e2b1a10")
    await db.set_sentiment(ANA, "r1", True, event_id=event)
    ((found,),) = store.sql("SELECT event_id FROM sentiment_events")
    assert str(found) == str(event)


async def test_a_foreign_run_and_an_absent_one_give_the_same_answer_and_nothing_changes(db: Any, store: Store) -> None:
    await one_run(db)
    before = store.contents()
    answers = []
    for run_id in ("r1", "absent"):
        with pytest.raises(ri.NotFound) as caught:
            await db.set_sentiment(BOB, run_id, False, "mine")
        answers.append((str(caught.value), vars(caught.value)))
    assert answers[0] == answers[1]
    assert store.contents() == before


async def test_a_vote_does_not_touch_the_thread(db: Any, store: Store) -> None:
    await one_run(db)
    before = store.contents()["threads"]
    await db.set_sentiment(ANA, "r1", True)
    assert store.contents()["threads"] == before


async def test_twenty_clicks_at_once_leave_one_event(store: Store) -> None:
    async with store.client(max_size=8) as db:
        await one_run(db)
        runs = await asyncio.gather(*(db.set_sentiment(ANA, "r1", True) for _ in range(20)))
    assert sorted(run.change for run in runs) == ["unchanged"] * 19 + ["updated"]
    assert await history(store) == [("r1", None, True, None, "api")]


async def test_votes_at_once_leave_a_history_without_gaps_that_ends_in_the_stored_vote(store: Store) -> None:
    async with store.client(max_size=8) as db:
        await one_run(db)
        votes = [True, False, None] * 8
        runs = await asyncio.gather(*(db.set_sentiment(ANA, "r1", vote) for vote in votes))
        final = await stored(db)
    events = await history(store)
    assert len(events) == sum(run.change == "updated" for run in runs)
    assert [event[1] for event in events] == [None, *(event[2] for event in events[:-1])]
    assert events[-1][2] is final.sentiment


async def test_sentiments_are_the_votes_of_one_thread_oldest_run_first(db: Any) -> None:
    for run_id in ("rc", "ra", "rb", "rd"):
        await one_run(db, run_id)
    await one_run(db, "elsewhere", "t2")
    for run_id, vote in (("rb", False), ("rc", True), ("rd", True), ("elsewhere", True)):
        await db.set_sentiment(ANA, run_id, vote)
    await db.set_sentiment(ANA, "rd", None)
    found = await db.sentiments(ANA, "t1")
    assert list(found.items()) == [("rc", True), ("rb", False)]
    assert await db.sentiments(BOB, "t1") == {}
    assert await db.sentiments(ANA, "absent") == {}
