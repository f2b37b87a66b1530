"""The statistics page: its examples run and its defaults are those in force."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from runinsights.analytics.defaults import DEFAULTS

PAGE = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_run_and_say_what_they_say(capsys: pytest.CaptureFixture[str]):
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "docs/statistics.md", "exec"), names)
    assert (names["low"], names["high"]) == pytest.approx((0.628, 0.842), abs=5e-4)
    assert "top_user" in names["rate"].flags
    assert names["safer"].low < names["rate"].low
    assert (names["split"].rate_effect, names["split"].mix_effect) == (pytest.approx(0.05), pytest.approx(0.24))
    assert names["split"].warning == "mix"
    printed = capsys.readouterr().out
    assert [line.split()[1] for line in printed.splitlines()[-5:]] == ["False", "False", "True", "False", "False"]


def test_the_page_lists_every_default_with_its_value():
    listed = dict(re.findall(r"`([a-z_]+)` ([0-9.e+]+)", PAGE.split("## Defaults")[1]))
    assert {name: float(value) for name, value in listed.items()} == {
        field.name: pytest.approx(getattr(DEFAULTS, field.name)) for field in fields(DEFAULTS)
    }
