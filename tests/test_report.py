from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import runinsights as ri
from handmade import AS_OF, MIDNIGHT, TZ, analysis, runs
from runinsights import report
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.report import html
from runinsights.report.judge import Headline, judge, tiles
from runinsights.report.method import MEANINGS
from runinsights.report.redact import SHOWN, redact, sample

SCRIPT = "</script><script>alert(1)</script>"
EVIL = f'show me values as of 1.5.2020 {SCRIPT} "><img src=x onerror=alert(1)> jan.novak@firma.cz \u202eevil'
rows = cache(runs)


def evil_rows() -> list[dict[str, Any]]:
    return [{**row, "prompt": EVIL if row["prompt"].startswith("show me") else row["prompt"]} for row in rows()]


@pytest.fixture(scope="module")
def ins() -> Iterator[ri.Insights]:
    with analysis(rows()) as found:
        yield found


@pytest.fixture(scope="module")
def made(ins: ri.Insights) -> report.Report:
    return report.build(ins)


@pytest.fixture(scope="module")
def page(made: report.Report) -> str:
    return made.html()


@pytest.fixture(scope="module")
def evil_page() -> str:
    with analysis(evil_rows()) as found:
        return report.build(found).html()


@pytest.fixture(scope="module")
def empty_page() -> str:
    with analysis([]) as found:
        return report.build(found).html()


class Outline(HTMLParser):
    """What a test asks of a page: tags in order with their attributes, and the visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def scripts(page: str) -> list[tuple[str, str]]:
    return re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)


@pytest.mark.parametrize("name", ["page", "empty_page", "evil_page"])
def test_the_file_holds_one_plotly_and_stays_small(name: str, request: pytest.FixtureRequest) -> None:
    found: str = request.getfixturevalue(name)
    packed = [text for attributes, text in scripts(found) if "text/plain" in attributes]
    assert len(packed) == 1
    assert gzip.decompress(base64.b64decode(packed[0])).startswith(b"/**\n* plotly.js v")
    assert len(found.encode()) <= 2_600_000
    assert len(found.encode()) - len(packed[0]) <= 600_000


@pytest.mark.parametrize("name", ["page", "empty_page", "evil_page"])
def test_nothing_points_out_of_the_file(name: str, request: pytest.FixtureRequest) -> None:
    found: str = request.getfixturevalue(name)
    outside = re.sub(r'<script type="text/plain".*?</script>', "", found, flags=re.DOTALL)
    assert set(re.findall(r"https?://[^\s\"'<]+", outside)) <= {"http://www.w3.org/2000/svg"}
    for _, attributes in Outline(found).tags:
        assert not {"src", "href", "action", "srcset"} & attributes.keys()


def test_the_policy_allows_the_two_scripts_by_hash_and_no_network(page: str) -> None:
    policy = next(
        str(meta["content"])
        for meta in Outline(page).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    inline = next(text for attributes, text in scripts(page) if not attributes)
    packed = next(text for attributes, text in scripts(page) if "text/plain" in attributes)
    running = [inline.encode(), gzip.decompress(base64.b64decode(packed))]
    assert allowed == [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in running]


def test_a_prompt_can_never_become_markup_or_script(evil_page: str) -> None:
    assert "alert(1)" in Outline(evil_page).text
    assert len(scripts(evil_page)) == 7  # five figures, the packed plotly.js, the starter
    assert not Outline(evil_page).all("img")
    assert SCRIPT not in evil_page
    assert "\u202e" not in evil_page


def test_json_inside_a_script_element_cannot_end_it() -> None:
    text = html.script_json({"label": f"{SCRIPT}\u2028&"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"label": f"{SCRIPT}\u2028&"}


def test_figures_in_the_page_are_those_of_the_results(page: str, ins: ri.Insights) -> None:
    found = re.search(r'<script type="application/json" id="figure-run_volume">(.*?)</script>', page, re.DOTALL)
    assert found
    shown = [count for trace in json.loads(found[1])["data"] if trace["type"] == "bar" for count in trace["y"]]
    assert shown == ins.run_volume().frame["runs"].tolist()


def test_sections_come_in_their_order(page: str) -> None:
    heads = re.findall(r'<h2 id="([a-z_-]+)"', page)
    assert heads == [
        *("verdict", "headline", "sentiment_trend", "problem_prompts", "run_volume", "compare"),
        *("feedback_coverage", "data-notes", "method", "provenance"),
    ]


def test_a_page_without_runs_keeps_every_section_and_says_why(empty_page: str, page: str) -> None:
    assert re.findall("<h2 id", empty_page) == re.findall("<h2 id", page)
    text = Outline(empty_page).text
    assert "NOT ENOUGH DATA" in text
    assert text.count("no runs in this window") >= 5  # in figures, and in sentences
    assert not re.search(r"\bnan\b|\bNone\b|<NA>|\{|\}", text)


def test_a_page_with_runs_of_today_alone_does_not_say_that_there_are_none() -> None:
    today = [row for row in rows() if row["timestamp"] >= MIDNIGHT]
    with analysis(today) as found:
        made = report.build(found)
    sentence = f"No runs before the day that is not over; {len(today)} runs since it began."
    assert made.model.verdict.reasons == (sentence,)
    text = Outline(made.html()).text
    assert text.count(sentence) >= 2
    assert "no runs in this window" not in text.lower()


def test_the_page_can_be_read_without_eyes(page: str) -> None:
    outline = Outline(page)
    assert outline.all("html")[0]["lang"] == "en"
    assert [tag for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)] == ["h1"] + ["h2"] * 10
    assert all(len(outline.all(landmark)) == 1 for landmark in ("header", "main", "footer"))
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all(attributes.get("scope") for attributes in outline.all("th"))
    assert len(outline.all("figcaption")) == len(outline.all("figure")) == 5
    named = [attributes for _, attributes in outline.tags if attributes.get("role") == "img"]
    assert len(named) == 10  # five charts, each with its static twin
    assert all(attributes["aria-label"] for attributes in named)
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_summary_table_and_static_chart_is_there_without_scripts(page: str, made: report.Report) -> None:
    text = Outline(page).text
    for section in made.model.sections:
        assert section.summary in text
        assert section.table.rows
    assert page.count('<svg class="sketch"') == 5
    assert "<noscript>" in page


def test_the_same_data_and_as_of_give_the_same_bytes(ins: ri.Insights, page: str, tmp_path: Path) -> None:
    again = ri.Insights(ins._db, last="28 days", tz=TZ, as_of=AS_OF)
    first, second = (report.build(each).save(tmp_path / f"{name}.html") for name, each in [("a", ins), ("b", again)])
    assert first.read_bytes() == second.read_bytes() == page.encode()


def test_hash_seed_locale_and_directory_change_no_byte(page: str, tmp_path: Path) -> None:
    code = (
        "from handmade import analysis, runs; from runinsights import report\n"
        "with analysis(reversed(runs())) as ins: report.build(ins).save('again.html')"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    told = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=told, check=True, timeout=60)
    assert (tmp_path / "again.html").read_bytes() == page.encode()


def test_a_failed_section_names_itself_and_leaves_the_old_file(tmp_path: Path, ins: ri.Insights) -> None:
    class Broken:
        window = ins.window

        def __getattr__(self, name: str) -> Any:
            if name == "run_volume":
                raise ri.Unavailable("no database")
            return getattr(ins, name)

    old = tmp_path / "quality.html"
    old.write_text("old")
    with pytest.raises(ri.Unavailable) as caught:
        report.build(Broken()).save(old)
    assert caught.value.__notes__ == ["while making the section run_volume of the report"]
    assert old.read_text() == "old"


def test_a_failed_write_leaves_the_old_file_and_no_other(
    made: report.Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        os.close(os.open(self, os.O_CREAT | os.O_WRONLY))
        raise OSError("no space left")

    old = tmp_path / "quality.html"
    old.write_text("old")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        made.save(old)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("quality.html", "old")]


def test_only_html_is_written(made: report.Report, tmp_path: Path) -> None:
    with pytest.raises(ri.InvalidInput, match=r"\.html"):
        made.save(tmp_path / "quality.docx")


def test_progress_counts_every_step_to_the_end(ins: ri.Insights) -> None:
    steps: list[tuple[str, int, int]] = []
    report.build(ins, progress=lambda *step: steps.append(step))
    assert [step for step, *_ in steps] == [
        *("sentiment_trend", "problem_prompts", "run_volume", "compare", "feedback_coverage"),
        "report",
    ]
    assert [done for _, done, _ in steps] == [0, 1, 2, 3, 4, 5]


def test_the_command_repeats_the_window_whatever_the_day(made: report.Report) -> None:
    words = made.model.command.split()
    assert words[:2] == ["runinsights", "report"]
    given = dict(zip(words[2::2], words[3::2], strict=True))
    assert given["--as-of"] == made.model.as_of == AS_OF.isoformat()
    again = ri.Window.of(
        tz=given["--tz"],
        since=made.model.since and ri.Window.of(tz=TZ, last="28 days", as_of=AS_OF).since,
        as_of=AS_OF,
    )
    assert given["--since"] == again.since.isoformat()


def test_provenance_names_every_query_with_its_hash(made: report.Report) -> None:
    assert {source.query for source in made.model.sources} == {
        *("sentiment_trend", "problem_prompts", "run_volume", "feedback_coverage"),
        *("vote_delays", "volume_hours", "voters", "users"),
    }
    assert all(re.fullmatch("[0-9a-f]{64}", source.sha256) for source in made.model.sources)


def test_every_default_is_printed_with_its_meaning(made: report.Report, page: str) -> None:
    assert list(MEANINGS) == [field.name for field in fields(Defaults)]
    text = Outline(page).text
    for default in made.model.defaults:
        assert default.meaning in text
        assert float(default.value) == getattr(DEFAULTS, default.name)


def test_data_notes_count_what_is_left_out(made: report.Report, ins: ri.Insights) -> None:
    notes = {note.text: note.count for note in made.model.data_notes}
    volume = ins.run_volume().frame
    today = sum(row["timestamp"] >= MIDNIGHT for row in rows())
    assert notes["runs of the day that was not over: in no total"] == today
    assert (
        notes["runs in incomplete buckets: drawn in the charts, not judged"]
        == volume[volume["incomplete"]]["runs"].sum()
    )
    assert all(count > 0 for count in notes.values())


def test_each_tile_carries_its_n(made: report.Report) -> None:
    shown = {tile.name: tile for tile in made.model.tiles}
    assert list(shown) == ["approval", "change", "coverage", "runs", "owners", "problem_groups"]
    assert all(re.search(r"\d", tile.counts) for tile in shown.values())
    assert all("95% interval" in shown[name].interval for name in ("approval", "change", "coverage"))
    assert "would have been seen" in shown["change"].counts


def headline(**changes: Any) -> Headline:
    """A quiet, well-rated window."""
    rate = {"approval": 0.8, "low": 0.75, "high": 0.85, "rated": 300, "liked": 240, "users": 90, "runs": 2000}
    coverage = {**rate, "coverage": 0.15, "coverage_low": 0.13, "coverage_high": 0.17, "flags": ""}
    change = {
        **rate,
        **{"change": -0.01, "change_low": -0.05, "change_high": 0.03, "detectable_fall": 0.06},
        **{"verdict": "no_change_shown", "previous_rated": 280, "previous_users": 80},
    }
    volume = {"runs": 2000, "threads": 700, "owners": 120, "new_owners": 20}
    counts = {"tested": 12, "votes": 290}
    quiet = Headline(coverage, change, volume, 0, [], counts, "28 days", DEFAULTS)
    parts = {
        name: {**getattr(quiet, name), **part} if isinstance(part, dict) else part for name, part in changes.items()
    }
    return replace(quiet, **parts)


PROBLEM = {"status": "new", "share_of_disliked": 0.2}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, "OK", "No fall of approval is shown: −1.0 points (−5.0 to +3.0 points)"),
        ({"change": {"verdict": "better", "change": 0.05}}, "OK", "Approval rose: +5.0 points"),
        ({"problems": [PROBLEM]}, "WARN", "There are problem prompts."),
        ({"change": {"verdict": "worse", "change_high": -0.01}}, "WARN", "Approval fell"),
        ({"change": {"verdict": "worse", "change_high": -0.06}}, "FAIL", "Approval fell"),
        (
            {"change": {"verdict": "not_enough_data", "previous_rated": 12, "previous_users": 7}},
            "NOT ENOUGH DATA",
            "the window before has 12 votes by 7 users",
        ),
        ({"change": None}, "NOT ENOUGH DATA", "this window has 0 votes"),
        ({"volume": {"runs": 0}, "coverage": None, "change": None}, "NOT ENOUGH DATA", "There are no runs"),
        (
            {"volume": {"runs": 0}, "left_out": 60, "change": None},
            "NOT ENOUGH DATA",
            "not over; 60 runs since it began.",
        ),
    ],
)
def test_the_verdict_follows_from_change_and_problems(changes: dict[str, Any], status: str, words: str) -> None:
    verdict = judge(headline(**changes))
    assert verdict.status == status
    assert words in verdict.reasons[0]


def test_a_lack_of_votes_is_said_and_not_shown_as_a_rate() -> None:
    shown = {tile.name: tile for tile in tiles(headline(coverage={"approval": None, "rated": 3}, change=None))}
    assert (shown["approval"].value, shown["approval"].counts) == ("–", "too few votes (3)")
    assert shown["change"].value == "–"


def test_problem_prompts_are_called_new_only_where_a_window_before_tells() -> None:
    two = [PROBLEM, {**PROBLEM, "status": "ongoing"}]
    assert judge(headline(problems=two)).reasons[-1].endswith("with 40% of all dislikes; one of them new.")
    alone = judge(headline(problems=two, change={"previous_rated": 0, "verdict": "not_enough_data"}))
    assert alone.reasons[-1].endswith("with 40% of all dislikes.")


def test_sample_prompts_are_of_different_wording_redacted_and_said_to_be_raw_otherwise(evil_page: str) -> None:
    assert "firma.cz" not in evil_page
    assert "[email]" in Outline(evil_page).text
    with analysis(evil_rows()) as found:
        raw = report.build(found, raw_prompts=True)
    assert "jan.novak@firma.cz" in Outline(raw.html()).text
    assert "This report contains raw text of prompts." in raw.html()
    assert "--raw-prompts" in raw.model.command


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to jan.novak+x@firma.co.uk!", "write to [email]!"),
        ("see https://a.b/c?token=1&d=2 now", "see https://a.b/c?[query] now"),
        ("run 123e4567-e89b-12d3-a456-426614174000", "run [uuid]"),
        ("CZ65 0800 0000 1920 0014 5399 please", "[iban] please"),
        ("DE89370400440532013000", "[iban]"),
        ("GB29 NWBK 6016 1331 9268 19", "[iban]"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 3782-822463-10005", "card [card]"),
        ("call +420 602 123 456", "call [phone]"),
        ("call 602 123 456", "call [phone]"),
        ("call (020) 7946 0958", "call [phone]"),
        ("call 00 420 602 123 456", "call [phone]"),
        ("order 123456 of 2024", "order [number] of 2024"),
        ("unemployment 2019 2020 2021 2022", "unemployment 2019 2020 2021 2022"),
        ("wages 12 345 and 1.5.2020", "wages 12 345 and 1.5.2020"),
    ],
)
def test_redaction_masks_what_names_a_person_and_keeps_the_rest(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_sample_is_one_short_line_without_tricks_and_never_a_cut_address() -> None:
    assert sample("a\u202eb\n\tc\x00d") == "a b c d"
    assert len(sample("word " * 10_000)) <= SHOWN
    hidden = "1" * 1990 + " jan.novak@firma.cz"
    assert sample(hidden) == "[number]"


def test_redaction_of_a_hostile_text_takes_no_time() -> None:
    for text in ("a@" * 1000, "1 " * 1000, "+" + "1-" * 1000, "A" * 2000, "http://" + "a?" * 900, "AB12 " * 400):
        assert len(redact(text)) <= 3 * len(text)
