"""Demo data without what is planted in them, and which detectors of Insights speak up all the same."""

from __future__ import annotations

from collections import Counter

import numpy as np

import runinsights as ri
from runinsights.demo import DEMO_UNTIL, DemoRun, generate

STATED = {"alarm": 0.10, "change_point": 0.05, "compare": 0.05, "segments": 0.10, "mix": 0.05, "problem_prompts": 0.10}
"""The share of windows without an effect in which each detector may speak up; q is .10 where there is a family."""


def quiet(seed: int, runs: int = 6_000, days: int = 170) -> list[DemoRun]:
    """The demo's runs and voters; votes depend on the voter's mood and on nothing else."""
    rows = generate(runs, seed=seed, days=days).rows
    rng = np.random.default_rng([seed, 1])
    moods = {user: rng.normal(0, 0.4) for user in sorted({row.user_key for row in rows})}
    luck = rng.random(len(rows))
    odds = [0.15 / 0.85 * np.exp(moods[row.user_key]) for row in rows]
    return [
        row._replace(sentiment=bool(draw >= odd / (1 + odd)), comment=None) if row.sentiment is not None else row
        for row, draw, odd in zip(rows, luck, odds, strict=True)
    ]


def flags(seed: int) -> dict[str, bool]:
    """Which detectors flag anything in the last 90 days of one quiet set."""
    with ri.connect(":memory:") as db:
        db.load_runs(row._asdict() for row in quiet(seed))
        ins = ri.Insights(db, last="90 days", tz="Europe/Prague", as_of=DEMO_UNTIL)
        trend, segments = ins.sentiment_trend().frame, ins.segments("model").frame
        assert trend.attrs["baseline"]["reason"] is None
        return {
            "alarm": bool(trend["alarm"].any()),
            "change_point": bool(trend["change_point"].notna().any()),
            "compare": bool(ins.compare().frame["verdict"].isin(["better", "worse"]).any()),
            "segments": bool((segments["fdr"] <= 0.10).any()),
            "mix": segments.attrs["whole"]["warning"] is not None,
            "problem_prompts": len(ins.problem_prompts().frame) > 0,
        }


def rates(seeds: int) -> dict[str, float]:
    """The share of seeds in which each detector speaks up."""
    found = Counter(name for seed in range(seeds) for name, flagged in flags(seed).items() if flagged)
    return {name: found[name] / seeds for name in STATED}


def allowed(stated: float, seeds: int) -> float:
    """The stated rate and two standard errors of it."""
    return stated + 2 * (stated * (1 - stated) / seeds) ** 0.5
