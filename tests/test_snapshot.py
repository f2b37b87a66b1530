"""A snapshot answers as the database it was made of does, and names nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas.testing
import pytest

import runinsights as ri
from handmade import AS_OF, TZ, runs
from runinsights import cli, snapshot

SINCE = datetime(2025, 8, 30, tzinfo=UTC)  # what the 28 days are compared with, and the weeks of their baseline
SECRET = b"a key of our own"


@cache
def rows() -> list[dict[str, Any]]:
    return runs(per_day=24, length=95)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest) -> Iterator[ri.RunInsights]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ":memory:"
    with ri.connect(url) as db:
        db.load_runs(with_people(row) for row in rows())
        first = rows()[100]
        db.set_sentiment(first["user_key"], first["run_id"], False, "call me: ann.other@example.org, +420 603 123 456")
        db.create_run("gone@example.com", thread_id="gone", run_id="gone", prompt="x")
        db.delete_thread("gone@example.com", "gone")
        yield db


def with_people(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its owner's address wherever a careless service may put it."""
    user = row["user_key"]
    attributes = {**row["attributes"], "mail": user, "deep": [{"for": f"<{user}>"}]}
    thread = f"{user}/{row['thread_id']}"
    return {**row, "thread_id": thread, "prompt": f"{row['prompt']} for {user}", "attributes": attributes}


def insights(db: ri.RunInsights) -> ri.Insights:
    return ri.Insights(db, last="28 days", tz=TZ, as_of=AS_OF)


def results(ins: ri.Insights) -> dict[str, Any]:
    return {
        "sentiment_trend": ins.sentiment_trend(by="model"),
        "run_volume": ins.run_volume(bucket="day"),
        "feedback_coverage": ins.feedback_coverage(by="model"),
        "compare": ins.compare(),
        "segments": ins.segments("model"),
        "users": ins.users(),
        "data_quality": ins.data_quality(),
    }


def write(db: ri.RunInsights, path: Path, **options: Any) -> snapshot.Snapshot:
    return snapshot.write(db, path, since=SINCE, **options)


def test_every_word_answers_as_on_the_database_itself(db: ri.RunInsights, tmp_path: Path) -> None:
    write(db, tmp_path / "copy.sqlite", prompts="keep")
    with ri.connect(f"sqlite:///{tmp_path / 'copy.sqlite'}") as copy:
        ours, theirs = insights(db), insights(copy)
        for name, expected in results(ours).items():
            pandas.testing.assert_frame_equal(expected.frame, results(theirs)[name].frame, obj=name)
        pandas.testing.assert_frame_equal(ours.run_volume().heatmap, theirs.run_volume().heatmap)
        kept = ours.comments(redact=False).frame.drop(columns=["thread_id"])
        pandas.testing.assert_frame_equal(kept, theirs.comments(redact=False).frame.drop(columns=["thread_id"]))
        said = [column for column in ours.problem_prompts().frame.columns if column != "group"]
        pandas.testing.assert_frame_equal(ours.problem_prompts().frame[said], theirs.problem_prompts().frame[said])
        assert len(theirs.runs()) == len(ours.runs())


@pytest.mark.parametrize("prompts", ["redact", "drop"])
def test_no_address_is_anywhere_in_the_file(db: ri.RunInsights, tmp_path: Path, prompts: Any) -> None:
    made = write(db, tmp_path / "copy.sqlite", prompts=prompts)
    content = (tmp_path / "copy.sqlite").read_bytes()
    assert b"example.com" not in content
    assert b"example.org" not in content
    assert b"603 123 456" not in content
    assert made.runs == sum(row["timestamp"] >= SINCE for row in rows())
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite"]


def test_prompts_and_comments_are_treated_as_asked(db: ri.RunInsights, tmp_path: Path) -> None:
    def texts(**options: Any) -> tuple[set[str | None], set[str | None]]:
        write(db, tmp_path / "copy.sqlite", force=True, **options)
        conn = sqlite3.connect(tmp_path / "copy.sqlite")
        found = tuple(
            {text for (text,) in conn.execute(query)}
            for query in (
                "SELECT prompt FROM users_threads_runs",
                "SELECT comment FROM sentiment_events WHERE voted_at > '2026'",
            )
        )
        conn.close()
        return found[0], found[1]

    prompts, comments = texts()
    assert comments == {"call me: [email], [phone]"}
    assert any(text and text.endswith(" for [user]") for text in prompts)
    prompts, comments = texts(prompts="drop", comments="keep")
    assert prompts == {None}
    assert comments == {"call me: ann.other@example.org, +420 603 123 456"}


def test_a_key_makes_the_same_pseudonyms_and_no_key_makes_others(db: ri.RunInsights, tmp_path: Path) -> None:
    def users(name: str, **options: Any) -> set[str]:
        write(db, tmp_path / name, **options)
        conn = sqlite3.connect(tmp_path / name)
        found = {user for (user,) in conn.execute("SELECT email FROM users_threads_runs")}
        conn.close()
        return found

    first, second = users("a.sqlite", key=SECRET), users("b.sqlite", key=SECRET)
    assert first == second
    assert all(len(user) == 20 and int(user, 16) >= 0 for user in first)
    assert users("c.sqlite").isdisjoint(first)


def test_an_existing_file_stays_unless_forced_and_a_failure_leaves_it(db: ri.RunInsights, tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    path.write_text("mine")
    with pytest.raises(ri.InvalidInput, match="exists already"):
        write(db, path)

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(db, path, force=True, progress=fail)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]
    seen: list[int] = []
    assert write(db, path, force=True, progress=seen.append).runs
    assert seen == sorted(seen) != []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"prompts": "hide"}, "prompts"),
        ({"comments": ""}, "comments"),
        ({"until": SINCE}, "since"),
        ({"tenant": "x"}, "tenant"),
        ({"since": datetime(2025, 1, 1)}, "since"),
    ],
)
def test_what_cannot_be_is_refused_before_a_file_is_made(tmp_path: Path, options: dict[str, Any], field: str) -> None:
    with ri.connect(":memory:") as db, pytest.raises(ri.InvalidInput, match=field):
        snapshot.write(db, tmp_path / "copy.sqlite", **{"since": SINCE, **options})
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_file_and_says_what_is_in_it(
    sqlite_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, out, key = f"sqlite:///{sqlite_path}", tmp_path / "out.sqlite", tmp_path / "key"
    key.write_bytes(SECRET)
    with ri.connect(url) as db:
        db.migrate()
        db.load_runs(rows()[:100])
    since = (rows()[0]["timestamp"] - timedelta(days=9)).isoformat()
    command = ["snapshot", str(out), "--database", url, "--since", since, "--key", str(key)]
    assert cli.main(command) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{out}\n"
    assert "100 runs and" in shown.err
    assert "with the given key" in shown.err
    assert cli.main(command) == cli.USAGE
    assert cli.main([*command, "--force"]) == 0
