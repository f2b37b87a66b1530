"""Which kinds of prompt are disliked more than chance explains."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from scipy.stats import fisher_exact

from runinsights.analytics.defaults import Defaults
from runinsights.analytics.problems import ProblemGroup, problem_groups
from runinsights.analytics.prompts import bag_key, template
from runinsights.analytics.ranking import benjamini_hochberg

START = datetime(2024, 1, 1, tzinfo=UTC)
BAD = ("the excel export fails for {quoted}", "medián mzdy Brno {year}")
THINGS = ("population", "wages", "births", "hotels", "flats", "prices", "exports", "energy", "crime", "rain")
VERBS = ("show", "compare", "draw", "sum", "list", "explain")
HEALTHY = tuple(f"{verb} {thing} Brno {{year}}" for verb in VERBS for thing in THINGS)


class PromptRow(NamedTuple):
    run_id: str
    thread_id: str
    user_key: str
    prompt: str | None
    sentiment: bool | None
    timestamp: datetime


def rows(number: int, seed: int, bad: Sequence[str] = BAD, down: float = 0.6, voting: float = 0.3) -> list[PromptRow]:
    """Runs of many users over 60 healthy kinds of prompt and the bad ones (8% of runs), typed in many ways."""
    chance = random.Random(seed)
    users = [f"user {number}" for number in range(max(3, number // 6))]
    activity = [chance.lognormvariate(0, 1.2) for _ in users]
    names = chance.choices(users, activity, k=number)
    made: list[PromptRow] = []
    for index, user in enumerate(names):
        planted = bool(bad) and chance.random() < 0.08
        text = chance.choice(bad if planted else HEALTHY).format(
            year=chance.randrange(1995, 2026), quoted=f'"table {chance.randrange(99)}"'
        )
        text = chance.choice(("", "please ", "Prosím ")) + text + chance.choice(("", "?", " díky"))
        liked = chance.random() >= (down if planted else 0.15)
        sentiment = liked if chance.random() < voting else None
        made.append(row(index, user, text, sentiment))
    return made


def row(index: int, user: str, prompt: str | None, sentiment: bool | None) -> PromptRow:
    return PromptRow(f"run {index:06}", f"thread {index}", user, prompt, sentiment, START + timedelta(minutes=index))


def background(prompt: str = "how many people live in {}", downs: int = 10, ups: int = 90) -> list[PromptRow]:
    """One vote each of 100 users on five healthy kinds of prompt."""
    return [
        row(10_000 + index, f"background {index}", prompt.format("abcde"[index % 5] * 3), index >= downs)
        for index in range(downs + ups)
    ]


def votes(prompt: str, downs: int, ups: int, first: int = 0, user: str = "asker") -> list[PromptRow]:
    """One vote each of downs + ups users on one prompt."""
    return [row(first + index, f"{user} {first + index}", prompt, index >= downs) for index in range(downs + ups)]


def key(prompt: str) -> str:
    return bag_key(template(prompt))


def labels(groups: Iterable[ProblemGroup]) -> list[str]:
    return [group.label for group in groups]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_problems_are_found_and_nothing_else(seed: int):
    found = problem_groups(rows(6000, seed))
    planted = {key(text.format(year=2024, quoted='"x"')) for text in BAD}
    assert {key(label) for label in labels(found.groups)} == planted
    assert [(group.flagged, group.status) for group in found.groups] == [(True, "new")] * 2


def test_nothing_is_flagged_where_nothing_is_wrong():
    quiet = [rows(3000, seed, bad=()) for seed in range(6)]
    assert [problem_groups(some).counts.flagged for some in quiet] == [0] * 6
    ungated = Defaults(q=0.99, problem_leave_out_p=0.99, eb_tail=0.5)
    assert sum(problem_groups(some, (), ungated).counts.flagged for some in quiet) > 5


def test_the_evidence_of_a_group_is_what_its_definition_says():
    bad, mild = votes("export to excel fails", 8, 2), votes("draw a map of it", 4, 16, first=100)
    found = problem_groups(bad + mild + background(), candidates=True)
    groups = {group.label: group for group in found.groups}
    export = groups["export to excel fails"]
    table = [(8, 2), (4, 16), *[(2, 18)] * 5]
    p_values = [fisher_exact([[d, u], [22 - d, 108 - u]], alternative="greater")[1] for d, u in table]
    assert export.fdr == pytest.approx(float(benjamini_hochberg([float(p) for p in p_values])[0]), abs=1e-9)
    assert (export.runs, export.rated, export.disliked, export.users) == (10, 10, 8, 8)
    assert export.down_rate == pytest.approx(0.8)
    assert export.lift == pytest.approx(0.8 / (22 / 130))
    assert export.share_of_disliked == pytest.approx(8 / 22)
    assert export.down_low is not None
    assert 22 / 130 < export.down_low < 0.8
    assert export.down_interval is not None
    assert export.down_interval == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert (export.first_seen, export.last_seen) == (bad[0].timestamp, bad[-1].timestamp)
    assert export.top_user_share == pytest.approx(1 / 8)
    assert (export.flagged, export.failed) == (True, ())
    assert export.run_ids == tuple(run.run_id for run in bad)
    assert groups["draw a map of it"].failed == ("lift", "fdr", "lower_bound", "leave_one_user_out")
    assert (found.counts.tested, found.counts.flagged, found.counts.too_few_votes) == (7, 1, 0)
    assert found.counts.failed == {"users": 5, "lift": 6, "fdr": 6, "lower_bound": 6, "leave_one_user_out": 6}


def test_unrated_runs_count_as_exposure_alone():
    bad = votes("export to excel fails", 8, 2)
    unrated = [row(500 + index, f"quiet {index}", "Export to Excel fails?", None) for index in range(30)]
    (with_them,) = problem_groups(bad + unrated + background()).groups
    (without,) = problem_groups(bad + background()).groups
    assert (with_them.runs, without.runs) == (40, 10)
    assert with_them.last_seen == unrated[-1].timestamp
    evidence = ("rated", "disliked", "users", "down_rate", "down_low", "fdr", "lift", "sample_run_ids")
    assert [getattr(with_them, name) for name in evidence] == [getattr(without, name) for name in evidence]


def test_samples_are_the_latest_disliked_runs_of_different_users():
    bad = votes("export to excel fails", 8, 2)
    again = [row(600 + index, "asker 7", f"excel export fails {'to ' * index}", False) for index in range(3)]
    (group,) = problem_groups(bad + again + background()).groups
    assert group.sample_run_ids == ("run 000602", "run 000006", "run 000005", "run 000004", "run 000003")


def test_only_the_latest_vote_of_a_user_on_a_template_counts():
    first = votes("export to excel fails", 10, 0)
    changed = [row(100 + index, vote.user_key, vote.prompt, True) for index, vote in enumerate(first)]
    found = problem_groups(first + changed + background(), candidates=True)
    (group,) = [group for group in found.groups if group.label == "export to excel fails"]
    assert (group.runs, group.rated, group.disliked) == (20, 10, 0)
    assert (found.counts.rated, found.counts.capped, found.counts.votes) == (120, 10, 110)


def test_one_user_with_100_downs_on_one_prompt_is_one_vote():
    loud = [row(index, "loud", "export to excel fails", False) for index in range(100)]
    found = problem_groups(loud + background())
    assert (found.groups, found.counts.capped, found.counts.votes) == ([], 99, 101)


def loud_user(extra: int) -> list[PromptRow]:
    """One user dislikes 100 wordings of one kind of prompt, and so do some others."""
    wordings = itertools.permutations(("excel", "export", "fails", "always", "again"))
    loud = [row(index, "loud", " ".join(words), False) for index, words in zip(range(100), wordings, strict=False)]
    return loud + votes("excel export fails always again", extra, 4, first=200)


@pytest.mark.parametrize("seed", range(5))
def test_one_user_with_100_downs_over_100_wordings_flags_nothing(seed: int):
    everything = loud_user(3) + rows(3000, seed, bad=())
    listed = problem_groups(everything, candidates=True)
    group = next(group for group in listed.groups if group.disliked > 100)
    assert group.failed == ("leave_one_user_out",)
    assert listed.counts.flagged == 0


def test_a_loud_user_does_not_hide_what_others_dislike_too():
    found = problem_groups(loud_user(12) + background())
    assert [group.users for group in found.groups] == [13]


@pytest.mark.parametrize("first", [0, 20])
def test_of_users_with_equally_many_downs_the_one_whose_loss_hurts_most_is_left_out(first: int):
    texts = ("map broken", "broken map", "a map broken", "the map broken", "broken a map")
    one = [row(first + index, "only downs", text, False) for index, text in enumerate(texts[:2])]
    two = [row(10 + index, "ups as well", text, index > 1) for index, text in enumerate(texts)]
    some = one + two + votes("map broken", 2, 0, first=30) + background()
    hurts = float(fisher_exact([[4, 3], [10, 90]], alternative="greater")[1])
    assert hurts > 10 * float(fisher_exact([[4, 0], [10, 90]], alternative="greater")[1])
    for limit, fails in ((hurts * 1.01, False), (hurts * 0.99, True)):
        found = problem_groups(some, (), Defaults(problem_leave_out_p=limit), candidates=True)
        (failed,) = [group.failed for group in found.groups if group.rated == 9]
        assert ("leave_one_user_out" in failed) == fails


def test_two_users_are_too_few_and_show_no_text():
    texts = ("export fails", "fails export", "export a fails", "a export fails", "export fails a", "fails a export")
    pair = [row(index, f"user {index % 2}", text, False) for index, text in enumerate(texts)]
    found = problem_groups(pair + background(), candidates=True)
    (group,) = [group for group in found.groups if group.rated == 6]
    assert (group.label, group.users) == ("group of 2 users", 2)
    assert group.failed == ("users",)
    assert "export" not in repr(found)


def test_a_label_is_the_template_asked_most_and_is_short():
    often = votes("Tabulka export?", 6, 0) + votes("export tabulka", 3, 0, first=50)
    assert labels(problem_groups(often + background()).groups) == ["tabulka export"]
    (group,) = problem_groups(votes("export " * 50, 9, 0) + background()).groups
    assert len(group.label) == 80
    assert group.label.endswith("…")


def test_groups_are_ranked_by_their_lower_bound_not_by_rate_or_number():
    some = votes("export fails", 6, 0) + votes("slow answer", 30, 10, first=100)
    some += votes("map broken", 30, 10, first=50) + votes("wrong year", 14, 0, first=200)
    some += background(downs=5, ups=200)
    groups = problem_groups(some).groups
    assert labels(groups) == ["wrong year", "export fails", "map broken", "slow answer"]
    assert problem_groups(some, candidates=True).groups[:4] == groups


def test_the_order_of_rows_changes_nothing():
    now, before = rows(1500, 7), rows(1000, 8)
    truth = problem_groups(now, before, candidates=True)
    for seed in range(3):
        random.Random(seed).shuffle(now)
        random.Random(seed).shuffle(before)
        assert repr(problem_groups(iter(now), iter(before), candidates=True)) == repr(truth)
        assert problem_groups(now, before, candidates=True) == truth


def test_the_status_compares_with_the_window_before():
    bad, other = votes("export to excel fails", 8, 2), votes("map broken", 8, 2, first=100)
    fine = votes("map broken", 1, 9, first=100)
    statuses = {
        name: {group.label: group.status for group in problem_groups(now, then, candidates=True).groups}
        for name, now, then in (
            ("both", bad + background(), bad + background()),
            ("worse", other + background(), fine + background()),
            ("better", fine + background(), other + background()),
            ("unasked", background(), bad + background()),
            ("rarely", bad[:2] + background(), bad + background()),
            ("first", bad + background(), ()),
        )
    }
    healthy = "how many people live in aaa"
    assert (statuses["both"]["export to excel fails"], statuses["both"][healthy]) == ("ongoing", "ongoing")
    assert statuses["worse"]["map broken"] == "new"
    assert statuses["better"]["map broken"] == "gone"
    assert statuses["unasked"]["export to excel fails"] == "gone"
    assert statuses["rarely"]["group of 2 users"] == "gone"
    assert (statuses["first"]["export to excel fails"], statuses["first"][healthy]) == ("new", "new")


def test_what_is_gone_is_counted_and_shown_only_among_candidates():
    bad = votes("export to excel fails", 8, 2)
    found = problem_groups(background(), bad + background())
    assert (found.groups, found.counts.gone) == ([], 1)
    shown = problem_groups(background(), bad + background(), candidates=True).groups[-1]
    assert (shown.status, shown.flagged, shown.label) == ("gone", False, "export to excel fails")
    assert (shown.runs, shown.rated, shown.down_rate, shown.down_low, shown.fdr) == (0, 0, None, None, None)
    assert (shown.sample_run_ids, shown.run_ids) == ((), ())
    assert shown.last_seen == bad[-1].timestamp


def test_a_group_keeps_its_id_whatever_its_runs():
    (one,) = problem_groups(votes("export to excel fails", 8, 2) + background()).groups
    (other,) = problem_groups(votes("Excel? Export fails!", 30, 1) + background()).groups
    (third,) = problem_groups(votes("export to pdf fails", 8, 2) + background()).groups
    assert one.group == other.group != third.group


def test_fewer_than_30_rated_runs_give_a_reason():
    few = votes("export fails", 10, 0) + votes("map works", 0, 19, first=50)
    found = problem_groups(few, candidates=True)
    assert (found.groups, found.counts.reason) == ([], "too few rated runs (29 of 30)")
    enough = problem_groups([*few, row(99, "x", "map works", True)])
    assert enough.counts.reason is None
    assert labels(enough.groups) == ["export fails"]


def test_votes_scattered_over_unique_prompts_give_a_reason():
    scattered = [row(index, f"user {index}", f"what is item{index:02}", index % 3 == 0) for index in range(40)]
    found = problem_groups(scattered, candidates=True)
    assert (found.groups, found.counts.reason) == ([], "no kind of prompt has 5 votes")
    assert found.counts.too_few_votes == found.counts.groups == 40


def test_the_counts_add_up():
    some = [*rows(3000, 5), row(9000, "x", None, True), row(9001, "x", "🙂", False), row(9002, "y", "", None)]
    counts = problem_groups(some).counts
    assert (counts.runs, counts.without_prompt, counts.q) == (3003, 3, 0.10)
    assert counts.rated == sum(run.sentiment is not None for run in some)
    assert counts.votes == counts.rated - counts.capped - 2
    assert counts.capped > 0
    listed = problem_groups(some, candidates=True)
    assert len(listed.groups) == counts.tested
    assert sum(group.rated for group in listed.groups) <= counts.votes
    assert (
        counts.flagged
        == sum(group.flagged for group in listed.groups)
        == sum(not group.failed for group in listed.groups)
    )
    for gate, number in counts.failed.items():
        assert number == sum(gate in group.failed for group in listed.groups)


@pytest.mark.parametrize(
    ("some", "reason"),
    [
        ([], "too few rated runs (0 of 30)"),
        ([row(0, "a", "why", False)], "too few rated runs (1 of 30)"),
        ([row(index, f"u{index}", "why", None) for index in range(100)], "too few rated runs (0 of 30)"),
        ([row(index, f"u{index}", "🙂🙂", False) for index in range(100)], "no kind of prompt has 5 votes"),
        ([row(index, f"u{index}", None, False) for index in range(100)], "no kind of prompt has 5 votes"),
        ([row(index, f"u{index}", f"why {'abcdefghij'[index % 10]}", False) for index in range(100)], None),
        ([row(index, f"u{index}", f"why {'abcdefghij'[index % 10]}", True) for index in range(100)], None),
        ([row(index, "one user", "why", index % 2 == 0) for index in range(10_000)], "no kind of prompt has 5 votes"),
        ([row(index, f"u{index}", "why", index % 2 == 0) for index in range(10_000)], None),
        ([row(index, f"u{index}", "why is this " * 8334, False) for index in range(40)], None),
    ],
    ids=["none", "one vote", "no votes", "emoji", "no prompt", "all down", "all up", "one user", "one prompt", "long"],
)
def test_edges_have_a_sane_answer(some: list[PromptRow], reason: str | None):
    started = time.perf_counter()
    found = problem_groups(some, some, candidates=True)
    assert time.perf_counter() - started < 5
    assert found.counts.reason == reason
    assert found.counts.flagged == 0
    for group in found.groups:
        values = [getattr(group, item.name) for item in fields(group)]
        assert not any(value != value for value in values)
        assert len(group.label) <= 80


def test_20_000_runs_take_at_most_2_seconds():
    some = rows(20_000, 1, voting=0.12)
    started = time.perf_counter()
    found = problem_groups(some)
    assert time.perf_counter() - started < 2
    assert found.counts.flagged >= 2
