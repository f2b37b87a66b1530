"""A user's own SQL folder: what its functions declare holds on rows full of NULL, and most of what can be proven is.

The folder is own_sql/, its labels are own_sql_labels.toml, made by hand before the generator first ran on it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from own_sql_calls import BATCHES, calls_of
from shop import EMPTIED, FILES, LABELS, Declared, Shop

CALLED = [name for name in FILES if name not in ("copy_products", "clear_chats", *BATCHES)]
PROVEN = [name for name in FILES if LABELS[name].get("never")]

# What is declared never NULL though the labels say "maybe", and why that is right.
PROVEN_BEYOND_LABELS = {
    "first_titles.first_title": "the default frame has a first row, the current one at least",
    "intersection.customer_id": "what both branches give, one of them gives, and it has no NULL",
    "referral_depths.parent": "the recursive branch compares the column with a strict operator",
}


@pytest.fixture(scope="module")
def conn(shop_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shop_url, autocommit=True) as found:
        yield found


def test_every_query_is_labelled_and_called_as_its_labels_say() -> None:
    assert set(LABELS) == set(FILES)
    assert len(FILES) >= 66
    for name, label in LABELS.items():
        params = label.get("params", {})
        refused = {key for key, word in params.items() if word == "required"}
        tried = {key for call in calls_of(name) for key in params if call.get(key) is None}
        assert tried == set(params) - refused or name in BATCHES, name


@pytest.mark.parametrize("name", CALLED)
def test_what_is_declared_never_none_never_is(shop: Shop, conn: psycopg.Connection[Any], name: str) -> None:
    declared = shop.declared(name)
    function = shop.function(name)
    for prepared in ("SELECT", EMPTIED):
        for call in calls_of(name):
            with contextlib.suppress(psycopg.errors.IntegrityError), conn.transaction(force_rollback=True):
                conn.execute(prepared.encode())
                check(function(conn, **call), declared, name)


def check(answer: Any, declared: Declared, name: str) -> None:
    if answer is None:
        assert declared.may_give_none, name
        return
    rows = answer if isinstance(answer, list) else [answer]
    for row in rows:
        if hasattr(row, "_fields"):
            nulls = {column for column, value in row._asdict().items() if value is None}
            assert nulls <= {column for column, optional in declared.columns.items() if optional}, name


@pytest.mark.parametrize("name", FILES)
def test_a_column_that_may_be_null_is_never_declared_otherwise(shop: Shop, name: str) -> None:
    label = LABELS[name]
    columns = shop.declared(name).columns
    if shop.query(name).kind != "value":
        assert set(columns) == {
            *label.get("never", []),
            *label.get("maybe", []),
            *label.get("json", []),
            *label.get("header", {}),
        }
    surprising = {column for column in [*label.get("maybe", []), *label.get("json", [])] if not columns[column]}
    assert {f"{name}.{column}" for column in surprising} <= set(PROVEN_BEYOND_LABELS)
    for column, mark in label.get("header", {}).items():
        assert columns[column] == (mark == "?")


def test_what_is_proven_beyond_the_labels_is_still_so(shop: Shop) -> None:
    columns = {
        f"{name}.{column}": optional for name in FILES for column, optional in shop.declared(name).columns.items()
    }
    assert [column for column in PROVEN_BEYOND_LABELS if columns[column]] == []


def test_most_columns_that_provably_never_are_null_are_declared_so(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    missed: list[str] = []
    total = plain = plain_missed = 0
    for name in PROVEN:
        if shop.query(name).kind == "value" and LABELS[name]["row"] == "optional":
            continue  # its signature has None for want of a row, and tells nothing of the column
        columns = shop.declared(name).columns
        reasons = LABELS[name].get("proven", {})
        for column in LABELS[name]["never"]:
            total += 1
            plain += column not in reasons
            if columns[column]:
                missed.append(f"  {name}.{column}: {reasons.get(column, 'a rule of the table')}")
                plain_missed += column not in reasons
    with capsys.disabled():
        share, plain_share = 1 - len(missed) / total, 1 - plain_missed / plain
        print(f"\ndeclared never NULL: {total - len(missed)} of {total} ({share:.1%}) of what never is; ", end="")
        print(f"of what needs no more than the table of rules {plain - plain_missed} of {plain} ({plain_share:.1%})")
        print("\n".join(["left optional:", *missed]))
    assert share >= 0.85
    assert plain_share >= 0.85


@pytest.mark.parametrize("name", [name for name in FILES if LABELS[name].get("params")])
def test_parameters_take_none_where_it_has_a_meaning(shop: Shop, name: str) -> None:
    assert shop.declared(name).params == LABELS[name]["params"]


def test_exactly_one_row_is_declared_where_there_always_is_one(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    missed = []
    for name, label in LABELS.items():
        if "row" not in label:
            continue
        nullable_value = shop.query(name).kind == "value" and bool(label.get("maybe"))
        if label["row"] == "optional":
            assert shop.declared(name).may_give_none, name
        elif not nullable_value and shop.declared(name).may_give_none:
            missed.append(name)
    with capsys.disabled():
        print(f"\nexactly one row, declared as perhaps none: {', '.join(missed) or 'nothing'}")
    assert len(missed) <= 2
