"""Arguments that cannot be used: InvalidInput with field and rule, before any SQL, on every store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import METHODS, Store, collect

ANA = ri.Owner("ana@example.com")
NUL, SURROGATE = "a\x00b", "a\ud800b"

EMPTY, NOT_STR = "must not be empty", "must be a str"
NO_NUL, NO_SURROGATE = "must not contain NUL", "must not contain lone surrogates"
TOO_LONG = "must have at most 255 characters"
UNTEXT: list[tuple[Any, str]] = [
    (NUL, NO_NUL),
    (SURROGATE, NO_SURROGATE),
    ("x" * 256, TOO_LONG),
    ("x" * 255 + "   ", TOO_LONG),
    ("", EMPTY),
    (" \t\n\u00a0", EMPTY),
    (5, NOT_STR),
    (1.5, NOT_STR),
    (True, NOT_STR),
    (b"bytes", NOT_STR),
    (["list"], NOT_STR),
    ({"a": 1}, NOT_STR),
    (object(), NOT_STR),
]
NONE: list[tuple[Any, str]] = [(None, NOT_STR)]
BLANKS = "must not begin or end with blanks"
OWNERS = [*UNTEXT, *NONE, (" ana@example.com", BLANKS), ("ana@example.com\n", BLANKS), (UUID(int=5), NOT_STR)]
JSON_VALUES = "values must be JSON"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Loud(tzinfo):
    """A zone that knows no offset."""

    def utcoffset(self, _: datetime | None) -> timedelta | None:
        return None


THREADS: dict[str, Callable[[Any, Any], Any]] = {
    "create_run": lambda db, value: db.create_run(ANA, thread_id=value),
    "sentiments": lambda db, value: db.sentiments(ANA, value),
    "list_runs": lambda db, value: db.list_runs(ANA, value),
    "iter_runs": lambda db, value: collect(db.iter_runs(ANA, value)),
    "owns_thread": lambda db, value: db.owns_thread(ANA, value),
    "delete_thread": lambda db, value: db.delete_thread(ANA, value),
    "delete_runs": lambda db, value: db.delete_runs(ANA, value),
    "operator.assign_thread": lambda db, value: db.operator.assign_thread(value, ANA),
    "operator.delete_thread": lambda db, value: db.operator.delete_thread(value),
}
RUNS: dict[str, Callable[[Any, Any], Any]] = {
    "create_run": lambda db, value: db.create_run(ANA, thread_id="t1", run_id=value),
    "set_sentiment": lambda db, value: db.set_sentiment(ANA, value, True),
    "set_attributes": lambda db, value: db.set_attributes(ANA, value, {}),
    "verify_run": lambda db, value: db.verify_run(ANA, value),
    "operator.check_run": lambda db, value: db.operator.check_run(value),
}
PROMPTS: list[tuple[Any, str]] = [
    (NUL, NO_NUL),
    (SURROGATE, NO_SURROGATE),
    ("x" * 1_000_001, "must have at most 1,000,000 characters"),
    (b"bytes", NOT_STR),
    (["a", "b"], NOT_STR),
    ({"a": 1}, NOT_STR),
    (5, NOT_STR),
    (UUID(int=5), NOT_STR),
]
VOTE = "must be True, False or None"
VOTES: list[tuple[Any, str]] = [(bad, VOTE) for bad in (1, 0, 2, 1.0, "yes", "t", "1", "positive", "", [], Decimal(1))]
COMMENTS: list[tuple[Any, str]] = [
    ("x" * 1_001, "must have at most 1,000 characters"),
    (NUL, NO_NUL),
    (SURROGATE, NO_SURROGATE),
    (5, NOT_STR),
    (b"bytes", NOT_STR),
]
TIMES: list[tuple[Any, str]] = [
    (datetime(2026, 3, 1, 12), "needs a time zone"),
    (datetime(2026, 3, 1, 12, tzinfo=Loud()), "needs a time zone"),
    (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "must lie in the years 1971 to 9998"),
    (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "must lie in the years 1971 to 9998"),
    ("2026-03-01T12:00:00Z", "must be a datetime"),
    (datetime(2026, 3, 1, tzinfo=UTC).date(), "must be a datetime"),
    (1_772_366_400, "must be a datetime"),
]
BACKWARDS = "must be earlier than until"
OFFSET = "must be an int from 0 to 1,000,000,000"
OFFSETS: list[tuple[Any, str]] = [(bad, OFFSET) for bad in (-1, 10**19, 1.0, 1.5, True, "10", None, [5])]
FLAG = "must be True or False"
FLAGS: list[tuple[Any, str]] = [(bad, FLAG) for bad in (None, 1, 0, "yes", "", [])]
CHOICES: list[tuple[Any, str]] = [(bad, VOTE) for bad in (1, 0, "yes", "", [], 1.0)]
SEARCHES: list[tuple[Any, str]] = [
    (NUL, NO_NUL),
    (SURROGATE, NO_SURROGATE),
    ("x" * 1_001, "must have at most 1,000 characters"),
    *[(bad, NOT_STR) for bad in (5, True, b"bytes", ["a"], {"a": 1})],
]
LIMIT = "must be an int from 0 to 10,000"
LIMITS: list[tuple[Any, str]] = [(bad, LIMIT) for bad in (-1, 10_001, 10**19, 1.0, 1.5, True, "10", None, [5])]
DEEP: Any = 1
for _ in range(101):
    DEEP = [DEEP]
ATTRIBUTES: list[tuple[Any, str]] = [
    ({"a": float("nan")}, "numbers must be finite"),
    ({"a": [float("inf")]}, "numbers must be finite"),
    ({"a": NUL}, NO_NUL),
    ({NUL: 1}, NO_NUL),
    ({"a": {"b": SURROGATE}}, NO_SURROGATE),
    ({5: 1}, NOT_STR),
    ({"a": {None: 1}}, NOT_STR),
    ({"a": object()}, JSON_VALUES),
    ({"a": {1, 2}}, JSON_VALUES),
    ({"a": b"bytes"}, JSON_VALUES),
    ({"a": datetime(2026, 3, 1, tzinfo=UTC)}, JSON_VALUES),
    ({"a": Decimal(1)}, JSON_VALUES),
    ({"a": "x" * 66_000}, "must have at most 65,536 characters"),
    ({"a": ["x" * 40_000, "y" * 40_000]}, "must take at most 64 KB as JSON"),
    ({"a": "\u00e9" * 40_000}, "must take at most 64 KB as JSON"),
    ({"a": DEEP}, "must not nest deeper than 100 levels"),
    ("text", "must be a mapping of JSON values"),
    ([("a", 1)], "must be a mapping of JSON values"),
    (5, "must be a mapping of JSON values"),
]
EVENTS: list[tuple[Any, str]] = [(bad, "must be a UUID") for bad in ("5", str(UUID(int=5)), 5, b"x" * 16)]


async def refused(
    calls: dict[str, Callable[[Any, Any], Any]], db: Any, field: str, cases: Sequence[tuple[Any, str]]
) -> None:
    for method, call in calls.items():
        for value, rule in cases:
            with pytest.raises(ri.InvalidInput) as caught:
                await call(db, value)
            error = caught.value
            assert (error.field, error.rule) == (field, rule), (method, value)
            assert (str(error), error.outcome, error.attempts) == (f"{field}: {rule}", "not_applied", 0)
            assert isinstance(error, ValueError)


@pytest.fixture
def nothing_is_stored(store: Store) -> Any:
    before = store.contents()
    yield
    assert store.contents() == before


@pytest.mark.usefixtures("nothing_is_stored")
class TestWhatIsRefused:
    async def test_an_owner_that_is_empty_too_long_or_no_text(self, db: Any) -> None:
        await refused(METHODS, db, "owner", OWNERS)

    async def test_a_thread_id_that_is_empty_too_long_or_no_text(self, db: Any) -> None:
        await refused(THREADS, db, "thread_id", UNTEXT)
        needs_one = {name: call for name, call in THREADS.items() if name not in ("list_runs", "iter_runs")}
        await refused(needs_one, db, "thread_id", NONE)

    async def test_a_run_id_that_is_empty_too_long_or_no_text(self, db: Any) -> None:
        await refused(RUNS, db, "run_id", UNTEXT)
        await refused({name: call for name, call in RUNS.items() if name != "create_run"}, db, "run_id", NONE)

    async def test_a_prompt_that_is_no_text_or_too_long(self, db: Any) -> None:
        calls = {"create_run": lambda db, value: db.create_run(ANA, thread_id="t1", prompt=value)}
        await refused(calls, db, "prompt", PROMPTS)

    async def test_a_sentiment_that_is_not_true_false_or_none(self, db: Any) -> None:
        await refused({"set": lambda db, value: db.set_sentiment(ANA, "r1", value)}, db, "sentiment", VOTES)

    async def test_a_comment_that_is_no_text_or_too_long(self, db: Any) -> None:
        await refused({"set": lambda db, value: db.set_sentiment(ANA, "r1", True, value)}, db, "comment", COMMENTS)

    async def test_a_time_without_a_zone_or_out_of_range(self, db: Any) -> None:
        await refused({"set": lambda db, value: db.set_sentiment(ANA, "r1", True, at=value)}, db, "at", TIMES)

    async def test_an_event_id_that_is_no_uuid(self, db: Any) -> None:
        calls = {"set": lambda db, value: db.set_sentiment(ANA, "r1", True, event_id=value)}
        await refused(calls, db, "event_id", EVENTS)

    async def test_a_limit_that_is_no_count(self, db: Any) -> None:
        counts = [case for case in LIMITS if case[0] is not None]  # None asks for all
        await refused({"list": lambda db, value: db.list_threads(ANA, value)}, db, "limit", counts)

    async def test_an_offset_that_is_no_count_or_stands_beside_a_cursor(self, db: Any) -> None:
        await refused({"list": lambda db, value: db.list_threads(ANA, offset=value)}, db, "offset", OFFSETS)
        both = [("any cursor", "give either after or offset, not both")]
        await refused({"list": lambda db, value: db.list_threads(ANA, after=value, offset=1)}, db, "offset", both)

    async def test_a_filter_of_threads_that_is_no_choice_text_or_time(self, db: Any) -> None:
        for name, cases in {
            "voted": CHOICES,
            "disliked": CHOICES,
            "text": SEARCHES,
            "since": [case for case in TIMES if case[0] is not None],
            "until": [case for case in TIMES if case[0] is not None],
            "with_total": FLAGS,
            "attributes": ATTRIBUTES,
        }.items():
            await refused({"list": lambda db, value, name=name: db.list_threads(ANA, **{name: value})}, db, name, cases)

    async def test_a_window_that_ends_before_it_begins(self, db: Any) -> None:
        moments = [(NOON, BACKWARDS), (NOON + timedelta(seconds=1), BACKWARDS)]
        await refused({"list": lambda db, value: db.list_threads(ANA, since=value, until=NOON)}, db, "since", moments)

    async def test_a_flag_that_is_neither_true_nor_false(self, db: Any) -> None:
        calls = {
            "delete_thread": lambda db, value: db.delete_thread(ANA, "t1", dry_run=value),
            "erase_user": lambda db, value: db.erase_user(ANA, dry_run=value),
            "purge": lambda db, value: db.purge(before=NOON, dry_run=value),
            "operator.delete_thread": lambda db, value: db.operator.delete_thread("t1", dry_run=value),
            "operator.rebuild_summaries": lambda db, value: db.operator.rebuild_summaries(dry_run=value),
        }
        await refused(calls, db, "dry_run", FLAGS)
        await refused({"purge": lambda db, value: db.purge(before=NOON, keep_counts=value)}, db, "keep_counts", FLAGS)

    async def test_a_time_before_which_to_purge_that_is_none(self, db: Any) -> None:
        cases = [*TIMES, (None, "must be a datetime")]
        await refused({"purge": lambda db, value: db.purge(before=value)}, db, "before", cases)

    async def test_a_batch_size_that_is_no_count(self, db: Any) -> None:
        calls = {
            "iter": lambda db, value: collect(db.iter_runs(ANA, batch_size=value)),
            "purge": lambda db, value: db.purge(before=NOON, batch_size=value),
        }
        await refused(calls, db, "batch_size", LIMITS)

    async def test_attributes_that_are_no_json_object_of_64_kb(self, db: Any) -> None:
        calls = {
            "create_run": lambda db, value: db.create_run(ANA, thread_id="t1", attributes=value),
            "set_attributes": lambda db, value: db.set_attributes(ANA, "r1", value),
        }
        await refused(calls, db, "attributes", ATTRIBUTES)

    async def test_a_rule_for_many_rows_that_is_unknown(self, db: Any) -> None:
        bad = [(value, 'must be "keep", "update" or "error"') for value in ("", "Keep", None, True, "skip")]
        await refused({"load": lambda db, value: db.load_runs([], on_conflict=value)}, db, "on_conflict", bad)

    async def test_rows_that_are_no_rows(self, db: Any) -> None:
        rule = "must be mappings, NamedTuples, a DataFrame or an Arrow table"
        bad = [(value, rule) for value in ([5], ["text"], [("a", "b")], [None])]
        await refused({"load": lambda db, value: db.load_runs(value)}, db, "rows", bad)


ZONES = {
    "Europe/Pragu": "must be an IANA zone such as Europe/Prague; nearest: Europe/Prague",
    "": "must be an IANA zone such as Europe/Prague",
    "../etc/passwd": "must be an IANA zone such as Europe/Prague",
}


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone])
async def test_an_unknown_zone_is_refused_with_the_nearest_one(db: Any, zone: str) -> None:
    with pytest.raises(ri.InvalidInput) as caught:
        await db.load_runs([], source_tz=zone)
    assert (caught.value.field, caught.value.rule) == ("tz", ZONES[zone])


@pytest.mark.parametrize("tenant", ["", "x", "aaaaaaaa", 5, None, b"x" * 16, "a" * 65])
async def test_a_tenant_that_is_no_uuid_is_refused(store: Store, tenant: Any) -> None:
    with pytest.raises(ri.InvalidInput) as caught:
        ri.Owner("ana@example.com", tenant)
    assert caught.value.field == "tenant"
    with pytest.raises(ri.InvalidInput) as caught:
        async with store.client(tenant=tenant):
            pass
    assert caught.value.field == "tenant"


@pytest.mark.parametrize("deadline", [0, -1, True, "5", None, float("nan"), 86_401])
async def test_a_deadline_that_is_no_number_of_seconds_is_refused(store: Store, deadline: Any) -> None:
    with pytest.raises(ri.InvalidInput) as caught:
        async with store.client(deadline=deadline):
            pass
    assert (caught.value.field, caught.value.rule) == ("deadline", "must be seconds above 0 and at most 86,400")


class Word(str, Enum):  # noqa: UP042 - its str() is not its text
    THREAD = "t1"


async def test_a_text_that_is_a_subclass_of_str_is_stored_as_its_text(db: Any) -> None:
    run = await db.create_run(ANA, thread_id=Word.THREAD, run_id="r1", prompt=Word.THREAD)
    assert (run.thread_id, run.prompt) == ("t1", "t1")


async def test_a_uuid_object_is_a_thread_id(db: Any) -> None:
    thread_id = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
    assert (await db.create_run(ANA, thread_id=thread_id)).thread_id == str(thread_id)
    assert await db.owns_thread(ANA, thread_id)
