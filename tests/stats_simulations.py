"""What the statistics promise, measured on made data whose truth is known: small in the tests, in full by `make stats`.

Each function draws many series at once and puts them through the product's own arithmetic.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from quiet_demo import STATED, rates
from runinsights.analytics.changepoint import change_point
from runinsights.analytics.comparison import difference
from runinsights.analytics.control import accumulate, effective_counts, learn, log_ratio
from runinsights.analytics.control_charts import ChartRule, chart_alarms, standardised
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.mix import mix_shift
from runinsights.analytics.ranking import benjamini_hochberg
from runinsights.analytics.stats import Votes, approval

Floats = npt.NDArray[np.float64]
Counts = tuple[Floats, Floats]
SEED = 20240229
MEAN, FALLEN = 0.85, 0.70
BASELINE, WINDOW = 56, 90
NEVER = 10**6


@dataclass(frozen=True)
class Covered:
    """The share of nominal 95 % intervals that hold the truth."""

    naive: float
    linearised: float
    jackknife: float


# --- intervals -----------------------------------------------------------------------------------


def coverage(users: int, correlation: float, zipf: float, runs: int, mean: float = 0.8) -> Covered:
    """Users' own rates are beta with this intra-class correlation, their votes Zipf capped at 100."""
    rng = np.random.default_rng(SEED)
    hits = np.zeros(3)
    for size in _chunks(runs, 400_000 // users):
        liked, rated = voters(rng, users, correlation, zipf, size, mean)
        hits += [_holds(limits, mean) for limits in intervals(liked, rated)]
    return Covered(*(hits / runs).tolist())


def voters(
    rng: np.random.Generator, users: int, correlation: float, zipf: float, runs: int, mean: float = 0.8
) -> Counts:
    strength = 1 / correlation - 1
    own = rng.beta(mean * strength, (1 - mean) * strength, (runs, users))
    votes = np.minimum(rng.zipf(zipf, (runs, users)), 100)
    return rng.binomial(votes, own).astype(float), votes.astype(float)


def intervals(liked: Floats, rated: Floats) -> list[Counts]:
    """Naive, linearised and jackknife limits of many sets of users; a test holds them to the product's."""
    k, n, x = rated.shape[1], rated.sum(1), liked.sum(1)
    p = x / n
    linearised = k / (k - 1) * ((liked - p[:, None] * rated) ** 2).sum(1) / n**2
    without = (x[:, None] - liked) / (n[:, None] - rated)
    jackknife = (k - 1) / k * ((without - p[:, None]) ** 2).sum(1)
    t = float(special.stdtrit(k - 1, 0.975))
    chance = p * (1 - p) / n
    deffs = [
        np.maximum(1, np.divide(v, chance, out=np.ones_like(v), where=chance > 0)) for v in (linearised, jackknife)
    ]
    return [_wilson(p, n, float(special.ndtri(0.975))), *(_wilson(p, n / deff, t) for deff in deffs)]


def _wilson(p: Floats, n: Floats, quantile: float) -> Counts:
    square = quantile**2 / n
    half = np.sqrt(square * (p * (1 - p) + square / 4)) / (1 + square)
    centre = (p + square / 2) / (1 + square)
    return centre - half, centre + half


def _holds(limits: Counts, truth: float) -> int:
    return int(((limits[0] <= truth) & (truth <= limits[1])).sum())


# --- alarms --------------------------------------------------------------------------------------


def series(
    rng: np.random.Generator,
    votes: float,
    dispersion: float,
    runs: int,
    fallen: float | None = None,
    mean: float = MEAN,
) -> Counts:
    """Baseline and window of daily counts; `fallen` is the rate of the window."""
    rates = np.full((runs, BASELINE + WINDOW), mean)
    if fallen is not None:
        rates[:, BASELINE:] = fallen
    if dispersion:
        strength = 1 / dispersion - 1
        rates = rng.beta(rates * strength, (1 - rates) * strength)
    rated = rng.poisson(votes, rates.shape)
    return rng.binomial(rated, rates).astype(float), rated.astype(float)


def sequential(liked: Floats, rated: Floats, defaults: Defaults = DEFAULTS) -> npt.NDArray[np.bool_]:
    """The alarms of the default rule in the window."""
    value, dispersion = learn(liked[:, :BASELINE], rated[:, :BASELINE])
    ratios = log_ratio(liked[:, BASELINE:], rated[:, BASELINE:], value, dispersion, defaults)
    return accumulate(ratios, defaults)[0] >= defaults.alarm_evidence


def by_rule(rule: str, liked: Floats, rated: Floats) -> npt.NDArray[np.bool_]:
    """The alarms of any rule that was tried."""
    before, now = (liked[:, :BASELINE], rated[:, :BASELINE]), (liked[:, BASELINE:], rated[:, BASELINE:])
    if rule in ("binomial", "laney", "ewma"):
        chart: ChartRule = rule  # type: ignore[assignment]
        return chart_alarms(before, *now, chart)
    value, dispersion = learn(*before)
    if rule == "three sigma":
        return (standardised(*now, value[:, None]) < -3) & (now[1] >= DEFAULTS.show_min)
    if rule == "plain":
        return accumulate(log_ratio(*now, value, dispersion * 0))[0] >= DEFAULTS.alarm_evidence
    if rule == "prediction":
        return _tail(*now, value, dispersion) < DEFAULTS.alarm_tail
    if rule == "mixture":
        return _shiryaev_roberts(*now, value, dispersion) >= 1800
    odds, evidence = (float(part) for part in rule.split(","))
    return sequential(liked, rated, Defaults(alarm_odds=odds, alarm_evidence=evidence))


def _tail(liked: Floats, rated: Floats, value: Floats, dispersion: Floats) -> Floats:
    """P(X ≤ x) of the beta-binomial prediction, day by day."""
    strength = 1 / np.maximum(dispersion, 1e-5)[:, None] - 1
    a, b = value[:, None] * strength, (1 - value[:, None]) * strength
    result: Any = stats.betabinom.cdf(liked, rated, a, b)
    return np.where(rated > 0, result, 1.0)


def _shiryaev_roberts(liked: Floats, rated: Floats, value: Floats, dispersion: Floats) -> Floats:
    """The mean over four sizes of fall of the Shiryaev-Roberts statistic."""
    ratios = np.stack(
        [log_ratio(liked, rated, value, dispersion, Defaults(alarm_odds=odds)) for odds in (1.5, 2, 3, 5)]
    )
    total, out = np.zeros(ratios.shape[:-1]), np.zeros(ratios.shape[1:])
    for day in range(ratios.shape[-1]):
        total = (np.minimum(total, 1e100) + 1) * np.exp(np.minimum(ratios[..., day], 300))
        out[:, day] = total.mean(0)
    return out


def quiet_alarms(rule: str, votes: float, dispersion: float, runs: int, mean: float = MEAN) -> float:
    """The share of quiet windows of 90 days with an alarm."""
    rng = np.random.default_rng(SEED)
    hits = [
        by_rule(rule, *series(rng, votes, dispersion, size, mean=mean)).any(1).sum() for size in _chunks(runs, 2000)
    ]
    return float(sum(hits) / runs)


def days_to_alarm(rule: str, votes: float, dispersion: float, runs: int) -> npt.NDArray[np.int64]:
    """The days from a fall of .85 to .70 to the first alarm."""
    rng = np.random.default_rng(SEED + 1)
    found = [first_day(by_rule(rule, *series(rng, votes, dispersion, size, FALLEN))) for size in _chunks(runs, 2000)]
    return np.concatenate(found)


def first_day(alarms: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    return np.where(alarms.any(1), alarms.argmax(1) + 1, NEVER)


def repeated(
    rng: np.random.Generator,
    sittings: float,
    per_sitting: float,
    correlation: float,
    users: int,
    days: int,
    fallen: int,
) -> list[Votes]:
    """Daily counts of users who come back, several votes a sitting; dislikes double from day `fallen` on."""
    strength = 1 / correlation - 1
    own = rng.beta(MEAN * strength, (1 - MEAN) * strength, users)
    busy = np.minimum(rng.zipf(2.0, users), 50).astype(float)
    found: list[Votes] = []
    for day in range(days):
        who = rng.choice(users, rng.poisson(sittings), p=busy / busy.sum())
        rated = np.bincount(who, rng.geometric(1 / per_sitting, len(who)), users).astype(int)
        rates = own if day < fallen else np.maximum(0, 1 - 2 * (1 - own))
        found.append(Votes.of_users(rng.binomial(rated, rates).tolist(), rated.tolist()))
    return found


def repeat_voters(sittings: float, per_sitting: float, users: int, runs: int, fallen: bool) -> npt.NDArray[np.int64]:
    """The days to the first alarm where the votes of a day come from few people."""
    rng = np.random.default_rng(SEED + 2)
    start = BASELINE if fallen else NEVER
    days = [repeated(rng, sittings, per_sitting, 0.2, users, BASELINE + WINDOW, start) for _ in range(runs)]
    counts = np.array([effective_counts(own) for own in days])
    return first_day(sequential(counts[:, 0], counts[:, 1]))


# --- comparisons without a difference --------------------------------------------------------------


@dataclass(frozen=True)
class NullRates:
    """The share of pairs of windows without any difference that each detector speaks up about."""

    verdict: float
    family: float
    mix: float
    change_point: float


def null_rates(seeds: int, users: int = 120, values: int = 6) -> NullRates:
    """Two windows of the same users, cut into segments; and one quiet series for the change point."""
    hits = np.zeros(4)
    for seed in range(seeds):
        rng = np.random.default_rng([SEED, seed])
        hits += _null(rng, users, values)
    return NullRates(*(hits / seeds).tolist())


def _null(rng: np.random.Generator, users: int, values: int) -> list[bool]:
    own = rng.beta(MEAN * 4, (1 - MEAN) * 4, users)
    busy = np.minimum(rng.zipf(2.0, users), 40)
    windows = [_segments(rng, own, busy, values) for _ in range(2)]
    now, then = (approval(_pooled(window)) for window in windows)
    rates = [{str(name): approval(_votes(cell)) for name, cell in enumerate(window)} for window in windows]
    changes = [difference(rates[0][name], rates[1][name]) for name in rates[0]]
    judged = [change.p_value for change in changes if change.verdict != "not_enough_data"]
    family = benjamini_hochberg([p for p in judged if p is not None])
    whole = difference(now, then)
    shift = mix_shift(rates[0], rates[1], whole)
    liked, rated = series(rng, 30, 0.0, 1)
    point = change_point(liked[0, BASELINE:].tolist(), rated[0, BASELINE:].tolist())
    return [
        whole.verdict in ("better", "worse"),
        min(family, default=1.0) <= DEFAULTS.q,
        shift is not None and shift.warning is not None,
        point is not None and point.shown,
    ]


Cell = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _segments(rng: np.random.Generator, own: Floats, busy: npt.NDArray[np.int64], values: int) -> list[Cell]:
    """Likes and votes of each user in each segment."""
    shares = np.arange(values, 0, -1) / np.arange(1, values + 1).sum()
    rated = rng.multinomial(rng.poisson(busy), shares)
    return [(rng.binomial(rated[:, value], own), rated[:, value]) for value in range(values)]


def _votes(cell: Cell) -> Votes:
    return Votes.of_users(cell[0].tolist(), cell[1].tolist())


def _pooled(cells: list[Cell]) -> Votes:
    return _votes((sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)))  # type: ignore[arg-type]


def _chunks(runs: int, size: int) -> Iterator[int]:
    while runs > 0:
        yield min(runs, max(1, size))
        runs -= max(1, size)


# --- the full run ----------------------------------------------------------------------------------

VOTERS = [(40, 0.2, 2.0), (40, 0.05, 2.0), (150, 0.2, 2.0), (150, 0.2, 1.6), (400, 0.2, 1.6)]
RULES = [
    "three sigma",
    "binomial",
    "laney",
    "ewma",
    "prediction",
    "plain",
    "mixture",
    "1.5,5.5",
    "3,5.5",
    "2,5",
    "2,6",
    "2,7",
]
DAYS = [(8, 0.0), (8, 0.02), (30, 0.0), (30, 0.02), (100, 0.0), (100, 0.02)]


def main(runs: int) -> None:
    started = time.monotonic()
    print(f"Coverage of nominal 95 % intervals, {runs} simulations a row (users, correlation, Zipf exponent)")
    for row in VOTERS:
        found = coverage(*row, runs)
        print(
            f"  {row!s:18} naive {found.naive:.3f}  linearised {found.linearised:.3f}  jackknife {found.jackknife:.3f}"
        )
    print(
        f"Alarms, {runs // 2} series a cell: share of 90 quiet days with one; .85 → .70: median days, share within 21"
    )
    print("  rule         " + "".join(f"{votes:>4} a day, ρ {rho:<7}" for votes, rho in DAYS))
    for rule in RULES:
        print(f"  {rule:12} " + "".join(_cell(rule, votes, rho, runs // 2) for votes, rho in DAYS), flush=True)
    for mean, votes, rho in ((0.95, 30, 0.0), (0.6, 30, 0.0), (0.85, 2, 0.0), (0.85, 30, 0.1), (0.85, 400, 0.02)):
        print(
            f"  default, p {mean}, {votes} a day, ρ {rho}: quiet {quiet_alarms('2,6', votes, rho, runs // 2, mean):.3f}"
        )
    for sittings, each, users in ((5, 1.5, 60), (20, 1.5, 200), (10, 3, 200), (67, 1.5, 500), (33, 3, 500)):
        quiet, fallen = (repeat_voters(sittings, each, users, runs // 50, which) for which in (False, True))
        print(
            f"  repeat voters, {sittings} sittings a day of {each} votes: quiet {np.mean(quiet < NEVER):.3f}, "
            f"median days {np.median(fallen):.0f}"
        )
    found = null_rates(runs // 5)
    print(f"No difference, {runs // 5} pairs of windows: {found}")
    quiet = rates(runs // 100)
    print(f"Through Insights, {runs // 100} sets of demo data without effects: {quiet}; stated {STATED}")
    print(f"{time.monotonic() - started:.0f} s")


def _cell(rule: str, votes: float, rho: float, runs: int) -> str:
    runs = runs // 10 if rule == "prediction" else runs  # whose distribution function is slow
    days = days_to_alarm(rule, votes, rho, runs)
    return f"{quiet_alarms(rule, votes, rho, runs):.3f} {np.median(days):4.0f} {np.mean(days <= 21):.2f}   "


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
