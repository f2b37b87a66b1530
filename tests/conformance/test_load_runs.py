"""load_runs: many runs from elsewhere, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store
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
    assert (run.prompt, run.timestamp, run.thread_id, run.attributes) == ("other", later, "t2", {"y": 2})
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
        row("r16", thread_id=5),
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
    assert store.contents() == {"users_threads_runs": [], "threads": [], "sentiment_events": []}


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
