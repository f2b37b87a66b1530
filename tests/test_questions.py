"""What Insights answers: the same on PostgreSQL and SQLite, in frames of fixed types, and true by direct SQL."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pandas.testing
import pytest

import databases
import runinsights as ri
from handmade import AS_OF, MIDNIGHT, TZ, runs
from runinsights.analytics.results import ROWS_FIRST, Result

RELEASED = AS_OF - timedelta(days=9)
ANNOTATIONS = [(RELEASED, "big deploy"), (AS_OF - timedelta(days=300), "long ago")]
ALL = ("sentiment_trend", "run_volume", "feedback_coverage", "compare", "problem_prompts")
NEW = ("users", "comments", "releases", "data_quality")


@cache
def rows() -> list[dict[str, Any]]:
    """Runs with all that makes data doubtful, and a version that is new in the window."""
    made = runs(per_day=20, length=95)
    for index, row in enumerate(made):
        version = "v2" if row["timestamp"] >= RELEASED else "v1"
        row["attributes"] |= {"version": version, "size": index % 3, "pro": index % 2 == 0}
        if index % 7 == 0:
            row["attributes"] = {}
        if index % 11 == 0:
            row["prompt"] = None
        if row["sentiment"] is not None:
            row["sentiment_at"] = row["timestamp"] + timedelta(seconds=index * 2_000 % 900_000, microseconds=index)
            row["comment"] = f"Ünlucky {index}, write to me{index}@example.com" if index % 9 == 0 else None
    return made


def fill(db: ri.RunInsights) -> None:
    db.load_runs(rows())
    start = AS_OF - timedelta(days=4)
    for second in range(25):
        db.create_run("burst@example.com", thread_id="b", run_id=f"burst-{second}")
        at = start + timedelta(seconds=second * 20, microseconds=second)
        db.set_sentiment("burst@example.com", f"burst-{second}", False, at=at)
    db.load_runs(
        [
            {"run_id": f"burst-{second}", "user_key": "burst@example.com", "thread_id": "b", "timestamp": start}
            for second in range(25)
        ],
        on_conflict="update",
    )


@pytest.fixture(scope="module")
def ins() -> Iterator[ri.Insights]:
    with ri.connect(":memory:") as db:
        fill(db)
        yield insights(db)


@pytest.fixture(scope="module")
def pg(postgres_server: str, template: str) -> Iterator[ri.Insights]:
    with (
        databases.fresh_database(postgres_server, template) as name,
        ri.connect(databases.url_of(postgres_server, name)) as db,
    ):
        fill(db)
        yield insights(db)


def insights(db: ri.RunInsights, **options: Any) -> ri.Insights:
    words = {"last": "28 days", "tz": TZ, "as_of": AS_OF, "annotations": ANNOTATIONS, "releases": "version"}
    return ri.Insights(db, **{**words, **options})


QUESTIONS: dict[str, Any] = {
    **{name: lambda ins, name=name: getattr(ins, name)() for name in (*ALL, *NEW)},
    "trend by value": lambda ins: ins.sentiment_trend(by="model", bucket="week"),
    "trend by truth value": lambda ins: ins.sentiment_trend(by="pro", variance="jackknife"),
    "volume by hour": lambda ins: ins.run_volume(bucket="hour"),
    "segments": lambda ins: ins.segments("size"),
    "since release": lambda ins: ins.segments("model", to="release"),
    "since deploy, any weekday": lambda ins: ins.compare(to="big deploy", weekdays="any"),
    "another window": lambda ins: ins.compare(to=(AS_OF - timedelta(days=60), AS_OF - timedelta(days=40))),
    "groups": lambda ins: ins.compare(by="model", a="large", b="small"),
    "raw users": lambda ins: ins.users(raw_users=True),
    "searched": lambda ins: ins.comments("ünLUCKY 1", redact=False),
    "filtered by text": lambda ins: ins.where({"model": "large"}).sentiment_trend(),
    "filtered by number": lambda ins: ins.where({"size": 1.0, "pro": True}).run_volume(),
    "filtered volume": lambda ins: ins.where({"version": "v2"}).feedback_coverage(by="model"),
    "filtered users": lambda ins: ins.where({"size": 2}).users(),
    "filtered notes": lambda ins: ins.where({"size": 2}).data_quality(),
    "filtered problems": lambda ins: ins.where({"pro": False}).problem_prompts(candidates=True),
    "nothing": lambda ins: ins.where({"model": "none such"}).sentiment_trend(),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_postgres_and_sqlite_answer_alike(ins: ri.Insights, pg: ri.Insights, question: str) -> None:
    ours, theirs = QUESTIONS[question](ins), QUESTIONS[question](pg)
    pandas.testing.assert_frame_equal(ours.frame, theirs.frame)
    assert ours.frame.attrs == theirs.frame.attrs
    assert ours.summary == theirs.summary
    for extra in ("heatmap", "voters"):
        if hasattr(ours, extra):
            pandas.testing.assert_frame_equal(getattr(ours, extra), getattr(theirs, extra))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_result_has_figure_static_chart_sentence_and_provenance(ins: ri.Insights, question: str) -> None:
    found: Result = QUESTIONS[question](ins)
    bundle = found._repr_mimebundle_()
    assert found.figure.layout.title.subtitle.text
    assert ("application/vnd.plotly.v1+json" in bundle) is (found.name not in ROWS_FIRST)
    assert "<svg" in bundle["text/html"]
    assert found.summary.endswith(".")
    assert found.provenance["queries"].keys() == found.provenance["rows"].keys() != set()
    assert found.provenance["rows_read"] == sum(found.provenance["rows"].values())
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in found.provenance["queries"].values())


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_result_is_written_as_parquet_csv_and_json(ins: ri.Insights, question: str, tmp_path: Path) -> None:
    found: Result = QUESTIONS[question](ins)
    found.to_parquet(tmp_path / "frame.parquet")
    back = pd.read_parquet(tmp_path / "frame.parquet")
    assert (list(back.columns), len(back)) == (list(found.frame.columns), len(found.frame))
    text = found.to_csv()
    assert text is not None
    assert len(list(csv.reader(io.StringIO(text)))) == len(found.frame) + 1
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["summary"] == found.summary


TIMES = f"datetime64[us, {TZ}]"
DTYPES = {
    "users": ["string", *["Int64"] * 5, "Float64", *["boolean"] * 3, TIMES, TIMES],
    "comments": [TIMES, "boolean", *["string"] * 5, TIMES],
    "releases": [TIMES, "string", "string"],
    "data_quality": ["string", "Int64", "Int64", "Float64", "string"],
}


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_are_the_same_with_and_without_rows(ins: ri.Insights, name: str) -> None:
    with ri.connect(":memory:") as db:
        for found in (getattr(ins, name)(), getattr(insights(db), name)()):
            assert [str(dtype) for dtype in found.frame.dtypes] == DTYPES[name]
            assert found.figure.layout is not None


def in_window() -> list[dict[str, Any]]:
    return [row for row in rows() if MIDNIGHT - timedelta(days=28) <= row["timestamp"] < MIDNIGHT]


def test_a_filter_keeps_the_runs_with_an_equal_value_of_the_same_kind(ins: ri.Insights) -> None:
    counted = {
        value: int(ins.where({"size": value}).feedback_coverage().frame["runs"].sum()) for value in (0, 1, 2, "1")
    }
    sizes = Counter(row["attributes"].get("size") for row in in_window())
    assert counted == {0: sizes[0], 1: sizes[1], 2: sizes[2], "1": 0}
    assert int(ins.where({"size": True}).feedback_coverage().frame["runs"].sum()) == 0
    both = ins.where({"model": "large"}).where({"pro": True})
    assert both.feedback_coverage().provenance["where"] == {"model": "large", "pro": True}
    wanted = sum(row["attributes"].get("model") == "large" and row["attributes"]["pro"] for row in in_window())
    assert int(both.feedback_coverage().frame["runs"].sum()) == wanted


@pytest.mark.parametrize(
    "where", [["model"], {"model": ["large"]}, {"model": float("nan")}, {"a": {"b": 1}}, {"n": 2**70}]
)
def test_a_filter_that_no_run_can_have_is_refused(ins: ri.Insights, where: Any) -> None:
    with pytest.raises(ri.InvalidInput, match="where"):
        ins.where(where)


def test_unknown_names_are_errors_that_name_the_nearest(ins: ri.Insights) -> None:
    loose: Any = ins
    with pytest.raises(TypeError, match=r"sentiment_trend\(\) has no parameter 'bucet'; nearest: bucket"):
        loose.sentiment_trend(bucet="day")
    with pytest.raises(TypeError, match="'untill'; nearest: until"):
        ri.Insights(ins._db, tz=TZ, untill=AS_OF)  # type: ignore[call-arg]
    with pytest.raises(ri.InvalidInput, match=r"by: .*nearest: model"):
        ins.segments("modle")
    with pytest.raises(ri.InvalidInput, match=r"a: .*nearest: large"):
        ins.compare(by="model", a="larg", b="small")
    with pytest.raises(ri.InvalidInput, match=r"to: .*nearest: big deploy"):
        ins.compare(to="bg deploy")
    with pytest.raises(ri.InvalidInput, match=r"columns: 'promt' .*nearest: prompt"):
        ins.runs(columns=["promt"])
    with pytest.raises(ri.InvalidInput, match=r"as_: .*nearest: pandas"):
        loose.runs(as_="panda")
    for wrong in ({"variance": "robust"}, {"bucket": "year"}):
        with pytest.raises(ri.InvalidInput):
            loose.sentiment_trend(**wrong)
    with pytest.raises(ri.InvalidInput, match="weekdays"):
        loose.compare(weekdays="same")
    with pytest.raises(ri.InvalidInput, match="by"):
        ins.compare(a="large")


def test_releases_are_what_was_given_and_the_first_run_of_a_new_value(ins: ri.Insights, tmp_path: Path) -> None:
    frame = ins.releases().frame
    first = min(row["timestamp"] for row in rows() if row["attributes"].get("version") == "v2")
    assert frame[["label", "source"]].values.tolist() == [["big deploy", "given"], ["v2", "version"]]
    assert frame["at"].tolist() == [RELEASED, first]
    assert ins.sentiment_trend().frame.attrs["annotations"].keys() == {"big deploy", "v2"}
    assert "big deploy" in ins.run_volume().svg
    path = tmp_path / "deploys.csv"
    path.write_text(f"label,at\nfrom a file,{RELEASED.isoformat()}\n", encoding="utf-8")
    other = insights(ins._db, annotations=path, releases=None)
    assert other.releases().frame["label"].tolist() == ["from a file"]
    queried = insights(
        ins._db, annotations=lambda conn: [SimpleNamespace(time=RELEASED, label="by SQL")], releases=None
    )
    assert queried.releases().frame.values.tolist() == [[RELEASED, "by SQL", "sql"]]


@pytest.mark.parametrize("wrong", [[(datetime(2025, 1, 1), "no zone")], [("x",)], [(AS_OF, 5)], [5]])
def test_annotations_that_are_none_are_refused(ins: ri.Insights, wrong: Any) -> None:
    with pytest.raises(ri.InvalidInput, match="annotations"):
        insights(ins._db, annotations=wrong).releases()


def test_a_comparison_with_a_release_takes_whole_weeks_back_from_it(ins: ri.Insights) -> None:
    windows = ins.compare(to="big deploy").frame.attrs["windows"]
    since, until, before, end = (
        datetime.fromisoformat(windows[name]) for name in ("since", "until", "previous_since", "previous_until")
    )
    assert (since, until) == (RELEASED, MIDNIGHT)
    assert since - before == until - end == timedelta(days=14)
    runs_since = sum(RELEASED <= row["timestamp"] < MIDNIGHT for row in rows()) + 25
    assert ins.compare(to="big deploy").frame["runs"].item() == runs_since


def test_users_are_pseudonyms_in_order_of_first_run_unless_raw(
    ins: ri.Insights, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, raw = ins.users().frame, ins.users(raw_users=True).frame
    assert frame["user"].tolist() == [f"U{number}" for number in range(1, len(frame) + 1)]
    assert frame["first_run"].is_monotonic_increasing
    runs_of = Counter(row["user_key"] for row in in_window())
    assert dict(zip(raw["user"], raw["runs"], strict=True)) == {**runs_of, "burst@example.com": 25}
    burst = raw[raw["burst"]]
    assert burst["user"].tolist() == ["burst@example.com"]
    assert (burst["rated"].item(), burst["disliked"].item(), burst["new"].item()) == (25, 25, True)
    assert frame["share_of_votes"].sum() == pytest.approx(1)
    assert "@" not in str(frame.to_dict()) + ins.users().summary + ins.users().svg
    monkeypatch.setenv("RUNINSIGHTS_PSEUDONYM_KEY", "secret")
    keyed = ins.users().frame["user"]
    assert all(re.fullmatch("[0-9a-f]{10}", user) for user in keyed)
    assert keyed.tolist() == ins.where({}).users().frame["user"].tolist()


def test_comments_are_found_redacted_and_named_by_pseudonyms(ins: ri.Insights) -> None:
    written = [row for row in in_window() if row.get("comment")]
    frame = ins.comments().frame
    assert len(frame) == len(written) > 5
    assert frame["voted_at"].is_monotonic_increasing
    assert "@" not in str(frame.drop(columns=["thread_id"]).to_dict())
    assert set(frame["user"]) <= set(ins.users().frame["user"])
    word = written[0]["comment"].split(",")[0]
    found = ins.comments(word.upper(), redact=False).frame
    assert {row["comment"] for row in written if word.casefold() in row["comment"].casefold()} == set(found["comment"])
    assert ins.comments("nobody wrote this").frame.empty
    assert "None of" in ins.comments("nobody wrote this").summary


def test_data_notes_count_what_is_doubtful(ins: ri.Insights) -> None:
    notes = ins.data_quality().frame.set_index("note")
    inside = in_window()
    rated = [row for row in inside if row["sentiment"] is not None]
    late = sum(row["sentiment_at"] - row["timestamp"] > timedelta(days=7) for row in rated)
    assert notes.loc["no_prompt", "count"] == sum(row["prompt"] is None for row in inside) + 25
    assert notes.loc["no_attributes", "count"] == sum(row["attributes"] == {} for row in inside) + 25
    assert notes.loc["late_votes", "count"] == late > 0
    assert notes.loc["late_votes", "of"] == len(rated) + 25
    assert notes.loc["bursts", "count"] == 1
    assert notes.loc["without_model", "count"] == notes.loc["no_attributes", "count"]
    assert notes.loc["undated_runs", "count"] == notes.loc["legacy_votes", "count"] == 0


def test_runs_without_a_time_and_votes_by_plain_update_are_noted() -> None:
    with ri.connect(":memory:") as db:
        db.load_runs(rows()[:100])
        with db.runner.connection() as conn:
            columns = "(email, thread_id, run_id, timestamp)"
            conn.execute(f"INSERT INTO users_threads_runs {columns} VALUES ('n', 'n', 'n', NULL)")
            later = "2030-01-01T00:00:00.000000+00:00"
            conn.execute(f"INSERT INTO users_threads_runs {columns} VALUES ('n', 'n', 'm', '{later}')")
            conn.execute("UPDATE users_threads_runs SET sentiment = 1 WHERE run_id = ?", (rows()[35]["run_id"],))
        notes = insights(db).data_quality().frame.set_index("note")["count"]
    assert (notes["undated_runs"], notes["future_runs"]) == (1, 1)
    early = [row for row in rows()[:100] if row["timestamp"] < MIDNIGHT and row["sentiment"] is not None]
    assert notes["legacy_votes"] == 1
    assert notes["votes_after_as_of"] == sum(row["sentiment_at"] > AS_OF for row in early) + 1


def test_the_heat_map_has_every_run_in_its_local_hour(ins: ri.Insights) -> None:
    found = ins.run_volume()
    expected = Counter(
        (moment.weekday(), moment.hour)
        for row in rows()
        if ins.window.since <= row["timestamp"] < ins.window.until
        for moment in [row["timestamp"].astimezone(ins.window.zone)]
    )
    burst = (AS_OF - timedelta(days=4)).astimezone(ins.window.zone)
    expected[burst.weekday(), burst.hour] += 25
    cells = {(row.weekday, row.hour): row.runs for row in found.heatmap.itertuples() if row.runs}
    assert cells == dict(expected)
    assert len(found.heatmap) == 168
    assert found.heatmap_figure.data[0].type == "heatmap"
    frame = found.frame
    assert (frame["owners"] == frame["new_owners"] + frame["returning_owners"]).all()


def test_voted_runs_stand_beside_the_others(ins: ri.Insights) -> None:
    found = ins.feedback_coverage()
    voters, total = found.voters, found.frame.iloc[0]
    for trait in ("prompt_length", "hour", "owner"):
        part = voters[voters["trait"] == trait]
        assert (part["runs"].sum(), part["rated"].sum()) == (total["runs"], total["rated"])
        assert part["share_of_rated"].sum() == pytest.approx(1)
        assert part["share_of_unrated"].sum() == pytest.approx(1)
    hours = voters[voters["trait"] == "hour"]["value"].tolist()
    assert hours == sorted(hours)
    assert found.voters_figure.data


def test_segments_add_up_to_the_whole_change(ins: ri.Insights) -> None:
    found = ins.segments("model")
    whole, frame = found.frame.attrs["whole"], found.frame
    assert found.name == "segments"
    assert frame["rate_effect"].sum() == pytest.approx(whole["rate_effect"])
    assert frame["mix_effect"].sum() == pytest.approx(whole["mix_effect"])
    assert whole["rate_effect"] + whole["mix_effect"] == pytest.approx(whole["change"])
    assert frame["share"].sum() == pytest.approx(1)
    assert whole["compared"] == frame["fdr"].notna().sum()
    pandas.testing.assert_frame_equal(frame, ins.compare(by="model").frame)


def test_groups_are_set_against_each_other(ins: ri.Insights) -> None:
    coverage = ins.feedback_coverage(by="model").frame.set_index("value")
    row = ins.compare(by="model", a="large", b="small").frame.iloc[0]
    assert row["approval"] == coverage.loc["large", "approval"]
    assert row["previous_approval"] == coverage.loc["small", "approval"]
    assert row["change"] == row["approval"] - row["previous_approval"]
    mirrored = ins.compare(by="model", a="small", b="large").frame.iloc[0]
    assert mirrored["change_low"] == pytest.approx(-row["change_high"])


def test_the_jackknife_widens_the_same_rates(ins: ri.Insights) -> None:
    usual, wide = ins.sentiment_trend(), ins.sentiment_trend(variance="jackknife")
    pandas.testing.assert_series_equal(usual.frame["approval"], wide.frame["approval"])
    both = usual.frame["approval"].notna()
    assert (wide.frame["deff"][both] >= usual.frame["deff"][both] - 1e-9).all()
    assert wide.provenance["queries"].keys() - usual.provenance["queries"].keys() == {"user_votes"}


RUNS_DTYPES = ["string", "string", "string", "string", "boolean", TIMES, TIMES, "string"]


def test_runs_are_the_same_by_adbc_copy_and_sqlite(
    ins: ri.Insights, pg: ri.Insights, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    lite, fast = ins.runs(), pg.runs()
    monkeypatch.setattr("runinsights.analytics.pull.has_adbc", lambda: False)
    copied = pg.runs()
    pandas.testing.assert_frame_equal(fast, copied)
    pandas.testing.assert_frame_equal(fast, lite)
    assert [str(dtype) for dtype in fast.dtypes] == RUNS_DTYPES
    assert len(fast) == int(pg.run_volume().frame["runs"].sum())
    assert fast["sentiment_at"].isna().any()
    assert fast["prompt"].isna().any()


def test_texts_survive_every_path(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", 'a "quoted", line\nand another', "t", "\\N", "NULL", "ř \U0001f600", None, ",", "\r\n", "'"]
    made = [
        {"user_key": "u", "run_id": f"r{number}", "prompt": text, "timestamp": AS_OF - timedelta(hours=number + 1)}
        for number, text in enumerate(texts)
    ]
    for url, adbc in ((":memory:", False), (postgres_url, False), (postgres_url, True)):
        monkeypatch.setattr("runinsights.analytics.pull.has_adbc", lambda adbc=adbc: adbc)
        with ri.connect(url) as db:
            db.load_runs(made)
            found = insights(db).runs(columns=["run_id", "prompt"])
            back = {run: None if pd.isna(text) else text for run, text in found.itertuples(index=False)}
            assert back == {row["run_id"]: row["prompt"] for row in made}


def test_columns_may_be_attributes_and_frames_of_other_kinds(ins: ri.Insights) -> None:
    polars = pytest.importorskip("polars")
    names = ["timestamp", "model", "size", "pro"]
    frame = ins.runs(columns=names)
    assert [str(dtype) for dtype in frame.dtypes] == [TIMES, "string", "Float64", "boolean"]
    other = ins.runs(columns=names, as_="polars")
    assert isinstance(other, polars.DataFrame)
    assert other["size"].to_list() == [None if pd.isna(size) else size for size in frame["size"]]
    assert ins.runs(as_="arrow").schema.field("timestamp").type.tz == TZ
    trend = ins.sentiment_trend()
    assert polars.DataFrame(trend)["runs"].to_list() == trend.frame["runs"].tolist()
    empty = ins.where({"model": "none such"}).runs()
    assert [str(dtype) for dtype in empty.dtypes] == RUNS_DTYPES


@pytest.mark.parametrize("engine", ["ins", "pg"])
def test_batches_are_the_same_rows_in_pieces_and_progress_is_told(engine: str, request: pytest.FixtureRequest) -> None:
    found: ri.Insights = request.getfixturevalue(engine)
    pieces = list(found.iter_runs(batch_rows=100))
    assert {len(piece) for piece in pieces[:-1]} == {100}
    pandas.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), found.runs())
    told: list[int] = []
    found.runs(progress=told.append)
    assert told[-1] == len(found.runs())
    for wrong in (0, -1, True):
        with pytest.raises(ri.InvalidInput, match="batch_rows"):
            found.iter_runs(batch_rows=wrong)


@pytest.mark.parametrize("adbc", [True, False])
def test_a_failure_of_a_pull_is_an_error_of_ours(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch, adbc: bool
) -> None:
    if adbc:
        pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setattr("runinsights.analytics.pull.has_adbc", lambda: adbc)
    with ri.connect(empty_postgres_url) as db, pytest.raises(ri.SchemaMismatch, match="runinsights migrate"):
        insights(db).runs()
