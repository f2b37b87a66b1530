"""The README is true: its example prints what it says, its picture is the chart, its commands and links exist."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import runinsights as ri
from runinsights.demo import DEMO_UNTIL, seed_demo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "images" / "sentiment_trend.svg"


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def test_the_example_prints_what_the_readme_shows() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(_block("python"), "README.md", "exec"), {})
    assert said.getvalue() == _block("text")


def test_the_picture_is_the_chart_of_the_demo_data() -> None:
    with ri.connect(":memory:") as db:
        seed_demo(db)
        svg = ri.Insights(db, last="90 days", tz="Europe/Prague", as_of=DEMO_UNTIL).sentiment_trend().svg
    assert PICTURE.read_text(encoding="utf-8") == svg.replace('style="', 'style="background:#fff;', 1) + "\n"


def test_the_first_code_stands_within_twenty_lines() -> None:
    assert "```python" in "\n".join(README.splitlines()[:20])


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets


def test_every_link_and_folder_of_the_map_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    folders = re.findall(r"`((?:src|tests|queries|notebooks)[\w/]*/)`", README)
    assert links
    assert [place for place in [*links, *folders] if not (ROOT / place).exists()] == []


def test_every_extra_of_the_readme_is_declared_and_the_other_way_round() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    table = README.split("| extra | for |")[1].split("\n\n")[0]
    assert set(
        re.findall(r"`(\w+)`(?=[,| ])", "\n".join(row.split("|")[1] + " " for row in table.splitlines()[2:]))
    ) == set(declared)
