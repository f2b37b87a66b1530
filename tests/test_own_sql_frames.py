"""Generated functions and the SQL files themselves give the same DataFrames, whose dtypes do not depend on the rows."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pandas.testing
import psycopg
import pytest
from psycopg.rows import dict_row

import runinsights as ri
import shop as own_sql
from own_sql_calls import BATCHES, calls_of
from runinsights.cli import main
from shop import EMPTIED, FILES, SEQUENCES, Shop

ANEW = ("place_order", "add_customer_once", "literals")  # give a time or an id that every call makes anew
SCRIPTS = ("copy_products", "clear_chats", *BATCHES)


@pytest.fixture(scope="module")
def conn(shop_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shop_url, autocommit=True, row_factory=dict_row) as found:
        yield found


def frame(conn: psycopg.Connection[Any], query: Any, call: dict[str, Any], first: str = "SELECT") -> pd.DataFrame:
    with conn.transaction(force_rollback=True):
        conn.execute(first.encode())
        for sequence in SEQUENCES:
            conn.execute(f"ALTER SEQUENCE {sequence} RESTART 1000".encode())
        return ri.query_frame(conn, query, **call)


def frames_of(shop: Shop) -> list[str]:
    return [name for name in FILES if shop.query(name).kind in ("rows", "one", "value") and name not in SCRIPTS]


def test_the_dtypes_of_every_function_are_the_same_for_rows_and_for_none(
    shop: Shop, conn: psycopg.Connection[Any]
) -> None:
    asked = 0
    for name in frames_of(shop):
        call = calls_of(name)[0]
        full = frame(conn, shop.function(name), call)
        try:
            empty = frame(conn, shop.function(name), call, EMPTIED)
        except psycopg.errors.ForeignKeyViolation:
            continue
        assert full.dtypes.to_dict() == empty.dtypes.to_dict(), name
        asked += 1
    assert asked > 150


def test_every_sql_file_gives_the_frame_of_its_function(shop: Shop, conn: psycopg.Connection[Any]) -> None:
    for name in frames_of(shop):
        if name in ANEW:
            continue
        call = dict.fromkeys(shop.query(name).params) | calls_of(name)[0]
        of_file = frame(conn, FILES[name], call)
        of_function = frame(conn, shop.function(name), calls_of(name)[0])
        pandas.testing.assert_frame_equal(of_file, of_function, obj=name)


def test_rows_of_every_type_of_a_generated_function_have_their_dtypes(
    shop: Shop, conn: psycopg.Connection[Any]
) -> None:
    found = {
        str(name): str(dtype)
        for name, dtype in frame(conn, shop.function("list_orders"), {"state": "paid"}).dtypes.items()
    }
    assert found == {
        "id": "Int64",
        "customer_id": "Int64",
        "state": "string",
        "previous_state": "string",
        "placed_at": "datetime64[us, UTC]",
        "shipped_at": "datetime64[us, UTC]",
        "local_time": "datetime64[us]",
        "pickup": "object",
        "wait": "timedelta64[us]",
        "coupon": "string",
        "token": "string",
    }


def test_functions_of_a_package_and_filters_that_are_left_out_work_too(
    shop_url: str, conn: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "shop_package"
    assert main(["generate", "--queries", str(own_sql.FOLDER), "--out", str(out), "--database", shop_url]) == 0
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        package = importlib.import_module("shop_package")
        found = frame(conn, package.sync.customers.find_customers, {"active": False})
        assert found["name"].tolist() == ["Cyd", "Dan 7"]
        with pytest.raises(ri.InvalidInput, match="actve: is no parameter of find_customers; nearest: active"):
            ri.query_frame(conn, package.sync.customers.find_customers, actve=False)
    finally:
        for name in [name for name in sys.modules if name.startswith("shop_package")]:
            del sys.modules[name]
