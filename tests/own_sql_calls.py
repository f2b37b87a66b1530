"""Calls of the queries in own_sql/ that have parameters: with values that find rows, with None where it is allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.range import Range

ADA = "ada@example.com"
NEW = {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 12, 31, tzinfo=UTC)}
PRODUCT = {"code": "P9", "title": "Cup", "price": Decimal("7.5")}
EMPTY_PRODUCT = {"discount": None, "weight": None, "picture": None}

CALLS: dict[str, list[dict[str, Any]]] = {
    "add_customer": [
        {"name": "Fay", "email": "fay@example.com", "born": date(1999, 1, 2), "home_city": "Brno", "active": True},
        {"name": "Gus", "email": None, "born": None, "home_city": "Brno", "active": False},
    ],
    "add_customer_once": [{"name": "Fay", "email": None}, {"name": "Ada", "email": ADA}],
    "add_customers": [],  # a batch; see BATCHES
    "add_line": [
        {"order_id": 1, "code": "P1", "quantity": 2},
        {"order_id": 2, "code": None, "quantity": 1},
    ],
    "advance_order": [{"id": 2, "state": "paid"}, {"id": 99, "state": "new"}],
    "any_rows": [{"wanted": 1}, {"wanted": 99}],
    "born_between": [{"since": date(1980, 1, 1), "until": date(2010, 1, 1)}],
    "born_or_active": [{"since": date(1995, 1, 1)}],
    "by_email": [{"email": ADA}, {"email": "nobody"}],
    "cases": [{"flag": True}, {"flag": False}],
    "clear_emails": [{"born": None}, {"born": date(2000, 1, 1)}],
    "chat_runs": [{"email": ADA}],
    "chat_threads": [{"email": ADA, "page_size": 10, "skip": 0}, {"email": ADA, "page_size": 10, "skip": 1}],
    "chat_votes": [{"email": ADA, "thread_id": "t1"}],
    "chats_with_prompts": [{"email": ADA, "thread_id": "t1"}, {"email": ADA, "thread_id": None}, {"email": ADA}],
    "check_chat_run": [{"email": ADA, "run_id": "r2"}, {"email": ADA, "run_id": "r4"}],
    "copy_lines": [{"from_order": 3, "to_order": 2}],
    "count_chat_threads": [{"email": ADA}, {"email": "nobody"}],
    "create_chat": [
        {"email": ADA, "thread_id": "t9", "run_id": "r9", "prompt": "Hello"},
        {"email": ADA, "thread_id": "t1", "run_id": "r1", "prompt": None},
    ],
    "customers_since": [{"since": NEW["since"]}, {"since": None}, {}],
    "customer_name": [{"id": 1}, {"id": 99}],
    "customers_by_ids": [{"ids": [1, 3]}, {"ids": []}],
    "days": [{"first_day": datetime(2026, 2, 1, tzinfo=UTC), "last_day": datetime(2026, 2, 5, tzinfo=UTC)}],
    "delete_chat": [{"email": ADA, "thread_id": "t1"}, {"email": "nobody", "thread_id": "t1"}],
    "different_email": [{"email": ADA}, {"email": None}],
    "discounted": [{"least": Decimal("0.1")}, {"least": Decimal(0)}],
    "drop_lines": [{"code": "P2"}],
    "find_customers": [
        {},
        {"name": None, "born_after": None, "active": None},
        {"name": "Ada", "born_after": date(1980, 1, 1), "active": True},
        {"active": False},
    ],
    "forget_customers": [{"email": "eve@example.com"}, {"email": ADA}],
    "get_customer": [{"id": 2}, {"id": 99}],
    "inserted_rows": [{"customer_id": 5}],
    "jsonb_parts": [{"key": "age"}],
    "list_orders": [{"state": "paid"}, {"state": "returned"}],
    "log_removal": [{"id": 1}, {"id": 2}],
    "membership": [{"wanted": [1, 2]}, {"wanted": [None, 2]}],
    "name_or_default": [{"fallback": "none"}, {"fallback": None}],
    "names_like": [{"pattern": "%e%"}],
    "order_by_token": [{"token": UUID(int=2)}, {"token": UUID(int=99)}],
    "orders_between": [{**NEW, "minimum_wait": timedelta(hours=1), "pickup_before": time(13)}],
    "owns_chat": [{"email": ADA, "thread_id": "t1"}, {"email": "nobody", "thread_id": "t1"}],
    "one_if": [{"flag": True}, {"flag": False}],
    "page_of_customers": [{"page_size": 2, "skip": 1}],
    "patch_customer": [{"id": 2, "name": None, "email": None}, {"id": 2, "name": "Bo", "email": "bo@example.com"}],
    "place_order": [
        {"customer_id": 4, "state": "new", "total": Decimal(3), "coupon": None, "shipped_at": None},
        {"customer_id": 4, "state": "sent", "total": Decimal(3), "coupon": "X", "shipped_at": NEW["since"]},
    ],
    "product_with_season": [{"season": Range(date(2026, 1, 1), date(2026, 6, 1), "[)")}],
    "products_on": [{"day": date(2026, 2, 1)}],
    "put_customer": [
        {"name": "Fay", "email": None, "born": None},
        {"name": "Ada L.", "email": ADA, "born": None},
        {"name": "Cyd", "email": "cyd@example.com", "born": None},
    ],
    "put_product": [
        {**PRODUCT, **EMPTY_PRODUCT, "stock": 1},
        {**PRODUCT, "code": "P1", "discount": Decimal(1), "weight": 0.5, "stock": 1, "picture": b"\x00"},
    ],
    "rename_customer": [
        {"name": "Ada", "email": ADA},
        {"name": "Ada L.", "email": ADA},
        {"name": "Fay", "email": None},
    ],
    "reprice": [{"factor": Decimal("1.1"), "only_class": None}, {"factor": Decimal(2), "only_class": "A"}],
    "same_email": [{"email": ADA}, {"email": None}],
    "series": [{"number": 2}, {"number": 0}],
    "set_birthday": [{"id": 1, "born": None}, {"id": 2, "born": date(2000, 1, 1)}, {"id": 99, "born": None}],
    "set_email": [{"id": 1, "email": None, "tags": ["a", None]}, {"id": 2, "email": "b@example.com", "tags": []}],
    "set_notes": [{"id": 1, "notes": None, "profile": {"a": None}}, {"id": 2, "notes": [1], "profile": {}}],
    "sorted_customers": [{"sort": "name"}, {"sort": "email"}],
    "split_order": [{"id": 1}, {"id": 2}],
    "start_chat": [
        {"email": ADA, "thread_id": "t9", "run_id": "r9"},
        {"email": ADA, "thread_id": "t1", "run_id": "r1"},
    ],
    "stock_products": [{"codes": ["P2", "P1"], "stocks": [7, 8]}, {"codes": [], "stocks": []}],
    "store_chat": [
        {"email": ADA, "thread_id": "t9", "run_id": "r9", "prompt": None},
        {"email": ADA, "thread_id": "t1", "run_id": "r1", "prompt": "Hello"},
    ],
    "upsert_known": [{"name": "Ada L.", "email": ADA}, {"name": "Fay", "email": None}],
    "use_coupon": [{"coupon": "SPRING"}, {"coupon": None}],
    "vote_of_owner": [
        {"email": ADA, "run_id": "r1", "sentiment": None},
        {"email": ADA, "run_id": "r2", "sentiment": True},
        {"email": ADA, "run_id": "r4", "sentiment": True},
    ],
    "vote_on_chat": [{"run_id": "r1", "sentiment": False}, {"run_id": "r1", "sentiment": None}],
    "vote_on_chats": [{"run_ids": ["r4", "r2"], "votes": [True, None]}, {"run_ids": [], "votes": []}],
}

BATCHES: dict[str, list[tuple[Any, ...]]] = {
    "add_customers": [("Hal", "hal@example.com"), ("Ida", None)],
}


def calls_of(name: str) -> list[dict[str, Any]]:
    """The keyword arguments of each call of a query; one call without any for a query without parameters."""
    return CALLS.get(name, [{}])
