"""One word through all layers: whatever has a report query has every other place too."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from runinsights import aio, sync
from runinsights.analytics import charts, frames, listings, summaries
from runinsights.analytics.insights import Insights
from runinsights.report.assemble import STEPS, TITLES

ROOT = Path(__file__).parents[1]
NO_SECTION = {"comments", "data_quality", "releases", "users"}  # of rows and people, which a report does not list
WORDS = sorted(path.stem for path in (ROOT / "queries" / "reports").glob("*.sql"))


def test_there_are_words() -> None:
    assert {"sentiment_trend", "run_volume", "problem_prompts", "feedback_coverage"} <= set(WORDS)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", [sync, aio, Insights, frames, charts, summaries], ids=lambda place: place.__name__)
def test_a_word_is_a_function_of_every_layer(word: str, place: object) -> None:
    assert inspect.isfunction(getattr(place, word, None))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_a_section_of_the_report_a_heading_of_the_docs_and_a_test(word: str) -> None:
    if word in STEPS:
        assert TITLES[word].lower().replace(" ", "_") == word
    else:
        assert word in NO_SECTION
    assert f"\n## {word}\n" in (ROOT / "docs" / "analytics.md").read_text(encoding="utf-8")
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").glob("test_*.py")
        if path.name != Path(__file__).name
    )
    assert f"{word}(" in tests


def test_the_columns_in_the_docs_are_those_of_the_frames() -> None:
    text = " ".join((ROOT / "docs" / "analytics.md").read_text(encoding="utf-8").split())
    shown = (frames.SENTIMENT_TREND, frames.RUN_VOLUME, frames.HEATMAP, frames.VOTERS, frames.PROBLEM_PROMPTS)
    for schema in (*shown, listings.USERS, listings.COMMENTS, listings.RELEASES, listings.DATA_QUALITY):
        assert f"`{', '.join(schema)}`" in text
    for name in [*frames.FEEDBACK_COVERAGE, *frames.COMPARE]:
        assert name.removeprefix("previous_") in text


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_named_after_a_word_or_puts_several_together(path: Path) -> None:
    assert path.stem in {*WORDS, "quality_report", "what_got_worse"}
