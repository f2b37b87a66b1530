"""list_threads by offset, with a total, and through filters: the same threads on every store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runinsights as ri
from clients import Store
from runinsights.engine.sqlite_functions import contains, fold

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(thread_id: str, hour: int, **parts: Any) -> dict[str, Any]:
    base = {"user_key": ANA.user_key, "thread_id": thread_id, "run_id": f"{thread_id} {hour}", "prompt": "p"}
    return base | {"timestamp": NOON + timedelta(hours=hour)} | parts


async def names(db: Any, owner: ri.Owner = ANA, **filters: Any) -> list[str]:
    return [item.thread_id for item in (await db.list_threads(owner, **filters)).items]


async def seven(db: Any) -> None:
    await db.load_runs([row(f"t{number}", number // 2) for number in range(7)])
    await db.load_runs([row("his", 9, user_key=BOB.user_key, prompt="needle", sentiment=False)])


ORDER = ["t6", "t4", "t5", "t2", "t3", "t0", "t1"]


@pytest.mark.parametrize(
    ("limit", "offset"), [(None, 0), (None, 3), (None, 7), (3, 0), (3, 3), (3, 6), (3, 99), (0, 2)]
)
async def test_an_offset_skips_threads_of_the_same_order_with_or_without_a_limit(
    db: Any, limit: int | None, offset: int
) -> None:
    await seven(db)
    expected = ORDER[offset:] if limit is None else ORDER[offset : offset + limit]
    for with_total in (False, True):
        page = await db.list_threads(ANA, limit, offset=offset, with_total=with_total)
        assert [item.thread_id for item in page.items] == expected
        assert page.total == (7 if with_total else None)
        assert (page.next is None) == (limit is None or limit == 0 or offset + limit >= 7)
    if page.next is not None:
        assert await names(db, limit=99, after=page.next) == ORDER[offset + 3 :]


async def test_the_total_counts_the_threads_of_all_pages(db: Any) -> None:
    await seven(db)
    page = await db.list_threads(ANA, 3, with_total=True)
    second = await db.list_threads(ANA, 3, page.next, with_total=True)
    last = await db.list_threads(ANA, 3, second.next, with_total=True)
    assert [len(found.items) for found in (page, second, last)] == [3, 3, 1]
    assert page.total == second.total == last.total == await db.count_threads(ANA) == 7
    assert last.next is None
    empty = await db.list_threads("nobody@example.com", with_total=True)
    assert (empty.items, empty.next, empty.total) == ([], None, 0)


async def test_a_cursor_serves_only_the_filter_it_was_made_with(db: Any) -> None:
    await seven(db)
    every = (await db.list_threads(ANA, 2)).next
    found = (await db.list_threads(ANA, 2, text="P")).next
    for cursor, filters in (
        (every, {"text": "p"}),
        (every, {"since": NOON}),
        (every, {"voted": False}),
        (found, {}),
        (found, {"text": "q"}),
        (found, {"text": "P", "attributes": {}}),
    ):
        with pytest.raises(ri.InvalidInput) as caught:
            await db.list_threads(ANA, 2, cursor, **filters)
        assert caught.value.field == "after"
    assert await names(db, limit=9, after=found, text="P") == ORDER[2:]
    assert await names(db, limit=9, after=every, with_total=True) == ORDER[2:]


TEXTS = {
    "plain": "How do I export a table?",
    "capitals": "EXPORT everything",
    "accents": "P\u0159\u00cdLI\u0160 \u017dlu\u0165ou\u010dk\u00fd k\u016f\u0148",
    "percent": "100% of _all_ (a|b) C:\\temp & 'quoted'",
    "greek": "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3",
    "turkish": "\u0130stanbul",
    "smile": "so \U0001f600 happy",
}


FOUND: list[tuple[str, set[str]]] = [
    ("export", {"plain", "capitals"}),
    ("EXPORT A", {"plain"}),
    ("export%", set()),
    ("p\u0159\u00edli\u0161 \u017dLU", {"accents"}),
    ("prilis", set()),
    ("%", {"percent"}),
    ("_ALL_", {"percent"}),
    ("_", {"percent"}),
    ("(A|B)", {"percent"}),
    ("c:\\TEMP", {"percent"}),
    ("& '", {"percent"}),
    ("a & b", set()),
    ("\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c3", {"greek"}),
    ("istanbul", {"turkish"}),
    ("\U0001f600", {"smile"}),
    (" ", {"plain", "capitals", "accents", "percent", "smile"}),
    ("needle", set()),
    ("", set(TEXTS)),
]


async def test_a_text_is_found_as_it_stands_in_capitals_or_not(db: Any) -> None:
    await db.load_runs([row(name, number, prompt=prompt) for number, (name, prompt) in enumerate(TEXTS.items())])
    await db.load_runs([row("his", 9, user_key=BOB.user_key, prompt="needle")])
    for text, expected in FOUND:
        assert set(await names(db, text=text)) == expected, text
        page = await db.list_threads(ANA, 1, text=text, with_total=True)
        assert page.total == len(expected)


async def test_a_text_is_looked_for_in_every_prompt_and_in_the_title(db: Any, store: Store) -> None:
    await db.load_runs([row("t1", 1, prompt="first"), row("t1", 2, prompt="Needle"), row("t2", 3), row("t3", 4)])
    store.sql("UPDATE threads SET title = 'A needle' WHERE thread_id = 't2'")
    assert await names(db, text="needle") == ["t2", "t1"]


async def test_threads_are_told_by_their_votes(db: Any) -> None:
    await db.load_runs(
        [
            *(row("liked", 1, sentiment=True), row("both", 2, sentiment=True), row("both", 3, sentiment=False)),
            *(row("disliked", 4, sentiment=False), row("disliked", 5), row("none", 6)),
            row("his", 9, user_key=BOB.user_key, sentiment=False),
        ]
    )
    assert await names(db, voted=True) == ["disliked", "both", "liked"]
    assert await names(db, voted=False) == ["none"]
    assert await names(db, disliked=True) == ["disliked", "both"]
    assert await names(db, disliked=False) == ["none", "liked"]
    assert await names(db, voted=True, disliked=False) == ["liked"]
    assert await names(db, voted=False, disliked=True) == []
    await db.set_sentiment(ANA, "disliked 4", None)
    assert await names(db, disliked=True) == ["both"]


async def test_the_latest_run_lies_in_the_window(db: Any) -> None:
    await seven(db)
    at = NOON + timedelta(hours=1)
    assert await names(db, since=at) == ["t6", "t4", "t5", "t2", "t3"]
    assert await names(db, until=at) == ["t0", "t1"]
    assert await names(db, since=at, until=at + timedelta(microseconds=1)) == ["t2", "t3"]
    page = await db.list_threads(ANA, 1, since=at, until=at + timedelta(hours=2), with_total=True)
    assert (page.total, [item.thread_id for item in page.items]) == (4, ["t4"])
    rest = await db.list_threads(ANA, 9, page.next, since=at, until=at + timedelta(hours=2))
    assert [item.thread_id for item in rest.items] == ["t5", "t2", "t3"]


STORED: dict[str, dict[str, Any]] = {
    "one": {"n": 1, "model": "m-1"},
    "real": {"n": 1.0},
    "text": {"n": "1"},
    "true": {"n": True},
    "null": {"n": None},
    "list": {"n": [1, 2, [3, 4]]},
    "object": {"n": {"a": 1, "b": {"c": 2}}},
    "empty": {},
}


CONTAINED: list[tuple[dict[str, Any], set[str]]] = [
    ({"n": 1}, {"one", "real"}),
    ({"n": 1.0}, {"one", "real"}),
    ({"n": "1"}, {"text"}),
    ({"n": True}, {"true"}),
    ({"n": None}, {"null"}),
    ({"n": [2, 1]}, {"list"}),
    ({"n": [1, 1]}, {"list"}),
    ({"n": [[4]]}, {"list"}),
    ({"n": []}, {"list"}),
    ({"n": [5]}, set()),
    ({"n": {"b": {}}}, {"object"}),
    ({"n": {"b": {"c": 2}}}, {"object"}),
    ({"n": {}}, {"object"}),
    ({"n": 1, "model": "m-1"}, {"one"}),
    ({"n": 1, "model": "M-1"}, set()),
    ({"N": 1}, set()),
    ({}, set(STORED)),
]


async def test_attributes_are_contained_with_their_types(db: Any) -> None:
    for name, attributes in STORED.items():
        await db.create_run(ANA, thread_id=name, attributes=attributes)
    await db.create_run(BOB, thread_id="his", attributes={"n": 1})
    for wanted, expected in CONTAINED:
        assert set(await names(db, attributes=wanted)) == expected, wanted


async def test_one_run_of_the_thread_has_all_the_attributes(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="split", attributes={"a": 1})
    await db.create_run(ANA, thread_id="split", attributes={"b": 2})
    await db.create_run(ANA, thread_id="whole", attributes={"a": 1, "b": 2})
    await db.create_run(ANA, thread_id="named")
    store.sql("UPDATE threads SET attributes = %s WHERE thread_id = 'named'", ('{"a": 1, "b": 2}',))
    assert set(await names(db, attributes={"a": 1, "b": 2})) == {"whole", "named"}


async def test_filters_are_joined_by_and_and_stay_within_the_owner(db: Any) -> None:
    other = ri.Owner(ANA.user_key, UUID(int=7))
    rows = [row("t1", 1, prompt="x", sentiment=False, attributes={"m": 1}), row("t2", 2, prompt="x", sentiment=True)]
    rows += [row("theirs", 3, prompt="x", sentiment=False, attributes={"m": 1}, tenant_id=other.tenant)]
    await db.load_runs(rows)
    every: dict[str, Any] = {"text": "X", "voted": True, "disliked": True, "since": NOON, "attributes": {"m": 1}}
    assert await names(db, **every) == ["t1"]
    assert await names(db, other, **every) == ["theirs"]
    assert await names(db, BOB, **every) == []
    await db.delete_thread(ANA, "t1")
    assert await names(db, **every) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 1.5, -1.0, 1e300, 0.1])
    | st.sampled_from(["", "a", "1", "true"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from("ab"), json_values, max_size=2)


def test_containment_is_that_of_the_server_for_every_pair(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as conn:

        @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
        @given(objects, objects)
        def holds(stored: dict[str, Any], wanted: dict[str, Any]) -> None:
            texts = json.dumps(stored), json.dumps(wanted)
            (answer,) = conn.execute("SELECT %s::jsonb @> %s::jsonb", texts).fetchone() or (None,)
            assert contains(*texts) is answer

        holds()


def test_small_letters_are_those_of_the_server_for_every_letter(postgres_url: str) -> None:
    import psycopg

    letters = [chr(code) for code in range(1, 0x24F)] + [chr(code) for code in range(0x370, 0x530)]
    lower = "SELECT lower(translate(%s, '\u0130\u03a3', 'i\u03c3'))"
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        for letter in letters:
            (answer,) = conn.execute(lower.encode(), (letter,)).fetchone() or (None,)
            assert fold(letter) == answer
