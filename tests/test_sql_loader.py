"""The loader of SQL files: what it refuses, with file and line, and how a dialect overlays the shared files."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

import runinsights as ri
from runinsights import rows, sql, sync
from runinsights.engine import door

GOOD = "-- name: q(a)\n-- The rows that have a.\nSELECT b FROM t WHERE a = :a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "queries"
    root.mkdir()
    return root


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(ri.QueryFileError) as caught:
        sql.load(folder)
    return str(caught.value)


def refused(folder: Path, statement: str, header: str = "-- name: q(a)\n-- The rows that have a.\n") -> str:
    (folder / "q.sql").write_text(header + statement + "\n", encoding="utf-8")
    return refusal(folder)


def test_a_good_file_is_a_query_with_its_header(folder: Path) -> None:
    write(
        folder,
        "reports/q.sql",
        """
        -- name: q(a, b)^
        -- The row that has a.
        -- returns: x!, y?
        -- param a: str | None
        -- index: i1, i2
        -- raises: NotFound
        -- needs: stage
        SELECT x, y /* neither :c nor more */
        FROM t WHERE a = :a AND b = ':c' AND c = :b
        """.replace(":c nor", "c nor"),
    )
    statement = sql.load(folder)["q"]
    query = statement.query
    assert (query.name, query.kind, query.params, query.namespace) == ("q", "one", ("a", "b"), ("reports",))
    assert (query.sentence, query.returns) == ("The row that has a.", {"x": "!", "y": "?"})
    assert (query.param_types, query.index) == ({"a": "str | None"}, ("i1", "i2"))
    assert (query.raises, query.needs, query.path) == (("NotFound",), ("stage",), "queries/reports/q.sql")
    assert query.translated("psycopg").endswith("a = %(a)s AND b = ':c' AND c = %(b)s")
    assert query.translated("sqlite").endswith("a = :a AND b = ':c' AND c = :b")
    assert query.translated("numbered").endswith("a = $1 AND b = ':c' AND c = $2")
    assert query.numbered_params() == ("a", "b")
    assert statement.sqlite == (query,)


@pytest.mark.parametrize(
    ("sign", "kind"), [("", "rows"), ("^", "one"), ("$", "value"), ("!", "count"), ("*!", "many"), ("#", "script")]
)
def test_each_sign_is_a_kind(folder: Path, sign: str, kind: str) -> None:
    write(folder, "q.sql", f"-- name: q(){sign}\n-- What it gives.\nSELECT 1 AS x\n")
    assert sql.load(folder)["q"].query.kind == kind


def test_two_files_with_one_query_name_are_refused_and_both_are_named(folder: Path) -> None:
    write(folder, "a/q.sql", GOOD)
    write(folder, "b/q.sql", GOOD)
    message = refusal(folder)
    assert "queries/b/q.sql:1" in message
    assert "queries/a/q.sql" in message


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("SELECT b FROM t WHERE a = :a AND b LIKE 'x%'", "no bare %"),
        ("SELECT b % 2 FROM t WHERE a = :a", "no bare %"),
        ("SELECT b[1:2] FROM t WHERE a = :a", "[:lo::int : :hi::int]"),
        ("SELECT b[ 1 : 2 ] FROM t WHERE a = :a", "[:lo::int : :hi::int]"),
        ("SELECT b FROM t WHERE a = :a -- not :b", "use /* */"),
        ("SELECT b FROM t WHERE a = :a -- don't", "use /* */"),
        ("SELECT b FROM t\n  -- within\nWHERE a = :a", "use /* */"),
        ("SELECT '-- name: other()' FROM t WHERE a = :a", "one query a file"),
        ("SELECT '\n-- name: other()\n' FROM t WHERE a = :a", "one query a file"),
        ("SELECT '\n-- b' FROM t WHERE a = :a", "use /* */"),
        ("SELECT 'a\nb', c -- don't\nFROM t WHERE a = :a", "use /* */"),
        ("SELECT b FROM t WHERE a = :a; SELECT 2", "one statement a file"),
        ("SELECT b FROM t WHERE a = :a /* or :b */", "a remark must hold no :word"),
        ("SELECT b FROM t WHERE a = :a /* don't */", "a remark must hold no :word"),
    ],
)
def test_what_drivers_and_aiosql_misread_is_refused_at_its_line(folder: Path, lines: str, advice: str) -> None:
    message = refused(folder, lines)
    trap = next(number for number, line in enumerate(lines.splitlines()) if re.search(r"--|[%;:]", line))
    assert message.startswith(f"queries/q.sql:{3 + trap} ")
    assert advice in message


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT '5 > 3' AS x, ':b' AS y FROM t WHERE a = :a",
        "SELECT b FROM t WHERE a = :a /* a remark */",
        "SELECT b[CAST(:a AS int) : CAST(:a AS int)] FROM t",
        "SELECT b FROM t WHERE a = :a;",
        "SELECT 'a;\nb--c' FROM t WHERE a = :a",
        "SELECT b /* -- name: other() */ FROM t WHERE a = :a",
        "SELECT CAST(:a AS text) || ';--' AS x",
        "SELECT b::text FROM t WHERE a = :a::text",
    ],
)
def test_what_only_looks_like_a_trap_is_read(folder: Path, statement: str) -> None:
    write(folder, "q.sql", f"-- name: q(a)\n-- The rows that have a.\n{statement}\n")
    assert sql.load(folder)["q"].query.params == ("a",)


def test_a_script_is_passed_on_as_it_is(folder: Path) -> None:
    body = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 10 % 3 /* :x don't */ $$;\nSELECT ':y'"
    write(folder, "q.sql", f"-- name: q()#\n-- A script.\n{body}\n")
    query = sql.load(folder)["q"].query
    assert query.translated("psycopg") == query.translated("sqlite") == body


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ("SELECT 1\n", 1, "the first line must be"),
        ("", 1, "the first line must be"),
        ("-- name: q\n-- What.\nSELECT 1\n", 1, "the first line must be"),
        ("-- name: other()\n-- What.\nSELECT 1\n", 1, "must equal the file's name q"),
        ("-- name: q()<!\n-- What.\nSELECT 1\n", 1, "use ^ with RETURNING"),
        ("-- name: q(conn)\n-- What.\nSELECT :conn\n", 1, "must not be called conn"),
        ("-- name: q(a)\nSELECT :a\n", 2, "the second line must be a comment"),
        ("-- name: q(a)\n-- returns: x!\nSELECT :a AS x\n", 2, "the second line must be a comment"),
        (
            "-- name: q(a)\n-- What.\n-- retruns: x!\nSELECT :a AS x\n",
            3,
            "unknown header line 'retruns'; nearest: returns",
        ),
        ("-- name: q(a)\n-- What.\n-- returns: x\nSELECT :a AS x\n", 3, "must be a column and !"),
        ("-- name: q(a)\n-- What.\n", 2, "the file has no statement"),
        ("-- name: q(a, b)\n-- What.\nSELECT :a\n", 1, "q"),
        ("-- name: q(a)\n-- What.\nSELECT :a, :b\n", 1, "q"),
    ],
)
def test_a_header_that_breaks_the_grammar_is_refused_at_its_line(
    folder: Path, text: str, line: int, advice: str
) -> None:
    (folder / "q.sql").write_text(text, encoding="utf-8")
    message = refusal(folder)
    assert message.startswith(f"queries/q.sql:{line} ")
    assert advice in message


@pytest.mark.parametrize("params", ["(a, b)", "()"])
def test_a_parameter_that_is_unused_or_undeclared_is_named(folder: Path, params: str) -> None:
    message = refused(folder, "SELECT b FROM t WHERE a = :a", f"-- name: q{params}\n-- What.\n")
    assert message.startswith("queries/q.sql:1 q: ")
    assert ("b" if params == "(a, b)" else "a") in message.partition("q: ")[2]


def test_all_broken_files_are_reported_at_once(folder: Path) -> None:
    for number in range(5):
        write(folder, f"q{number}.sql", f"-- name: q{number}()\n-- What.\nSELECT 1 % 2\n")
    write(folder, "fine.sql", "-- name: fine()\n-- What.\nSELECT 1 AS x\n")
    lines = refusal(folder).splitlines()
    assert [line.split(" ")[0] for line in lines] == [f"queries/q{number}.sql:3" for number in range(5)]


def test_a_file_of_a_dialect_replaces_the_shared_one_there_alone(folder: Path) -> None:
    write(folder, "q.sql", GOOD)
    write(folder, "other.sql", GOOD.replace("q(a)", "other(a)"))
    write(folder, "sqlite/q.sql", GOOD.replace("SELECT b", "SELECT max(b)"))
    statements = sql.load(folder)
    assert set(statements) == {"q", "other"}
    assert "max" not in statements["q"].query.text
    (part,) = statements["q"].sqlite
    assert (part.path, "max" in part.text) == ("queries/sqlite/q.sql", True)
    assert statements["other"].sqlite == (statements["other"].query,)


def test_numbered_files_of_a_dialect_are_the_parts_of_one_statement_in_order(folder: Path) -> None:
    write(folder, "q.sql", "-- name: q(a, b)^\n-- What.\nSELECT :a AS x, :b AS y\n")
    write(folder, "sqlite/q.2.sql", "-- name: q(b, now)^\n-- What.\nSELECT :b AS x, :now AS y\n")
    write(folder, "sqlite/q.1.sql", "-- name: q(a)!\n-- What.\nDELETE FROM t WHERE a = :a\n")
    parts = sql.load(folder)["q"].sqlite
    assert [part.path for part in parts] == ["queries/sqlite/q.1.sql", "queries/sqlite/q.2.sql"]


def test_a_dialect_must_take_the_parameters_of_the_shared_file(folder: Path) -> None:
    write(folder, "q.sql", "-- name: q(a, b)\n-- What.\nSELECT :a AS x, :b AS y\n")
    write(folder, "sqlite/q.sql", "-- name: q(a, c)\n-- What.\nSELECT :a AS x, :c AS y\n")
    message = refusal(folder)
    assert "queries/sqlite/q.sql:1 parameters ['c'] are not in queries/q.sql" in message
    assert "queries/sqlite/q.sql:1 parameters ['b'] of queries/q.sql are not used" in message


def test_a_file_of_a_dialect_that_overrides_nothing_is_refused(folder: Path) -> None:
    write(folder, "sqlite/q.sql", GOOD)
    assert refusal(folder) == "queries/sqlite/q.sql:1 q overrides no file"


def test_a_file_of_a_dialect_that_equals_the_shared_one_is_refused(folder: Path) -> None:
    write(folder, "q.sql", GOOD)
    write(folder, "sqlite/q.sql", GOOD)
    assert refusal(folder) == "queries/sqlite/q.sql:1 equals the shared file; delete it"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbf" + GOOD.encode(), "q.sql:1 begins with a byte order mark; save it as UTF-8 without one"),
        (b"-- name: q()\r\n-- The word.\r\nSELECT 'caf\xe9'\r\n", "q.sql:3 is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_refused_and_named(folder: Path, data: bytes, said: str) -> None:
    (folder / "q.sql").write_bytes(data)
    assert said in refusal(folder)


def test_windows_line_ends_change_nothing(folder: Path) -> None:
    (folder / "q.sql").write_bytes(GOOD.encode())
    query = sql.load(folder)["q"].query
    (folder / "q.sql").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert sql.load(folder)["q"].query == query


def test_files_that_are_no_sql_are_not_read(folder: Path) -> None:
    write(folder, "README.md", "# nothing")
    write(folder, "q.sql", GOOD)
    assert set(sql.load(folder)) == {"q"}


@pytest.mark.parametrize(
    "edited",
    [
        GOOD.replace("SELECT b", "SELECT c"),
        GOOD.replace("q(a)", "q(a)^"),
        GOOD.replace("-- The rows that have a.\n", "-- The rows that have a.\n-- returns: b!\n"),
        GOOD.replace("-- The rows that have a.\n", "-- The rows that have a.\n-- param a: int\n"),
    ],
    ids=["statement", "sign", "returns", "param"],
)
def test_every_edit_that_could_change_a_type_changes_the_digest(folder: Path, edited: str) -> None:
    write(folder, "q.sql", GOOD)
    before = sql.load(folder)["q"].digest
    write(folder, "q.sql", edited)
    assert sql.load(folder)["q"].digest != before


def test_an_edit_of_a_dialects_file_changes_the_digest_too(folder: Path) -> None:
    write(folder, "q.sql", GOOD)
    digests = {sql.load(folder)["q"].digest}
    for column in ("c", "d"):
        write(folder, "sqlite/q.sql", GOOD.replace("SELECT b", f"SELECT {column}"))
        digests.add(sql.load(folder)["q"].digest)
    assert len(digests) == 3


def test_a_file_that_was_edited_after_generation_is_a_mismatch_that_names_file_and_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edited = door.Bound("count_threads", "0" * 12, door.value, rows.COUNT_THREADS.params)
    monkeypatch.setattr(rows, "COUNT_THREADS", edited)
    with ri.connect(":memory:") as db:
        with pytest.raises(ri.SchemaMismatch) as caught:
            db.count_threads("ana")
        assert db.list_runs("ana") == []
    assert str(caught.value).startswith("queries/count_threads.sql ")
    assert "run `make generate`" in str(caught.value)


def test_the_packages_own_files_are_all_functions_of_both_worlds() -> None:
    from runinsights import aio

    statements = sql.own_statements()
    assert len(statements) > 20
    for name in statements:
        assert callable(getattr(sync, name))
        assert callable(getattr(aio, name))


def test_a_header_can_say_types_defaults_rows_batches_and_copies() -> None:
    text = """\
-- name: q(a, b)
-- What.
-- returns: x!, y: dict[str, int], z?: mypkg.Model
-- param a: str | None = None
-- param b = None
-- row: Thing
-- batch: unnest
SELECT :a AS x, :b AS y, 1 AS z
"""
    query = sql.read_query(text, "queries/q.sql")
    assert (query.returns, query.column_types) == ({"x": "!", "z": "?"}, {"y": "dict[str, int]", "z": "mypkg.Model"})
    assert (query.param_types, query.optional) == ({"a": "str | None"}, {"a", "b"})
    assert (query.row, query.batch, query.copy) == ("Thing", True, None)
    copied = sql.read_query("-- name: q()#\n-- What.\n-- copy: app.t(a, b)\n", "queries/q.sql")
    assert copied.copy == ("app.t", ("a", "b"))


@pytest.mark.parametrize(
    ("note", "sign", "advice"),
    [
        ("-- row: a b", "", "row must name a class"),
        ("-- batch: all", "!", "batch must be `-- batch: unnest`"),
        ("-- batch: unnest", "*!", "batch is for one statement with arrays"),
        ("-- copy: t", "#", "copy must be a table and its columns"),
        ("-- copy: t(a)", "!", "copy is for a script"),
        ("-- rtn: x!", "", "unknown header line 'rtn'; nearest: returns"),
        ("-- parm a: int", "", "nearest: param"),
    ],
)
def test_a_note_that_is_not_understood_is_refused_at_its_line(note: str, sign: str, advice: str) -> None:
    with pytest.raises(ri.QueryFileError) as caught:
        sql.read_query(f"-- name: q(){sign}\n-- What.\n{note}\nSELECT 1 AS x\n", "queries/q.sql")
    assert str(caught.value).startswith("queries/q.sql:3 ")
    assert advice in str(caught.value)


def lenient(statement: str, header: str = "-- name: q(a)\n") -> sql.Query:
    return sql.read_query(f"{header}{statement}\n", "my/q.sql", lenient=True)


@pytest.mark.parametrize(
    ("statement", "psycopg"),
    [
        ("SELECT b FROM t WHERE b LIKE 'x%' AND a = :a", "SELECT b FROM t WHERE b LIKE 'x%%' AND a = %(a)s"),
        ("SELECT 10 % CAST(:a AS int) AS b", "SELECT 10 %% CAST(%(a)s AS int) AS b"),
        ('SELECT "a%b" FROM t WHERE a = :a', 'SELECT "a%%b" FROM t WHERE a = %(a)s'),
    ],
)
def test_a_bare_percent_of_a_users_own_is_doubled_for_psycopg_alone(statement: str, psycopg: str) -> None:
    query = lenient(statement)
    assert query.translated("psycopg") == psycopg
    assert query.translated("numbered") == statement.replace(":a", "$1")
    assert query.translated("sqlite") == statement


def test_a_users_own_file_may_have_no_sentence_or_several_and_comments_that_nothing_misreads() -> None:
    assert lenient("SELECT :a AS x").sentence == ""
    assert lenient("SELECT :a AS x", "-- name: q(a)\n-- One.\n-- Two.\n-- returns: x!\n").sentence == "One. Two."
    query = lenient("SELECT :a AS x, -- the first\n  1 AS y /* it's :b, 5% */")
    assert query.numbered_params() == ("a",)


@pytest.mark.parametrize(
    ("statement", "line", "advice"),
    [
        ("SELECT 1 AS x,\n  :a AS y -- not :b", 3, "a trailing comment must hold no :word"),
        ("SELECT :a AS x -- don't", 2, "a trailing comment must hold no :word"),
        ("SELECT :a AS x\n-- all\nFROM t", 3, "use /* */"),
        ("SELECT b[1:2] FROM t WHERE a = :a", 2, "[:lo::int : :hi::int]"),
        ("SELECT b[:2] FROM t WHERE a = :a", 2, "[:lo::int : :hi::int]"),
        ("SELECT :a AS x, $$ :b $$ AS y", 2, "aiosql reads within $$"),
        ("SELECT :a AS x, E'it\\'s' AS y", 2, "write '' for a quote"),
        ("SELECT :a AS x /* a /* b */ */", 2, "no remark within a remark"),
        ("SELECT :a AS x; SELECT 2", 2, "one statement a file"),
        ("SELECT ':a\n-- name: other()' AS x, :a AS y", 3, "one query a file"),
    ],
)
def test_what_would_go_wrong_silently_is_refused_in_a_users_folder_too(statement: str, line: int, advice: str) -> None:
    with pytest.raises(ri.QueryFileError) as caught:
        lenient(statement)
    assert str(caught.value).startswith(f"my/q.sql:{line} ")
    assert advice in str(caught.value)


def test_a_digest_does_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    for name in ("one", "two/three"):
        write(tmp_path / name, "q.sql", GOOD)
    digests = {sql.load(tmp_path / name, label=name)["q"].digest for name in ("one", "two/three")}
    assert len(digests) == 1


def test_blank_lines_below_the_header_do_not_shift_the_lines_of_the_statement(folder: Path) -> None:
    message = refused(folder, "\n\nSELECT b FROM t\nWHERE a = :a AND b LIKE 'x%'")
    assert message.startswith("queries/q.sql:6 ")
