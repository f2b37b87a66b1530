"""Any value in any argument: a typed refusal before anything is stored, or a faithful round trip."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runinsights as ri
from conftest import sized
from runinsights.embedded import Server

EXAMPLES = sized(1_000, 25_000)  # for each of the two engines

texts = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "ana ",
        " ana",
        "é",
        "e\u0301",
        "x" * 255,
        "x" * 256,
        "'; DROP TABLE t; --",
        "%",
        "_",
        "\\",
        "{}",
        "null",
        "\u202e",
        "\r\n",
        "🙂" * 255,
        "NaN",
        "infinity",
        "0" * 40,
        "%s",
        ":name",
    ]
)
ids = texts | st.uuids().map(str) | st.uuids() | st.uuids().map(lambda value: f"{{{str(value).upper()}}}")
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.just(Decimal("1.5")),
    st.just(object()),
    st.sampled_from([10**19, -1, 1.5, "10", math.nan]),
)
# JSON has one kind of number: above 2**53 a whole float comes back as the integer that was written for it.
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(-(2**40), 2**40)
    | st.sampled_from([math.nan, math.inf])
    | texts
)
attributes = st.dictionaries(texts, leaves | st.lists(leaves, max_size=2), max_size=3) | odd
moments = (
    st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.sampled_from(
        [
            datetime.max,
            datetime.min,
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=14))),
            datetime.min.replace(tzinfo=UTC),
        ]
    )
)
json_values = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-(2**40), 2**40) | st.text(max_size=9)
)
sane = {
    "owner": st.sampled_from(["fuzz-a", "fuzz-b@example.com", "fuzz-ć🙂", "FUZZ-A"]),
    "id": st.sampled_from([f"fuzz-{n}" for n in range(12)]) | st.uuids().map(str),
    "text": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50),
    "attributes": st.dictionaries(st.sampled_from(["model", "n", "\u00e9"]), json_values, max_size=3),
}


def mostly(kind: str, odd_ones: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A sane value four times of five, so that calls with one odd argument get as far as that argument."""
    return st.integers(0, 4).flatmap(lambda n: odd_ones if n == 0 else sane[kind])


owners = mostly("owner", texts | odd)
ids = mostly("id", ids | odd)
prompts = mostly("text", texts | odd)
attributes = mostly("attributes", attributes)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "create_run": {"owner": owners, "thread_id": ids, "run_id": ids, "prompt": prompts, "attributes": attributes},
    "set_sentiment": {
        "owner": owners,
        "run_id": ids,
        "sentiment": st.booleans() | st.booleans() | odd | texts,
        "comment": prompts,
        "at": st.none() | moments | odd,
        "event_id": st.uuids() | odd,
    },
    "set_attributes": {"owner": owners, "run_id": ids, "attributes": attributes},
    "sentiments": {"owner": owners, "thread_id": ids},
    "list_threads": {
        "owner": owners,
        "limit": st.integers(0, 300) | odd,
        "after": st.none() | st.none() | texts | odd,
        "offset": st.just(0) | st.integers(-1, 5) | odd,
        "with_total": st.booleans() | st.booleans() | odd,
        "text": prompts,
        "voted": st.none() | st.booleans() | odd,
        "disliked": st.none() | st.booleans() | odd,
        "since": st.none() | st.none() | moments | odd,
        "until": st.none() | st.none() | moments | odd,
        "attributes": st.none() | attributes,
    },
    "export_user": {"owner": owners},
    "erase_user": {"owner": owners, "dry_run": st.sampled_from([True, None, 1, "yes"])},  # else none could come back
    "delete_runs": {"owner": owners, "thread_id": ids},
    "count_threads": {"owner": owners},
    "list_runs": {"owner": owners, "thread_id": ids},
    "owns_thread": {"owner": owners, "thread_id": ids},
    "verify_run": {"owner": owners, "run_id": ids},
    "delete_thread": {"owner": owners, "thread_id": ids, "dry_run": st.booleans()},
}
calls = st.sampled_from(sorted(ARGUMENTS)).flatmap(
    lambda name: st.tuples(st.just(name), st.fixed_dictionaries(ARGUMENTS[name]))
)
REFUSALS = (ri.InvalidInput, ri.NotFound, ri.Conflict)
BYSTANDER = ri.Owner("bystander", tenant=UUID(int=7))


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ri.RunInsights]:
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("own_server")
        url = server.url
    else:
        path: Path = tmp_path_factory.mktemp("fuzz") / "runs.sqlite"
        url = f"sqlite:///{path}"
    with ri.connect(url) as opened:
        opened.migrate()
        opened.create_run(BYSTANDER, thread_id="bystander", run_id="bystander", prompt="stays")
        yield opened


def check_round_trip(db: ri.RunInsights, name: str, arguments: dict[str, Any], answer: Any) -> None:
    """What was accepted is stored as it was given."""
    if name == "create_run" and answer.change == "created":
        stored = {run.run_id: run for run in db.list_runs(arguments["owner"], arguments["thread_id"])}[answer.run_id]
        assert stored.prompt == arguments["prompt"]
        assert stored.attributes == (arguments["attributes"] or {})
        assert stored.thread_id == str(arguments["thread_id"])
    if name == "set_sentiment" and answer.change == "updated":
        assert answer.sentiment is arguments["sentiment"]


def bystander(db: ri.RunInsights) -> Any:
    return db.list_runs(BYSTANDER), db.list_threads(BYSTANDER)


def test_every_input_is_refused_with_a_typed_error_or_comes_back_as_it_was(db: ri.RunInsights) -> None:
    before = bystander(db)
    outcomes: dict[str, int] = {"refused": 0, "answered": 0}

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(calls)
    def run(call: tuple[str, dict[str, Any]]) -> None:
        name, arguments = call
        method: Callable[..., Any] = getattr(db, name)
        arguments = dict(arguments)
        owner = arguments["owner"]
        rest = {key: value for key, value in arguments.items() if key != "owner"}
        try:
            answer = method(owner, **rest)
        except REFUSALS:
            outcomes["refused"] += 1
            return
        outcomes["answered"] += 1
        check_round_trip(db, name, arguments, answer)

    run()
    print(f"{db.backend}: {outcomes}")
    assert min(outcomes.values()) > EXAMPLES // 10
    assert bystander(db) == before


@pytest.mark.parametrize(
    "name", [name for name in ARGUMENTS if ARGUMENTS[name].keys() & {"thread_id", "run_id"} and name != "create_run"]
)
def test_valid_ids_of_somebody_else_are_told_apart_from_absent_ones_nowhere(db: ri.RunInsights, name: str) -> None:
    run_id, thread_id = str(uuid4()), str(uuid4())
    db.create_run("fuzz-ana", thread_id=thread_id, run_id=run_id)
    foreign = {"thread_id": thread_id, "run_id": run_id}
    absent = {"thread_id": str(uuid4()), "run_id": str(uuid4())}
    fixed = {
        "sentiment": True,
        "attributes": {},
        "comment": None,
        "at": None,
        "event_id": None,
        "dry_run": False,
    }
    seen = []
    for given_ids in (foreign, absent):
        arguments = {key: (given_ids | fixed)[key] for key in ARGUMENTS[name] if key != "owner"}
        try:
            answer: Any = getattr(db, name)("fuzz-bob", **arguments)
        except ri.RunInsightsError as error:
            answer = (type(error), str(error))
        seen.append(str(answer).replace(given_ids["run_id"], "?").replace(given_ids["thread_id"], "?"))
    assert seen[0] == seen[1]
