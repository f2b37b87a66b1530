from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scipy.stats import hypergeom

import runinsights as ri
from runinsights import checks
from runinsights.demo import DEMO_UNTIL, DemoData, DemoFamily, DemoRun, generate, seed_demo
from runinsights.errors import InvalidInput
from runinsights.model import LoadReport, Refused

PRAGUE = ZoneInfo("Europe/Prague")
MASKED = {"name", "date", "year", "later", "future", "number"}


@pytest.fixture(scope="module")
def data() -> DemoData:
    return generate()


@pytest.fixture(scope="module")
def recent(data: DemoData) -> list[DemoRun]:
    """The rated runs of the last 90 days."""
    since = data.truth.until - timedelta(days=90)
    return [row for row in data.rows if row.sentiment is not None and row.timestamp >= since]


def down_rate(rows: Iterable[DemoRun]) -> float:
    votes = [row.sentiment for row in rows if row.sentiment is not None]
    return votes.count(False) / len(votes)


def members(rows: list[DemoRun], family: DemoFamily) -> list[DemoRun]:
    ids = set(family.run_ids)
    return [row for row in rows if row.run_id in ids]


def digest(hash_seed: str) -> str:
    code = (
        "import hashlib; from runinsights.demo import generate; "
        "print(hashlib.sha256(repr((generate(500, seed=7).rows, generate(500, seed=7).truth.families))"
        ".encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout


def test_the_same_arguments_give_the_same_data() -> None:
    assert generate(300, seed=4) == generate(300, seed=4)


def test_the_data_do_not_depend_on_the_hash_seed() -> None:
    assert digest("0") == digest("12345")


def test_another_seed_gives_other_data() -> None:
    assert generate(300, seed=4).rows != generate(300, seed=5).rows


@pytest.mark.parametrize("runs", [0, 1, 2, 13, 50, 999])
@pytest.mark.parametrize("days", [1, 365])
def test_the_number_of_runs_is_exact(runs: int, days: int) -> None:
    assert len(generate(runs, days=days).rows) == runs


def test_the_default_is_twenty_thousand_runs_before_a_fixed_instant(data: DemoData) -> None:
    assert len(data.rows) == 20_000
    assert data.truth.until == DEMO_UNTIL
    assert data.truth.since == DEMO_UNTIL - timedelta(days=365)


def test_rows_are_ordered_by_time_and_lie_within_the_window(data: DemoData) -> None:
    times = [row.timestamp for row in data.rows]
    assert times == sorted(times)
    assert data.truth.since <= times[0]
    assert times[-1] < data.truth.until
    assert all(moment.tzinfo is UTC for moment in times)


def test_the_window_ends_at_until_in_any_zone() -> None:
    until = datetime(2025, 3, 30, 12, 34, 56, tzinfo=PRAGUE)
    data = generate(2_000, until=until, days=10)
    assert data.truth.until == until
    assert data.truth.since == until.astimezone(UTC) - timedelta(days=10)
    assert all(data.truth.since <= row.timestamp < until for row in data.rows)
    assert all(row.timestamp < row.sentiment_at < until for row in data.rows if row.sentiment_at)


def test_ids_are_unique_canonical_uuids(data: DemoData) -> None:
    run_ids = [row.run_id for row in data.rows]
    threads = {row.thread_id for row in data.rows}
    assert len(set(run_ids)) == len(run_ids)
    assert all(checks.is_uuid(text) for text in [*run_ids, *threads])
    assert threads.isdisjoint(run_ids)


def test_every_thread_has_one_owner_and_many_have_several_runs(data: DemoData) -> None:
    owners = {(row.thread_id, row.user_key) for row in data.rows}
    sizes = Counter(row.thread_id for row in data.rows)
    assert len(owners) == len(sizes)
    assert sum(size > 1 for size in sizes.values()) > len(sizes) / 4


def test_every_row_passes_the_validators(data: DemoData) -> None:
    for row in data.rows:
        assert checks.check_user_key(row.user_key) == row.user_key
        assert checks.check_id("thread_id", row.thread_id) == row.thread_id
        assert checks.canonical_run_id(row.run_id) == row.run_id
        assert checks.check_prompt(row.prompt) == row.prompt
        assert checks.check_datetime("timestamp", row.timestamp) == row.timestamp
        assert checks.check_sentiment(row.sentiment) is row.sentiment
        assert checks.check_comment(row.comment) == row.comment
        assert checks.check_attributes(row.attributes) == row.attributes


def test_people_are_invented_and_prompts_name_nobody(data: DemoData) -> None:
    domains = Counter(row.user_key.partition("@")[2] for row in data.rows)
    assert set(domains) == {"example.com", "example.org"}
    assert not any("@" in row.prompt or "@" in (row.comment or "") for row in data.rows)


def test_about_an_eighth_of_the_runs_is_rated(data: DemoData) -> None:
    rated = sum(row.sentiment is not None for row in data.rows) / len(data.rows)
    assert rated == pytest.approx(data.truth.vote_rate, abs=0.01)
    assert data.truth.vote_rate == 0.12


def test_votes_come_later_than_their_runs_by_minutes_to_days(data: DemoData) -> None:
    assert all((row.sentiment is None) == (row.sentiment_at is None) for row in data.rows)
    delays = sorted(row.sentiment_at - row.timestamp for row in data.rows if row.sentiment_at)
    assert delays[0] > timedelta(0)
    assert timedelta(minutes=10) < delays[len(delays) // 2] < timedelta(hours=2)
    assert timedelta(days=1) < delays[-1] < timedelta(days=15)
    assert max(row.sentiment_at for row in data.rows if row.sentiment_at) < data.truth.until


def test_some_downs_and_nothing_else_have_comments(data: DemoData) -> None:
    commented = [row for row in data.rows if row.comment]
    downs = sum(row.sentiment is False for row in data.rows)
    assert all(row.sentiment is False for row in commented)
    assert 0.3 < len(commented) / downs < 0.5


def test_business_hours_are_busy_and_weekends_are_quiet(data: DemoData) -> None:
    local = [row.timestamp.astimezone(PRAGUE) for row in data.rows]
    weekend = sum(moment.weekday() >= 5 for moment in local) / len(local)
    office = sum(8 <= moment.hour < 17 for moment in local) / len(local)
    assert weekend < 0.1
    assert office > 0.75
    assert len({moment.weekday() for moment in local}) == 7


def test_use_grows_mildly_over_the_year(data: DemoData) -> None:
    middle = data.truth.since + (data.truth.until - data.truth.since) / 2
    later = sum(row.timestamp >= middle for row in data.rows) / len(data.rows)
    assert 0.52 < later < 0.62


def test_a_tenth_of_the_users_makes_a_large_part_of_the_runs(data: DemoData) -> None:
    users = sorted(Counter(row.user_key for row in data.rows).values(), reverse=True)
    assert 0.3 < sum(users[: len(users) // 10]) / len(data.rows) < 0.7
    assert users[0] < len(data.rows) * 0.1


def test_new_users_appear_all_through_the_year(data: DemoData) -> None:
    first = {row.user_key: row.timestamp for row in reversed(data.rows)}
    months = Counter((moment - data.truth.since).days // 30 for moment in first.values())
    assert all(months[month] >= 20 for month in range(12))


def test_attributes_tell_model_version_language_and_latency(data: DemoData) -> None:
    keys = {tuple(row.attributes) for row in data.rows}
    assert keys == {("model", "prompt_version", "language", "latency_ms")}
    assert len({row.attributes["model"] for row in data.rows}) >= 3
    languages = Counter(row.attributes["language"] for row in data.rows)
    assert 0.05 < languages["cs"] / len(data.rows) < 0.3
    assert languages["en"] + languages["cs"] == len(data.rows)
    assert all(row.attributes["latency_ms"] > 0 for row in data.rows)


def test_approval_before_the_regression_is_as_planned(data: DemoData) -> None:
    before = [row for row in data.rows if row.timestamp < data.truth.regression_at]
    assert 1 - down_rate(before) == pytest.approx(data.truth.approval, abs=0.02)


def test_problem_families_are_rated_down_as_planned(data: DemoData) -> None:
    assert len(data.truth.families) >= 5
    for family in data.truth.families:
        rows = [row for row in members(data.rows, family) if not family.since or row.timestamp >= family.since]
        assert down_rate(rows) == pytest.approx(family.down_rate, abs=0.08), family.name
        assert 0.55 <= family.down_rate <= 0.60


def test_near_misses_are_healthy(data: DemoData) -> None:
    assert len(data.truth.near_misses) >= 5
    for family in data.truth.near_misses:
        assert down_rate(members(data.rows, family)) == pytest.approx(family.down_rate, abs=0.1), family.name
        assert family.down_rate < 0.1


def test_problem_families_have_the_evidence_of_the_gates_in_the_last_90_days(
    data: DemoData, recent: list[DemoRun]
) -> None:
    for family in data.truth.families:
        rows = members(recent, family)
        downs = Counter(row.user_key for row in rows if row.sentiment is False)
        worst = downs.most_common(1)[0][0]
        others = [row for row in recent if row.user_key != worst]
        left = [row for row in rows if row.user_key != worst]
        lost = sum(row.sentiment is False for row in left)
        p = hypergeom.sf(lost - 1, len(others), sum(row.sentiment is False for row in others), len(left))
        assert len(rows) >= 5, family.name
        assert len(downs) >= 3, family.name
        assert down_rate(left) >= 1.5 * down_rate(others), family.name
        assert p <= 0.01, family.name


def test_what_varies_in_problem_prompts_is_masked_by_normalisation(data: DemoData) -> None:
    for family in data.truth.families:
        for template in family.templates:
            assert {slot for _, slot, _, _ in Formatter().parse(template) if slot} <= MASKED
        assert len({row.prompt for row in members(data.rows, family)}) > 100


def test_one_family_is_bad_only_of_late(data: DemoData) -> None:
    late = [family for family in data.truth.families if family.since]
    assert len(late) == 1
    assert late[0].since == data.truth.until - timedelta(days=60)
    earlier = [row for row in members(data.rows, late[0]) if row.timestamp < late[0].since]
    assert sum(row.sentiment is not None for row in earlier) >= 5
    assert down_rate(earlier) < 0.3


def test_the_regression_starts_on_a_monday_midnight_within_the_last_90_days(data: DemoData) -> None:
    local = data.truth.regression_at.astimezone(PRAGUE)
    assert (local.weekday(), local.hour, local.minute) == (0, 0, 0)
    assert timedelta(days=28) <= data.truth.until - data.truth.regression_at <= timedelta(days=42)


def test_the_regression_lowers_the_approval_of_its_model_and_of_all(data: DemoData) -> None:
    truth = data.truth.regression
    before = [row for row in data.rows if row.timestamp < truth.at]
    after = [row for row in data.rows if row.timestamp >= truth.at]
    model_before = [row for row in before if row.attributes["model"] == truth.model]
    model_after = [row for row in after if row.attributes["model"] == truth.model]
    assert 1 - down_rate(model_before) == pytest.approx(truth.before, abs=0.02)
    assert 1 - down_rate(model_after) == pytest.approx(truth.after, abs=0.05)
    assert down_rate(after) - down_rate(before) > 0.06
    assert {row.attributes["prompt_version"] for row in model_after} == {truth.prompt_version}
    others = [row for row in data.rows if row.attributes["prompt_version"] == truth.prompt_version]
    assert len(others) == len(model_after)


def test_models_without_regression_stay_as_they_were(data: DemoData) -> None:
    truth = data.truth.regression
    rows = [row for row in data.rows if row.attributes["model"] != truth.model]
    planted = {run_id for family in data.truth.families for run_id in family.run_ids}
    healthy = [row for row in rows if row.run_id not in planted]
    before = down_rate(row for row in healthy if row.timestamp < truth.at)
    after = down_rate(row for row in healthy if row.timestamp >= truth.at)
    assert after - before < 0.06


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"runs": -1}, "runs"),
        ({"runs": True}, "runs"),
        ({"runs": 1.5}, "runs"),
        ({"runs": 10, "seed": -1}, "seed"),
        ({"runs": 10, "days": 0}, "days"),
        ({"runs": 10, "until": datetime(2026, 1, 1)}, "until"),
        ({"runs": 10, "until": datetime(1969, 1, 1, tzinfo=UTC)}, "until"),
    ],
)
def test_arguments_that_cannot_be_are_named(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        generate(**arguments)
    assert caught.value.field == field


def test_without_numpy_the_error_names_the_install_line() -> None:
    code = (
        "import sys; import runinsights.demo as demo; assert 'numpy' not in sys.modules; "
        "sys.modules['numpy'] = None\n"
        "try: demo.generate(1)\n"
        "except ImportError as error: print(error)"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "pip install 'runinsights[analytics]'" in out


def test_a_hundred_thousand_runs_take_seconds() -> None:
    begin = time.process_time()
    assert len(generate(100_000).rows) == 100_000
    assert time.process_time() - begin < 4


class Recorder:
    """Takes rows as `load_runs` does and answers with a given report."""

    def __init__(self, refused: list[Refused]) -> None:
        self.refused = refused
        self.rows: list[dict[str, Any]] = []
        self.options: dict[str, Any] = {}

    def load_runs(self, rows: Iterable[dict[str, Any]], /, **options: Any) -> LoadReport:
        self.rows, self.options = list(rows), options
        return LoadReport(len(self.rows), len(self.rows), 0, 0, self.refused)


def test_seed_demo_loads_the_generated_rows_and_returns_the_truth() -> None:
    db, told = Recorder([]), lambda *_: None
    truth = seed_demo(db, 200, seed=3, progress=told)
    assert db.rows == [row._asdict() for row in generate(200, seed=3).rows]
    assert db.options == {"on_conflict": "keep", "progress": told}
    assert truth == generate(200, seed=3).truth


def test_seed_demo_does_not_hide_a_refused_row() -> None:
    with pytest.raises(InvalidInput, match="prompt: too long"):
        seed_demo(Recorder([Refused(1, "prompt", "too long")]), 10)


def test_seed_demo_fills_a_database_and_a_second_time_changes_nothing() -> None:
    expected = generate(300)
    owner, last = expected.rows[-1].user_key, expected.rows[-1]
    with ri.connect(":memory:") as db:
        db.migrate()
        truth = seed_demo(db, 300)
        runs = db.list_runs(owner)
        seed_demo(db, 300)
        assert db.list_runs(owner) == runs
    assert truth == expected.truth
    assert {run.run_id for run in runs} == {row.run_id for row in expected.rows if row.user_key == owner}
    stored = next(run for run in runs if run.run_id == last.run_id)
    assert (stored.prompt, stored.timestamp, stored.sentiment) == (
        last.prompt,
        last.timestamp,
        last.sentiment,
    )
