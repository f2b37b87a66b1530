"""create_run: what is stored, what a repeat changes, and whose ids are whose."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
CANONICAL = "0f8fad5b-d9cb-469f-a165-70867728950e"
FORMS = {
    "upper-case": CANONICAL.upper(),
    "braces": "{" + CANONICAL + "}",
    "urn": f"urn:uuid:{CANONICAL}",
    "no-hyphens": CANONICAL.replace("-", ""),
    "object": UUID(CANONICAL),
}
ODD_TEXTS = (
    "'; DROP TABLE users_threads_runs; --",
    "%s %(run_id)s %% 100%",
    ":run_id $1 ? ?1 @p",
    '"quoted" \\ back\\slash \\x41',
    "line\nbreak\ttab\r",
    "e\u0301 \u00e9 \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u202e\ufffd\uffff",
)


async def summaries(db: Any, owner: ri.Owner) -> dict[str, tuple[int, str]]:
    page = await db.list_threads(owner, limit=100)
    return {item.thread_id: (item.run_count, item.full_prompt) for item in page.items}


async def test_a_new_run_is_stored_as_it_was_given(db: Any) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=5)
    attributes = {"model": "m1", "nested": {"a": [1, 2.5, None, True]}, "word": "ž\U0001f600"}
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="Hello?", attributes=attributes)
    assert (run.run_id, run.thread_id, run.prompt, run.change) == ("r1", "t1", "Hello?", "created")
    assert (run.sentiment, run.sentiment_at, run.attributes) == (None, None, attributes)
    assert begun < run.timestamp < datetime.now(UTC) + timedelta(seconds=5)
    assert run.timestamp.tzinfo is UTC
    (stored,) = await db.list_runs(ANA, "t1")
    assert (stored.timestamp, stored.attributes, stored.prompt) == (run.timestamp, attributes, "Hello?")


async def test_a_run_without_an_id_gets_a_fresh_uuid4(db: Any) -> None:
    runs = [await db.create_run(ANA, thread_id="t1", prompt="p") for _ in range(2)]
    assert {UUID(run.run_id).version for run in runs} == {4}
    assert runs[0].run_id != runs[1].run_id
    assert {run.run_id for run in await db.list_runs(ANA, "t1")} == {run.run_id for run in runs}


@pytest.mark.parametrize("again", ["Hello?", None, ""], ids=["same", "none", "empty"])
async def test_a_repeat_with_the_same_or_no_prompt_changes_nothing(db: Any, store: Store, again: str | None) -> None:
    first = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="Hello?", attributes={"a": 1})
    await db.set_sentiment(ANA, "r1", False)
    before = store.contents()
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt=again, attributes={"a": 2})
    assert (run.change, run.prompt, run.timestamp) == ("unchanged", "Hello?", first.timestamp)
    assert (run.sentiment, run.attributes) == (False, {"a": 1})
    assert store.contents() == before


async def test_another_prompt_replaces_prompt_and_time_and_keeps_the_vote(db: Any) -> None:
    first = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="Hello?", attributes={"a": 1})
    voted = await db.set_sentiment(ANA, "r1", True)
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="Bye?", attributes={"a": 2})
    assert (run.change, run.prompt, run.sentiment, run.sentiment_at) == ("updated", "Bye?", True, voted.sentiment_at)
    assert run.timestamp > first.timestamp
    assert run.attributes == {"a": 1}
    (item,) = (await db.list_threads(ANA)).items
    assert (item.full_prompt, item.latest_timestamp, item.run_count) == ("Bye?", run.timestamp, 1)


async def test_a_prompt_given_later_is_taken(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1")
    assert await summaries(db, ANA) == {"t1": (1, "")}
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="Hello?")
    assert (run.change, run.prompt) == ("updated", "Hello?")
    assert await summaries(db, ANA) == {"t1": (1, "Hello?")}


async def test_another_thread_of_the_same_owner_moves_the_run_and_both_summaries_follow(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="first")
    await db.create_run(ANA, thread_id="t1", run_id="r2", prompt="second")
    await db.create_run(ANA, thread_id="t2", run_id="r3", prompt="third")
    await db.set_sentiment(ANA, "r1", True)
    run = await db.create_run(ANA, thread_id="t2", run_id="r1")
    assert (run.change, run.thread_id, run.prompt, run.sentiment) == ("updated", "t2", "first", True)
    assert await summaries(db, ANA) == {"t1": (1, "second"), "t2": (2, "third")}
    moved = await db.create_run(ANA, thread_id="t3", run_id="r2")
    assert (moved.change, moved.thread_id) == ("updated", "t3")
    assert await summaries(db, ANA) == {"t2": (2, "third"), "t3": (1, "second")}
    assert await db.count_threads(ANA) == 2
    assert await db.sentiments(ANA, "t2") == {"r1": True}


@pytest.mark.parametrize(
    ("thread_id", "run_id"),
    [("t2", "r1"), ("t1", "r9"), ("t1", "r1"), ("t1", "r2")],
    ids=["run", "thread", "both", "move"],
)
async def test_an_id_of_another_owner_is_a_conflict_and_nothing_changes(
    db: Any, store: Store, thread_id: str, run_id: str
) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="hers")
    await db.set_sentiment(ANA, "r1", True)
    await db.create_run(BOB, thread_id="t2", run_id="r2", prompt="his")
    before = store.contents()
    with pytest.raises(ri.Conflict) as caught:
        await db.create_run(BOB, thread_id=thread_id, run_id=run_id, prompt="mine now")
    assert type(caught.value) is ri.Conflict
    assert str(caught.value) == "create_run: the id is taken"
    assert caught.value.outcome == "not_applied"
    assert store.contents() == before


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_a_uuid_is_one_run(db: Any, form: str) -> None:
    given = FORMS[form]
    assert (await db.create_run(ANA, thread_id="t1", run_id=given, prompt="p")).run_id == CANONICAL
    assert (await db.create_run(ANA, thread_id="t1", run_id=CANONICAL, prompt="p")).change == "unchanged"
    assert (await db.set_sentiment(ANA, given, True)).sentiment is True
    assert (await db.set_attributes(ANA, given, {"a": 1})).attributes == {"a": 1}
    check = await db.verify_run(ANA, given)
    assert (check.run_id, check.is_uuid, check.owned) == (CANONICAL, True, True)
    assert [run.run_id for run in await db.list_runs(ANA)] == [CANONICAL]


async def test_text_that_looks_like_sql_is_stored_exactly_as_given(db: Any) -> None:
    for number, text in enumerate(ODD_TEXTS):
        owner = ri.Owner(f"{text.strip()}{number}")
        await db.create_run(owner, thread_id=f"t{text}", run_id=f"r{text}", prompt=text, attributes={text: text})
        await db.set_sentiment(owner, f"r{text}", True, comment=text)
        (run,) = await db.list_runs(owner)
        assert (run.run_id, run.thread_id, run.prompt) == (f"r{text}", f"t{text}", text)
        assert run.attributes == {text: text}
        assert await db.sentiments(owner, f"t{text}") == {f"r{text}": True}
        assert [item.thread_id for item in (await db.list_threads(owner)).items] == [f"t{text}"]


async def test_owners_are_compared_exactly_as_given(db: Any) -> None:
    keys = ["ana@example.com", "Ana@example.com", "an\u00e1@example.com", "ana\u0301@example.com"]
    for number, key in enumerate(keys):
        await db.create_run(key, thread_id=f"t{number}", run_id=f"r{number}")
    for number, key in enumerate(keys):
        assert [run.run_id for run in await db.list_runs(key)] == [f"r{number}"]


async def test_the_longest_ids_and_prompts_are_stored_whole(db: Any) -> None:
    prompt = "\U0001f600" * 1_000_000
    owner = ri.Owner("ž" * 255)
    await db.create_run(owner, thread_id="\u4e2d" * 255, run_id="x" * 255, prompt=prompt)
    (run,) = await db.list_runs(owner)
    assert (len(run.thread_id), len(run.run_id)) == (255, 255)
    assert run.prompt == prompt


async def test_equal_creates_at_once_store_one_run(store: Store) -> None:
    async with store.client(max_size=8) as db:
        for number in range(8):
            calls = [db.create_run(ANA, thread_id=f"t{number}", run_id=f"r{number}", prompt="Hello?") for _ in range(8)]
            changes = [run.change for run in await asyncio.gather(*calls)]
            assert sorted(changes) == ["created"] + ["unchanged"] * 7
        assert {item.run_count for item in (await db.list_threads(ANA)).items} == {1}


async def test_two_owners_racing_for_one_run_id_have_one_winner(store: Store) -> None:
    async with store.client(max_size=4) as db:
        for number in range(25):
            answers = await asyncio.gather(
                db.create_run(ANA, thread_id=f"ta{number}", run_id=f"r{number}", prompt="hers"),
                db.create_run(BOB, thread_id=f"tb{number}", run_id=f"r{number}", prompt="his"),
                return_exceptions=True,
            )
            kinds = sorted(type(answer).__name__ for answer in answers)
            assert kinds == ["Conflict", "Run"]
        owners = [await db.list_runs(owner) for owner in (ANA, BOB)]
        assert sum(map(len, owners)) == 25
        for owner, runs in zip((ANA, BOB), owners, strict=True):
            assert await db.count_threads(owner) == len(runs)


async def test_a_repeat_of_a_run_dated_in_the_future_is_unchanged(db: Any) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    row = {"user_key": ANA.user_key, "thread_id": "t1", "run_id": "r1", "prompt": "p", "timestamp": tomorrow}
    await db.load_runs([row])
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p")
    assert (run.change, run.timestamp) == ("unchanged", tomorrow)


@pytest.mark.parametrize(
    "run_id", ["20261124_172500_000001_000000001", "0xabcdef0123456789abcdef01234567", " " + "1" * 31]
)
async def test_a_text_that_is_only_nearly_a_uuid_is_an_id_as_it_stands(db: Any, run_id: str) -> None:
    assert (await db.create_run("ana@example.com", thread_id="t1", run_id=run_id)).run_id == run_id
    check = await db.verify_run("ana@example.com", run_id)
    assert (check.run_id, check.is_uuid, check.owned) == (run_id, False, True)
    with_zeros = run_id.replace("_", "0").replace("0x", "00").replace(" ", "0")
    assert (await db.create_run("ana@example.com", thread_id="t1", run_id=with_zeros)).change == "created"
