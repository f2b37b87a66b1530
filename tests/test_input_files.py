"""Files to be loaded: the same rows in every format, and what is said of those that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import runinsights as ri
from runinsights.input_files import column_names, read_rows

ROWS: list[dict[str, Any]] = [
    {
        "user_id": 17,
        "conversation_id": 4,
        "timestamp": datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC),
        "prompt": 'say "hi",\nthen go',
        "sentiment": True,
        "model": "m1",
        "team": None,
    },
    {
        "user_id": 17,
        "conversation_id": 4,
        "timestamp": datetime(2026, 3, 1, 13, tzinfo=UTC),
        "prompt": None,
        "sentiment": None,
        "model": None,
        "team": "red",
    },
]


def _frame(rows: list[dict[str, Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame(rows)


def as_csv(folder: Path) -> Any:
    _frame(ROWS).to_csv(folder / "runs.csv", index=False)
    return read_rows(folder / "runs.csv")


def as_json_lines(folder: Path) -> Any:
    path = folder / "runs.jsonl"
    path.write_text("\n".join(json.dumps(row, default=str) for row in ROWS), encoding="utf-8")
    return read_rows(path)


def as_parquet(folder: Path) -> Any:
    _frame(ROWS).to_parquet(folder / "runs.parquet")
    return read_rows(folder / "runs.parquet")


def as_nanosecond_frame(folder: Path) -> Any:
    return _frame(ROWS).astype({"timestamp": "datetime64[ns, UTC]"})


def as_arrow(folder: Path) -> Any:
    return pytest.importorskip("pyarrow").Table.from_pylist(ROWS)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ri.Client]:
    with ri.connect(f"sqlite:///{tmp_path / 'runs.db'}") as opened:
        opened.migrate()
        yield opened


@pytest.mark.parametrize("form", [as_csv, as_json_lines, as_parquet, as_nanosecond_frame, as_arrow])
def test_the_same_rows_are_the_same_runs_in_every_form(
    tmp_path: Path, db: ri.Client, form: Callable[[Path], Any]
) -> None:
    assert db.load_runs(form(tmp_path)).created == 2
    again = db.load_runs(ROWS, on_conflict="update")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    first, second = db.list_runs("17", "4")
    assert (first.prompt, first.sentiment, first.attributes) == (ROWS[0]["prompt"], True, {"model": "m1"})
    assert (second.prompt, second.sentiment, second.attributes) == (None, None, {"team": "red"})


def test_parquet_adds_no_keys_to_attributes(tmp_path: Path, db: ri.Client) -> None:
    rows = [row | {"attributes": {key: 1}} for row, key in zip(ROWS, ("a", "b"), strict=True)]
    _frame(rows).to_parquet(tmp_path / "runs.parquet")
    db.load_runs(read_rows(tmp_path / "runs.parquet"))
    assert [run.attributes for run in db.list_runs("17")] == [{"a": 1, "model": "m1"}, {"b": 1, "team": "red"}]


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ('"never closed\nrun-3,ana,x\n', "a quote is not closed in the row that begins in line 4"),
        ('"closed" too early,x\n', "in the row that begins in line 4"),
    ],
)
def test_a_quote_that_nothing_closes_swallows_no_rows(tmp_path: Path, db: ri.Client, last: str, why: str) -> None:
    path = tmp_path / "runs.csv"
    lines = ["prompt,user_key,timestamp\n", '"two\nlines",ana,2026-01-01T00:00:00Z\n', last]
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ri.InvalidInput, match=why):
        db.load_runs(read_rows(path))
    assert db.list_runs("ana") == []


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a":' * 100_000, "1" * 5_000, "{"])
def test_a_line_that_is_no_json_is_a_refused_row(tmp_path: Path, db: ri.Client, line: str) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(f'{line}\n{{"user_key": "ana", "timestamp": "2026-01-01T00:00:00Z"}}\n', encoding="utf-8")
    report = db.load_runs(read_rows(path))
    assert [(item.line, item.field, item.rule) for item in report.refused] == [(1, "row", "is not JSON")]
    assert (report.read, report.created) == (2, 0)
    assert column_names(path) == []


def test_a_deep_but_readable_line_is_refused_for_its_attributes(tmp_path: Path, db: ri.Client) -> None:
    path = tmp_path / "runs.jsonl"
    deep = "[" * 500 + "]" * 500
    path.write_text(f'{{"user_key": "ana", "timestamp": "2026-01-01T00:00:00Z", "x": {deep}}}', encoding="utf-8")
    assert [item.rule for item in db.load_runs(read_rows(path)).refused] == [
        "column x must not nest deeper than 100 levels"
    ]


def test_a_csv_of_votes_updates_votes_and_nothing_else(tmp_path: Path, db: ri.Client) -> None:
    db.load_runs([ROWS[0] | {"run_id": "r1"}, ROWS[1] | {"run_id": "r2"}])
    path = tmp_path / "votes.csv"
    times = [row["timestamp"].isoformat() for row in ROWS]
    path.write_text(f"user_key,run_id,timestamp,sentiment\n17,r1,{times[0]},\n17,r2,{times[1]},false\n")
    report = db.load_runs(read_rows(path), on_conflict="update")
    assert (report.created, report.updated, report.unchanged) == (0, 2, 0)
    first, second = db.list_runs("17", "4")
    assert (first.prompt, first.sentiment, first.attributes) == (ROWS[0]["prompt"], None, {"model": "m1"})
    assert (second.prompt, second.sentiment, second.attributes) == (None, False, {"team": "red"})
