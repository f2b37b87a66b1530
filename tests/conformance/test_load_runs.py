"""load_runs: many runs from elsewhere, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import runinsights as ri
from clients import TABLES, Store
from runinsights import aload, load

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(run_id: str, **more: Any) -> dict[str, Any]:
    return {"user_key": ANA.user_key, "thread_id": "t1", "run_id": run_id, "prompt": "p", "timestamp": NOON} | more


def columns_of(report: ri.LoadReport) -> tuple[int, int, int, int, list[tuple[int, str, str]]]:
    refused = [(item.line, item.field, item.rule) for item in report.refused]
    return report.read, report.created, report.updated, report.unchanged, refused


class Line(NamedTuple):
    user_key: str
    thread_id: str
    run_id: str
    prompt: str | None
    timestamp: datetime
    sentiment: bool | None
    sentiment_at: datetime | None
    model: str | None


LINES = [
    Line("ana@example.com", "t1", "r1", "p1", NOON, True, NOON + timedelta(hours=1), "m1"),
    Line("ana@example.com", "t1", "r2", None, NOON + timedelta(seconds=1.234567), None, None, None),
    Line("bob@example.com", "t2", "r3", "\U0001f600", NOON, False, None, "m2"),
]


def as_mappings() -> Any:
    return [line._asdict() for line in LINES]


def as_iterator() -> Any:
    return iter(as_mappings())


def as_named_tuples() -> Any:
    return LINES


def as_frame() -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(LINES)


def as_filtered_frame() -> Any:
    return as_frame().iloc[::-1].sort_values("run_id").set_index([[7, 3, 9]])


def as_nullable_frame() -> Any:
    frame = as_frame()
    return frame.astype({"sentiment": "boolean", "prompt": "string", "model": "string"})


def as_records_of_a_nullable_frame() -> Any:
    return as_nullable_frame().to_dict("records")


def as_tuples_of_a_nullable_frame() -> Any:
    return as_nullable_frame().itertuples(index=False)


def as_arrow() -> Any:
    arrow = pytest.importorskip("pyarrow")
    return arrow.Table.from_pylist(as_mappings())


def as_frame_of(rows: list[dict[str, Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame(rows)


def as_arrow_of(rows: list[dict[str, Any]]) -> Any:
    return pytest.importorskip("pyarrow").Table.from_pylist(rows)


SHAPES = [
    as_mappings,
    as_iterator,
    as_named_tuples,
    as_frame,
    as_filtered_frame,
    as_nullable_frame,
    as_records_of_a_nullable_frame,
    as_tuples_of_a_nullable_frame,
    as_arrow,
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.removeprefix("as_"))
async def test_rows_of_every_shape_are_stored_alike(db: Any, shape: Any) -> None:
    report = await db.load_runs(shape())
    assert columns_of(report) == (3, 3, 0, 0, [])
    first, second = await db.list_runs(ANA)
    (third,) = await db.list_runs(BOB)
    assert (first.run_id, first.prompt, first.timestamp) == ("r1", "p1", NOON)
    assert (first.sentiment, first.sentiment_at) == (True, NOON + timedelta(hours=1))
    assert (second.run_id, second.prompt, second.sentiment) == ("r2", None, None)
    assert second.timestamp == NOON + timedelta(seconds=1.234567)
    assert (third.run_id, third.thread_id, third.prompt, third.sentiment) == ("r3", "t2", "\U0001f600", False)
    assert [run.attributes for run in (first, second, third)] == [{"model": "m1"}, {}, {"model": "m2"}]


async def test_times_finer_than_a_microsecond_are_stored_alike(db: Any) -> None:
    pandas = pytest.importorskip("pandas")
    moment = pandas.Timestamp("2026-03-01T12:00:00.123456789Z")
    frame = pandas.DataFrame([row("r1") | {"timestamp": moment}])
    await db.load_runs(frame)
    await db.load_runs([row("r2") | {"timestamp": moment}])
    expected = NOON + timedelta(microseconds=123456)
    assert [run.timestamp for run in await db.list_runs(ANA)] == [expected] * 2


async def test_no_rows_store_nothing(db: Any) -> None:
    assert columns_of(await db.load_runs([])) == (0, 0, 0, 0, [])


async def test_a_loaded_vote_leaves_an_event_with_its_time(db: Any, store: Store) -> None:
    rows = [
        row("r1", sentiment=True, sentiment_at=NOON + timedelta(hours=1), comment="good"),
        row("r2", sentiment=False),
        row("r3"),
    ]
    await db.load_runs(rows)
    events = store.sql("SELECT run_id, sentiment_before, sentiment, comment FROM sentiment_events ORDER BY run_id")
    assert [(run, before, bool(vote), words) for run, before, vote, words in events] == [
        ("r1", None, True, "good"),
        ("r2", None, False, None),
    ]
    assert await db.sentiments(ANA, "t1") == {"r1": True, "r2": False}


async def test_kept_runs_stay_byte_for_byte(db: Any, store: Store) -> None:
    await db.load_runs([row("r1", sentiment=True)])
    before = store.contents()
    other = row("r1", prompt="other", timestamp=NOON + timedelta(days=1), sentiment=False, thread_id="t2", x=1)
    assert columns_of(await db.load_runs([other])) == (1, 0, 0, 1, [])
    assert store.contents() == before
    assert columns_of(await db.load_runs([other, row("r2")], on_conflict="keep")) == (2, 1, 0, 1, [])


async def test_updated_runs_take_over_prompt_time_thread_vote_and_attributes(db: Any, store: Store) -> None:
    await db.load_runs([row("r1", sentiment=True, x=1), row("r2", sentiment=True, x=1)])
    later = NOON + timedelta(days=1)
    other = row("r1", prompt="other", timestamp=later, thread_id="t2", sentiment=False, sentiment_at=later, y=2)
    report = await db.load_runs([other, row("r2", sentiment=True, x=1)], on_conflict="update")
    assert columns_of(report) == (2, 0, 1, 1, [])
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.prompt, run.timestamp, run.thread_id, run.attributes) == ("other", later, "t2", {"x": 1, "y": 2})
    assert (run.sentiment, run.sentiment_at) == (False, later)
    items = (await db.list_threads(ANA)).items
    assert [(item.thread_id, item.run_count, item.full_prompt) for item in items] == [
        ("t2", 1, "other"),
        ("t1", 1, "p"),
    ]
    before = store.contents()
    assert columns_of(await db.load_runs([other], on_conflict="update")) == (1, 0, 0, 1, [])
    assert store.contents() == before


async def test_an_update_follows_a_vote_that_flips_back(db: Any, store: Store) -> None:
    await db.load_runs([row("r1", sentiment=True)])
    for vote in (False, True, False, None, True):
        report = await db.load_runs([row("r1", sentiment=vote)], on_conflict="update")
        assert columns_of(report) == (1, 0, 1, 0, [])
        assert (await db.verify_run(ANA, "r1")).run.sentiment is vote
    assert store.sql("SELECT count(*) FROM sentiment_events") == [(6,)]


async def test_an_update_leaves_a_newer_vote_alone(db: Any) -> None:
    await db.load_runs([row("r1")])
    await db.set_sentiment(ANA, "r1", True, at=NOON + timedelta(hours=2))
    older = row("r1", sentiment=False, sentiment_at=NOON + timedelta(hours=1))
    assert columns_of(await db.load_runs([older], on_conflict="update")) == (1, 0, 0, 1, [])
    assert (await db.verify_run(ANA, "r1")).run.sentiment is True


async def test_stored_runs_can_be_an_error(db: Any, store: Store) -> None:
    await db.load_runs([row("r1")])
    before = store.contents()
    report = await db.load_runs([row("r2"), row("r1"), row("r3")], on_conflict="error")
    assert columns_of(report) == (3, 0, 0, 0, [(2, "run_id", "is stored already")])
    assert store.contents() == before


async def test_one_row_that_breaks_a_rule_keeps_all_others_out_and_all_are_named(db: Any, store: Store) -> None:
    rows = [
        row("r1"),
        row("r2", prompt="a\x00b"),
        row("r3", user_key=""),
        row("r4", user_key=" ana "),
        row("r5", timestamp=None),
        row("r6", timestamp=datetime(2026, 3, 1)),
        row("r7", timestamp="yesterday"),
        row("r8", timestamp=5),
        row("r9", sentiment="maybe"),
        row("r10", sentiment=2),
        row("r11", comment="x" * 1_001),
        row("r12", attributes="[1]"),
        row("r13", attributes="{"),
        row("r14", latency=math.inf),
        row("x" * 256),
        row("r16", thread_id=5.5),
        row("r17", tenant_id="no tenant"),
        row("r18", sentiment_at="2026-03-01T12:00:00"),
        row("r1"),
        row("r20", user_key=BOB.user_key),
        row("r21"),
    ]
    zone = "needs a time zone (or name the source's zone: --source-tz)"
    report = await db.load_runs(iter(rows))
    assert (report.read, report.created) == (21, 0)
    assert [(item.line, item.field) for item in report.refused] == [
        (2, "prompt"),
        (3, "user_key"),
        (4, "user_key"),
        (5, "timestamp"),
        (6, "timestamp"),
        (7, "timestamp"),
        (8, "timestamp"),
        (9, "sentiment"),
        (10, "sentiment"),
        (11, "comment"),
        (12, "attributes"),
        (13, "attributes"),
        (14, "attributes"),
        (15, "run_id"),
        (16, "thread_id"),
        (17, "tenant"),
        (18, "sentiment_at"),
        (19, "run_id"),
        (20, "thread_id"),
    ]
    rules = {item.line: item.rule for item in report.refused}
    assert rules[3] == rules[5] == "is missing"
    assert rules[6] == rules[18] == zone
    assert rules[7] == "must be an ISO 8601 time"
    assert rules[9] == "must be true, false or empty"
    assert (rules[19], rules[20]) == ("occurs twice in the input", "belongs to two owners in the input")
    assert store.contents() == {table: [] for table in TABLES}


async def test_every_form_of_a_uuid_is_one_run_of_the_input(db: Any) -> None:
    one = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
    report = await db.load_runs([row(one), row(str(one).upper())])
    assert columns_of(report)[4] == [(2, "run_id", "occurs twice in the input")]
    assert (await db.load_runs([row(one.hex)])).created == 1
    assert (await db.verify_run(ANA, one)).owned


@pytest.mark.parametrize("rule", ["keep", "update", "error"])
async def test_ids_of_other_owners_and_deleted_threads_are_refused(db: Any, store: Store, rule: str) -> None:
    await db.create_run(BOB, thread_id="his", run_id="his run")
    await db.create_run(ri.Owner(ANA.user_key, UUID(int=7)), thread_id="other tenant", run_id="other tenant's")
    await db.create_run(ANA, thread_id="deleted", run_id="deleted run")
    await db.delete_thread(ANA, "deleted")
    before = store.contents()
    rows = [
        row("r1"),
        row("his run"),
        row("r3", thread_id="his"),
        row("other tenant's"),
        row("r5", thread_id="other tenant"),
        row("r6", thread_id="deleted"),
    ]
    report = await db.load_runs(rows, on_conflict=rule)
    owner, thread = "belongs to another owner", "belongs to another owner or was deleted"
    assert columns_of(report)[4] == [
        (2, "run_id", owner),
        (3, "thread_id", thread),
        (4, "run_id", owner),
        (5, "thread_id", thread),
        (6, "thread_id", thread),
    ]
    assert store.contents() == before


async def test_times_without_a_zone_are_read_in_the_zone_of_the_source(db: Any) -> None:
    rows = [
        row("summer", timestamp=datetime(2026, 7, 1, 12)),
        row("winter", timestamp="2026-01-01 12:00:00"),
        row("zoned", timestamp="2026-07-01T12:00:00Z", sentiment=True, sentiment_at=datetime(2026, 7, 1, 15)),
    ]
    report = await db.load_runs(rows, source_tz="Europe/Prague")
    assert report.created == 3
    runs = {run.run_id: run for run in await db.list_runs(ANA)}
    assert runs["summer"].timestamp == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert runs["winter"].timestamp == datetime(2026, 1, 1, 11, tzinfo=UTC)
    assert runs["zoned"].timestamp == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert runs["zoned"].sentiment_at == datetime(2026, 7, 1, 13, tzinfo=UTC)


async def test_columns_are_found_under_the_names_that_exports_use(db: Any) -> None:
    exported = {
        "email": ANA.user_key,
        "conversation_id": "t1",
        "trace_id": "r1",
        "input": "p",
        "created_at": "2026-03-01T12:00:00+00:00",
        "vote": "t",
        "metadata": '{"model": "m1"}',
        "latency": 1.5,
        "nothing": None,
    }
    assert (await db.load_runs([exported])).created == 1
    (run,) = await db.list_runs(ANA)
    assert (run.run_id, run.thread_id, run.prompt, run.timestamp) == ("r1", "t1", "p", NOON)
    assert (run.sentiment, run.attributes) == (True, {"model": "m1", "latency": 1.5})


async def test_columns_can_be_mapped_to_ours(db: Any) -> None:
    exported = {"who": ANA.user_key, "when": NOON, "what": "p", "thumb": 0}
    names = {"who": "user_key", "when": "timestamp", "what": "prompt", "thumb": "sentiment"}
    assert (await db.load_runs([exported], columns=names)).created == 1
    (run,) = await db.list_runs(ANA)
    assert (run.prompt, run.sentiment, run.attributes) == ("p", False, {})


async def test_rows_without_ids_are_the_same_runs_when_loaded_again(db: Any, store: Store) -> None:
    rows = [{"user_key": ANA.user_key, "timestamp": NOON, "prompt": prompt} for prompt in ("p", "q")]
    assert columns_of(await db.load_runs(rows)) == (2, 2, 0, 0, [])
    before = store.contents()
    assert columns_of(await db.load_runs(rows)) == (2, 0, 0, 2, [])
    assert store.contents() == before
    assert await db.count_threads(ANA) == 2


async def test_a_bare_key_is_of_the_tenant_of_the_client(store: Store) -> None:
    tenant, other = UUID(int=5), UUID(int=6)
    async with store.client(tenant=tenant) as db:
        await db.load_runs([row("r1"), row("r2", thread_id="t2", tenant_id=str(other))])
        assert await db.count_threads(ri.Owner(ANA.user_key, tenant)) == 1
        assert await db.count_threads(ri.Owner(ANA.user_key, other)) == 1


FULL = {"prompt": "p", "thread_id": "t1", "sentiment": True, "comment": "good", "attributes": {"a": 1, "b": {"c": 2}}}


def vote_of(run_id: str, **more: Any) -> dict[str, Any]:
    """A row of an export of votes alone."""
    return {"user_key": ANA.user_key, "run_id": run_id, "timestamp": NOON} | more


def history_of(store: Store, run_id: str) -> list[tuple[bool | None, str | None]]:
    found = store.sql("SELECT sentiment, comment FROM sentiment_events WHERE run_id = %s", [run_id])
    return [(None if vote is None else bool(vote), comment) for vote, comment in found]


async def test_an_update_from_votes_alone_leaves_prompt_thread_and_attributes_alone(db: Any) -> None:
    await db.load_runs([row("r1", **FULL)])
    report = await db.load_runs([vote_of("r1", sentiment=False), vote_of("r2", sentiment=True)], on_conflict="update")
    assert columns_of(report) == (2, 1, 1, 0, [])
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.prompt, run.thread_id, run.attributes) == ("p", "t1", FULL["attributes"])
    assert run.sentiment is False
    assert (await db.verify_run(ANA, "r2")).run.thread_id == "r2"
    assert sorted(item.thread_id for item in (await db.list_threads(ANA)).items) == ["r2", "t1"]


async def test_an_update_without_votes_keeps_the_vote_and_its_history(db: Any, store: Store) -> None:
    await db.load_runs([row("r1", **FULL)])
    before = store.contents()
    assert columns_of(await db.load_runs([vote_of("r1")], on_conflict="update")) == (1, 0, 0, 1, [])
    assert store.contents() == before
    other = vote_of("r1", prompt="other", comment=None, attributes={"b": 3, "d": 4}, e=5)
    assert columns_of(await db.load_runs([other], on_conflict="update")) == (1, 0, 1, 0, [])
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.prompt, run.sentiment, run.attributes) == ("other", True, {"a": 1, "b": 3, "d": 4, "e": 5})
    assert history_of(store, "r1") == [(True, "good")]


async def test_an_update_with_empty_cells_clears_prompt_and_vote_but_no_thread(db: Any) -> None:
    await db.load_runs([row("r1", **FULL)])
    empty = vote_of("r1", prompt=None, sentiment="", thread_id="", attributes="", e=None)
    assert columns_of(await db.load_runs([empty], on_conflict="update")) == (1, 0, 1, 0, [])
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.prompt, run.sentiment, run.thread_id, run.attributes) == (None, None, "t1", FULL["attributes"])


async def test_each_row_says_for_itself_what_it_updates(db: Any) -> None:
    await db.load_runs([row("r1", **FULL), row("r2", **FULL)])
    rows = [vote_of("r1", sentiment=None), vote_of("r2", prompt="other")]
    assert columns_of(await db.load_runs(rows, on_conflict="update")) == (2, 0, 2, 0, [])
    first, second = [(await db.verify_run(ANA, run_id)).run for run_id in ("r1", "r2")]
    assert (first.prompt, first.sentiment, second.prompt, second.sentiment) == ("p", None, "other", True)


async def test_a_stored_run_needs_no_thread_even_where_its_id_is_a_thread_of_someone_else(db: Any) -> None:
    await db.load_runs([row("r1")])
    await db.create_run(BOB, thread_id="r1", run_id="his")
    await db.create_run(BOB, thread_id="r2", run_id="his too")
    assert columns_of(await db.load_runs([vote_of("r1", sentiment=True)], on_conflict="update"))[2:] == (1, 0, [])
    refused = (await db.load_runs([vote_of("r2")])).refused
    assert [(item.line, item.field) for item in refused] == [(1, "thread_id")]


async def test_a_new_comment_with_the_same_vote_is_an_update_once(db: Any, store: Store) -> None:
    later = NOON + timedelta(hours=1)
    await db.load_runs([row("r1", sentiment=True, sentiment_at=later)])
    for rows in ([vote_of("r1", sentiment=True, comment="because")], [vote_of("r1", comment="and more")]):
        assert columns_of(await db.load_runs(rows, on_conflict="update")) == (1, 0, 1, 0, [])
        before = store.contents()
        assert columns_of(await db.load_runs(rows, on_conflict="update")) == (1, 0, 0, 1, [])
        assert store.contents() == before
    assert sorted(history_of(store, "r1"), key=str) == [(True, "and more"), (True, "because"), (True, None)]
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.sentiment, run.sentiment_at) == (True, later)


async def test_a_comment_that_the_history_has_is_no_update(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p")
    await db.set_sentiment(ANA, "r1", True, "good", at=NOON)
    stored = (await db.verify_run(ANA, "r1")).run.timestamp
    known = vote_of("r1", timestamp=stored, sentiment=True, comment="good")
    assert columns_of(await db.load_runs([known], on_conflict="update")) == (1, 0, 0, 1, [])
    assert history_of(store, "r1") == [(True, "good")]


async def test_a_comment_older_than_the_vote_it_is_about_is_no_update(db: Any, store: Store) -> None:
    await db.load_runs([row("r1", sentiment=True, sentiment_at=NOON + timedelta(hours=2))])
    older = vote_of("r1", sentiment=True, sentiment_at=NOON + timedelta(hours=1), comment="old")
    assert columns_of(await db.load_runs([older], on_conflict="update")) == (1, 0, 0, 1, [])
    assert history_of(store, "r1") == [(True, None)]


async def test_a_comment_without_a_vote_stays_in_the_history(db: Any, store: Store) -> None:
    rows = [row("r1", comment="hm")]
    assert columns_of(await db.load_runs(rows)) == (1, 1, 0, 0, [])
    assert history_of(store, "r1") == [(None, "hm")]
    run = (await db.verify_run(ANA, "r1")).run
    assert (run.sentiment, run.sentiment_at) == (None, None)
    assert columns_of(await db.load_runs(rows, on_conflict="update")) == (1, 0, 0, 1, [])
    voted = [row("r1", comment="hm", sentiment=True)]
    assert columns_of(await db.load_runs(voted, on_conflict="update")) == (1, 0, 1, 0, [])
    assert sorted(history_of(store, "r1"), key=str) == [(None, "hm"), (True, "hm")]


@pytest.mark.parametrize("shape", [list, as_frame_of, as_arrow_of], ids=["mappings", "frame", "arrow"])
async def test_integer_ids_are_their_decimal_text(db: Any, shape: Any) -> None:
    exported = {"user_id": 17, "conversation_id": 2**60, "run_id": 5, "timestamp": NOON}
    assert (await db.load_runs(shape([exported]))).created == 1
    text = exported | {"user_id": "17", "conversation_id": str(2**60), "run_id": "5"}
    assert columns_of(await db.load_runs([text])) == (1, 0, 0, 1, [])
    (run,) = await db.list_runs("17")
    assert (run.run_id, run.thread_id) == ("5", str(2**60))


@pytest.mark.parametrize("bad", [True, 5.0, 10**300, 10**5_000], ids=["bool", "float", "long", "endless"])
async def test_no_other_value_is_an_id(db: Any, bad: Any) -> None:
    (refused,) = (await db.load_runs([row(bad)])).refused
    assert refused.field == "run_id"


@pytest.mark.parametrize("shape", [list, as_frame_of, as_arrow_of], ids=["mappings", "frame", "arrow"])
async def test_attributes_of_any_type_with_a_json_form_are_stored(db: Any, shape: Any) -> None:
    values = {
        "day": date(2026, 3, 1),
        "at": NOON.astimezone(ZoneInfo("Europe/Prague")),
        "naive": datetime(2026, 3, 1, 12),
        "clock": time(12, 30),
        "whole": Decimal("10.00"),
        "price": Decimal("0.10"),
        "exact": Decimal("0.1234567890123456789012345"),
        "took": timedelta(minutes=1.5),
        "nested": [{"day": date(2026, 3, 1)}],
    }
    assert columns_of(await db.load_runs(shape([row("r1", **values)]))) == (1, 1, 0, 0, [])
    assert (await db.verify_run(ANA, "r1")).run.attributes == {
        "day": "2026-03-01",
        "at": "2026-03-01T12:00:00+00:00",
        "naive": "2026-03-01T12:00:00",
        "clock": "12:30:00",
        "whole": 10,
        "price": 0.1,
        "exact": "0.1234567890123456789012345",
        "took": 90,
        "nested": [{"day": "2026-03-01"}],
    }


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (b"m1", "must be JSON"),
        ({1, 2}, "must be JSON"),
        (math.inf, "must be finite"),
        (Decimal("Infinity"), "must be finite"),
        ("a\x00b", "must not contain NUL"),
        (10**5_000, "numbers must have fewer digits"),
        ("x" * 65_536, "must take at most 64 KB as JSON"),
    ],
    ids=["bytes", "set", "infinity", "endless decimal", "NUL", "endless int", "long"],
)
async def test_the_column_that_is_no_json_is_named(db: Any, bad: Any, rule: str) -> None:
    report = await db.load_runs([row("r1", good=1, model=bad)])
    assert columns_of(report)[4] == [(1, "attributes", f"column model {rule.removeprefix('numbers ')}")]


async def test_a_deep_attribute_is_refused(db: Any) -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert [item.field for item in (await db.load_runs([row("r1", model=deep)])).refused] == ["attributes"]
    text = "[" * 100_000
    assert [item.field for item in (await db.load_runs([row("r1", attributes=text)])).refused] == ["attributes"]


async def test_a_day_is_its_midnight_in_the_zone_of_the_source(db: Any) -> None:
    rows = [row("r1", timestamp=date(2026, 7, 1)), row("r2", timestamp="2026-07-01")]
    assert [item.field for item in (await db.load_runs(rows)).refused] == ["timestamp", "timestamp"]
    await db.load_runs(rows, source_tz="Europe/Prague")
    assert {run.timestamp for run in await db.list_runs(ANA)} == {datetime(2026, 6, 30, 22, tzinfo=UTC)}


@pytest.mark.parametrize("shape", [as_frame_of, as_arrow_of], ids=["frame", "arrow"])
async def test_tables_add_no_keys_to_attributes(db: Any, shape: Any) -> None:
    rows = [
        row("r1", attributes={"model": "a"}, usage=[{"in": 1}, {"out": 2}]),
        row("r2", attributes={"latency": 3}, usage=None),
    ]
    assert (await db.load_runs(shape(rows))).created == 2
    first, second = [(await db.verify_run(ANA, run_id)).run.attributes for run_id in ("r1", "r2")]
    assert first == {"model": "a", "usage": [{"in": 1}, {"out": 2}]}
    assert second == {"latency": 3}


async def test_a_frame_may_mix_types_in_a_column(db: Any) -> None:
    assert (await db.load_runs(as_frame_of([row("r1", x=1), row("r2", x="text"), row("r3", x=[1])]))).created == 3
    assert [run.attributes["x"] for run in await db.list_runs(ANA)] == [1, "text", [1]]


async def test_a_frame_that_was_read_from_parquet_has_lists_and_objects(db: Any, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    as_frame_of([row("r1", x=[1, 2], y=[{"a": 1}, {"b": NOON}])]).to_parquet(tmp_path / "runs.parquet")
    await db.load_runs(pandas.read_parquet(tmp_path / "runs.parquet"))
    (run,) = await db.list_runs(ANA)
    assert run.attributes == {"x": [1, 2], "y": [{"a": 1}, {"b": "2026-03-01T12:00:00+00:00"}]}


async def test_the_index_of_a_frame_is_a_column_where_it_has_a_name(db: Any) -> None:
    assert (await db.load_runs(as_frame_of([row("r1"), row("r2")]).set_index("run_id"))).created == 2
    assert [run.run_id for run in await db.list_runs(ANA)] == ["r1", "r2"]


@pytest.mark.parametrize("shape", [as_frame_of, as_arrow_of], ids=["frame", "arrow"])
async def test_a_table_has_each_column_once(db: Any, shape: Any) -> None:
    table = shape([row("r1", x=1)])
    if hasattr(table, "rename_columns"):
        table = table.rename_columns([*table.column_names[:-1], "prompt"])
    else:
        table.columns = [*table.columns[:-1], "prompt"]
    with pytest.raises(ri.InvalidInput, match="prompt is there twice"):
        await db.load_runs(table)


async def test_two_columns_for_one_of_ours_are_invalid_and_both_named(db: Any, store: Store) -> None:
    exported = row("r1") | {"who": BOB.user_key}
    with pytest.raises(ri.InvalidInput, match="from two columns: user_key and who"):
        await db.load_runs([exported], columns={"who": "user_key"})
    both = {"first": "a", "second": "b", "timestamp": NOON}
    with pytest.raises(ri.InvalidInput, match="first and second"):
        await db.load_runs([both], columns={"first": "user_key", "second": "user_key"})
    assert store.contents() == {table: [] for table in TABLES}


async def test_a_column_can_only_be_mapped_to_one_of_ours(db: Any) -> None:
    with pytest.raises(ri.InvalidInput, match=r"who=userkey .*nearest: user_key") as caught:
        await db.load_runs([], columns={"who": "userkey"})
    assert caught.value.field == "columns"


async def test_names_of_columns_are_text(db: Any) -> None:
    with pytest.raises(ri.InvalidInput, match="text as column names, not 5"):
        await db.load_runs([row("r1") | {5: "x"}])


async def test_the_same_row_twice_is_said_to_be_that(db: Any) -> None:
    one = {"user_key": ANA.user_key, "timestamp": NOON, "prompt": "p"}
    (refused,) = (await db.load_runs([one, one])).refused
    assert (refused.line, refused.field) == (2, "row")
    assert "the same row twice" in refused.rule


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (load, aload):
        monkeypatch.setattr(module, "CHUNK", 3)


@pytest.mark.usefixtures("_small_chunks")
async def test_progress_is_told_the_rows_read_so_far(db: Any) -> None:
    told: list[int] = []
    await db.load_runs([row(f"r{number}") for number in range(7)], progress=told.append)
    assert told == [3, 6, 7]
    assert len(await db.list_runs(ANA)) == 7


@pytest.mark.usefixtures("_small_chunks")
async def test_an_error_within_the_rows_undoes_what_was_read(db: Any, store: Store) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from (row(f"r{number}") for number in range(7))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.load_runs(rows())
    assert store.sql("SELECT * FROM users_threads_runs") == []
    assert (await db.load_runs([row("r1")])).created == 1
