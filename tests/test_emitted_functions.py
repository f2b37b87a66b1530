"""What generated functions of a foreign folder do, in both worlds, on both engines and on any kind of connection."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sqlite3
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import aiosqlite
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import RowFactory, dict_row, namedtuple_row, tuple_row

import people
import runinsights as ri

FACTORIES: dict[str, RowFactory[Any]] = {"tuple": tuple_row, "dict": dict_row, "namedtuple": namedtuple_row}
KINDS = [*FACTORIES, "saver", "sqlite"]
BORN = date(1990, 5, 17)
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def generated(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[ModuleType, str]]:
    with people.generated(postgres_server, tmp_path_factory.mktemp("folder")) as found:
        yield found


@pytest.fixture
def queries(generated: tuple[ModuleType, str]) -> ModuleType:
    return generated[0]


class World:
    """Calls generated functions by name on one kind of connection, sync or async, within one transaction."""

    def __init__(self, module: ModuleType, conn: Any, runner: asyncio.Runner | None) -> None:
        self.module, self.conn, self.runner = module, conn, runner

    def call(self, name: str, /, *args: Any, **params: Any) -> Any:
        target: Any = self.module if self.runner is None else self.module.aio
        for part in name.split("."):
            target = getattr(target, part)
        if self.runner is None:
            found = target(self.conn, *args, **params)
            return list(found) if inspect.isgenerator(found) else found

        async def main() -> Any:
            found = target(self.conn, *args, **params)
            return [item async for item in found] if inspect.isasyncgen(found) else await found

        return self.runner.run(main())


def options(kind: str) -> dict[str, Any]:
    if kind == "saver":  # as LangGraph's saver opens its connections
        return {"row_factory": dict_row, "autocommit": True, "prepare_threshold": 0}
    return {"row_factory": FACTORIES[kind]}


@contextlib.contextmanager
def sync_connection(kind: str, url: str, path: Path) -> Generator[Any]:
    if kind != "sqlite":
        with psycopg.connect(url, **options(kind)) as conn, conn.transaction(force_rollback=True):
            yield conn
        return
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        yield conn


@contextlib.contextmanager
def async_connection(kind: str, url: str, path: Path, runner: asyncio.Runner) -> Generator[Any]:
    async def open_one() -> Any:
        if kind == "sqlite":
            return await aiosqlite.connect(path)
        return await psycopg.AsyncConnection.connect(url, **options(kind))

    conn = runner.run(open_one())
    block = None if kind == "sqlite" else conn.transaction(force_rollback=True)
    try:
        if block is not None:
            runner.run(block.__aenter__())
        yield conn
        if block is not None:
            runner.run(block.__aexit__(None, None, None))
    finally:
        runner.run(conn.close())


@pytest.fixture(params=[f"{world}-{kind}" for world in ("sync", "async") for kind in KINDS])
def world(request: pytest.FixtureRequest, generated: tuple[ModuleType, str], tmp_path: Path) -> Generator[World]:
    module, url = generated
    name, kind = request.param.split("-")
    with asyncio.Runner() as runner:
        opened = (
            sync_connection(kind, url, tmp_path / "people.db")
            if name == "sync"
            else async_connection(kind, url, tmp_path / "people.db", runner)
        )
        with opened as conn:
            found = World(module, conn, None if name == "sync" else runner)
            if kind == "sqlite":
                found.call("schema")
            yield found


def test_every_form_gives_what_its_sign_says_in_both_worlds_and_on_any_connection(world: World) -> None:
    first = world.call("add_person", name="Ana", born=BORN, doc={"tags": ["a", 1, None]})
    second = world.call("add_person", name="Bo", born=None, doc=None)
    assert isinstance(first, int)
    ana = world.module.Person(first, "Ana", BORN, None, {"tags": ["a", 1, None]})
    bo = world.module.Person(second, "Bo", None, None, None)
    assert world.call("list_people") == [ana, bo]
    assert world.call("list_people", name="Bo") == [bo]
    assert world.call("iter_list_people", batch_size=1) == [ana, bo]
    assert [type(row) for row in world.call("list_people")] == [world.module.Person] * 2
    assert world.call("get_person", id=first) == ana
    assert world.call("get_person", id=second + 1) is None
    assert world.call("born_of", name="Ana") == BORN
    assert world.call("born_of", name="Bo") is None
    assert world.call("born_of", name="Nobody") is None
    assert world.call("count_all") == world.module.CountAllRow(2, BORN)
    assert world.call("rename_person", id=second, name="Bob") == 1
    assert world.call("rename_person", id=second + 1, name="Bob2") == 0
    params = [world.module.RenamePeopleParams(first, "Anna"), world.module.RenamePeopleParams(second + 1, "X")]
    assert world.call("rename_people", params) == 1
    assert world.call("rename_people", []) == 0
    assert world.call("drop_people", name="Anna") == [world.module.DropPeopleRow(first, "Anna")]
    assert [row.name for row in world.call("list_people")] == ["Bob"]
    assert [row.n for row in world.call("bulk.number", last=3)] == [1, 2, 3]
    assert [row.n for row in world.call("bulk.iter_number", last=3, batch_size=2)] == [1, 2, 3]


def test_a_batch_is_one_statement_of_equal_arrays(world: World) -> None:
    assert world.call("bulk.add_people", names=("b", "a"), borns=[BORN, BORN]) == 2
    assert [row.name for row in world.call("list_people")] == ["a", "b"]
    assert world.call("bulk.add_people", names=[], borns=()) == 0
    for names, borns in ((["c"], []), (["c", "d"], [BORN]), ([], [BORN])):
        with pytest.raises(ri.InvalidInput) as caught:
            world.call("bulk.add_people", names=names, borns=borns)
        assert caught.value.field == "borns"
        assert f"as many values as names: {len(names)}, not {len(borns)}" in caught.value.rule
    with pytest.raises(ri.InvalidInput, match="names"):
        world.call("bulk.add_people", names="c", borns=[BORN])
    assert [row.name for row in world.call("list_people")] == ["a", "b"]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_refused_or_empty_batch_sends_nothing(queries: ModuleType, is_async: bool) -> None:
    class Untouched:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    def call(**params: Any) -> Any:
        if is_async:
            return asyncio.run(queries.aio.bulk.add_people(Untouched(), **params))
        return queries.bulk.add_people(Untouched(), **params)

    assert call(names=[], borns=[]) == 0
    with pytest.raises(ri.InvalidInput):
        call(names=["a"], borns=[])
    with pytest.raises(AssertionError, match="asked for"):
        call(names=["a"], borns=[BORN])


def test_rows_in_bulk_are_stored_all_or_none(world: World) -> None:
    make = world.module.LoadPeopleParams
    docs: list[Any] = [None, {"a": [1, None]}, ["x\ty", 'quote " and \\'], "text", 1.5, True]
    rows = [make(f"name\t{i}\n\\N", BORN if i % 2 else None, doc) for i, doc in enumerate(docs)]
    assert world.call("bulk.load_people", iter(rows)) == len(rows)
    stored = world.call("list_people")
    assert [(row.name, row.date, row.doc) for row in stored] == [tuple(row) for row in rows]
    assert world.call("bulk.load_people", []) == 0
    taken = [make("new", None, None), make(rows[0].name, None, None)]
    if isinstance(world.conn, psycopg.Connection):
        with pytest.raises(psycopg.errors.UniqueViolation), world.conn.transaction():
            world.call("bulk.load_people", taken)
        assert world.call("list_people") == stored


@pytest.mark.parametrize("autocommit", [True, False])
def test_bulk_rows_are_committed_only_by_whom_the_transaction_is(
    generated: tuple[ModuleType, str], autocommit: bool
) -> None:
    module, url = generated
    row = module.LoadPeopleParams(f"bulk {autocommit}", None, None)
    with psycopg.connect(url, autocommit=autocommit) as conn, psycopg.connect(url, autocommit=True) as other:
        try:
            assert module.bulk.load_people(conn, [row]) == 1
            assert len(module.list_people(other, name=row.name)) == autocommit
            conn.rollback()
            assert len(module.list_people(other, name=row.name)) == autocommit
        finally:
            module.drop_people(other, name=row.name)


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
docs = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
stored = st.lists(st.tuples(names, st.none() | st.dates(), docs), max_size=6, unique_by=lambda row: row[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored)
def test_every_row_that_is_copied_comes_back_the_same(
    generated: tuple[ModuleType, str], rows: list[tuple[Any, ...]]
) -> None:
    module, url = generated
    with psycopg.connect(url) as conn, contextlib.closing(sqlite3.connect(":memory:")) as lite:
        module.schema(lite)
        for one in (conn, lite):
            assert module.bulk.load_people(one, [module.LoadPeopleParams(*row) for row in rows]) == len(rows)
            found = [(row.name, row.date, row.doc) for row in module.list_people(one)]
            assert found == rows
        conn.rollback()


def raw(conn: Any, statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(statement, params).fetchall()


def test_the_rows_are_those_of_the_driver(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    with psycopg.connect(url) as conn:
        module.add_person(conn, name="Ana", born=BORN, doc={"a": 1})
        statement = "SELECT id, name, born, mood, doc FROM people ORDER BY id"
        assert [tuple(row) for row in module.list_people(conn)] == raw(conn, statement, {})
        conn.rollback()


def test_rows_of_other_columns_than_declared_are_an_error(
    generated: tuple[ModuleType, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, url = generated
    with psycopg.connect(url) as conn:
        module.add_person(conn, name="Ana", born=None, doc=None)
        make = type(module.GET_PERSON)
        for name in ("get_person", "list_people"):
            bound = getattr(module, name.upper())
            two = make(name, bound.digest, module.CountAllRow, bound.params, ("int", "date"), module.SQL)
            monkeypatch.setattr(module, name.upper(), two)
        person = raw(conn, "SELECT id FROM people", {})[0][0]
        for call in (lambda: module.get_person(conn, id=person), lambda: module.list_people(conn)):
            with pytest.raises(ri.SchemaMismatch, match="the database gives 5 columns, not 2"):
                call()
        conn.rollback()


def test_a_row_that_a_trigger_takes_away_is_an_error_and_not_none(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    with psycopg.connect(url) as conn:
        conn.execute(
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
            "CREATE TRIGGER nothing BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION nothing()"
        )
        with pytest.raises(ri.SchemaMismatch, match="add_person gave nothing"):
            module.add_person(conn, name="Ana", born=None, doc=None)
        conn.rollback()


def test_tasks_that_share_a_connection_get_their_own_rows(generated: tuple[ModuleType, str]) -> None:
    module, url = generated

    async def main() -> list[list[int]]:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            calls = [module.aio.bulk.number(conn, last=last) for last in range(1, 60)]
            return [[row.n for row in rows] for rows in await asyncio.gather(*calls)]

    assert asyncio.run(main()) == [list(range(1, last + 1)) for last in range(1, 60)]


def test_a_closed_connection_is_the_drivers_error(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    conn = psycopg.connect(url)
    conn.close()
    with pytest.raises(psycopg.OperationalError):
        module.list_people(conn)


def test_parameters_are_keywords_and_a_docstring_tells_file_and_line(queries: ModuleType) -> None:
    for function in (queries.list_people, queries.aio.list_people):
        assert str(inspect.signature(function)).startswith("(conn: 'door.")
        parameters = inspect.signature(function).parameters
        assert [item.kind for item in parameters.values()][1:] == [inspect.Parameter.KEYWORD_ONLY]
        assert parameters["name"].default is None
        assert 'by id; its "quotes" and \\n stay.' in function.__doc__
        assert "SQL: my_sql/list_people.sql:4" in function.__doc__
    assert inspect.signature(queries.add_person).parameters["born"].default is inspect.Parameter.empty
    assert not hasattr(queries, "iter_drop_people")
    assert not hasattr(queries, "iter_get_person")
    with pytest.raises(TypeError):
        queries.get_person(None, 1)
