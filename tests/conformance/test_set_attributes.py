"""set_attributes: merged key by key, one level deep."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")


async def test_given_keys_replace_stored_ones_and_the_others_stay(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", attributes={"a": 1, "b": {"x": 1, "y": 2}, "c": "old"})
    run = await db.set_attributes(ANA, "r1", {"b": {"z": 3}, "c": None, "d": [1, {"e": None}]})
    expected = {"a": 1, "b": {"z": 3}, "c": None, "d": [1, {"e": None}]}
    assert (run.change, run.attributes) == ("updated", expected)
    assert (await db.verify_run(ANA, "r1")).run.attributes == expected


@pytest.mark.parametrize(
    "same",
    [{}, {"a": 1}, {"b": {"y": 2, "x": 1}}, {"c": None, "a": 1}],
    ids=["nothing", "equal", "nested-in-another-order", "null"],
)
async def test_a_merge_that_changes_nothing_says_so(db: Any, store: Store, same: dict[str, Any]) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", attributes={"c": None, "b": {"x": 1, "y": 2}, "a": 1})
    before = store.contents()
    run = await db.set_attributes(ANA, "r1", same)
    assert (run.change, run.attributes) == ("unchanged", {"a": 1, "b": {"x": 1, "y": 2}, "c": None})
    assert store.contents() == before


async def test_true_and_1_are_different_values(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", attributes={"a": 1})
    run = await db.set_attributes(ANA, "r1", {"a": True})
    assert run.change == "updated"
    assert (await db.verify_run(ANA, "r1")).run.attributes["a"] is True


async def test_a_merge_keeps_vote_prompt_time_and_thread(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p")
    voted = await db.set_sentiment(ANA, "r1", False, "why")
    before = store.contents()
    run = await db.set_attributes(ANA, "r1", {"latency": 1.5})
    assert (run.prompt, run.timestamp, run.sentiment) == ("p", voted.timestamp, False)
    assert run.sentiment_at == voted.sentiment_at
    after = store.contents()
    assert (after["threads"], after["sentiment_events"]) == (before["threads"], before["sentiment_events"])


async def test_merges_at_once_are_all_kept(store: Store) -> None:
    async with store.client(max_size=8) as db:
        await db.create_run(ANA, thread_id="t1", run_id="r1")
        await asyncio.gather(*(db.set_attributes(ANA, "r1", {f"k{n}": n}) for n in range(16)))
        assert (await db.verify_run(ANA, "r1")).run.attributes == {f"k{n}": n for n in range(16)}


async def test_a_foreign_run_and_an_absent_one_give_the_same_answer(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1")
    before = store.contents()
    answers = []
    for run_id in ("r1", "absent"):
        with pytest.raises(ri.NotFound) as caught:
            await db.set_attributes(BOB, run_id, {"a": 1})
        answers.append((str(caught.value), vars(caught.value)))
    assert answers[0] == answers[1]
    assert store.contents() == before
