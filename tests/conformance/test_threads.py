"""list_threads, count_threads and owns_thread: one line a thread, pages that neither miss nor repeat."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
OTHER = UUID("11111111-1111-1111-1111-111111111111")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMILE = "\U0001f600"
ACCENT = "e\u0301"
TITLES = {
    "0": ("", "Untitled Conversation"),
    "1": (SMILE, SMILE),
    "47": (SMILE * 47, SMILE * 47),
    "48": (SMILE * 48, SMILE * 48),
    "50": (SMILE * 50, SMILE * 50),
    "51": (SMILE * 51, SMILE * 47 + "..."),
    "50-combining": (ACCENT * 25, ACCENT * 25),
    "52-combining": (ACCENT * 26, ACCENT * 23 + "e..."),
}


def row(thread_id: str, timestamp: datetime, run_id: str | None = None, owner: ri.Owner = ANA) -> dict[str, Any]:
    return {
        "user_key": owner.user_key,
        "thread_id": thread_id,
        "run_id": run_id or f"run of {thread_id} {timestamp}",
        "prompt": f"about {thread_id}",
        "timestamp": timestamp,
    }


async def pages(db: Any, owner: ri.Owner, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page = await db.list_threads(owner, limit, after)
        found.append([item.thread_id for item in page.items])
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("length", TITLES)
async def test_a_title_is_the_first_prompt_cut_by_code_points(db: Any, length: str) -> None:
    prompt, title = TITLES[length]
    await db.create_run(ANA, thread_id="t1", prompt=prompt)
    (item,) = (await db.list_threads(ANA)).items
    assert (item.title, item.full_prompt) == (title, prompt)


async def test_a_thread_is_named_by_its_first_prompt_that_is_not_empty(db: Any) -> None:
    for prompt in (None, "", "first words", "later words"):
        run = await db.create_run(ANA, thread_id="t1", prompt=prompt)
    (item,) = (await db.list_threads(ANA)).items
    assert (item.title, item.full_prompt, item.run_count) == ("first words", "first words", 4)
    assert item.latest_timestamp == run.timestamp


async def test_a_thread_without_any_prompt_is_untitled(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1")
    (item,) = (await db.list_threads(ANA)).items
    assert (item.title, item.full_prompt) == ("Untitled Conversation", "")


async def test_the_earliest_run_names_the_thread_whatever_the_order_of_arrival(db: Any) -> None:
    rows = [row("t1", NOON + timedelta(hours=hour), f"r{hour}") | {"prompt": f"at {hour}"} for hour in (2, 0, 1)]
    for one in rows:
        await db.load_runs([one])
    (item,) = (await db.list_threads(ANA)).items
    assert (item.full_prompt, item.latest_timestamp) == ("at 0", NOON + timedelta(hours=2))


async def test_threads_come_latest_run_first_then_by_code_points_of_their_id(db: Any) -> None:
    tied = ["B", "a", "Z", "\u00e9", "e\u0301", "\uffff", SMILE, "10", "9", "_"]
    await db.load_runs([row(thread_id, NOON) for thread_id in tied])
    await db.load_runs([row("newest", NOON + timedelta(seconds=1)), row("oldest", NOON - timedelta(seconds=1))])
    expected = ["newest", *sorted(tied), "oldest"]
    assert [item.thread_id for item in (await db.list_threads(ANA)).items] == expected
    assert list(chain(*await pages(db, ANA, 1))) == expected


@pytest.mark.parametrize("limit", [1, 3, 4, 12, 13])
async def test_pages_hold_every_thread_once(db: Any, limit: int) -> None:
    moments = [NOON + timedelta(minutes=number // 3) for number in range(12)]
    await db.load_runs([row(f"t{number:02}", moment) for number, moment in enumerate(moments)])
    found = await pages(db, ANA, limit)
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert len(found) == -(-12 // limit)
    assert list(chain(*found)) == [item.thread_id for item in (await db.list_threads(ANA, 100)).items]
    assert len(set(chain(*found))) == 12


async def test_paging_misses_and_repeats_no_thread_while_writers_add_runs(db: Any) -> None:
    shuffled = random.Random(7)
    moments = [NOON + timedelta(minutes=shuffled.randrange(5)) for _ in range(40)]
    await db.load_runs([row(f"t{number:02}", moment) for number, moment in enumerate(moments)])
    before = [item.thread_id for item in (await db.list_threads(ANA, 100)).items]
    seen: list[str] = []
    after = None
    for number in range(100):
        page = await db.list_threads(ANA, 3, after)
        seen += [item.thread_id for item in page.items]
        after = page.next
        if after is None:
            break
        await db.create_run(ANA, thread_id=f"new {number}", prompt="a new thread")
        await db.create_run(ANA, thread_id=shuffled.choice(seen), prompt="more in a thread that was shown")
        await db.create_run(BOB, thread_id=f"his {number}", prompt="somebody else's")
    assert seen == before


async def test_a_page_of_none_is_empty(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1")
    page = await db.list_threads(ANA, limit=0)
    assert (page.items, page.next, page.total) == ([], None, None)


async def test_a_page_holds_20_threads_unless_told_otherwise(db: Any) -> None:
    await db.load_runs([row(f"t{number:02}", NOON) for number in range(21)])
    page = await db.list_threads(ANA)
    assert len(page.items) == 20
    assert page.next is not None


async def test_the_count_is_the_length_of_the_list(db: Any) -> None:
    assert await db.count_threads(ANA) == 0
    await db.load_runs([row(f"t{number}", NOON, f"r{number}") for number in range(7)])
    await db.create_run(ANA, thread_id="t1", run_id="r0")
    await db.delete_thread(ANA, "t2")
    await db.create_run(BOB, thread_id="his")
    listed = (await db.list_threads(ANA, 100)).items
    assert await db.count_threads(ANA) == len(listed) == 5


async def test_an_owner_without_runs_has_an_empty_list(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1")
    page = await db.list_threads(BOB)
    assert (page.items, page.next) == ([], None)
    assert await db.count_threads(BOB) == 0


async def test_a_thread_whose_runs_are_undated_comes_last_and_has_no_time(db: Any, store: Store) -> None:
    await db.load_runs([row("dated", NOON)])
    insert = (
        "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp) VALUES (%s, %s, %s, %s, NULL)"
    )
    for number, thread_id in enumerate(("u2", "u1", "u1")):
        store.sql(insert, (ANA.user_key, thread_id, f"r{number}", f"p{number}"))
    items = (await db.list_threads(ANA)).items
    assert [(item.thread_id, item.run_count, item.latest_timestamp) for item in items] == [
        ("dated", 1, NOON),
        ("u1", 2, None),
        ("u2", 1, None),
    ]
    assert items[1].full_prompt == "p1"
    assert await pages(db, ANA, 1) == [["dated"], ["u1"], ["u2"]]


async def test_a_cursor_serves_only_the_list_and_owner_it_was_made_for(db: Any) -> None:
    await db.load_runs([row(f"t{number}", NOON) for number in range(3)])
    cursor = (await db.list_threads(ANA, 1)).next
    for stranger in (BOB, ri.Owner(ANA.user_key, OTHER)):
        with pytest.raises(ri.InvalidInput) as caught:
            await db.list_threads(stranger, 1, cursor)
        assert caught.value.field == "after"
    assert [item.thread_id for item in (await db.list_threads(ANA, 5, cursor)).items] == ["t1", "t2"]


async def test_a_cursor_that_was_forged_is_refused(db: Any) -> None:
    await db.load_runs([row(f"t{number}", NOON) for number in range(3)])
    cursor = (await db.list_threads(ANA, 1)).next
    payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    def forged(index: int, value: Any) -> str:
        changed = [*payload[:index], value, *payload[index + 1 :]]
        return base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")

    bad: list[Any] = [
        "",
        "x",
        "not a cursor",
        cursor[:-3],
        cursor + "AAAA",
        "\x00" + cursor,
        "\ud800",
        5,
        b"bytes",
        True,
        forged(0, "list_runs"),
        forged(1, "2026-03-01T12:00:00"),
        forged(1, "never"),
        forged(1, 5),
        forged(1, "9999-12-31T23:59:59-14:00"),
        forged(2, 5),
        forged(2, "a\x00b"),
        forged(2, ""),
        forged(3, 1),
    ]
    for text in bad:
        with pytest.raises(ri.InvalidInput) as caught:
            await db.list_threads(ANA, 1, text)
        assert caught.value.field == "after"
        assert caught.value.rule == "is not a cursor of this list, filter and owner"


async def test_a_thread_is_owned_by_the_owner_of_its_runs_alone(db: Any) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1")
    answers = [
        await db.owns_thread(ANA, "t1"),
        await db.owns_thread(BOB, "t1"),
        await db.owns_thread(ri.Owner(ANA.user_key, OTHER), "t1"),
        await db.owns_thread(ANA, "absent"),
    ]
    assert answers == [True, False, False, False]
    await db.delete_thread(ANA, "t1")
    assert await db.owns_thread(ANA, "t1") is False
