from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pandas.testing
import pytest

import runinsights as ri
from handmade import AS_OF, MIDNIGHT, TZ, analysis, runs
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.provenance import Source, provenance
from runinsights.analytics.results import Result

NAMES = ("sentiment_trend", "run_volume", "problem_prompts", "compare", "feedback_coverage")
rows = cache(runs)


@pytest.fixture(scope="module")
def ins() -> Iterator[ri.Insights]:
    with analysis(rows()) as found:
        yield found


@pytest.fixture(scope="module")
def nothing() -> Iterator[ri.Insights]:
    with analysis([]) as found:
        yield found


def result(ins: ri.Insights, name: str) -> Result:
    return getattr(ins, name)()  # type: ignore[no-any-return]


def written_in(frame: pd.DataFrame) -> set[str]:
    """Every number that a sentence about this frame may hold, as sentences write it."""
    found: set[str] = set()
    cells: list[Any] = [cell for row in frame.to_dict("records") for cell in row.values()]
    for attribute in frame.attrs.values():
        cells += [*attribute.values(), *(attribute.get("reason") or "").strip(")").split()]
    for cell in cells:
        if isinstance(cell, str):
            found |= set(re.findall(r"\d[\d,]*(?:\.\d+)?", cell))
        elif isinstance(cell, datetime):
            found |= {str(cell.day), str(cell.year)}
        elif isinstance(cell, (int, float)) and not pd.isna(cell):
            found |= {f"{cell:,}", f"{cell:g}", f"{cell:.2f}", f"{abs(cell) * 100:.0f}", f"{abs(cell) * 100:.1f}"}
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", ["ins", "nothing"])
def test_every_number_of_a_summary_is_in_its_frame(name: str, data: str, request: pytest.FixtureRequest) -> None:
    found = result(request.getfixturevalue(data), name)
    sentence = found.summary.replace("“", "").replace("”", "")
    numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", sentence)
    assert data == "nothing" or numbers
    assert set(numbers) <= written_in(found.frame)


@pytest.mark.parametrize("name", NAMES)
def test_no_runs_give_an_empty_typed_frame_a_figure_and_a_sentence(nothing: ri.Insights, name: str) -> None:
    found = result(nothing, name)
    assert found.frame.empty or int(found.frame["runs"].sum()) == 0
    assert found.figure.layout.annotations[0].text
    assert found.summary.endswith(".")


def test_totals_leave_out_the_unfinished_day_and_charts_show_it(ins: ri.Insights) -> None:
    volume = ins.run_volume(bucket="day").frame
    made = [row["timestamp"] for row in rows()]
    first = ins.window.since
    assert int(volume["runs"].sum()) == sum(moment >= first for moment in made)
    whole = sum(first <= moment < MIDNIGHT for moment in made)
    assert volume.attrs["totals"]["runs"] == whole == ins.feedback_coverage().frame["runs"].item()
    assert volume["incomplete"].tolist() == [False] * 28 + [True]
    assert int(volume[~volume["incomplete"]]["runs"].sum()) == whole


def test_counts_are_those_of_the_rows(ins: ri.Insights) -> None:
    frame = ins.sentiment_trend(bucket="day").frame
    start, end = frame["bucket_start"][5], frame["bucket_end"][5]
    inside = [row for row in rows() if start <= row["timestamp"] < end]
    rated = [row for row in inside if row["sentiment"] is not None]
    line = frame.iloc[5]
    assert (line["runs"], line["rated"]) == (len(inside), len(rated))
    assert line["liked"] == sum(row["sentiment"] for row in rated)
    assert line["users"] == len({row["user_key"] for row in rated})


def test_new_owners_are_those_without_an_earlier_run(ins: ri.Insights) -> None:
    first: dict[str, datetime] = {}
    for row in sorted(rows(), key=lambda row: row["timestamp"]):
        first.setdefault(row["user_key"], row["timestamp"])
    whole = ri.Insights(ins._db, since=min(first.values()), tz=TZ, as_of=AS_OF).run_volume(bucket="day").frame
    assert int(whole["new_owners"].sum()) == len(first)
    assert int(ins.run_volume().frame["new_owners"].sum()) == sum(
        moment >= ins.window.since for moment in first.values()
    )


def test_the_bucket_is_chosen_once_for_all_charts_and_an_explicit_one_wins(ins: ri.Insights) -> None:
    assert ins.sentiment_trend().provenance["parameters"] == {
        **{"bucket": "week", "adaptive": True, "by": None, "variance": "linearised"}
    }
    assert ins.run_volume().provenance["parameters"]["bucket"] == "week"
    daily = ins.sentiment_trend(bucket="day")
    assert daily.provenance["parameters"] == {
        **{"bucket": "day", "adaptive": False, "by": None, "variance": "linearised"}
    }
    assert len(daily.frame) == 29


def test_a_comparison_takes_the_whole_days_just_before(ins: ri.Insights) -> None:
    row = ins.compare().frame.iloc[0]
    middle, begin = MIDNIGHT - timedelta(days=28), MIDNIGHT - timedelta(days=56)  # local days: clocks changed between
    made = [row["timestamp"] for row in rows()]
    assert row["runs"] == sum(middle <= moment < MIDNIGHT for moment in made)
    assert row["previous_runs"] == sum(begin <= moment < middle for moment in made)
    with pytest.raises(ri.InvalidInput, match="previous"):
        ins.compare(to="yesterday")


def test_segments_have_a_line_for_every_value_and_lose_no_run(ins: ri.Insights) -> None:
    frame = ins.segments("model").frame
    assert set(frame["value"]) == {"large", "small"}
    assert int(frame["runs"].sum()) == ins.feedback_coverage().frame["runs"].item()
    assert ins.feedback_coverage(by="model").frame["value"].tolist() == frame["value"].tolist()


def test_the_planted_problems_are_found_and_their_rows_are_behind_them(ins: ri.Insights) -> None:
    found = ins.problem_prompts()
    assert set(found.frame["label"]) == {"the excel export of <q> fails", "show me values as of <date>"}
    for row in found.frame.to_dict("records"):
        behind = found.runs(row["group"])
        assert len(behind) == row["runs"]
        assert set(row["sample_run_ids"]) <= set(behind["run_id"])
        assert behind["timestamp"].is_monotonic_decreasing
    with pytest.raises(ri.InvalidInput, match="group"):
        found.runs("no such group")


def test_candidates_are_all_that_was_tested(ins: ri.Insights) -> None:
    watch = ins.problem_prompts(candidates=True)
    assert len(watch.frame) >= watch.frame.attrs["counts"]["tested"] > len(ins.problem_prompts().frame)
    assert len(watch.spec["data"][1]["x"]) == len(ins.problem_prompts().frame)


def test_the_gates_are_parameters(ins: ri.Insights) -> None:
    strict = ri.Insights(ins._db, last="28 days", tz=TZ, as_of=AS_OF, defaults=Defaults(show_min=10_000, level=0.9))
    assert strict.sentiment_trend().frame["approval"].isna().all()
    assert strict.sentiment_trend().provenance["defaults"]["show_min"] == 10_000


@pytest.mark.parametrize("name", NAMES)
def test_postgres_and_sqlite_give_the_same_frames(ins: ri.Insights, name: str, postgres_url: str) -> None:
    with analysis(rows(), url=postgres_url) as other:
        ours, theirs = result(ins, name), result(other, name)
        pandas.testing.assert_frame_equal(ours.frame, theirs.frame)
        assert ours.frame.attrs == theirs.frame.attrs
        assert ours.summary == theirs.summary
        assert theirs.provenance["backend"] == "postgresql"


def test_another_tenant_has_its_own_numbers(ins: ri.Insights) -> None:
    other = ri.Insights(ins._db, last="28 days", tz=TZ, as_of=AS_OF, tenant=ri.Owner("x", "1" * 32).tenant)
    assert other.feedback_coverage().frame.empty
    assert other.run_volume().frame.attrs["totals"]["runs"] == 0


@pytest.mark.parametrize("tenant", ["abc", "", 5])
def test_a_tenant_that_is_no_uuid_is_refused_at_once(ins: ri.Insights, tenant: Any) -> None:
    with pytest.raises(ri.InvalidInput, match="tenant"):
        ri.Insights(ins._db, tz=TZ, as_of=AS_OF, tenant=tenant)


def test_a_tenant_may_be_given_as_text_in_any_letters() -> None:
    tenant = UUID("abcdefab-0000-4000-8000-00000000000a")
    with ri.connect(":memory:", tenant=tenant) as db:
        db.load_runs(rows()[:50])
        for given in (tenant, str(tenant), str(tenant).upper()):
            found = ri.Insights(db, last="28 days", tz=TZ, as_of=AS_OF, tenant=given)
            assert found.run_volume().frame["runs"].sum() == 50
            assert found.run_volume().provenance["tenant"] == str(tenant)


def test_a_second_look_sees_the_runs_that_came_between_in_every_word() -> None:
    older = [row for row in rows() if row["timestamp"] < AS_OF - timedelta(days=7)]
    newer = [row for row in rows() if row["timestamp"] >= AS_OF - timedelta(days=7)]
    with analysis(older) as found:

        def seen() -> set[int]:
            frames = [found.sentiment_trend(bucket=unit).frame for unit in ("day", "week")]
            frames += [found.sentiment_trend().frame, found.run_volume(bucket="day").frame, found.run_volume().frame]
            return {int(frame["runs"].sum()) for frame in frames}

        (before,) = seen()
        found._db.load_runs(newer)
        assert seen() == {before + len(newer)}


def today_only(number: int) -> list[dict[str, Any]]:
    made = [row for row in rows() if row["timestamp"] < MIDNIGHT][:number]
    return [{**row, "timestamp": AS_OF - timedelta(minutes=20)} for row in made]


def test_runs_of_a_day_that_is_not_over_are_not_called_no_runs() -> None:
    with analysis(today_only(60)) as found:
        assert found.run_volume(bucket="day").summary.startswith("The latest complete day (Sun 23 Nov 2025) had 0 runs")
        coverage = found.feedback_coverage()
        assert coverage.summary == "No runs before the day that is not over; 60 runs since it began."
        assert coverage.frame.attrs["left_out"] == {"runs": 60}
        assert coverage.spec["layout"]["annotations"][0]["text"].replace("<br>", " ") == coverage.summary.rstrip(".")
        for name in NAMES:
            assert "no runs in this window" not in result(found, name).svg + result(found, name).summary
    with analysis([]) as found:
        assert found.feedback_coverage().summary == "There are no runs in this window."


def test_where_all_complete_buckets_are_empty_none_is_the_busiest() -> None:
    with analysis(today_only(60)) as found:
        assert "Most:" not in found.run_volume(bucket="day").summary
    with analysis(rows()) as found:
        assert "Most:" in found.run_volume(bucket="day").summary


VALUES: list[Any] = [
    *["gpt", "", "1", "true", "1.50", True, False, 0, 1, -3, 100, 2.5, 1.0, -0.0, 0.1, 1e10, -1200.5],
    *[0.00011, 1234567890123.25, 999999999999999],
]
UNSHOWN: list[Any] = [
    *[None, [], [1], {}, {"a": 1}, 1e300, 1e-7, 0.0001, 1 / 3, 10**15, 2**63, -(2**63), 10**400, 123456789012345.5, {}],
]


@pytest.mark.parametrize("key", ["model", 'an "odd" key.$'])
def test_attribute_values_are_grouped_alike_on_both_backends(key: str, postgres_url: str) -> None:
    base = [row for row in rows() if AS_OF - timedelta(days=20) < row["timestamp"] < MIDNIGHT]
    values = [*VALUES, *UNSHOWN]
    made = [{**row, "attributes": {key: value}} for row, value in zip(base, values, strict=False)]
    made.append({**base[len(values)], "attributes": {}})
    found = []
    for url in (":memory:", postgres_url):
        with analysis(made, url=url) as ins:
            found.append(ins.feedback_coverage(by=key).frame)
    pandas.testing.assert_frame_equal(*found)
    counted = {
        None if pd.isna(value) else value: runs
        for value, runs in zip(*(found[0][name] for name in ("value", "runs")), strict=True)
    }
    assert counted == {
        **{"gpt": 1, "": 1, "1.50": 1, "true": 2, "false": 1, "1": 3, "0": 2, "-3": 1, "100": 1, "2.5": 1, "0.1": 1},
        **{"10000000000": 1, "-1200.5": 1, "0.00011": 1, "1234567890123.25": 1, "999999999999999": 1},
        None: len(UNSHOWN) + 1,
    }


def test_anything_but_the_sync_client_is_a_clear_error() -> None:
    with pytest.raises(TypeError, match=r"runinsights.connect.*not str"):
        ri.Insights("postgresql://db", tz=TZ)  # type: ignore[arg-type]


def test_provenance_says_what_was_asked_of_what(ins: ri.Insights) -> None:
    facts = ins.problem_prompts(candidates=True).provenance
    assert facts["queries"].keys() == {"problem_prompts"}
    assert re.fullmatch("[0-9a-f]{64}", facts["queries"]["problem_prompts"])
    assert facts["parameters"] == {"candidates": True}
    assert (facts["since"], facts["tz"]) == (ins.window.since.isoformat(), TZ)
    assert (facts["as_of"], facts["backend"]) == (AS_OF.isoformat(), "sqlite")
    assert facts["rows_read"] > facts["defaults"]["verdict_min"] == 30
    assert re.fullmatch("[0-9a-f]{64}", facts["result_id"])


def test_the_result_id_follows_data_and_parameters_and_no_server_version(ins: ri.Insights) -> None:
    frame = ins.sentiment_trend().frame
    source = Source(ins.window, parameters={"bucket": "week"})
    ids = [
        provenance("sentiment_trend", frame, 5, changed)["result_id"]
        for changed in (source, replace(source, server_version="19"), replace(source, parameters={"bucket": "day"}))
    ]
    assert ids[0] == ids[1] != ids[2]
    other = frame.assign(runs=frame["runs"] + 1)
    assert provenance("sentiment_trend", other, 5, source)["result_id"] != ids[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_result_shows_itself_without_script_or_network(ins: ri.Insights, name: str) -> None:
    shown = result(ins, name)._repr_html_()  # type: ignore[operator]
    assert "<svg" in shown
    assert "<table" in shown
    assert "<script" not in shown
    assert set(re.findall(r"https?://[^\s\"']+", shown)) == {"http://www.w3.org/2000/svg"}


def test_jupyter_gets_the_interactive_figure_with_its_sentence_and_a_static_twin_with_the_rows(
    ins: ri.Insights,
) -> None:
    found = ins.sentiment_trend()
    bundle = found._repr_mimebundle_()
    layout = bundle["application/vnd.plotly.v1+json"]["layout"]
    assert layout["title"]["text"] == found.spec["layout"]["title"]["text"]
    assert layout["title"]["subtitle"]["text"].replace("<br>", " ") == found.summary
    assert layout["height"] > found.spec["layout"]["height"]
    assert found.summary in bundle["text/html"]
    assert found.svg in bundle["text/html"]
    assert bundle["text/html"].count("<tr") == len(found.frame.head(10)) + 1
    assert "NA" not in bundle["text/html"]
    assert bundle["text/plain"].splitlines()[0].endswith(found.summary)
    assert len(bundle["text/plain"].splitlines()) == len(found.frame.head(10)) + 3


def test_parquet_brings_back_the_frame(ins: ri.Insights, tmp_path: Path) -> None:
    for name in NAMES:
        found = result(ins, name)
        found.to_parquet(tmp_path / "frame.parquet")
        back = pd.read_parquet(tmp_path / "frame.parquet")
        assert list(back.columns) == list(found.frame.columns)
        assert len(back) == len(found.frame)
        assert back["runs"].tolist() == found.frame["runs"].tolist()


def test_csv_is_plain_and_runs_no_formula(ins: ri.Insights, tmp_path: Path) -> None:
    found = ins.problem_prompts()
    evil = found.frame.assign(label=['=HYPERLINK("x")', "-1+1"], lift=[-1.5, 2.0])
    text = replace(found, frame=evil).to_csv()
    assert text is not None
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["label"] for line in lines] == ['\'=HYPERLINK("x")', "'-1+1"]
    assert lines[0]["lift"] == "-1.5"
    assert "\r" not in text
    assert found.to_csv(tmp_path / "problems.csv") is None
    assert (tmp_path / "problems.csv").read_text("utf-8") == found.to_csv()


def test_a_dict_is_json(ins: ri.Insights) -> None:
    import json

    plain = ins.sentiment_trend().to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert len(plain["rows"]) == len(ins.sentiment_trend().frame)
    assert datetime.fromisoformat(plain["rows"][0]["bucket_start"]).astimezone(UTC) == ins.window.since


def test_the_volume_is_set_against_the_same_weekdays_before(ins: ri.Insights, nothing: ri.Insights) -> None:
    change = ins.run_volume().frame.attrs["change"]
    assert change["current"] == ins.run_volume().frame.attrs["totals"]["runs"]
    assert change["value"] == change["current"] / change["previous"]
    assert change["low"] <= change["value"] <= change["high"]
    assert ins.run_volume().frame.attrs["change"] == change
    assert nothing.run_volume().frame.attrs["change"]["value"] is None
